import { type JobRow, jobView } from "../../../src/domain/engine/jobs.ts";

const AT = new Date("2026-11-23T15:00:00Z");
const NOTE = "Call first.";
const row = (values: Partial<JobRow> = {}): JobRow => ({
  ...{ id: "job_1", action: "contact.delete", status: "queued", dry_run: false },
  ...{ principal: "agent:token_1", principal_name: "Office manager", reasoning: null },
  ...{
    result: null,
    error: null,
    outcome: null,
    understood: null,
    created_at: AT,
    finished_at: null,
    queue_id: null,
  },
  ...{ auth_status: "pending", auth_reason: "It has tickets", auth_expires_at: AT, auth_note: null },
  ...{ auth_edited_by: null, auth_sent: null, auth_data: null },
  ...values,
});
const view = (values: Partial<JobRow> = {}) => jobView(row(values), "https://crm.example");

describe("a job as callers see it", () => {
  it.each<[string, Partial<JobRow>, string]>([
    ["queued", { status: "queued" }, "Accepted; it runs in a moment. Do not send it again; poll job_status."],
    [
      "running",
      { status: "running" },
      "Accepted; it runs in a moment. Do not send it again; poll job_status.",
    ],
    [
      "parked",
      { status: "authorization_required" },
      "Queued for your authorization. A person decides at the link; do not send it again; poll job_status.",
    ],
    [
      "allowed",
      { status: "authorization_required", auth_status: "authorized" },
      "A person allowed it; it runs in a moment. Poll job_status.",
    ],
    ["completed", { status: "completed", auth_note: NOTE }, "Done. Their note: Call first."],
    ["completed without a note", { status: "completed" }, "Done."],
    [
      "completed with an outcome of its own",
      { status: "completed", outcome: "NOT SENT: no mail.", auth_note: NOTE },
      "NOT SENT: no mail. Their note: Call first.",
    ],
    ["a dry run", { status: "completed", dry_run: true }, "Nothing was changed: this is what it would do."],
    ["failed", { status: "failed", error: { message: "No." } }, "Nothing was changed: No."],
    [
      "denied",
      { status: "denied", auth_note: NOTE },
      "A person said no; nothing was changed. Do not send it again. Their note: Call first.",
    ],
    [
      "expired",
      { status: "expired" },
      "Nobody decided in time; nothing was changed. Ask the person whether it is still wanted before you send it again.",
    ],
    ["withdrawn", { status: "withdrawn" }, "Withdrawn by the requester; nothing was changed."],
  ])("says what to do when it is %s", (_state, values, message) => {
    expect(view(values).message).toBe(message);
  });

  it("is polled until it has ended", () => {
    expect(view()).toMatchObject({ poll_after_ms: 2_000, finished_at: null, authorization: null });
    expect(view({ status: "completed", finished_at: AT })).toMatchObject({
      poll_after_ms: null,
      finished_at: AT.toISOString(),
    });
  });

  it("names its authorization, at the top too while it waits", () => {
    const authorization = {
      queue_id: "auth_1",
      status: "pending",
      reason: "It has tickets",
      approval_url: "https://crm.example/authorizations/auth_1",
      expires_at: AT.toISOString(),
      note: null,
    };
    expect(view({ status: "authorization_required", queue_id: "auth_1" })).toMatchObject({
      authorization,
      queue_id: "auth_1",
      reason: "It has tickets",
    });
    const ended = view({ status: "expired", queue_id: "auth_1" });
    expect(ended).toMatchObject({ authorization });
    expect(ended).not.toHaveProperty("queue_id");
    expect(view({ status: "authorization_required" })).not.toHaveProperty("queue_id");
  });
});
