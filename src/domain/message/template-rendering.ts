import Mustache from "mustache";
import type { EntityManager } from "typeorm";
import { IsNull } from "typeorm";
import type { Contact } from "../../entities/contact.ts";
import type { Settings } from "../../entities/settings.ts";
import type { SentChannel } from "../../entities/message.ts";
import { Template } from "../../entities/template.ts";
import { validationFailed } from "../core/errors.ts";
import { nearest } from "../core/registry.ts";
import { BUILT_IN } from "../template/built-in.ts";

/** Values for the {{names}} of a template; a dotted name refers to a nested value: {{customer.name}}. */
export interface Values {
  [name: string]: string | number | boolean | null | Values;
}

/** The values that every template may use. */
export const builtInValues = (
  { name, company }: Contact,
  { business_name }: Pick<Settings, "business_name">,
): Values => ({ customer: { name, company }, business: { name: business_name } });

/** The text of a template for one channel. */
export interface TemplateText {
  name: string;
  subject: string | null;
  body: string;
}

export interface FoundTemplate {
  /** Null: it has a text for each channel. */
  channel: SentChannel | null;
  textFor(channel: SentChannel): TemplateText;
}

/**
 * The active template of that name. A built-in one of the same name holds where nobody has written one, or only one for
 * another channel than the requested. The error lists the nearest names.
 */
export async function findTemplate(
  db: EntityManager,
  name: string,
  requested?: SentChannel,
): Promise<FoundTemplate> {
  const written = await db.findOneBy(Template, { name, archived_at: IsNull() });
  const builtIn = BUILT_IN.find((each) => each.name === name);
  if (written && (!builtIn || !requested || requested === written.channel))
    return { channel: written.channel, textFor: () => written };
  if (builtIn) return { channel: null, textFor: (channel) => ({ name, ...builtIn[channel] }) };
  throw await unknownTemplate(db, name);
}

async function unknownTemplate(db: EntityManager, name: string) {
  const written = await db.find(Template, { where: { archived_at: IsNull() }, select: { name: true } });
  const known = new Set([...written, ...BUILT_IN].map((each) => each.name));
  return validationFailed(
    [{ path: "data.template", message: "no template has this name" }],
    `Nearest: ${nearest(name, [...known]).join(", ")}. Or leave it out and write the body yourself.`,
  );
}

/** Renders the template as plain text; the error lists every name without a value. */
export function renderTemplate(
  template: TemplateText,
  values: Values,
): { subject: string | null; body: string } {
  const texts = [template.subject ?? "", template.body];
  const missing = [...new Set(texts.flatMap((text) => missingNames(parse(template, text), values)))];
  if (missing.length > 0) {
    throw validationFailed(
      missing.map((name) => ({ path: `data.values.${name}`, message: "is required by the template" })),
      `The template ${template.name} is: ${template.body.slice(0, 300)}`,
    );
  }
  const [subject = "", body = ""] = texts.map((text) =>
    Mustache.render(text, values, {}, { escape: String }),
  );
  return { subject: subject.replace(/\s+/g, " ").trim() || null, body: body.trim() };
}

type Token = ReturnType<typeof Mustache.parse>[number];

function parse({ name }: TemplateText, text: string): Token[] {
  try {
    return Mustache.parse(text);
  } catch {
    throw validationFailed(
      [{ path: "data.template", message: `${name} has an unclosed tag` }],
      "A person must correct the template. Until then write the body yourself.",
    );
  }
}

/** Names without a value. Names in a section count only if the section is rendered. */
function missingNames(tokens: Token[], values: Values): string[] {
  return tokens.flatMap(([kind, name, , , inner]): string[] => {
    const value = valueOf(name, values);
    if (kind === "name" || kind === "&") return value === undefined ? [name] : [];
    const isRendered = kind === "#" ? value : kind === "^" ? !value : false;
    const known = typeof value === "object" ? { ...values, ...value } : values;
    return isRendered && Array.isArray(inner) ? missingNames(inner, known) : [];
  });
}

/** Looks a name up as Mustache does, but never in a prototype. */
function valueOf(name: string, values: Values): Values[string] | undefined {
  if (Object.hasOwn(values, name)) return values[name];
  const [first = "", ...rest] = name.split(".");
  const inner = Object.hasOwn(values, first) ? values[first] : undefined;
  return rest.length > 0 && typeof inner === "object" && inner !== null
    ? valueOf(rest.join("."), inner)
    : undefined;
}
