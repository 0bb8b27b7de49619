/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  // Disables the validation by an external server.
  validatorUrl: null,
  defaultModelsExpandDepth: -1,
});
