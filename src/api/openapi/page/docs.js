/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  // Otherwise it asks a stranger's server whether the document is well made.
  validatorUrl: null,
  defaultModelsExpandDepth: -1,
});
