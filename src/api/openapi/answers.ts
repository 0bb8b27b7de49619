import { z } from "zod";
import type { AuditEntry } from "../../domain/audit/entry.ts";
import { ruleScope } from "../../domain/authorization/decide.ts";
import type { ErrorBody, ErrorCode } from "../../domain/core/errors.ts";
import { jobSchema } from "../../domain/core/job-schema.ts";
import { CAUSES, LEVELS } from "../../domain/core/permission.ts";
import type { AuthorizationView, JobView, Preview, RuleView } from "../../domain/core/ports.ts";
import { AUTHORIZATION_STATUSES } from "../../entities/authorization.ts";
import { JOB_STATUSES } from "../../entities/job.ts";
import { STATUS } from "../errors.ts";
import type { InvitationLink } from "../invitations.ts";
import type { UserView } from "../users.ts";
import { type JsonSchema, ref, schemaOf } from "./call.ts";

/** What comes back. `satisfies` holds each schema to what the CRM really answers. */

const instant = z.iso.datetime();
const anything = z.record(z.string(), z.unknown());
const codes = Object.keys(STATUS) as [ErrorCode, ...ErrorCode[]]; // A record's keys, which TypeScript calls strings.

const error = z
  .looseObject({
    code: z.enum(codes),
    message: z.string(),
    fields: z.array(z.object({ path: z.string().describe("`data.phones.0.number`"), message: z.string() })),
    hint: z.string().nullable().describe("The next step"),
    retryable: z.boolean(),
  })
  .describe(
    "Beside these, where the code has them: candidates, alternatives, winner, nearest …",
  ) satisfies z.ZodType<ErrorBody>;

const job = jobSchema.extend({
  result: jobSchema.shape.result.unwrap(),
  error: error.nullable(),
  queue_id: z.string().optional().describe("Of a parked job: its authorization's id"),
  reason: z.string().optional().describe("Of a parked job: why a person has to agree"),
  requested_by: z.string(),
  reasoning: z.string().nullable().describe("The caller's own words: unverified"),
}) satisfies z.ZodType<JobView>;

const change = z.object({
  record: z.string().describe("Table name"),
  id: z.string().describe("`new:ticket:1` for a row that the run would make"),
  label: z.string(),
  operation: z.enum(["insert", "update", "delete"]),
  before: anything.nullable().describe("For an update only the columns that change"),
  after: anything.nullable(),
});

const preview = z.object({
  changes: z.array(change),
  messages: z.array(anything).describe("What would go out"),
  money: z.array(anything).describe("What would be paid or refunded"),
}) satisfies z.ZodType<Preview>;

const authorization = z.object({
  id: z.string(),
  job_id: z.string(),
  status: z.enum(AUTHORIZATION_STATUSES),
  action: z.string(),
  title: z.string(),
  reason: z.string(),
  reasoning: z.string().nullable().describe("The model's own words: unverified"),
  requested_by: z.object({ kind: z.string(), name: z.string() }),
  facts: anything,
  preview,
  moved: z
    .array(
      z.object({
        what: z.enum(["fact", "change"]),
        name: z.string(),
        before: z.unknown(),
        after: z.unknown(),
      }),
    )
    .describe("What differs from the question that this one replaced"),
  created_at: instant,
  expires_at: instant,
  decided_by: z.string().nullable(),
  decided_at: instant.nullable(),
  note: z.string().nullable(),
  superseded_by: z.string().nullable(),
  upgrade_permission: z.boolean().describe("Allow Always"),
  view_hash: z.string().describe("Covers what is shown here; send it back with the decision"),
}) satisfies z.ZodType<AuthorizationView>;

const rule = z.object({
  id: z.string(),
  action: z.string(),
  agent: z.string(),
  causes: z.array(z.string()).describe(`What it lowers: ${CAUSES.join(", ")}`),
  scope: ruleScope,
  uses: z.int(),
  created_at: instant,
  created_by: z.string(),
  authorization_id: z.string(),
  last_used_at: instant.nullable(),
  revoked_at: instant.nullable(),
}) satisfies z.ZodType<RuleView>;

const PRINCIPALS = ["agent", "owner", "office", "technician", "system"] as const;

const auditedJob = z.object({
  kind: z.literal("job"),
  job_id: z.string(),
  action: z.string(),
  status: z.enum(JOB_STATUSES),
  at: instant.describe("When it was asked"),
  finished_at: instant.nullable(),
  actor: z.object({ key: z.string(), kind: z.enum(PRINCIPALS), name: z.string() }),
  input: anything.describe("What was asked, as it was sent"),
  dry_run: z.boolean(),
  reasoning: z.string().nullable().describe("The caller's own words: unverified"),
  level: z.string().nullable().describe(LEVELS.join(", ")),
  allowed_by: z
    .object({ by: z.enum(["person", "rule", "level"]), id: z.string().nullable(), words: z.string() })
    .nullable()
    .describe("null: it has not happened"),
  authorizations: z.array(
    authorization.pick({
      id: true,
      status: true,
      reason: true,
      decided_by: true,
      decided_at: true,
      note: true,
      upgrade_permission: true,
    }),
  ),
  error: error.nullable(),
  changes: z.array(change),
  more_changes: z.boolean().describe("More than a list shows; asked for by `job` all of them come"),
});

const refusedTry = z.object({
  kind: z.literal("refused"),
  event_id: z.int(),
  at: instant,
  actor: z.object({ key: z.string(), kind: z.enum([...PRINCIPALS, "anonymous"]), name: z.string() }),
  route: z.string().describe("The path is the caller's own text"),
  reason: z.string(),
  ip: z.string().nullable(),
});

const ruleChange = z.object({
  kind: z.literal("rule"),
  change_id: z.int(),
  at: instant,
  actor: z.object({ key: z.string(), kind: z.enum(PRINCIPALS), name: z.string() }),
  rule_id: z.string(),
  action: z.string(),
  agent: z.string(),
  before: ruleScope,
  after: ruleScope.nullable().describe("Narrowed to this; null: revoked"),
});

const auditEntry = z.union([auditedJob, refusedTry, ruleChange]) satisfies z.ZodType<AuditEntry>;

const tool = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  inputSchema: anything,
  outputSchema: anything,
  annotations: z.record(z.string(), z.boolean()),
});

const user = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(["owner", "office", "technician"]),
  active: z.boolean().describe("false: archived, signs in no more"),
  has_password: z.boolean().describe("false: somebody who was never invited, or has not chosen one yet"),
}) satisfies z.ZodType<UserView>;

const invitation = z.object({
  url: z.string(),
  expires_at: instant,
}) satisfies z.ZodType<InvitationLink>;

const session = z.object({
  user: z.object({ id: z.string(), email: z.string(), name: z.string(), role: z.string() }),
  csrf_token: z.string().describe("Send it as X-CSRF-Token with whatever changes something"),
});

const capabilities = z.object({
  version: z.literal("1.0"),
  domains: z.array(
    z.object({
      domain: z.string(),
      description: z.string(),
      actions: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          permission: z.enum(LEVELS),
          raised_when: z.string().optional(),
          parameters: anything.describe("JSON Schema 2020-12"),
          example: z.unknown(),
        }),
      ),
    }),
  ),
  data_types: z.array(
    z.object({
      type: z.string(),
      description: z.string(),
      filters: z.array(z.string()),
      includes: z.array(z.string()),
      sort: z.array(z.string()),
      fields: z.array(z.string()),
      filter_details: z.record(z.string(), z.string()),
    }),
  ),
});

const today = z
  .object({ date: z.string(), weekday: z.string(), zone: z.string() })
  .describe("What day it is for the business");

const ANSWERS: Readonly<Record<string, z.ZodType>> = {
  Error: error,
  Job: job,
  Authorization: authorization,
  Rule: rule,
  AuditEntry: auditEntry,
  Tool: tool,
  User: user,
  Invitation: invitation,
  Session: session,
  Capabilities: capabilities,
  Today: today,
};

/** Every answer under its name, and the refusal that stands in for any of them. */
export const answerSchemas = (): Record<string, JsonSchema> => ({
  ...Object.fromEntries(Object.entries(ANSWERS).map(([name, type]) => [name, schemaOf(type, "output")])),
  Refusal: {
    type: "object",
    properties: { success: { const: false }, error: ref("Error") },
    required: ["success", "error"],
  },
});
