import type { Random } from "./random.ts";
import * as say from "./phrases.ts";

/** A customer of the year. */
export interface Person {
  /** Part of every key. */
  key: string;
  company: boolean;
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

/** The `index`-th of the year's customers; every eighth is a company, as long as there are names for them. */
export function personAt(index: number, random: Random): Person {
  const business = index % 8 === 7 ? say.COMPANIES[Math.floor(index / 8)] : undefined;
  const [name, place] = business ?? [nameOf(index), "Home"];
  return {
    key: `customer-${index + 1}`,
    company: business !== undefined,
    contact: {
      name,
      kind: business ? "company" : "person",
      phones: [{ number: phoneOf(index), label: business ? "front desk" : random.pick(["mobile", "home"]) }],
      ...(random.chance(0.85) && { emails: [emailOf(name)] }),
      ...(random.chance(0.6) && { preferred_channel: random.pick(["email", "sms", "phone"] as const) }),
      tags: tagsOf(business !== undefined, random),
      ...(random.chance(0.5) && { notes: random.pick(business ? say.COMPANY_NOTES : say.HOME_NOTES) }),
      source: random.pick(["referral", "website", "phone_call", "flyer", "repeat"]),
    },
    address: addressOf(place, random),
    attributes: random.chance(0.5) ? attributesOf(business !== undefined, random) : null,
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
