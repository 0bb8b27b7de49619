import Mustache from "mustache";
import type { EntityManager } from "typeorm";
import { IsNull } from "typeorm";
import type { Contact } from "../../entities/contact.ts";
import type { Settings } from "../../entities/settings.ts";
import { SENT_CHANNELS, type SentChannel } from "../../entities/message.ts";
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

/** `{"offer.link": x}` becomes `{offer: {link: x}}`: Mustache looks a dotted name up in parts. */
export function withNested(known: Values, given: Values): Values {
  const all: Values = { ...known };
  for (const [name, value] of Object.entries(given)) {
    const [first = "", ...rest] = name.split(".");
    const inner = Object.hasOwn(all, first) ? all[first] : undefined;
    const nested =
      rest.length === 0
        ? value
        : withNested(typeof inner === "object" && inner ? inner : {}, { [rest.join(".")]: value });
    Object.defineProperty(all, first, { value: nested, ...OWN }); // Also where the name is __proto__.
  }
  return all;
}

const OWN = { enumerable: true, writable: true, configurable: true };

/** The text of a template for one channel. */
export interface TemplateText {
  name: string;
  subject: string | null;
  body: string;
}

export interface FoundTemplate {
  /** The only channel that it has a text for, or the requested one; null: it has one for each. */
  channel: SentChannel | null;
  textFor(channel: SentChannel): TemplateText;
}

/**
 * The texts of that name: the active one that a person wrote for a channel, else the built-in one. An error lists the
 * nearest names, or the channel that the template is for.
 */
export async function findTemplate(
  db: EntityManager,
  name: string,
  requested?: SentChannel,
): Promise<FoundTemplate> {
  const written = await db.findBy(Template, { name, archived_at: IsNull() });
  const builtIn = BUILT_IN.find((each) => each.name === name);
  const texts = new Map<SentChannel, TemplateText>();
  for (const channel of SENT_CHANNELS) {
    const text =
      written.find((each) => each.channel === channel) ?? (builtIn && { name, ...builtIn[channel] });
    if (text) texts.set(channel, text);
  }
  const [only] = texts.keys();
  if (!only) throw await unknownTemplate(db, name);
  if (requested && !texts.has(requested)) throw wrongChannel(only, requested);
  return {
    channel: requested ?? (texts.size === 1 ? only : null),
    textFor: (channel) => texts.get(channel) ?? noText(name, channel),
  };
}

function noText(name: string, channel: SentChannel): never {
  throw new Error(`${name} has no text for ${channel}`);
}

const wrongChannel = (templateChannel: SentChannel, channel: SentChannel) =>
  validationFailed(
    [{ path: "data.channel", message: `is ${channel}, but the template is for ${templateChannel}` }],
    `Leave channel out, choose another template, or ask a person to write this one for ${channel} too.`,
  );

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
