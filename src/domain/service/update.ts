import { Service } from "../../entities/service.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/fields.ts";
import { serviceFields, serviceId } from "./fields.ts";
import { services } from "./type.ts";

export const updateService = defineAction({
  domain: "service",
  name: "update",
  summary: "Update a service. Existing line items keep their price; null clears.",
  permission: "unrestricted",
  input: updateInput(serviceId, serviceFields),
  example: { id: "service_01kb2m6x8efh5rt3zqk9w7ycd4", unit_price_cents: 9_500 },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const service = await findOrFail(context.db, Service, id);
    expectVersion("service", service, version);
    await update(context, service, fields);
    return readRecord(context, services, { id });
  },
});
