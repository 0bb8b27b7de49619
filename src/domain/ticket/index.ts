import type { Domain } from "../core/registry.ts";
import { addLineItem } from "./add-line-item.ts";
import { bulkCancelTickets } from "./bulk-cancel.ts";
import { cancelTicket } from "./cancel.ts";
import { completeTicket } from "./complete.ts";
import { createTicket } from "./create.ts";
import { scheduleTicket } from "./schedule.ts";
import { startTicket } from "./start.ts";
import { tickets } from "./type.ts";

export const ticketDomain: Domain = {
  domain: "ticket",
  description: "Visits: from a customer's wish through booking and work to done or cancelled",
  noun: "visit",
  actions: [
    createTicket,
    addLineItem,
    scheduleTicket,
    startTicket,
    completeTicket,
    cancelTicket,
    bulkCancelTickets,
  ],
  types: [tickets],
};
