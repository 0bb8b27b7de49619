import { z } from "zod";
import { openApi } from "../../src/api/openapi/index.ts";
import { defineAction } from "../../src/domain/core/action.ts";
import { makeTools } from "../../src/mcp/tools.ts";
import { aCrm } from "../mcp/office.ts";
import { actionsPage } from "../../src/cli/actions-page.ts";
import { capabilities } from "../../src/domain/core/capabilities.ts";
import { findOrFail } from "../../src/domain/core/records.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { contactId } from "../../src/domain/contact/fields.ts";
import { domains } from "../../src/domain/index.ts";
import { Contact } from "../../src/entities/contact.ts";
import { type TestApi, startApi } from "../api/test-app.ts";
import { aContact } from "../support/factories.ts";
import { everyClient, placeOf } from "../support/mcp-clients.ts";

/** The content of a new action file. */
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

/** The one line in its domain's index. */
const registry = makeRegistry(
  domains.map((domain) =>
    domain.domain === "contact" ? { ...domain, actions: [...domain.actions, praiseContact] } : domain,
  ),
);

describe("a new action defined by one object and one line", () => {
  it("is listed in the capabilities for agents", () => {
    const [domain] = capabilities(registry, {
      domain: "contact",
      action: "praise",
      audience: "agent",
    }).domains;
    expect(domain?.actions).toMatchObject([
      {
        name: "praise",
        permission: "soft_limit",
        example: praiseContact.example,
        parameters: { properties: { stars: { type: "integer", maximum: 5 } } },
      },
    ]);
  });

  it("is in the OpenAPI document and in the actions table", () => {
    const document = openApi(registry, makeTools(aCrm(), registry));
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
    expect(actionsPage(registry)).toContain(
      "| `contact.praise` | `soft_limit` |  | Note that a customer is a pleasure to work for. |",
    );
  });

  describe("on a running CRM", () => {
    let api: TestApi;
    let id: string;
    beforeAll(async () => {
      api = await startApi({ registry });
      ({ id } = await aContact(api.db));
    });
    afterAll(() => api.close());

    const notes = async () => (await api.db.getRepository(Contact).findOneByOrFail({ id })).notes;
    const request = (data: object) => ({
      domain: "contact",
      action: "praise",
      data,
      reasoning: "They baked us a cake.",
    });

    it("runs over REST", async () => {
      const answer = await api.asAgent("/api/actions", {
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

    it("runs through crm_action, and invalid input returns an error that names the field", async () => {
      const [first] = everyClient;
      const client = await first![1](placeOf({ url: api.url, token: api.agent.token }));
      const wrong = await client.call("crm_action", request({ id, stars: 6 }));
      expect(wrong).toMatchObject({ isError: true, text: expect.stringContaining("data.stars") });
      const right = await client.call("crm_action", request({ id, stars: 5 }));
      expect(right.structured).toMatchObject({ status: "completed", result: { id, stars: 5 } });
      await client.close();
      expect(await notes()).toBe("*****");
    });
  });
});
