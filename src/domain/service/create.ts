import { z } from "zod";
import { Service } from "../../entities/service.ts";
import { attributesInput, setInitialAttributes } from "../attribute/values.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { insert } from "../core/records.ts";
import { serviceFields } from "./fields.ts";
import { services } from "./type.ts";

export const createService = defineAction({
  domain: "service",
  name: "create",
  summary: "Add a service that the business sells. Line items refer to it and copy its price.",
  permission: "unrestricted",
  input: z
    .strictObject(serviceFields)
    .partial()
    .required({ name: true, unit_price_cents: true })
    .extend(attributesInput),
  example: { name: "Screen cleaning", unit_price_cents: 9_000, duration_minutes: 60 },

  undo: true,

  async handler(context, { attributes, ...service }) {
    const { id } = await insert(context, Service, service);
    await setInitialAttributes(context, id, attributes);
    return readRecord(context, services, { id });
  },
});
