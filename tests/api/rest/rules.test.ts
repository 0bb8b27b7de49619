import { newId } from "../../../src/domain/core/ids.ts";
import { aTicket } from "../../support/factories.ts";
import { type Browser, FORM, form, type TestApi, startApi } from "../test-app.ts";

let api: TestApi;
let owner: Browser;
beforeAll(async () => {
  api = await startApi();
  owner = await api.signIn();
});
afterAll(() => api.close());

const remove = async () =>
  api.asAgent("/api/actions", {
    method: "POST",
    headers: { prefer: "wait=20" },
    body: {
      domain: "contact",
      action: "delete",
      data: { id: (await aTicket(api.db)).customer_id },
      reasoning: "They moved.",
    },
  });

/** Chooses Allow Always for a deletion and returns the id of the new rule. */
async function aRule(): Promise<string> {
  const { queue_id, job_id } = (await remove()).json.data ?? {};
  const body = { decision: "authorized", upgrade_permission: true };
  await api.asPerson(owner, `/api/authorizations/${queue_id}`, { method: "POST", body });
  await api.asPerson(owner, `/api/jobs/${job_id}?wait=20`);
  const { json } = await api.asPerson(owner, "/api/rules");
  const rules = json.data?.items as { id: string; authorization_id: string }[];
  return rules.find(({ authorization_id }) => authorization_id === queue_id)?.id ?? "no rule";
}

const narrow = (id: string, body: unknown) =>
  api.asPerson(owner, `/api/rules/${id}`, { method: "POST", body });
const revoke = (id: string) => api.asPerson(owner, `/api/rules/${id}`, { method: "DELETE" });

describe("a rule", () => {
  it("can be narrowed repeatedly, and needs an authorization once its limit is used up", async () => {
    const id = await aRule();
    expect((await remove()).json.data).toMatchObject({ status: "completed" });
    expect((await narrow(id, { scope: { max_uses: 2 } })).json.data).toMatchObject({
      id,
      scope: { max_uses: 2 },
    });
    const answer = await narrow(id, { scope: { max_uses: 1, until: "2999-01-01T00:00:00Z" } });
    expect(answer.status).toBe(200);
    const scope = { max_uses: 1, until: "2999-01-01T00:00:00Z" };
    expect((await api.asPerson(owner, `/api/rules/${id}`)).json.data).toMatchObject({ id, scope, uses: 1 });
    expect((await remove()).json.data).toMatchObject({ status: "authorization_required" });
    await revoke(id);
  });

  it("cannot be widened, or narrowed once revoked", async () => {
    const id = await aRule();
    await narrow(id, { scope: { max_uses: 2 } });
    const wider = await narrow(id, { scope: { max_uses: 3 } });
    expect(wider.status).toBe(400);
    expect(wider.json.error).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "scope.max_uses", message: "must be at most 2, the current limit" }],
      hint: expect.stringContaining("revoke it"),
    });
    await revoke(id);
    expect((await narrow(id, { scope: { max_uses: 1 } })).status).toBe(422);
  });

  it.each([
    [{}, "scope"],
    [{ scope: {} }, "scope"],
    [{ max_uses: 1 }, "max_uses"],
    [{ scope: { max_uses: null } }, "scope.max_uses"],
    [{ scope: { max_uses: 0 } }, "scope.max_uses"],
    [{ scope: { until: "tomorrow" } }, "scope.until"],
    [{ scope: { principal: "agent:token_other" } }, "scope.principal"],
  ])("is not narrowed by %j: 400 with the field", async (body, field) => {
    const { status, json } = await narrow(newId("rule"), body);
    expect(status).toBe(400);
    expect(json.error?.fields.map(({ path }) => path)).toContain(field);
  });

  it("returns 404 for an unknown or malformed id", async () => {
    expect((await narrow(newId("rule"), { scope: { max_uses: 1 } })).status).toBe(404);
    expect((await api.asPerson(owner, `/api/rules/${newId("rule")}`)).status).toBe(404);
    expect((await api.asPerson(owner, "/api/rules/1")).status).toBe(404);
  });

  it("can be narrowed and revoked on its page only with the session's CSRF token", async () => {
    const id = await aRule();
    const send = (path: string, fields: Record<string, string>) =>
      api.ask(path, { method: "POST", headers: { cookie: owner.cookie, ...FORM }, body: form(fields) });
    const _csrf = owner.csrf;
    expect((await send(`/rules/${id}/narrow`, { max_uses: "4" })).status).toBe(403);
    expect((await send(`/rules/${id}/narrow`, { max_uses: "4", _csrf })).status).toBe(303);
    const again = await send(`/rules/${id}/narrow`, { max_uses: "5", _csrf });
    expect(again.status).toBe(400);
    expect(again.text).toContain("must be at most 4, the current limit");
    const page = await api.asPerson(owner, "/rules");
    expect(page.text).toContain("4 uses in all");
    expect((await send(`/rules/${id}/revoke`, {})).status).toBe(403);
    expect((await send(`/rules/${id}/revoke`, { _csrf })).status).toBe(303);
    expect((await api.asPerson(owner, `/api/rules/${id}`)).json.data?.revoked_at).not.toBeNull();
  });
});
