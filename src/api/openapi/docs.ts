import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { RequestHandler } from "express";
import { defineRoute, type Route } from "../route.ts";

const PAGE = fileURLToPath(new URL("./page/", import.meta.url));
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));

/** The only files that are served of each folder. */
const FILES = [
  { path: "/docs", file: "docs.html", root: PAGE, answer: "text/html" },
  { path: "/docs/docs.js", file: "docs.js", root: PAGE, answer: "text/javascript" },
  { path: "/docs/swagger-ui.css", file: "swagger-ui.css", root: SWAGGER_UI, answer: "text/css" },
  {
    path: "/docs/swagger-ui-bundle.js",
    file: "swagger-ui-bundle.js",
    root: SWAGGER_UI,
    answer: "text/javascript",
  },
] as const;

const common = {
  method: "get",
  for: "everyone",
  hidden: "The documentation does not describe itself.",
} as const;

/** The OpenAPI document, and a page to read and try it. Public: it contains no data. */
export function docsRoutes(document: () => object, limit: RequestHandler): Route[] {
  let json: string | undefined;
  const before = [limit];
  return [
    defineRoute({
      ...common,
      before,
      path: "/openapi.json",
      summary: "The OpenAPI document",
      answer: "application/json",
      handler({ response }) {
        json ??= JSON.stringify(document());
        response.type("json").send(json);
      },
    }),
    ...FILES.map(({ path, file, root, answer }) =>
      defineRoute({
        ...common,
        before,
        path,
        summary: `The documentation page: ${file}`,
        answer,
        handler: ({ response }) => response.sendFile(file, { root }),
      }),
    ),
  ];
}
