import mustache from "mustache";
import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { text } from "../core/fields.ts";

export const templateId = idOf("template");

type Token = ReturnType<typeof mustache.parse>[number];

/** Why a text can never be rendered, and what to write instead. */
function templateProblem(written: string): string | undefined {
  try {
    return tokenProblem(mustache.parse(written));
  } catch {
    return "has an unclosed tag; write {{name}}, and close {{#name}} with {{/name}}";
  }
}

function tokenProblem(tokens: readonly Token[]): string | undefined {
  for (const [kind, name, , , inner] of tokens) {
    if (kind === ">") return `has {{>${name}}}, which includes another template; write its text here instead`;
    if (kind === "=") return `has {{=${name}=}}, which changes the delimiters; remove it and write {{name}}`;
    if (name === "." && kind !== "text") return "has {{.}}, which names no value; write {{name}}";
    const fault = Array.isArray(inner) ? tokenProblem(inner) : undefined;
    if (fault) return fault;
  }
  return undefined;
}

const templateText = (max: number) =>
  text(max).refine((written) => templateProblem(written) === undefined, {
    error: ({ input }) => templateProblem(String(input)),
  });

export const templateFields = {
  name: text(100).describe("Such as appointment_confirmation; one text for each name and channel"),
  channel: z.enum(["email", "sms"]).describe("Channel that sends it"),
  subject: templateText(300)
    .nullable()
    .describe("Required for e-mail, not allowed for SMS; may contain {{fields}}"),
  body: templateText(20_000).describe("Mustache template; {{customer.name}} is filled in for each customer"),
};

/** An e-mail has a subject, an SMS has none. */
export const subjectFits = ({ channel, subject }: { channel: "email" | "sms"; subject: string | null }) =>
  (channel === "email") === (subject !== null);

export const SUBJECT_MISMATCH = "is required for channel email and not allowed for sms";
