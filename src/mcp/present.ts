import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { CrmError, ErrorBody } from "../domain/core/errors.ts";
import { visible } from "../domain/core/visible.ts";

/** A tool's data as a model gets it: nothing hidden in any text, the same as text and as structured content. */
export function presentData(data: object): CallToolResult {
  const text = JSON.stringify(data, (_key, value: unknown) =>
    typeof value === "string" ? visible(value) : value,
  );
  return { content: [{ type: "text", text }], structuredContent: JSON.parse(text) };
}

const failedJob = z.object({
  job_id: z.string(),
  status: z.literal("failed"),
  error: z.custom<ErrorBody>((error) => typeof error === "object" && error !== null),
});

/** The answer of a tool that was asked to change something: a job that failed is an error here, and only here. */
export function presentJob(data: object): CallToolResult {
  const { data: failed } = failedJob.safeParse(data);
  return failed ? presentRefusal({ ...failed.error, job_id: failed.job_id }) : presentData(data);
}

export const presentError = ({ body }: CrmError): CallToolResult => presentRefusal(body);

const SAID_BY_OUR_OWN_LINES = new Set(["code", "message", "fields", "hint", "retryable"]);

/** Text only: structured content that does not fit the output schema makes older clients throw and lose the words. */
function presentRefusal(body: ErrorBody): CallToolResult {
  const { code, message, fields, hint } = body;
  const extras = Object.entries(body).filter(([name]) => !SAID_BY_OUR_OWN_LINES.has(name));
  const lines = [
    `${code}: ${message}`,
    ...fields.filter((field) => !message.includes(field.message)).map((at) => `${at.path}: ${at.message}`),
    ...extras.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`),
    ...(hint ? [`Next: ${hint}`] : []),
  ];
  return { isError: true, content: [{ type: "text", text: visible(lines.join("\n")) }] };
}
