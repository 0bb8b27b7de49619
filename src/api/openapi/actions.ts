import { z } from "zod";
import { type Action, actionKey } from "../../domain/core/action.ts";
import { idOf } from "../../domain/core/ids.ts";
import type { Registry } from "../../domain/core/registry.ts";
import { actionInput, idempotencyKey, undoInput } from "../actions.ts";
import { type Calls, type JsonSchema, ref, schemaOf } from "./call.ts";

const headers = z.object({
  "Idempotency-Key": idempotencyKey.describe(
    "The same key with the same content answers the same job instead of a second one",
  ),
  Prefer: z
    .string()
    .optional()
    .meta({ description: "`wait=N`: wait up to N seconds, 0 to 25, for the end", examples: ["wait=10"] }),
});

const job = {
  headers,
  answers: {
    200: "It has ended; one that failed says so in `status` and `error`",
    202: "It is queued, running, or waits for a person (`authorization_required`)",
  },
  data: ref("Job"),
  refusals: ["idempotency_conflict"],
} as const;

/** Without the steps of our own machinery. */
const offered = ({ actions }: Registry) => [...actions].filter(([, { audience }]) => audience !== "system");

/** The request of each action under its name, `contact.delete`. */
export const actionSchemas = (registry: Registry): Record<string, JsonSchema> =>
  Object.fromEntries(offered(registry).map(([key, action]) => [key, requestOf(action)]));

const requestOf = (action: Action): JsonSchema => ({
  title: actionKey(action),
  description: descriptionOf(action),
  ...schemaOf(
    actionInput.extend({
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

export const actionCalls = (registry: Registry): Calls => ({
  "/api/actions": {
    post: {
      id: "submit_action",
      tag: "Actions",
      summary: "Change something",
      description:
        "Every change goes through here and ends in a job. What needs a person's agreement waits for it.",
      body: {
        schema: { oneOf: offered(registry).map(([key]) => ref(key)) },
        examples: Object.fromEntries(
          offered(registry).map(([key, { domain, name, summary, permission, example }]) => [
            key,
            {
              summary,
              value: {
                domain,
                action: name,
                data: example,
                ...(permission === "soft_limit" && { reasoning: "The customer asked for it." }),
              },
            },
          ]),
        ),
      },
      ...job,
    },
  },
  "/api/jobs/{id}/undo": {
    post: {
      id: "undo_job",
      tag: "Jobs",
      summary: "Take back what a job changed",
      path: z.object({ id: idOf("job") }),
      body: { schema: schemaOf(undoInput), required: false },
      ...job,
    },
  },
});
