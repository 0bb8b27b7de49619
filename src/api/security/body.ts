import express, { type RequestHandler } from "express";
import { CrmError, validationFailed } from "../../domain/core/errors.ts";
import type { BodyType } from "../route.ts";

/** 1 MB, in bytes. */
export const BODY_LIMIT = 1_000_000;
/** More levels than any input needs, and few enough for recursive code. */
const DEEPEST = 64;
/** More values than any input needs: 100 ids, 50 line items. Each costs time on the one thread that serves everybody. */
const MOST_VALUES = 10_000;

const parseJson = express.json({
  limit: BODY_LIMIT,
  verify: (...[, , body, encoding]) => {
    if (encoding === "utf-8" && hasTooManyCommas(body)) throw new TooManyValues();
  },
});

class TooManyValues extends Error {}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];

/** Counts values by the commas outside texts: parsing 1 MB of keys blocks the thread for a quarter of a second. */
function hasTooManyCommas(body: Buffer): boolean {
  let commas = 0;
  let inText = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) inText = !inText;
    else if (byte === COMMA && !inText && ++commas > MOST_VALUES) return true;
  }
  return false;
}

/** Reads a JSON body; a body with another Content-Type is refused, never ignored. */
const jsonBody: RequestHandler = (request, response, next) => {
  const { "content-length": length, "transfer-encoding": chunked } = request.headers;
  const empty = chunked === undefined && (length === undefined || length === "0");
  if (!empty && !request.is("application/json"))
    throw validationFailed(
      [{ path: "Content-Type", message: "must be application/json" }],
      "Send the body as JSON with Content-Type: application/json.",
    );
  parseJson(request, response, (error: unknown) =>
    next(error instanceof TooManyValues ? tooMany() : (error ?? shapeRefusal(request.body))),
  );
};

/** The refusal of a body that is too deep or holds too many values. Reads no further than to the first fault. */
function shapeRefusal(body: unknown): CrmError | undefined {
  let values = 0;
  const check = (value: unknown, levels: number): CrmError | undefined => {
    if (typeof value !== "object" || value === null) return undefined;
    if (levels === 0) return tooDeep();
    for (const key in value) {
      if (++values > MOST_VALUES) return tooMany();
      const refusal = check(value[key as keyof typeof value], levels - 1);
      if (refusal) return refusal;
    }
    return undefined;
  };
  return check(body, DEEPEST);
}

const tooDeep = () =>
  validationFailed(
    [{ path: "body", message: `is nested deeper than ${DEEPEST} levels` }],
    "Send flat values: no input takes lists nested that deep.",
  );

const tooMany = () =>
  new CrmError("too_large", `The body holds more than ${MOST_VALUES} values.`, {
    hint: "Send less at once: split the request, and send no keys that the schema does not have.",
    extra: { limit: `${MOST_VALUES} values in one body` },
  });

/** Readers by body type. `raw` leaves the bytes unchanged for any Content-Type: a signature covers them. */
export const bodyReaders: Readonly<Record<BodyType, RequestHandler>> = {
  json: jsonBody,
  form: express.urlencoded({ extended: false, limit: BODY_LIMIT }),
  raw: express.raw({ type: () => true, limit: BODY_LIMIT }),
};
