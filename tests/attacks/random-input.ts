import fc from "fast-check";
import { type Action } from "../../src/domain/core/action.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";

/** Values that no field accepts. */
const invalidValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary" }),
  fc.constantFrom<unknown>(
    "",
    "\0",
    "\ud800",
    "__proto__",
    "%",
    "\\",
    "9".repeat(400),
    "2026-02-30T25:61",
    "🦆".repeat(300),
  ),
  fc.constantFrom<unknown>(-1, -0, 0.1, 1e308, 2 ** 53, -(2 ** 63), null, true, [], [[]], {}),
);
const key = fc.oneof(fc.string(), fc.constantFrom("id", "__proto__", "constructor", "name", "toString"));
const rarely = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4, nil: undefined });

/** A valid object with up to two invalid fields. */
const withInvalidFields = (good: object) =>
  fc
    .array(fc.tuple(fc.oneof(key, fc.constantFrom(...Object.keys(good), "id")), invalidValue), {
      maxLength: 2,
    })
    .map((faults) => ({ ...good, ...Object.fromEntries(faults) }));

const registry = makeRegistry(domains);
const known = [...registry.actions.values()].filter(({ audience }) => audience !== "people");

export const actions = fc.oneof(
  { weight: 1, arbitrary: fc.dictionary(key, invalidValue) },
  { weight: 6, arbitrary: fc.constantFrom(...known).chain(requestFor) },
);

function requestFor({ domain, name, example }: Action) {
  const request = fc.record({
    domain: fc.constant(domain),
    action: fc.constant(name),
    data: fc.oneof(
      { weight: 5, arbitrary: withInvalidFields(example as object) },
      { weight: 1, arbitrary: invalidValue },
    ),
    reasoning: rarely(fc.string({ unit: "binary" })),
    dry_run: rarely(fc.boolean()),
  });
  return fc.oneof(
    { weight: 5, arbitrary: request },
    { weight: 1, arbitrary: request.chain(withInvalidFields) },
  );
}

const types = [...registry.types.values()];
export const queries = fc.constantFrom(...types).chain(({ type, filters, includes, sorts }) =>
  fc
    .record({
      type: fc.constant(type),
      id: rarely(fc.oneof(fc.string(), fc.constant("contact_01kb2m6x8efh5rt3zqk9w7ycd4"))),
      search: rarely(fc.string({ unit: "binary" })),
      filters: rarely(
        fc.dictionary(fc.oneof(fc.constantFrom("search", ...Object.keys(filters)), key), invalidValue),
      ),
      include: rarely(
        fc.array(fc.oneof(fc.constantFrom("x", ...Object.keys(includes)), key), { maxLength: 3 }),
      ),
      sort: rarely(fc.oneof(fc.constantFrom(...Object.keys(sorts)), key)),
      limit: rarely(fc.oneof(fc.integer({ min: -1, max: 101 }), fc.double())),
      cursor: rarely(fc.base64String({ minLength: 1 })),
    })
    .chain((good) =>
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(good) },
        { weight: 1, arbitrary: withInvalidFields(good) },
      ),
    ),
);

export const messages = fc.oneof(
  invalidValue,
  withInvalidFields({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }),
  actions.map((input) => message({ name: "crm_action", arguments: { ...input, wait_seconds: 0 } })),
  queries.map((input) => message({ name: "crm_query", arguments: input })),
  fc.tuple(key, invalidValue).map(([name, input]) => message({ name, arguments: input })),
);
const message = (params: object) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params });

export const decisions = fc.oneof(
  invalidValue,
  withInvalidFields({
    decision: "authorized",
    notes: "Fine.",
    upgrade_permission: true,
    scope: { until: "2030-01-01T00:00:00Z", max_uses: 1 },
    view_hash: "0",
  }),
  invalidValue.map((scope) => ({ decision: "authorized", upgrade_permission: true, scope, view_hash: "0" })),
  withInvalidFields({ decision: "denied", notes: "No.", view_hash: "0" }),
);
