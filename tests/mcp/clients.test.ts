import { conflict, CrmError } from "../../src/domain/core/errors.ts";
import type { Crm, Submission } from "../../src/crm/contract.ts";
import {
  agent,
  aJob,
  aParkedJob,
  clients,
  type Office,
  openOffice,
  type TestClient,
  toolsOver,
} from "./office.ts";

const asked: Submission[] = [];

/** The action's name selects the outcome. */
const submit: Crm["submit"] = (actor, submission) => {
  expect(actor).toEqual(agent);
  asked.push(submission);
  switch (submission.action) {
    case "delete":
      return Promise.resolve(aParkedJob());
    case "fail": {
      const { body } = conflict("The slot is taken.", "Take another one.", {
        alternatives: ["10:00", "14:00"],
      });
      return Promise.resolve(aJob({ status: "failed", result: null, error: body }));
    }
    case "undo": {
      const { job_id } = submission.data as { job_id: string };
      const { body } = conflict("A record has changed since.", "Undo the later job first.");
      if (job_id !== "job_changed_since") return Promise.resolve(aJob());
      return Promise.resolve(aJob({ status: "failed", result: null, error: body }));
    }
    case "deny":
      return Promise.resolve(aJob({ status: "denied", result: null, message: "A person said no." }));
    case "break":
      return Promise.reject(new Error("secret of the driver"));
    case "refuse":
      return Promise.reject(
        new CrmError("ambiguous", "Two customers match.", {
          fields: [{ path: "data.id", message: "name one" }],
          hint: "Ask which one.",
          extra: { candidates: [{ id: "contact_1", name: "Jo\u202Ehn" }] },
        }),
      );
    default:
      return Promise.resolve(aJob());
  }
};

const failed = aJob({ status: "failed", result: null, error: conflict("Taken.", "Take another.").body });
const today = { date: "2026-11-22", weekday: "Sunday", zone: "America/Chicago" };
const hidden = {
  id: "contact_1",
  name: "A\u202Edna\u200B",
  notes: ["line\nnext\u0007"],
  seen_at: new Date(0),
};

let office: Office;

beforeAll(async () => {
  office = await openOffice({
    submit,
    job: () => Promise.resolve(failed),
    query: (_actor, { id }) =>
      Promise.resolve(
        id === undefined ? { items: [hidden], next_cursor: null, total: 1, today } : { item: hidden, today },
      ),
  });
});
afterAll(() => office.close());

describe.each(clients)("%s", (_name, connect) => {
  let client: TestClient;
  beforeAll(async () => void (client = await connect(office.url)));
  afterAll(() => client.close());

  const act = (action: string, more: object = {}) =>
    client.call("crm_action", { domain: "contact", action, data: { id: "contact_1" }, ...more });

  it("lists the tools and receives the instructions", async () => {
    expect(await client.list()).toEqual(toolsOver().list());
    expect(client.instructions()).toContain("crm_capabilities");
  });

  it("gets data that fits the output schema, as text and structured alike", async () => {
    for (const [name, args] of [
      ["crm_capabilities", {}],
      ["crm_capabilities", { domain: "contact", action: "create" }],
      ["crm_query", { type: "contacts" }],
      ["crm_query", { type: "contacts", id: "contact_1" }],
      ["crm_action", { domain: "contact", action: "create", data: {} }],
      ["job_status", { queue_id: "auth_1" }],
    ] as const) {
      const { isError, text, structured } = await client.call(name, args);
      expect(isError).toBe(false);
      expect(JSON.parse(text)).toEqual(structured);
    }
  });

  it("submits an action with its reasoning, idempotency key and wait", async () => {
    asked.length = 0;
    await act("create");
    await act("create", { reasoning: "Asked to.", idempotency_key: "k", wait_seconds: 0, dry_run: true });
    const base = { domain: "contact", action: "create", data: { id: "contact_1" } };
    expect(asked).toEqual([
      { ...base, wait_seconds: 10, dry_run: false },
      { ...base, reasoning: "Asked to.", idempotency_key: "k", wait_seconds: 0, dry_run: true },
    ]);
  });

  it("submits undo_job as the action job.undo with its reasoning and idempotency key", async () => {
    asked.length = 0;
    const { structured } = await client.call("undo_job", { job_id: "job_7" });
    expect(structured).toMatchObject({ job_id: "job_1", status: "completed" });
    const more = { reasoning: "Wrong customer.", idempotency_key: "undo-7", wait_seconds: 0 };
    await client.call("undo_job", { job_id: "job_7", ...more });
    const base = { domain: "job", action: "undo", data: { job_id: "job_7" } };
    expect(asked).toEqual([
      { ...base, wait_seconds: 10 },
      { ...base, ...more },
    ]);
  });

  it("reads a failed undo as an error", async () => {
    const { isError, text } = await client.call("undo_job", { job_id: "job_changed_since" });
    expect({ isError, text }).toEqual({
      isError: true,
      text: "conflict: A record has changed since.\njob_id: job_1\nNext: Undo the later job first.",
    });
  });

  it("gets the approval URL and the reason of a parked job", async () => {
    const { isError, structured } = await act("delete");
    expect(isError).toBe(false);
    expect(structured).toMatchObject({
      status: "authorization_required",
      queue_id: "auth_1",
      authorization: { approval_url: "http://localhost:8000/authorizations/auth_1" },
    });
  });

  it("gets a failed job as an error from crm_action and as data from job_status", async () => {
    expect(await act("fail")).toEqual({
      isError: true,
      structured: undefined,
      text: 'conflict: The slot is taken.\nalternatives: ["10:00","14:00"]\njob_id: job_1\nNext: Take another one.',
    });
    const status = await client.call("job_status", { job_id: "job_1" });
    expect(status.isError).toBe(false);
    expect(status.structured).toMatchObject({ status: "failed", error: { code: "conflict" } });
  });

  it("gets a denial as data, not as an error", async () => {
    expect((await act("deny")).isError).toBe(false);
  });

  it("gets a refusal as text: code, field, candidates, next step", async () => {
    expect(await act("refuse")).toEqual({
      isError: true,
      structured: undefined,
      text:
        "ambiguous: Two customers match.\ndata.id: name one\n" +
        'candidates: [{"id":"contact_1","name":"Jo⟨U+202E⟩hn"}]\nNext: Ask which one.',
    });
  });

  it("names a misspelled and a missing argument", async () => {
    const { isError, text } = await client.call("crm_query", { typo: 1 });
    expect(isError).toBe(true);
    expect(text).toContain("validation_failed");
    expect(text).toMatch(/^typo: unknown key/m);
    expect(text).toMatch(/^type: /m);
  });

  it("names an unknown tool and the nearest ones", async () => {
    await expect(client.call("crm_queri")).rejects.toThrow(
      /There is no tool crm_queri\. Did you mean crm_query or/,
    );
  });

  it("gets hidden characters in a visible form", async () => {
    const { structured, text } = await client.call("crm_query", { type: "contacts" });
    const shown = {
      id: "contact_1",
      name: "A⟨U+202E⟩dna⟨U+200B⟩",
      notes: ["line\nnext⟨U+0007⟩"],
      seen_at: "1970-01-01T00:00:00.000Z",
    };
    expect(structured).toMatchObject({ items: [shown] });
    expect(text).not.toMatch(/[\u202E\u200B\u0007]/);
  });
});

describe.each(clients.filter(([name]) => name.includes("HTTP")))("%s", (_name, connect) => {
  it("never gets the message of an unexpected error; the log has it under the reference", async () => {
    office.logged.length = 0;
    const client = await connect(office.url);
    const { isError, text } = await client.call("crm_action", {
      domain: "contact",
      action: "break",
      data: {},
    });
    await client.close();
    expect(isError).toBe(true);
    expect(text).toMatch(/^internal: /);
    expect(text).not.toContain("secret");
    const [{ reference, err }] = office.logged as [{ reference: string; err: Error }];
    expect(text).toContain(reference);
    expect(err.message).toBe("secret of the driver");
  });
});
