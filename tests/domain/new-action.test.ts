import { z } from "zod";
import { openApi } from "../../src/api/openapi/index.ts";
import { defineAction } from "../../src/domain/core/action.ts";
import { actionTable } from "../../src/domain/core/action-table.ts";
import { capabilities } from "../../src/domain/core/capabilities.ts";
import { findOrFail } from "../../src/domain/core/records.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { contactId } from "../../src/domain/contact/fields.ts";
import { domains } from "../../src/domain/index.ts";
import { Contact } from "../../src/entities/contact.ts";
import { type FrontDoor, openFrontDoor } from "../api/front-door.ts";
import { aContact } from "../support/factories.ts";
import { everyClient, placeOf } from "../support/mcp-clients.ts";

/** What a new file holds. */
const praiseContact = defineAction({
  domain: "contact",
  name: "praise",
  summary: "Note that a customer is a pleasure to work for.",
  permission: "soft_limit",
  input: z.strictObject({ id: contactId, stars: z.int().min(1).max(5).describe("How much of a pleasure") }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4", stars: 5 },

  targets: ({ id }) => [id],
  async handler({ db }, { id, stars }) {
    const contact = await findOrFail(db, Contact, id);
    contact.notes = "*".repeat(stars);
    await db.save(contact);
    return { id, stars };
  },
});

/** And the one line in its room's index. */
const registry = makeRegistry(
  domains.map((room) =>
    room.domain === "contact" ? { ...room, actions: [...room.actions, praiseContact] } : room,
  ),
);

describe("a new action, one object and one line, without anything else", () => {
  it("is what models are told they can do", () => {
    const [room] = capabilities(registry, { domain: "contact", action: "praise", audience: "agent" }).domains;
    expect(room?.actions).toMatchObject([
      {
        name: "praise",
        permission: "soft_limit",
        example: praiseContact.example,
        parameters: { properties: { stars: { type: "integer", maximum: 5 } } },
      },
    ]);
  });

  it("is in the API's document, and in the table", () => {
    const document = openApi(registry, []);
    expect(document).toMatchObject({
      components: {
        schemas: {
          "contact.praise": {
            properties: {
              action: { const: "praise" },
              data: { properties: { stars: { maximum: 5 } }, additionalProperties: false },
            },
          },
        },
      },
    });
    expect(JSON.stringify(document["paths"])).toContain('"#/components/schemas/contact.praise"');
    expect(actionTable(registry)).toContain(
      "| `contact.praise` | `soft_limit` |  | Note that a customer is a pleasure to work for. |",
    );
  });

  describe("on a running CRM", () => {
    let door: FrontDoor;
    let id: string;
    beforeAll(async () => {
      door = await openFrontDoor({ registry });
      ({ id } = await aContact(door.db));
    });
    afterAll(() => door.close());

    const notes = async () => (await door.db.getRepository(Contact).findOneByOrFail({ id })).notes;
    const request = (data: object) => ({
      domain: "contact",
      action: "praise",
      data,
      reasoning: "They baked us a cake.",
    });

    it("runs over REST", async () => {
      const answer = await door.asAgent("/api/actions", {
        method: "POST",
        headers: { prefer: "wait=20" },
        body: request({ id, stars: 3 }),
      });
      expect(answer).toMatchObject({
        status: 200,
        json: { data: { action: "contact.praise", status: "completed", result: { id, stars: 3 } } },
      });
      expect(await notes()).toBe("***");
    });

    it("runs through crm_action, and teaches whoever gets it wrong", async () => {
      const [first] = everyClient;
      const client = await first![1](placeOf({ url: door.url, token: door.agent.token }));
      const wrong = await client.call("crm_action", request({ id, stars: 6 }));
      expect(wrong).toMatchObject({ isError: true, text: expect.stringContaining("data.stars") });
      const right = await client.call("crm_action", request({ id, stars: 5 }));
      expect(right.structured).toMatchObject({ status: "completed", result: { id, stars: 5 } });
      await client.close();
      expect(await notes()).toBe("*****");
    });
  });
});
