import { z } from "zod";
import { type Action, actionKey } from "../../domain/core/action.ts";
import type { Registry } from "../../domain/core/registry.ts";
import { type JsonSchema, ref, schemaOf } from "../schema.ts";

/** Without the system's own steps and what only customers do. */
const offered = ({ actions }: Registry) =>
  [...actions].filter(([, { audience }]) => audience !== "system" && audience !== "customer");

/** The body of `POST /api/actions`: one schema and one example per action, named `contact.delete`. */
export const actionBody = (registry: Registry, envelope: z.ZodObject) => ({
  body: { oneOf: offered(registry).map(([key]) => ref(key)) },
  examples: Object.fromEntries(offered(registry).map(([key, action]) => [key, exampleOf(action)])),
  components: Object.fromEntries(
    offered(registry).map(([key, action]) => [key, () => requestOf(action, envelope)]),
  ),
});

const exampleOf = ({ domain, name, summary, permission, example }: Action): JsonSchema => ({
  summary,
  value: {
    domain,
    action: name,
    data: example,
    ...(permission === "soft_limit" && { reasoning: "The customer asked for it." }),
  },
});

const requestOf = (action: Action, envelope: z.ZodObject): JsonSchema => ({
  title: actionKey(action),
  description: descriptionOf(action),
  ...schemaOf(
    envelope.extend({
      domain: z.literal(action.domain),
      action: z.literal(action.name),
      data: action.input,
    }),
  ),
});

const descriptionOf = ({ summary, permission, raisedWhen, audience }: Action): string =>
  [
    summary,
    `Permission: ${permission}${raisedWhen ? `; ${raisedWhen}` : ""}.`,
    ...(audience === "people" ? ["For people only."] : []),
  ].join(" ");
