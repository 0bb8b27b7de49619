import { z } from "zod";
import { PARTS_OF_DAY, WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { todayOf } from "../core/calendar.ts";
import { contacts } from "../contact/type.ts";
import { defineAction } from "../core/action.ts";
import { validationFailed } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import { readRecord } from "../query/read-record.ts";
import { insert } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { dateInput, WEEKDAYS } from "../core/time.ts";
import { findService } from "../service/find.ts";
import { settingsOf } from "../settings/current.ts";
import { waitlist } from "./type.ts";

const subsetOf = <Name extends string>(names: readonly [Name, ...Name[]]) =>
  z
    .array(z.enum(names))
    .max(names.length)
    .transform((list) => names.filter((name) => list.includes(name)))
    .default([]);

export const addToWaitlist = defineAction({
  domain: "waitlist",
  name: "add",
  summary: "Add a customer to the waitlist: which services, and which days and times suit.",
  permission: "unrestricted",
  input: z.strictObject({
    customer_id: idOf("contact").describe("Customer who waits"),
    services: z.array(text(200)).max(20).default([]).describe("Services by name or id"),
    days: subsetOf(WEEKDAYS).describe("Weekdays that suit; default: any"),
    times: subsetOf(PARTS_OF_DAY).describe("Parts of the day that suit; default: any"),
    until: dateInput.nullable().default(null).describe("Last day that suits"),
    notes: text(2_000).nullable().default(null).describe("Other wishes"),
  }),
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    days: ["monday", "friday"],
    times: ["afternoon"],
    until: "2026-12-18",
  },

  undo: true,
  targets: ({ customer_id }) => [customer_id],

  async handler(context, { services, ...wish }) {
    const { db, now } = context;
    await findActiveContact(db, wish.customer_id);
    const { timezone: zone } = await settingsOf(db);
    const today = todayOf({ now, zone }).date;
    if (wish.until && wish.until < today) {
      throw validationFailed([{ path: "data.until", message: `is in the past; today is ${today}` }]);
    }
    const ids: string[] = [];
    for (const [index, named] of services.entries())
      ids.push((await findService(db, named, `data.services.${index}`)).id);
    const { id } = await insert(context, WaitlistEntry, { ...wish, service_ids: [...new Set(ids)] });
    return {
      ...(await readRecord(context, waitlist, { id })),
      customer: await readRecord(context, contacts, { id: wish.customer_id }),
    };
  },
});
