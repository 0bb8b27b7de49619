import { Service } from "../../entities/service.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/update-input.ts";
import { serviceFields, serviceId } from "./fields.ts";
import { services } from "./type.ts";

export const updateService = defineAction({
  domain: "service",
  name: "update",
  summary: "Change a service. Lines that were priced before keep their price; null clears.",
  permission: "unrestricted",
  input: updateInput(serviceId, serviceFields),
  example: { id: "service_01kb2m6x8efh5rt3zqk9w7ycd4", unit_price_cents: 9_500 },

  undo: { level: "service.update" },
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const service = await findOrFail(context.db, Service, id);
    expectVersion("service", service, version);
    await update(context, Service, service, fields);
    return readRecord(context.db, services, id);
  },
});
