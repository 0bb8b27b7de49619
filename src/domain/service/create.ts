import { z } from "zod";
import { Service } from "../../entities/service.ts";
import { attributesInput, giveAttributes } from "../attribute/values.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { insert } from "../core/records.ts";
import { serviceFields } from "./fields.ts";
import { services } from "./type.ts";

export const createService = defineAction({
  domain: "service",
  name: "create",
  summary: "Add something the business does for a price; line items then name it and copy its price.",
  permission: "unrestricted",
  input: z
    .strictObject(serviceFields)
    .partial()
    .required({ name: true, unit_price_cents: true })
    .extend(attributesInput),
  example: { name: "Screen cleaning", unit_price_cents: 9_000, duration_minutes: 60 },

  undo: { level: "service.archive" },

  async handler(context, { attributes, ...service }) {
    const { id } = await insert(context, Service, service);
    await giveAttributes(context, id, attributes);
    return readRecord(context.db, services, id);
  },
});
