import { anAuthorization } from "./views.ts";
import { servedConsole } from "./served.ts";

const { state, post } = servedConsole();

describe("the form that changes a request", () => {
  const change = (fields: Record<string, string>) => post("/authorizations/auth_1/edit", fields);
  const page = async () => (await fetch(`${state.url}/authorizations/auth_1`)).text();
  const refund = { id: "contact_1", unit_price_cents: 45_000, quantity: 2 };
  const asked = (data: Record<string, unknown>, action = "ticket.add_line_item") =>
    void (state.calls.shown = anAuthorization({ action, data }));

  it("sends what the fields mean: amounts, numbers, lists, yes and no; empty ones are left out", async () => {
    asked({});
    const response = await change({
      "data.id": "ticket_1",
      "data.unit_price_cents": "$1,450.50",
      "data.discount_cents": "0",
      "data.quantity": "2.5",
      "data.description": "Two\r\nlines",
      "data.service_id": "",
    });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/authorizations/auth_2");
    asked({}, "contact.create");
    await change({
      "data.name": "Ann",
      "data.emails": "ann@example.com\r\n\r\n bea@example.com",
      "data.notes": "null",
      "data.kind": "person",
      "data.do_not_contact": "false",
    });
    expect(state.calls.edits).toEqual([
      {
        id: "ticket_1",
        unit_price_cents: 145_050,
        discount_cents: 0,
        quantity: 2.5,
        description: "Two\nlines",
      },
      {
        name: "Ann",
        emails: ["ann@example.com", "bea@example.com"],
        notes: "null",
        kind: "person",
        do_not_contact: false,
      },
    ]);
  });

  it("names the field that cannot be read and shows the input again", async () => {
    asked(refund);
    const response = await change({
      "data.id": "ticket_1",
      "data.quantity": "two",
      "data.description": "mine",
    });
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain('id="fault-quantity"');
    expect(html).toContain("must be a number such as 90");
    expect(html).toContain(">mine</textarea>");
    expect(state.calls.edits).toEqual([]);
  });

  it("shows amounts as amounts, and is not offered for an undo or once it is decided", async () => {
    asked(refund);
    expect(await page()).toContain('name="data.unit_price_cents" inputmode="decimal" value="450.00"');
    asked({ job_id: "job_1" }, "job.undo");
    expect(await page()).not.toContain("/edit");
    state.calls.shown = anAuthorization({ status: "denied" });
    expect(await page()).not.toContain("/edit");
  });

  describe("about several records", () => {
    const ids = ["0", "1", "2"].map((end) => `contact_01kb0000000000000000000ab${end}`);
    const [first = "", second = "", third = ""] = ids;
    const changes = [{ ...anAuthorization().preview.changes[0], id: first, label: "<b>Ann</b>" }];
    beforeEach(() => {
      const { preview } = anAuthorization();
      const data = { ids, data: { tags: ["vip"] } };
      const shown = { action: "contact.bulk_update", data, preview: { ...preview, changes } };
      state.calls.shown = anAuthorization(shown as Parameters<typeof anAuthorization>[0]); // One label is enough.
    });
    const boxOf = (html: string, id: string) =>
      new RegExp(`<input[^>]*name="data\\.ids\\.${id}"[^>]*>`).exec(html)?.[0];

    it("shows a ticked box for each, with its name where that is known", async () => {
      const html = await page();
      for (const id of ids) expect(boxOf(html, id)).toContain("checked");
      expect(html).toContain("&lt;b>Ann&lt;/b>");
      expect(html).toContain(`>${second}</bdi>`);
    });

    it("sends those whose boxes are ticked, in the order of the request, and no others", async () => {
      const other = first.replace(/.$/, "9");
      await change({
        [`data.ids.${third}`]: "on",
        [`data.ids.${first}`]: "on",
        [`data.ids.${other}`]: "on",
        "data.data": "{}",
      });
      expect(state.calls.edits).toEqual([{ ids: [first, third], data: {} }]);
    });

    it("shows again which boxes were ticked when another field is refused", async () => {
      const response = await change({ [`data.ids.${second}`]: "on", "data.data": "{" });
      const html = await response.text();
      expect(response.status).toBe(400);
      expect([first, second].map((id) => boxOf(html, id)?.includes("checked"))).toEqual([false, true]);
    });
  });
});
