import { existsSync } from "node:fs";
import { z } from "zod";
import { actionKey } from "../../src/domain/core/action.ts";
import { prefixOf } from "../../src/domain/core/ids.ts";
import { LEVELS } from "../../src/domain/core/permission.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";

interface Schema {
  additionalProperties?: unknown;
  properties?: Record<string, { description?: string }>;
}

const actions = domains.flatMap((domain) =>
  domain.actions.map((action) => ({ domain, key: actionKey(action), action })),
);

const jsonSchema = ({ input }: { input: z.ZodType }) => z.toJSONSchema(input, { io: "input" }) as Schema;

interface ListSchema {
  type?: string;
  items?: { type?: string; pattern?: string };
}

/** The fields that are lists of ids, at the first level. */
const listsOfIds = ({ properties = {} }: Schema): string[] =>
  Object.entries(properties as Record<string, ListSchema>).flatMap(([name, { type, items }]) =>
    type === "array" && items?.type === "string" && /_/.test(items.pattern ?? "") ? [name] : [],
  );

describe("the registry", () => {
  it("has lists of ids in its bulk actions", () => {
    const found = actions.filter(({ action }) => listsOfIds(jsonSchema(action)).length > 0);
    expect(found.map(({ key }) => key)).toEqual(
      actions
        .filter(({ key, action }) => action.name.startsWith("bulk_") || key === "waitlist.offer")
        .map(({ key }) => key),
    );
    expect(found).not.toEqual([]);
  });

  it("contains every action under a unique name, with the guide's domains first", () => {
    expect(makeRegistry(domains).actions.size).toBe(actions.length);
    expect(domains.map(({ domain }) => domain).slice(0, 2)).toEqual(["ticket", "contact"]);
  });

  it("describes each domain and names its records", () => {
    for (const { description, noun } of domains) {
      expect(description).toMatch(/^[A-Z].{10,}/);
      expect(noun).toMatch(/^[a-z ]+$/);
    }
  });

  it("has no domain that mixes actions for people and for agents", () => {
    const domainsOf = (audience: "people" | undefined) =>
      new Set(
        actions.filter(({ action }) => action.audience === audience).map(({ domain }) => domain.domain),
      );
    const forPeople = ["settings", "technician", "template", "holiday", "user"];
    expect([...domainsOf("people")]).toEqual(forPeople);
    expect([...domainsOf(undefined)].filter((domain) => forPeople.includes(domain))).toEqual([]);
    const forNobody = actions.filter(({ action }) => action.audience === "system").map(({ key }) => key);
    expect(forNobody.sort()).toEqual(["message.mark", "plan.fill", "waitlist.end_offer"]);
    const forCustomers = actions.filter(({ action }) => action.audience === "customer").map(({ key }) => key);
    expect(forCustomers.sort()).toEqual([
      "ticket.confirm",
      "ticket.request_change",
      "waitlist.accept",
      "waitlist.decline",
    ]);
  });

  describe.each(actions)("$key", ({ domain, action }) => {
    const schema = jsonSchema(action);

    it("is in its domain's folder, in the file named after it", () => {
      expect(action.domain).toBe(domain.domain);
      const folder = action.domain === "job" ? "engine/actions" : action.domain;
      const file = `../../src/domain/${folder}/${action.name.replaceAll("_", "-")}.ts`;
      expect(existsSync(new URL(file, import.meta.url))).toBe(true);
    });

    it("has a summary of one or two short sentences", () => {
      expect(action.summary).toMatch(/^[A-Z].{20,}\.$/);
      expect(action.summary.length).toBeLessThan(200);
    });

    it("declares a permission level and describes what raises it", () => {
      expect(LEVELS).toContain(action.permission);
      if (action.escalate) expect(action.raisedWhen).toMatch(/^requires_authorization when /);
    });

    it("has a valid example", () => {
      expect(action.input.safeParse(action.example).error).toBeUndefined();
    });

    it("returns complete ids as its targets", () => {
      const targets = action.targets?.(action.input.parse(action.example)) ?? [];
      expect(targets.filter((id) => prefixOf(id) === null)).toEqual([]);
    });

    it("rejects unknown keys", () => {
      const example = action.example as Record<string, unknown>;
      const { error } = action.input.safeParse({ ...example, surprise: 1 });
      expect(error?.issues).toMatchObject([{ code: "unrecognized_keys", keys: ["surprise"] }]);
      expect(schema.additionalProperties).toBe(false);
    });

    it("reads each list of ids in one way, whatever its order and however often it names one", () => {
      const example = action.example as Record<string, unknown>;
      for (const name of listsOfIds(schema)) {
        const [id = ""] = example[name] as string[];
        const other = id.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
        const read = (ids: string[]) => action.input.parse({ ...example, [name]: ids });
        expect([read([id, id, other]), read([other, id])]).toEqual([read([id, other]), read([id, other])]);
      }
    });

    it("describes each field", () => {
      const fields = Object.entries(schema.properties ?? {});
      expect(fields.length).toBeGreaterThan(0);
      expect(fields.filter(([, field]) => !field.description).map(([name]) => name)).toEqual([]);
    });
  });
});
