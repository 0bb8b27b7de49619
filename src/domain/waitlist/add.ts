import { z } from "zod";
import { PARTS_OF_DAY, WaitlistEntry } from "../../entities/waitlist.ts";
import { mustBeActive } from "../contact/active.ts";
import { todayOf } from "../core/calendar.ts";
import { defineAction } from "../core/action.ts";
import { validationFailed } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import { readRecord } from "../core/query.ts";
import { insert } from "../core/records.ts";
import { text } from "../core/text.ts";
import { WEEKDAYS } from "../core/time.ts";
import { findService } from "../service/find.ts";
import { settingsOf } from "../settings/current.ts";
import { waitlist } from "./type.ts";

const several = <Name extends string>(names: readonly [Name, ...Name[]]) =>
  z
    .array(z.enum(names))
    .max(names.length)
    .transform((list) => names.filter((name) => list.includes(name)))
    .default([]);

export const addToWaitlist = defineAction({
  domain: "waitlist",
  name: "add",
  summary: "Let a customer wait for a slot that becomes free: what they want, and which days and times suit.",
  permission: "unrestricted",
  input: z.strictObject({
    customer_id: idOf("contact").describe("Who waits"),
    services: z.array(text(200)).max(20).default([]).describe("What for: services by name or id"),
    days: several(WEEKDAYS).describe("Weekdays that suit; any where left out"),
    times: several(PARTS_OF_DAY).describe("Parts of the day that suit; any where left out"),
    until: z.iso.date().nullable().default(null).describe("Last day that is of use to them, YYYY-MM-DD"),
    notes: text(2_000).nullable().default(null).describe("What else matters to them"),
  }),
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    days: ["monday", "friday"],
    times: ["afternoon"],
    until: "2026-12-18",
  },

  undo: { level: "waitlist.remove" },
  targets: ({ customer_id }) => [customer_id],

  async handler(context, { services, ...wish }) {
    const { db, now } = context;
    await mustBeActive(db, wish.customer_id);
    const { timezone: zone } = await settingsOf(db);
    const today = todayOf({ now, zone }).date;
    if (wish.until && wish.until < today) {
      throw validationFailed([{ path: "data.until", message: `is in the past; today is ${today}` }]);
    }
    const ids: string[] = [];
    for (const [index, named] of services.entries())
      ids.push((await findService(db, named, `data.services.${index}`)).id);
    const { id } = await insert(context, WaitlistEntry, { ...wish, service_ids: [...new Set(ids)] });
    return readRecord(db, waitlist, id, ["customer"]);
  },
});
