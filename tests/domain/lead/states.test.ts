import type { z } from "zod";
import type { ActionDefinition } from "../../../src/domain/core/action.ts";
import { archiveLead } from "../../../src/domain/lead/archive.ts";
import { contactLead } from "../../../src/domain/lead/contact.ts";
import { convertLead } from "../../../src/domain/lead/convert.ts";
import { loseLead } from "../../../src/domain/lead/lose.ts";
import { qualifyLead } from "../../../src/domain/lead/qualify.ts";
import { reopenLead } from "../../../src/domain/lead/reopen.ts";
import { scheduleFollowup } from "../../../src/domain/lead/schedule-followup.ts";
import { LEAD_STATUSES, type LeadStatus } from "../../../src/entities/lead.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aLead, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

const OPEN: LeadStatus[] = ["new", "contacted", "qualified"];

/** Allowed transitions: action, from, to. Every other one is refused. */
const ALLOWED: [string, ActionDefinition<z.ZodType, Record<string, unknown>>, LeadStatus[], LeadStatus][] = [
  ["contact", contactLead, ["new"], "contacted"],
  ["qualify", qualifyLead, ["contacted"], "qualified"],
  ["convert", convertLead, ["qualified"], "converted"],
  ["lose", loseLead, OPEN, "lost"],
  ["archive", archiveLead, OPEN, "archived"],
  ["reopen", reopenLead, ["lost", "archived"], "new"],
];

const cases = ALLOWED.flatMap(([name, action, from, to]) =>
  LEAD_STATUSES.map((status) => ({ name, action, status, to: from.includes(status) ? to : null })),
);

describe("the status of a lead", () => {
  it.each(cases.filter(({ to }) => to))(
    "changes from $status to $to by $name",
    async ({ action, status, to }) => {
      const { id } = await aLead(test.db, { status });
      expect(await act(test.db, action, { id })).toMatchObject({ id, status: to, version: 2 });
    },
  );

  it.each(cases.filter(({ to }) => !to))(
    "does not change from $status by $name",
    async ({ action, status }) => {
      const { id } = await aLead(test.db, { status });
      expect(await refusal(act(test.db, action, { id }))).toMatchObject({
        code: "invalid_state",
        state: status,
        allowed: cases
          .filter((one) => one.status === status && one.to)
          .map(({ name, to }) => `${name} (${to})`),
      });
    },
  );

  it.each(LEAD_STATUSES)("allows a follow-up only while the lead is open: %s", async (status) => {
    const { id } = await aLead(test.db, { status });
    const planned = act(test.db, scheduleFollowup, { id, at: "2026-11-26" });
    if (OPEN.includes(status)) expect(await planned).toMatchObject({ status, version: 2 });
    else expect((await refusal(planned)).code).toBe("invalid_state");
  });
});
