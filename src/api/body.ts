import express, { type RequestHandler } from "express";
import { validationFailed } from "../domain/core/errors.ts";

/** 1 MB, in bytes. */
export const BODY_LIMIT = 1_000_000;
/** Far more levels than any input of ours has, and few enough for whoever walks them. */
const DEEPEST = 64;

const parseJson = express.json({ limit: BODY_LIMIT });

/** Reads a JSON body; anything that comes under another name is refused, never dropped. */
export const jsonBody: RequestHandler = (request, response, next) => {
  const { "content-length": length, "transfer-encoding": chunked } = request.headers;
  const empty = chunked === undefined && (length === undefined || length === "0");
  if (!empty && !request.is("application/json"))
    throw validationFailed(
      [{ path: "Content-Type", message: "must be application/json" }],
      "Send the body as JSON with Content-Type: application/json.",
    );
  parseJson(request, response, (error: unknown) =>
    next(error ?? (isDeeperThan(DEEPEST, request.body) ? tooDeep() : undefined)),
  );
};

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner)));

const tooDeep = () =>
  validationFailed(
    [{ path: "body", message: `is nested deeper than ${DEEPEST} levels` }],
    "Send it flat: no input has lists in lists in lists.",
  );

/** Reads a page's form. */
export const formBody: RequestHandler = express.urlencoded({ extended: false, limit: BODY_LIMIT });
