import mustache from "mustache";
import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { text } from "../core/text.ts";

export const templateId = idOf("template");

function isMustache(written: string): boolean {
  try {
    mustache.parse(written);
    return true;
  } catch {
    return false;
  }
}

const filledIn = (max: number) =>
  text(max).refine(isMustache, "has a tag that does not end; write {{name}}, and close what {{#name}} opens");

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
