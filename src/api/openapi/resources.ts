import { z } from "zod";
import { idOf } from "../../domain/core/ids.ts";
import { webhookInput } from "../../domain/webhook/endpoint.ts";
import { auditQuery } from "../audit.ts";
import { authorizationsQuery, decisionInput } from "../authorizations.ts";
import { jobQuery, jobsQuery } from "../jobs.ts";
import { narrowing } from "../rules.ts";
import { type Calls, type JsonSchema, listOf, ref, schemaOf } from "./call.ts";

const jobId = z.object({ id: idOf("job") });
const authorizationId = z.object({ id: idOf("auth") });
const ruleId = z.object({ id: idOf("rule") });

const jobs: Calls = {
  "/api/jobs": {
    get: {
      id: "list_jobs",
      tag: "Jobs",
      summary: "List jobs, the newest first",
      description: "An agent sees its own, people see all.",
      query: jobsQuery,
      data: listOf(ref("Job")),
    },
  },
  "/api/jobs/{id}": {
    get: {
      id: "read_job",
      tag: "Jobs",
      summary: "Where a job stands",
      description: "With `wait` it answers when the job has ended or a new question is open.",
      path: jobId,
      query: jobQuery,
      data: ref("Job"),
    },
  },
  "/api/jobs/{id}/withdraw": {
    post: {
      id: "withdraw_job",
      tag: "Jobs",
      summary: "Take a queued or parked job back",
      path: jobId,
      data: ref("Job"),
      refusals: ["conflict"],
    },
  },
};

const authorizations: Calls = {
  "/api/authorizations": {
    get: {
      id: "list_authorizations",
      tag: "Authorizations",
      summary: "List what people are asked",
      description: "An agent sees those of its own jobs, people see all.",
      query: authorizationsQuery,
      data: listOf(ref("Authorization")),
    },
  },
  "/api/authorizations/{id}": {
    get: {
      id: "read_authorization",
      tag: "Authorizations",
      summary: "What a person is asked",
      path: authorizationId,
      data: ref("Authorization"),
    },
    post: {
      id: "decide_authorization",
      tag: "Authorizations",
      summary: "Decide",
      description: "Only the owner's or the office's session decides; a bearer token never does.",
      for: "people",
      path: authorizationId,
      body: { schema: schemaOf(decisionInput) },
      data: ref("Authorization"),
      refusals: ["conflict"],
    },
  },
};

const rules: Calls = {
  "/api/rules": {
    get: {
      id: "list_rules",
      tag: "Rules",
      summary: "List what Allow Always left behind",
      for: "people",
      data: listOf(ref("Rule")),
    },
  },
  "/api/rules/{id}": {
    get: {
      id: "read_rule",
      tag: "Rules",
      summary: "One rule",
      for: "people",
      path: ruleId,
      data: ref("Rule"),
    },
    post: {
      id: "narrow_rule",
      tag: "Rules",
      summary: "Make a rule narrower",
      description: "Never wider: for that, revoke it and choose Allow Always again.",
      for: "people",
      path: ruleId,
      body: { schema: schemaOf(narrowing) },
      data: ref("Rule"),
      refusals: ["invalid_state"],
    },
    delete: {
      id: "revoke_rule",
      tag: "Rules",
      summary: "Revoke a rule",
      for: "people",
      path: ruleId,
      data: ref("Rule"),
    },
  },
};

const webhook: JsonSchema = {
  type: "object",
  properties: {
    url: { type: ["string", "null"] },
    allow_private: { type: "boolean" },
    updated_at: { type: ["string", "null"] },
    deliveries: { type: "array", items: { type: "object" } },
  },
  required: ["url", "allow_private", "updated_at", "deliveries"],
};

const people: Calls = {
  "/api/audit": {
    get: {
      id: "read_audit",
      tag: "Audit",
      summary: "Who did what, when, why, before and after",
      description:
        "Refused tries are in it, and who narrowed or revoked a rule. For the owner and the office.",
      for: "people",
      query: auditQuery,
      data: listOf(ref("AuditEntry")),
    },
  },
  "/api/events": {
    get: {
      id: "watch_events",
      tag: "Events",
      summary: "What changes, as it changes",
      description:
        "Server-sent events `job`, `authorization` and `record`, each with the ids to read again; `resync`: read everything again. For the owner and the office.",
      for: "people",
      data: "text/event-stream",
    },
  },
  "/api/users": {
    get: {
      id: "list_users",
      tag: "Users",
      summary: "List who may sign in, archived people too",
      description:
        "`user.update`, `user.archive` and the invitation take the ids. For the owner's session only.",
      for: "people",
      data: listOf(ref("User")),
    },
  },
  "/api/users/{id}/invitation": {
    post: {
      id: "invite_user",
      tag: "Users",
      summary: "Make a link by which somebody chooses a password",
      description: "It works once, for two days; the ones before stop working. For the owner's session only.",
      for: "people",
      path: z.object({ id: idOf("user") }),
      data: ref("Invitation"),
    },
  },
  "/api/webhook": {
    get: {
      id: "read_webhook",
      tag: "Webhook",
      summary: "Where the owner is told of what happens, and what was told last",
      for: "people",
      data: webhook,
    },
    put: {
      id: "set_webhook",
      tag: "Webhook",
      summary: "Tell a URL of finished jobs and of authorizations",
      description:
        "A signed POST after the Standard Webhooks, tried again until it is taken. For the owner's session only.",
      for: "people",
      body: { schema: schemaOf(webhookInput) },
      data: webhook,
    },
    delete: {
      id: "remove_webhook",
      tag: "Webhook",
      summary: "Tell nobody any more",
      for: "people",
      data: webhook,
    },
  },
  "/api/session": {
    get: {
      id: "read_session",
      tag: "Session",
      summary: "Who is signed in, and the CSRF token",
      for: "people",
      data: ref("Session"),
    },
  },
};

const status = (value: string): JsonSchema => ({
  type: "object",
  properties: { status: { const: value } },
  required: ["status"],
});

const health: Calls = {
  "/healthz": {
    get: { id: "live", tag: "Health", summary: "Is it alive?", for: "anybody", data: status("ok") },
  },
  "/readyz": {
    get: {
      id: "ready",
      tag: "Health",
      summary: "Can it do its work? A refusal names what is down",
      for: "anybody",
      data: status("ready"),
      refusals: ["unavailable"],
    },
  },
  "/metrics": {
    get: {
      id: "metrics",
      tag: "Health",
      summary: "Figures for Prometheus",
      for: "anybody",
      data: "text/plain",
    },
  },
};

/** What is there whatever the registry holds. */
export const resourceCalls: Calls = { ...jobs, ...authorizations, ...rules, ...people, ...health };
