import { z } from "zod";
import { idOf } from "../../domain/core/ids.ts";
import type { Crm } from "../../crm/contract.ts";
import { defineRoute, type Route } from "../route.ts";
import { listOf } from "../schema.ts";
import { Audit } from "./answers.ts";
import { pageParameters } from "./parameters.ts";

/** Filters of the audit, here and on its page. */
export const auditQuery = z.strictObject({
  entity: z.string().min(1).max(100).optional(),
  actor: z.string().trim().min(1).max(200).optional(),
  job: idOf("job").optional(),
  ...pageParameters,
});

export const auditRoutes = ({ crm }: { crm: Crm }): Route[] => [
  defineRoute({
    method: "get",
    path: "/api/audit",
    id: "read_audit",
    summary: "Read who did what, when and why, with the values before and after",
    description:
      "Includes refused requests, and who narrowed or revoked a rule. For the owner and the office.",
    for: "people",
    query: auditQuery,
    answer: listOf(Audit),
    handler: ({ principal, query, signal }) => crm.audit(principal, query, signal),
  }),
];
