import { z } from "zod";
import type { Capabilities } from "../../domain/core/capabilities.ts";
import { LEVELS } from "../../domain/core/permission.ts";
import { named } from "../schema.ts";

const anything = z.record(z.string(), z.unknown());

/** Input and output of every action, and what can be asked of every record type. */
export const capabilities = named<Capabilities>(
  "Capabilities",
  z.object({
    version: z.literal("1.0"),
    domains: z.array(
      z.object({
        domain: z.string(),
        description: z.string(),
        actions: z.array(
          z.object({
            name: z.string(),
            description: z.string(),
            permission: z.enum(LEVELS),
            raised_when: z.string().optional(),
            parameters: anything.describe("JSON Schema 2020-12"),
            example: z.unknown(),
          }),
        ),
      }),
    ),
    data_types: z.array(
      z.object({
        type: z.string(),
        description: z.string(),
        filters: z.array(z.string()),
        includes: z.array(z.string()),
        sort: z.array(z.string()),
        fields: z.array(z.string()),
        filter_details: z.record(z.string(), z.string()),
      }),
    ),
  }),
);
