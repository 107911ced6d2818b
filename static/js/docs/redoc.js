globalThis.Redoc.init(
  "/openapi.json",
  {
    // its search runs in a worker made of a blob, which would need a looser policy
    disableSearch: true,
    hideDownloadButton: true,
    theme: { typography: { fontFamily: "system-ui, sans-serif", headings: { fontFamily: "system-ui, sans-serif" } } },
  },
  document.getElementById("redoc"),
);
