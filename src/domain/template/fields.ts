import mustache from "mustache";
import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { text } from "../core/text.ts";

export const templateId = idOf("template");

type Token = ReturnType<typeof mustache.parse>[number];

/** Why a text could never be sent, with what can be written instead. */
function faultOf(written: string): string | undefined {
  try {
    return faultIn(mustache.parse(written));
  } catch {
    return "has a tag that does not end; write {{name}}, and close what {{#name}} opens";
  }
}

function faultIn(tokens: readonly Token[]): string | undefined {
  for (const [kind, name, , , inner] of tokens) {
    if (kind === ">") return `has {{>${name}}}, which holds another template; write its text here instead`;
    if (kind === "=") return `has {{=${name}=}}, which changes the brackets; leave it out, write {{name}}`;
    if (name === "." && kind !== "text") return "has {{.}}, which names nothing; write {{name}}";
    const fault = Array.isArray(inner) ? faultIn(inner) : undefined;
    if (fault) return fault;
  }
  return undefined;
}

const filledIn = (max: number) =>
  text(max).refine((written) => faultOf(written) === undefined, {
    error: ({ input }) => faultOf(String(input)),
  });

export const templateFields = {
  name: text(100).describe("Unique, such as appointment_confirmation"),
  channel: z.enum(["email", "sms"]).describe("How it goes out"),
  subject: filledIn(300).nullable().describe("Of an e-mail, and only of one; may hold {{fields}}"),
  body: filledIn(20_000).describe("Mustache: {{customer.name}} is filled in for each customer"),
};

/** An e-mail has a subject, an SMS has none. */
export const subjectFits = ({ channel, subject }: { channel: "email" | "sms"; subject: string | null }) =>
  (channel === "email") === (subject !== null);

export const SUBJECT_MISFIT = "goes with channel email, and only with it";
