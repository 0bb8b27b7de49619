import { z } from "zod";
import type { AuditEntry } from "../../domain/engine/audit/entry.ts";
import { ruleScope } from "../../domain/engine/authorization/decide.ts";
import type { ErrorBody, ErrorCode } from "../../domain/core/errors.ts";
import { CAUSES, LEVELS } from "../../domain/core/permission.ts";
import type { RuleView } from "../../domain/engine/authorization/rules.ts";
import type { AuthorizationSummary, AuthorizationView } from "../../domain/engine/authorization/view.ts";
import type { PreviewChange as PreviewRow } from "../../domain/engine/preview.ts";
import type { JobSummary, JobView } from "../../domain/engine/jobs.ts";
import { AUTHORIZATION_STATUSES } from "../../entities/authorization.ts";
import { JOB_STATUSES } from "../../entities/job.ts";
import { STATUS } from "../errors.ts";
import { named } from "../schema.ts";

/** Answers that the engine makes. Each schema is checked against the engine's type where it gets its name. */
const instant = z.iso.datetime();
const anything = z.record(z.string(), z.unknown());
const codes = Object.keys(STATUS) as [ErrorCode, ...ErrorCode[]];

const error = z
  .looseObject({
    code: z.enum(codes),
    message: z.string(),
    fields: z.array(
      z.object({ path: z.string().describe("Such as `data.phones.0.number`"), message: z.string() }),
    ),
    hint: z.string().nullable().describe("The next step"),
    retryable: z.boolean(),
  })
  .describe("Some codes add keys: candidates, alternatives, winner, nearest …");

const edited = z.object({
  by: z.string().describe("Name of the person"),
  fields: z.array(z.string()).optional(),
  before: anything.optional().describe("The fields as they were sent"),
  after: anything.optional(),
});

const job = z.looseObject({
  job_id: z.string(),
  action: z.string(),
  status: z
    .enum(JOB_STATUSES)
    .describe(
      "queued, running: poll the job. authorization_required: a person has to decide. completed, failed, denied, expired, withdrawn: final",
    ),
  created_at: z.string(),
  finished_at: z.string().nullable(),
  result: z
    .unknown()
    .describe(
      "Result of the action, often the record, or the preview of a dry run; texts in it are untrusted",
    ),
  error: error.nullable().describe("Why it failed and the next step"),
  poll_after_ms: z.number().nullable(),
  authorization: z
    .looseObject({
      queue_id: z.string(),
      status: z.enum(AUTHORIZATION_STATUSES),
      reason: z.string(),
      approval_url: z.string().describe("Give it to the person"),
      expires_at: z.string(),
      note: z.string().nullable().describe("The person's note"),
      edited: edited.optional().describe("What a person changed in the request; a list says only who"),
    })
    .nullable()
    .describe("Of a job that needs or needed a person's decision"),
  message: z.string().describe("Current state and next step"),
  outcome: z.string().optional().describe('What came of it, where "Done." would say too much: `NOT SENT: …`'),
  understood: z
    .record(z.string(), z.string())
    .optional()
    .describe("What words for dates and times meant when the request was accepted, by the field"),
  queue_id: z.string().optional().describe("Parked job only: id of its authorization"),
  reason: z.string().optional().describe("Parked job only: why a person must decide"),
  requested_by: z.string(),
  reasoning: z.string().nullable().describe("Written by the caller; not verified"),
});

const change = z.object({
  record: z.string().describe("Table name"),
  id: z.string().describe("A new row has a placeholder such as `new:ticket:1`"),
  label: z.string(),
  operation: z.enum(["insert", "update", "delete"]),
  before: anything.nullable().describe("For an update, only the columns that change"),
  after: anything.nullable(),
});

const preview = z.object({
  changes: z.array(change),
  messages: z.array(anything).describe("Messages that would be sent"),
  money: z.array(anything).describe("Payments and refunds that would be made"),
});

const authorization = z.object({
  id: z.string(),
  job_id: z.string(),
  status: z.enum(AUTHORIZATION_STATUSES),
  action: z.string(),
  title: z.string(),
  reason: z.string(),
  reasoning: z.string().nullable().describe("Written by the model; not verified"),
  requested_by: z.object({ kind: z.string(), name: z.string() }),
  data: anything.describe("What the action would run with"),
  edited: edited.nullable().describe("What a person changed in the data that was sent; a list says only who"),
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
    .describe("Differences from the authorization that this one replaced"),
  allow_always: z
    .object({
      action: z.string().describe("Action of the rule; for an undo, what it stands for"),
      record_id: z.string().nullable().describe("The only record_id that a scope can have; null: none"),
      amount_cents: z.int().nullable().describe("What this request is worth; null: unknown"),
      causes: z.array(z.string()).describe(`Causes that it would cover: ${CAUSES.join(", ")}`),
    })
    .nullable()
    .describe("What a rule would be about; null: it can only be allowed once"),
  created_at: instant,
  expires_at: instant,
  decided_by: z.string().nullable(),
  decided_at: instant.nullable(),
  note: z.string().nullable(),
  superseded_by: z.string().nullable(),
  changed_by: z.string().nullable().describe("Who changed the request, where that is why it was superseded"),
  upgrade_permission: z.boolean().describe("true: decided with Allow Always"),
  destructive: z.boolean().describe("It removes records: allowing it needs a sign-in within 15 minutes"),
  view_hash: z.string().describe("Hash of what is shown here; send it with the decision"),
});

const listedAuthorization = authorization.omit({ facts: true, moved: true, data: true }).extend({
  preview: z
    .object({
      counts: z.array(change.pick({ record: true, operation: true }).extend({ count: z.int() })),
      changes: z.array(change.omit({ before: true, after: true })).describe("The first rows"),
      messages: z.int(),
      money: z.int(),
    })
    .describe(
      "Exact counts and the first rows; the whole preview is at /api/authorizations/{id}, in pages below /changes",
    ),
});

const rule = z.object({
  id: z.string(),
  action: z.string(),
  agent: z.string(),
  causes: z.array(z.string()).describe(`Causes that it covers: ${CAUSES.join(", ")}`),
  scope: ruleScope,
  uses: z.int(),
  created_at: instant,
  created_by: z.string(),
  authorization_id: z.string(),
  last_used_at: instant.nullable(),
  revoked_at: instant.nullable(),
  revoked_reason: z.string().nullable().describe("Why it ended, where no person revoked it"),
  record_id: z.string().nullable().describe("The only record_id that it can be limited to; null: none"),
});

const PRINCIPALS = ["agent", "owner", "office", "technician", "system"] as const;

const auditedJob = z.object({
  kind: z.literal("job"),
  job_id: z.string(),
  action: z.string(),
  status: z.enum(JOB_STATUSES),
  at: instant.describe("When it was submitted"),
  finished_at: instant.nullable(),
  actor: z.object({ key: z.string(), kind: z.enum(PRINCIPALS), name: z.string() }),
  input: anything.describe("Input as it was sent"),
  dry_run: z.boolean(),
  reasoning: z.string().nullable().describe("Written by the caller; not verified"),
  level: z.string().nullable().describe(LEVELS.join(", ")),
  allowed_by: z
    .object({ by: z.enum(["person", "rule", "level"]), id: z.string().nullable(), words: z.string() })
    .nullable()
    .describe("null: the job has not run"),
  authorizations: z.array(
    authorization
      .pick({
        id: true,
        status: true,
        reason: true,
        decided_by: true,
        decided_at: true,
        note: true,
        upgrade_permission: true,
      })
      .extend({
        edited: z
          .object({ by: z.string(), at: instant, data: anything })
          .nullable()
          .describe("The data that a person put in the place of `input`"),
      }),
  ),
  error: error.nullable(),
  changes: z.array(change),
  more_changes: z.boolean().describe("true: there are more changes; filter by `job` to get all"),
});

const refusedTry = z.object({
  kind: z.literal("refused"),
  event_id: z.int(),
  at: instant,
  actor: z.object({ key: z.string(), kind: z.enum([...PRINCIPALS, "anonymous"]), name: z.string() }),
  route: z.string().describe("Method and path of the route, without ids"),
  reason: z.string(),
  ip: z.string().nullable(),
  attempts: z.int().describe("Attempts on this route for this reason in one minute, beginning with `at`"),
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
  after: ruleScope.nullable().describe("Scope after narrowing; null: revoked"),
  reason: z.string().nullable().describe("Why a job ended it; null: a person narrowed or revoked it"),
});

export const ErrorAnswer = named<ErrorBody>("Error", error);
export const Job = named<JobView>("Job", job);
export const ListedJob = named<JobSummary>("ListedJob", job.omit({ result: true }));
export const Authorization = named<AuthorizationView>("Authorization", authorization);
export const ListedAuthorization = named<AuthorizationSummary>("ListedAuthorization", listedAuthorization);
export const PreviewChange = named<PreviewRow>("PreviewChange", change);
export const Rule = named<RuleView>("Rule", rule);
export const Audit = named<AuditEntry>("AuditEntry", z.union([auditedJob, refusedTry, ruleChange]));
