import { checkLinkedRecord } from "../../../src/domain/core/audience.ts";
import { customerOf } from "../../../src/domain/core/principal.ts";
import { bulkCancelTickets } from "../../../src/domain/ticket/bulk-cancel.ts";
import { confirmTicket } from "../../../src/domain/ticket/confirm.ts";
import type { Action } from "../../../src/domain/core/action.ts";

const theirs = "ticket_01kb2m6x8efh5rt3zqk9w7ycd4";
const other = "ticket_01kb2m6x8efh5rt3zqk9w7ycd5";
const check = (action: unknown, input: unknown) => () =>
  checkLinkedRecord(action as Action, customerOf(theirs), input); // Both are actions.

describe("checkLinkedRecord", () => {
  it("lets a customer act on the record of their link, and on no other", () => {
    expect(check(confirmTicket, { id: theirs })).not.toThrow();
    expect(check(confirmTicket, { id: other })).toThrow("This link is for another record.");
    expect(check(bulkCancelTickets, { ids: [theirs, other] })).toThrow("This link is for another record.");
  });

  it("refuses an action that names no records", () => {
    expect(check({ ...confirmTicket, targets: undefined }, { id: theirs })).toThrow("another record");
  });
});
