import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Router } from "express";
import { methodNotAllowed } from "../errors.ts";

const PAGE = fileURLToPath(new URL("./page/", import.meta.url));
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));

/** Where each file lies: nothing else of Swagger UI is served, and nothing from elsewhere. */
const FILES: Readonly<Record<string, { file: string; root: string }>> = {
  "/docs": { file: "docs.html", root: PAGE },
  "/docs/docs.js": { file: "docs.js", root: PAGE },
  "/docs/swagger-ui.css": { file: "swagger-ui.css", root: SWAGGER_UI },
  "/docs/swagger-ui-bundle.js": { file: "swagger-ui-bundle.js", root: SWAGGER_UI },
};

/** The document and a page to read and try it. For everybody: it says what can be asked, and holds no data. */
export function docsRoutes(document: object): Router {
  const router = Router();
  const json = JSON.stringify(document);
  router
    .route("/openapi.json")
    .get((_request, response) => response.type("json").send(json))
    .all(methodNotAllowed("GET"));
  for (const [path, { file, root }] of Object.entries(FILES))
    router
      .route(path)
      .get((_request, response) => response.sendFile(file, { root }))
      .all(methodNotAllowed("GET"));
  return router;
}
