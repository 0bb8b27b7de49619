import Mustache from "mustache";
import type { EntityManager } from "typeorm";
import { IsNull } from "typeorm";
import { Template } from "../../entities/template.ts";
import { validationFailed } from "../core/errors.ts";
import { nearest } from "../core/registry.ts";

/** Values for the {{places}} of a template; a place may name one inside another: {{customer.name}}. */
export interface Values {
  [name: string]: string | number | boolean | null | Values;
}

/** The template of that name; where there is none, the refusal names the nearest. */
export async function templateNamed(db: EntityManager, name: string): Promise<Template> {
  const found = await db.findOneBy(Template, { name, archived_at: IsNull() });
  if (found) return found;
  const known = await db.find(Template, { where: { archived_at: IsNull() }, select: { name: true } });
  const near = nearest(
    name,
    known.map((each) => each.name),
  );
  throw validationFailed(
    [{ path: "data.template", message: "is no template" }],
    near.length > 0
      ? `Nearest: ${near.join(", ")}. Or leave it out and write the body yourself.`
      : "There are no templates yet: leave it out and write the body yourself.",
  );
}

/** The template with its places filled in, plain text; refuses by name what has no value. */
export function fill(template: Template, values: Values): { subject: string | null; body: string } {
  const texts = [template.subject ?? "", template.body];
  const missing = [...new Set(texts.flatMap((text) => missingIn(parsed(template, text), values)))];
  if (missing.length > 0) {
    throw validationFailed(
      missing.map((name) => ({ path: `data.values.${name}`, message: "is missing; the template needs it" })),
      `The template ${template.name} says: ${template.body.slice(0, 300)}`,
    );
  }
  const [subject = "", body = ""] = texts.map((text) =>
    Mustache.render(text, values, {}, { escape: String }),
  );
  return { subject: subject.replace(/\s+/g, " ").trim() || null, body: body.trim() };
}

type Token = ReturnType<typeof Mustache.parse>[number];

function parsed({ name }: Template, text: string): Token[] {
  try {
    return Mustache.parse(text);
  } catch {
    throw validationFailed(
      [{ path: "data.template", message: `${name} has a place that is not closed` }],
      "A person corrects the template; until then write the body yourself.",
    );
  }
}

/** Names without a value; what stands in a section counts only where the section is shown. */
function missingIn(tokens: Token[], values: Values): string[] {
  return tokens.flatMap(([kind, name, , , inner]): string[] => {
    const value = valueOf(name, values);
    if (kind === "name" || kind === "&") return value === undefined ? [name] : [];
    const shown = kind === "#" ? value : kind === "^" ? !value : false;
    const known = typeof value === "object" ? { ...values, ...value } : values;
    return shown && Array.isArray(inner) ? missingIn(inner, known) : [];
  });
}

/** As Mustache finds it, but never in a prototype. */
function valueOf(name: string, values: Values): Values[string] | undefined {
  if (Object.hasOwn(values, name)) return values[name];
  const [first = "", ...rest] = name.split(".");
  const inner = Object.hasOwn(values, first) ? values[first] : undefined;
  return rest.length > 0 && typeof inner === "object" && inner !== null
    ? valueOf(rest.join("."), inner)
    : undefined;
}
