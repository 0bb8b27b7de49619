import { request } from "node:http";
import type { ErrorBody } from "../../src/domain/core/errors.ts";

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The error, if the response has our JSON envelope. */
  error: ErrorBody | undefined;
}

interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Sends a request exactly as given, with any Host, Origin and path, which browsers and fetch() do not allow. */
export function rawRequest(
  url: string,
  path: string,
  { method = "GET", headers = {}, body }: RawRequest = {},
) {
  const { hostname, port } = new URL(url);
  const length = body !== undefined && { "content-length": String(Buffer.byteLength(body)) };
  return new Promise<RawAnswer>((resolve, reject) => {
    const sent = { ...length, ...headers };
    const sending = request({ hostname, port, path, method, headers: sent, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject).on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          error: errorIn(text),
        });
      });
    });
    sending.on("error", reject).end(body);
  });
}

function errorIn(text: string): ErrorBody | undefined {
  if (!text.startsWith("{")) return undefined;
  return (JSON.parse(text) as { error?: ErrorBody }).error;
}
