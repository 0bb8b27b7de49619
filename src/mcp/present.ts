import type { CallToolResult } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { CrmError, ErrorBody } from "../domain/core/errors.ts";
import { showHiddenCharacters } from "../domain/core/hidden-characters.ts";
import { answerText, shortText } from "./budget.ts";

/** Returns the data as text and as structured content. */
export function presentData(data: object): CallToolResult {
  const text = answerText(data);
  return { content: [{ type: "text", text }], structuredContent: JSON.parse(text) };
}

const failedJob = z.object({
  job_id: z.string(),
  status: z.literal("failed"),
  error: z.custom<ErrorBody>((error) => typeof error === "object" && error !== null),
});

/** The result of a tool with side effects. Only here is a failed job a tool error; job_status returns it as data. */
export function presentJob(data: object): CallToolResult {
  const { data: failed } = failedJob.safeParse(data);
  return failed ? presentRefusal({ ...failed.error, job_id: failed.job_id }) : presentData(data);
}

export const presentError = ({ body }: CrmError): CallToolResult => presentRefusal(body);

/** Longest extra of an error, such as the differences that an undo found. */
const LONGEST_EXTRA = 2_000;

const FORMATTED_KEYS = new Set(["code", "message", "fields", "hint", "retryable"]);

/** Text only: older clients throw on structured content that does not fit the output schema, and lose the message. */
function presentRefusal(body: ErrorBody): CallToolResult {
  const { code, message, fields, hint } = body;
  const extras = Object.entries(body).filter(([name]) => !FORMATTED_KEYS.has(name));
  const lines = [
    `${code}: ${message}`,
    ...fields.filter((field) => !message.includes(field.message)).map((at) => `${at.path}: ${at.message}`),
    ...extras.map(
      ([name, value]) =>
        `${name}: ${shortText(typeof value === "string" ? value : JSON.stringify(value), LONGEST_EXTRA)}`,
    ),
    ...(hint ? [`Next: ${hint}`] : []),
  ];
  return { isError: true, content: [{ type: "text", text: showHiddenCharacters(lines.join("\n")) }] };
}
