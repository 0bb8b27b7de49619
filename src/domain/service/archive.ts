import { z } from "zod";
import { Service } from "../../entities/service.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { serviceId } from "./fields.ts";
import { services } from "./type.ts";

export const archiveService = defineAction({
  domain: "service",
  name: "archive",
  summary: "Stop offering a service for good. Existing line items keep it. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({ id: serviceId }),
  example: { id: "service_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const service = await findOrFail(context.db, Service, id);
    if (!service.archived_at) await update(context, service, { archived_at: context.now });
    return readRecord(context, services, { id });
  },
});
