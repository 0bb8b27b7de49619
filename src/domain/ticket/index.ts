import type { Domain } from "../core/registry.ts";
import { addLineItem } from "./add-line-item.ts";
import { assignTicket } from "./assign.ts";
import { bulkCancelTickets } from "./bulk-cancel.ts";
import { cancelTicket } from "./cancel.ts";
import { completeTicket } from "./complete.ts";
import { confirmTicket } from "./confirm.ts";
import { createTicket } from "./create.ts";
import { noShowTicket } from "./no-show.ts";
import { removeLineItem } from "./remove-line-item.ts";
import { reopenTicket } from "./reopen.ts";
import { requestTicketChange } from "./request-change.ts";
import { rescheduleTicket } from "./reschedule.ts";
import { scheduleTicket } from "./schedule.ts";
import { startTicket } from "./start.ts";
import { tickets } from "./type.ts";
import { updateLineItem } from "./update-line-item.ts";
import { updateTicket } from "./update.ts";
import { ticketReversal, lineItemReversal } from "./reversal.ts";

export const ticketDomain: Domain = {
  domain: "ticket",
  description: "Visits: from the customer's request through booking and work to completed or cancelled",
  noun: "visit",
  actions: [
    createTicket,
    updateTicket,
    assignTicket,
    addLineItem,
    updateLineItem,
    removeLineItem,
    scheduleTicket,
    rescheduleTicket,
    startTicket,
    completeTicket,
    reopenTicket,
    cancelTicket,
    noShowTicket,
    bulkCancelTickets,
    confirmTicket,
    requestTicketChange,
  ],
  types: [tickets],
  reversals: [ticketReversal, lineItemReversal],
};
