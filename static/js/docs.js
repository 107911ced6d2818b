// The description of the interface: at /docs to try out, at /redoc to read.

import { make } from "./dom.js";

const DESCRIPTION = "/openapi.json";
const SANS = "system-ui, sans-serif";
const place = document.getElementById("description");

const tryOut = {
  sheet: "/static/vendor/swagger-ui/swagger-ui.css",
  script: "/static/vendor/swagger-ui/swagger-ui-bundle.js",
  draw() {
    globalThis.SwaggerUIBundle({
      url: DESCRIPTION,
      dom_id: `#${place.id}`,
      deepLinking: true,
      displayRequestDuration: true,
      // the default asks a validator on the net, and nothing leaves this server
      validatorUrl: null,
    });
  },
};

const read = {
  script: "/static/vendor/redoc/redoc.standalone.js",
  draw() {
    const theme = { typography: { fontFamily: SANS, headings: { fontFamily: SANS } } };
    // its search runs in a worker made of a blob, which would need a looser policy
    globalThis.Redoc.init(DESCRIPTION, { disableSearch: true, hideDownloadButton: true, theme }, place);
  },
};

const view = location.pathname.endsWith("/redoc") ? read : tryOut;
if (view.sheet) document.head.append(make("link", { rel: "stylesheet", href: view.sheet }));
const script = make("script", { src: view.script });
script.addEventListener("load", view.draw);
document.head.append(script);
