import type { Random } from "./random.ts";
import * as samples from "./sample-data.ts";

/** A customer of the generated year. */
export interface Person {
  /** Prefix of the job keys. */
  key: string;
  company: boolean;
  /** Channel of written messages; null: contacted by phone, or opted out. */
  channel: "email" | "sms" | null;
  /** Name in the salutation and in their signature. */
  salutation: string;
  /** Input of contact.create. */
  contact: Record<string, unknown>;
  /** Input of contact.add_address, without the contact. */
  address: Record<string, unknown>;
  /** Values of custom attributes; null if none are recorded. */
  attributes: Record<string, unknown> | null;
}

/** 555-0100 to 555-0199 are reserved for fictional use in each area code. */
const NUMBERS_PER_AREA = 100;

/** A unique phone number for each index. */
export function phoneOf(place: number): string {
  const area = samples.AREA_CODES[Math.floor(place / NUMBERS_PER_AREA)];
  if (area === undefined) throw new Error(`There are not enough phone numbers for ${place} people.`);
  return `(${area}) 555-01${String(place % NUMBERS_PER_AREA).padStart(2, "0")}`;
}

/** A unique full name for each index: first names and surnames advance at different steps. */
export function nameOf(place: number): string {
  const { FIRST_NAMES: first, SURNAMES: last } = samples;
  const round = Math.floor(place / last.length);
  return `${first[(place * 7 + round) % first.length]} ${last[place % last.length]}`;
}

export const emailOf = (name: string): string =>
  `${name
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, ".")
    .replaceAll(/^\.|\.$/g, "")}@example.com`;

export function streetOf(random: Random): string {
  return `${random.between(3, 98) * 10 + random.between(1, 9)} ${random.pick(samples.STREETS)}`;
}

/** Indexes of customers who asked not to be contacted. */
const OPTED_OUT = [14, 74, 134, 194];

/** The customer at `index`; every eighth is a company as long as there are company names. */
export function personAt(index: number, random: Random): Person {
  const business = index % 8 === 7 ? samples.COMPANIES[Math.floor(index / 8)] : undefined;
  const company = business !== undefined;
  const [name, place] = business ?? [nameOf(index), "Home"];
  const label = company ? "front desk" : random.pick(["mobile", "home"]);
  const emails = random.chance(0.85) ? [emailOf(name)] : undefined;
  const channels = [emails && "email", label === "mobile" && "sms", "phone"].filter(
    (channel) => channel || false,
  );
  const preferred = random.chance(0.6) ? random.pick(channels) : undefined;
  const notes = random.chance(0.5)
    ? random.pick(company ? samples.COMPANY_NOTES : samples.HOME_NOTES)
    : undefined;
  const optedOut = OPTED_OUT.includes(index);
  return {
    key: `customer-${index + 1}`,
    company,
    channel: optedOut || preferred === "phone" ? null : preferred === "sms" ? "sms" : emails ? "email" : null,
    salutation: company ? name : name.replace(/ .*/, ""),
    contact: {
      name,
      kind: company ? "company" : "person",
      phones: [{ number: phoneOf(index), label }],
      emails,
      preferred_channel: preferred,
      do_not_contact: optedOut || undefined,
      tags: tagsOf(company, random),
      notes: optedOut ? samples.OPTED_OUT_NOTE : notes,
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
  const [city, digits] = random.pick(samples.CITIES);
  return {
    label,
    lines: [streetOf(random), ...(random.chance(0.1) ? [`Unit ${random.between(1, 24)}`] : [])],
    city,
    region: "WI",
    postal_code: `${digits}${random.between(0, 9)}`,
    ...(random.chance(0.3) && { access_notes: random.pick(samples.ACCESS_NOTES) }),
  };
}

const attributesOf = (company: boolean, random: Random): Record<string, unknown> => ({
  window_count: random.between(company ? 4 : 10, company ? 60 : 40),
  interval: random.pick(company ? ["weekly", "monthly"] : ["every 8 weeks", "twice a year", "once a year"]),
  ladder_needed: random.chance(0.4),
});
