import { fileURLToPath } from "node:url";
import express from "express";
import { defineRoute, type Route } from "../route.ts";

const ASSETS = fileURLToPath(new URL("./assets/", import.meta.url));

/** Style sheet, script and icon of the pages. */
export const assetRoutes = (): Route[] => [
  defineRoute({
    method: "all",
    path: "/assets/*",
    summary: "Style sheet, script and icon",
    for: "visitor",
    hidden: "Files of the pages.",
    before: [express.static(ASSETS, { maxAge: "5m", index: false, redirect: false })],
    answer: "text/css",
    handler: ({ response }) => void response.status(404).type("text").send("There is no such file.\n"),
  }),
];
