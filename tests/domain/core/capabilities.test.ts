import { z } from "zod";
import { defineAction } from "../../../src/domain/core/action.ts";
import { capabilities } from "../../../src/domain/core/capabilities.ts";
import { CrmError, type ErrorBody } from "../../../src/domain/core/errors.ts";
import { type Domain, makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { contacts } from "../../../src/domain/contact/type.ts";

const wave = defineAction({
  domain: "greeting",
  name: "wave",
  summary: "Wave at a customer.",
  permission: "soft_limit",
  raisedWhen: "more than 5 customers",
  input: z.strictObject({
    name: z.string().min(1).describe("Whom"),
    times: z.int().min(1).default(1),
    phone: z
      .string()
      .transform((digits) => Number(digits))
      .optional(),
  }),
  example: { name: "Maria" },
  async handler() {
    return null;
  },
});
const scold = defineAction({ ...wave, name: "scold", audience: "people" });
const hire = defineAction({ ...wave, domain: "staff", name: "hire", audience: "people" });

const greeting: Domain = {
  domain: "greeting",
  description: "Being polite.",
  noun: "greeting",
  actions: [wave, scold],
  types: [{ ...contacts, includes: { addresses: contacts.includes.addresses } }],
};
const staff: Domain = { ...greeting, domain: "staff", noun: "employee", actions: [hire], types: [] };
const registry = makeRegistry([greeting, staff]);

it("makeRegistry rejects an include of a type that no domain has", () => {
  expect(() => makeRegistry([{ ...greeting, types: [contacts] }])).toThrow(
    "contacts includes tickets of a type that does not exist",
  );
});

function refusal(query: { domain?: string; action?: string }): ErrorBody {
  try {
    capabilities(registry, { ...query, audience: "agent" });
  } catch (error) {
    if (error instanceof CrmError) return error.body;
  }
  throw new Error("not refused");
}

it("capabilities describe the input of each action before defaults and transforms", () => {
  const { version, domains: described } = capabilities(registry, { audience: "agent" });
  expect(version).toBe("1.0");
  expect(described).toEqual([
    {
      domain: "greeting",
      description: "Being polite.",
      actions: [
        {
          name: "wave",
          description: "Wave at a customer.",
          permission: "soft_limit",
          raised_when: "more than 5 customers",
          example: { name: "Maria" },
          parameters: {
            $schema: "https://json-schema.org/draft/2020-12/schema",
            type: "object",
            additionalProperties: false,
            required: ["name"],
            properties: {
              name: { type: "string", minLength: 1, description: "Whom" },
              times: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 1 },
              phone: { type: "string" },
            },
          },
        },
      ],
    },
  ]);
});

it("capabilities contain only names, permissions and summaries when brief", () => {
  const brief = capabilities(registry, { audience: "agent", brief: true });
  expect(brief.domains[0]?.actions).toEqual([
    {
      name: "wave",
      description: "Wave at a customer.",
      permission: "soft_limit",
      raised_when: "more than 5 customers",
    },
  ]);
  expect(Object.keys(brief.data_types[0] ?? {})).toEqual([
    "type",
    "description",
    "filters",
    "includes",
    "sort",
  ]);
});

it("capabilities list the names that a query may use, and describe the filters", () => {
  expect(capabilities(registry, { audience: "agent" }).data_types).toMatchObject([
    {
      type: "contacts",
      filters: ["kind", "tag", "archived", "attributes"],
      includes: ["addresses"],
      sort: ["created_at", "-created_at", "updated_at", "-updated_at", "name", "-name"],
      fields: expect.arrayContaining(["id", "name"]),
      filter_details: { kind: "person or company" },
    },
  ]);
});

it("capabilities show people the actions that agents do not see", () => {
  const names = (audience: "agent" | "people") =>
    capabilities(registry, { audience, brief: true }).domains.flatMap((room) =>
      room.actions.map((action) => `${room.domain}.${action.name}`),
    );
  expect(names("agent")).toEqual(["greeting.wave"]);
  expect(names("people")).toEqual(["greeting.wave", "greeting.scold", "staff.hire"]);
  expect(refusal({ domain: "staff" })).toMatchObject({ fields: [{ path: "domain" }] });
  expect(refusal({ domain: "greeting", action: "scold" })).toMatchObject({ fields: [{ path: "action" }] });
});

it("capabilities can be limited to a domain and to one action", () => {
  const people = { audience: "people", domain: "greeting" } as const;
  expect(capabilities(registry, people).domains[0]?.actions.map(({ name }) => name)).toEqual([
    "wave",
    "scold",
  ]);
  const [room, ...others] = capabilities(registry, { ...people, action: "scold" }).domains;
  expect(others).toEqual([]);
  expect(room?.actions.map(({ name }) => name)).toEqual(["scold"]);
  expect(capabilities(registry, { audience: "people", domain: "staff" }).data_types).toEqual([]);
});

it("capabilities of an unknown domain or action are refused with the nearest names", () => {
  expect(refusal({ domain: "greetings" })).toMatchObject({
    code: "validation_failed",
    fields: [{ path: "domain", message: '"greetings" is unknown; nearest: greeting' }],
    hint: expect.stringContaining("Did you mean greeting?"),
  });
  expect(refusal({ domain: "greeting", action: "wav" })).toMatchObject({ fields: [{ path: "action" }] });
  expect(refusal({ action: "wave" })).toMatchObject({
    fields: [{ path: "domain", message: "is required with action" }],
  });
});

it("capabilities contain the JSON Schema of every action's input", () => {
  const everything = capabilities(makeRegistry(domains), { audience: "people" });
  const actions = everything.domains.flatMap((room) => room.actions);
  const offered = domains
    .flatMap((room) => room.actions)
    .filter(({ audience }) => audience === undefined || audience === "people");
  expect(actions.length).toBe(offered.length);
  for (const { parameters } of actions) {
    expect(parameters).toMatchObject({ type: "object", additionalProperties: false });
  }
  expect(JSON.parse(JSON.stringify(everything))).toEqual(everything);
});
