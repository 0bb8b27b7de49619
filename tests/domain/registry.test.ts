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

const actions = domains.flatMap((room) =>
  room.actions.map((action) => ({ room, key: actionKey(action), action })),
);

describe("the registry", () => {
  it("holds every action under a name of its own, the guide's domains first", () => {
    expect(makeRegistry(domains).actions.size).toBe(actions.length);
    expect(domains.map(({ domain }) => domain).slice(0, 2)).toEqual(["ticket", "contact"]);
  });

  it("keeps what is for people apart from what is for agents", () => {
    const roomsOf = (audience: "people" | undefined) =>
      new Set(actions.filter(({ action }) => action.audience === audience).map(({ room }) => room.domain));
    const forPeople = ["settings", "technician", "template", "holiday", "user"];
    expect([...roomsOf("people")]).toEqual(forPeople);
    expect([...roomsOf(undefined)].filter((room) => forPeople.includes(room))).toEqual([]);
    const forNobody = actions.filter(({ action }) => action.audience === "system").map(({ key }) => key);
    expect(forNobody).toEqual(["message.mark"]);
  });

  describe.each(actions)("$key", ({ room, action }) => {
    const schema = z.toJSONSchema(action.input, { io: "input" }) as Schema;

    it("lives in its room, in the file that its name says", () => {
      expect(action.domain).toBe(room.domain);
      const file = `../../src/domain/${action.domain}/${action.name.replaceAll("_", "-")}.ts`;
      expect(existsSync(new URL(file, import.meta.url))).toBe(true);
    });

    it("says in one short sentence or two when to use it", () => {
      expect(action.summary).toMatch(/^[A-Z].{20,}\.$/);
      expect(action.summary.length).toBeLessThan(200);
    });

    it("declares a level, and says in words what raises it", () => {
      expect(LEVELS).toContain(action.permission);
      if (action.escalate) expect(action.raisedWhen).toMatch(/^requires_authorization when /);
    });

    it("is taken back as an action, or at a level, that exists", () => {
      if (!action.undo) return;
      const known = [...LEVELS, ...actions.map(({ key }) => key)];
      expect(known).toContain(action.undo.level);
    });

    it("has an example that fits", () => {
      expect(action.input.safeParse(action.example).error).toBeUndefined();
    });

    it("names whole ids as its targets", () => {
      const targets = action.targets?.(action.input.parse(action.example)) ?? [];
      expect(targets.filter((id) => prefixOf(id) === null)).toEqual([]);
    });

    it("refuses what it does not know", () => {
      const example = action.example as Record<string, unknown>;
      const { error } = action.input.safeParse({ ...example, surprise: 1 });
      expect(error?.issues).toMatchObject([{ code: "unrecognized_keys", keys: ["surprise"] }]);
      expect(schema.additionalProperties).toBe(false);
    });

    it("describes each field", () => {
      const fields = Object.entries(schema.properties ?? {});
      expect(fields.length).toBeGreaterThan(0);
      expect(fields.filter(([, field]) => !field.description).map(([name]) => name)).toEqual([]);
    });
  });
});
