import type { Domain } from "../core/registry.ts";
import { handleRescheduleRequest } from "./handle-reschedule-request.ts";
import { scheduleAppointment } from "./schedule-appointment.ts";

export const workflowDomain: Domain = {
  domain: "workflow",
  description: "Whole tasks of the office, each in one step: they are tools of their own, too",
  noun: "task",
  actions: [scheduleAppointment, handleRescheduleRequest],
  types: [],
};
