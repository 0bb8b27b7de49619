import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { z } from "zod";
import { idOf } from "../core/ids.ts";
import { text } from "../core/fields.ts";
import { local } from "../core/local-kinds.ts";

export const contactId = idOf("contact");
export const addressId = idOf("address");

const distinct = (list: string[]): string[] => [...new Set(list)];

/** In the transaction every number has its country code; `local` adds it to those of callers. */
const phoneNumber = local(
  text(40).transform((written, issues) => {
    const phone = parsePhoneNumberFromString(written, "US");
    if (phone?.isPossible() && !phone.ext) return phone.number as string; // Drops the brand of the type.
    issues.addIssue(
      phone?.ext
        ? "has an extension; move the extension to label"
        : "is not a phone number; write it like (608) 555-0123 or +49 30 123456",
    );
    return z.NEVER;
  }),
  { takes: "phone" },
).describe(
  "Any notation; stored as +16085550123. Without a country code it is a number of the business's country",
);

const phone = z.strictObject({
  number: phoneNumber,
  label: text(40)
    .nullish()
    .transform((label) => label ?? null)
    .describe("Such as mobile, office, ext. 12"),
});

const uniquePhones = (phones: z.output<typeof phone>[]) =>
  phones.filter(({ number }, at) => phones.findIndex((other) => other.number === number) === at);

/** Fields that a caller may set on a contact. */
export const contactFields = {
  name: text(200).describe("Display name: Johnson Family, Smith Dental"),
  kind: z.enum(["person", "company"]).describe("A household is a person (the default)"),
  company: text(200).nullable().describe("Company of the person"),
  phones: z.array(phone).max(20).transform(uniquePhones).describe("The whole list, preferred one first"),
  emails: z
    .array(
      z.string().trim().toLowerCase().max(254).pipe(z.email("must be an address such as maria@example.com")),
    )
    .max(20)
    .transform(distinct)
    .describe("The whole list of e-mail addresses, preferred one first"),
  preferred_channel: z.enum(["email", "sms", "phone"]).nullable().describe("How they prefer to be contacted"),
  do_not_contact: z.boolean().describe("They asked for no messages and no calls"),
  tags: z.array(text(50)).max(50).transform(distinct).describe("The whole list of tags"),
  notes: text(20_000).nullable().describe("Free text about the customer"),
  source: text(100).nullable().describe("How they found us: phone_call, website, referral"),
};

/** Fields that a caller may set on an address. */
export const addressFields = {
  lines: z.array(text(200)).min(1).max(5).describe("Street, number and apartment; no city or postal code"),
  label: text(50).describe("Short name: Home, Office, Lake house"),
  city: text(100).nullish().describe("City"),
  region: text(100).nullish().describe("State or province"),
  postal_code: text(20).nullish().describe("ZIP or postal code"),
  country: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{2}$/, "must be a two-letter country code such as US")
    .describe("ISO 3166 two-letter code"),
  access_notes: text(2_000).nullish().describe("Gate code, dog, where to park"),
  kind: z.enum(["service", "billing"]).describe("service: visits go there; billing: invoices go there"),
};
