import { request } from "node:http";
import type { ErrorBody } from "../../src/domain/core/errors.ts";

export interface Knocked {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Where the answer is in our envelope: the refusal in it. */
  error: ErrorBody | undefined;
}

interface Knock {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** A request exactly as written: any Host, any Origin, any path, as no browser and no fetch would send it. */
export function knock(url: string, path: string, { method = "GET", headers = {}, body }: Knock = {}) {
  const { hostname, port } = new URL(url);
  const length = body !== undefined && { "content-length": String(Buffer.byteLength(body)) };
  return new Promise<Knocked>((resolve, reject) => {
    const sent = { ...length, ...headers };
    const asked = request({ hostname, port, path, method, headers: sent, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject).on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          error: refusalIn(text),
        });
      });
    });
    asked.on("error", reject).end(body);
  });
}

function refusalIn(text: string): ErrorBody | undefined {
  if (!text.startsWith("{")) return undefined;
  return (JSON.parse(text) as { error?: ErrorBody }).error;
}
