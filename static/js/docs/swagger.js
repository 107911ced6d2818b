globalThis.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  // the default asks a validator on the net, and nothing leaves this server
  validatorUrl: null,
});
