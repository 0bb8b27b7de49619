import type { Random } from "./random.ts";
import * as say from "./phrases.ts";

/** A customer of the year. */
export interface Person {
  /** Part of every key. */
  key: string;
  company: boolean;
  /** How we write to them; null: they are called, or want to hear nothing. */
  channel: "email" | "sms" | null;
  /** As we call them, and as they sign. */
  greet: string;
  /** Input of contact.create. */
  contact: Record<string, unknown>;
  /** Input of contact.add_address, without the contact. */
  address: Record<string, unknown>;
  /** What the business's own fields say of them; null where nobody asked. */
  attributes: Record<string, unknown> | null;
}

/** Numbers that are kept for examples, 555-0100 to 555-0199, in each area code. */
const NUMBERS = 100;

/** A number that nobody else has, by its place in the row. */
export function phoneOf(place: number): string {
  const area = say.AREA_CODES[Math.floor(place / NUMBERS)];
  if (area === undefined) throw new Error(`There are no numbers for ${place} people.`);
  return `(${area}) 555-01${String(place % NUMBERS).padStart(2, "0")}`;
}

/** A different name for each place, first names and surnames each at their own pace. */
export function nameOf(place: number): string {
  const { FIRST_NAMES: first, SURNAMES: last } = say;
  const round = Math.floor(place / last.length);
  return `${first[(place * 7 + round) % first.length]} ${last[place % last.length]}`;
}

export const emailOf = (name: string): string =>
  `${name
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, ".")
    .replaceAll(/^\.|\.$/g, "")}@example.com`;

export function streetOf(random: Random): string {
  return `${random.between(3, 98) * 10 + random.between(1, 9)} ${random.pick(say.STREETS)}`;
}

/** Of the year's customers, who has asked to be left alone. */
const LEFT_ALONE = [14, 74, 134, 194];

/** The `index`-th of the year's customers; every eighth is a company, as long as there are names for them. */
export function personAt(index: number, random: Random): Person {
  const business = index % 8 === 7 ? say.COMPANIES[Math.floor(index / 8)] : undefined;
  const company = business !== undefined;
  const [name, place] = business ?? [nameOf(index), "Home"];
  const label = company ? "front desk" : random.pick(["mobile", "home"]);
  const emails = random.chance(0.85) ? [emailOf(name)] : undefined;
  const ways = [emails && "email", label === "mobile" && "sms", "phone"].filter((way) => way || false);
  const preferred = random.chance(0.6) ? random.pick(ways) : undefined;
  const notes = random.chance(0.5) ? random.pick(company ? say.COMPANY_NOTES : say.HOME_NOTES) : undefined;
  const alone = LEFT_ALONE.includes(index);
  return {
    key: `customer-${index + 1}`,
    company,
    channel: alone || preferred === "phone" ? null : preferred === "sms" ? "sms" : emails ? "email" : null,
    greet: company ? name : name.replace(/ .*/, ""),
    contact: {
      name,
      kind: company ? "company" : "person",
      phones: [{ number: phoneOf(index), label }],
      emails,
      preferred_channel: preferred,
      do_not_contact: alone || undefined,
      tags: tagsOf(company, random),
      notes: alone ? say.LEFT_ALONE_NOTE : notes,
      source: random.pick(["referral", "website", "phone_call", "flyer", "repeat"]),
    },
    address: addressOf(place, random),
    attributes: random.chance(0.5) ? attributesOf(company, random) : null,
  };
}

function tagsOf(company: boolean, random: Random): string[] {
  const tags = [company ? "commercial" : "residential"];
  if (random.chance(0.15)) tags.push("vip");
  if (random.chance(0.2)) tags.push("spring-offer");
  return tags;
}

function addressOf(label: string, random: Random): Record<string, unknown> {
  const [city, digits] = random.pick(say.CITIES);
  return {
    label,
    lines: [streetOf(random), ...(random.chance(0.1) ? [`Unit ${random.between(1, 24)}`] : [])],
    city,
    region: "WI",
    postal_code: `${digits}${random.between(0, 9)}`,
    ...(random.chance(0.3) && { access_notes: random.pick(say.ACCESS_NOTES) }),
  };
}

const attributesOf = (company: boolean, random: Random): Record<string, unknown> => ({
  window_count: random.between(company ? 4 : 10, company ? 60 : 40),
  interval: random.pick(company ? ["weekly", "monthly"] : ["every 8 weeks", "twice a year", "once a year"]),
  ladder_needed: random.chance(0.4),
});
