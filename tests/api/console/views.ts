import { renderAuthorization } from "../../../src/api/console/authorizations/page.tsx";
import { renderAuthorizations } from "../../../src/api/console/authorizations/list.tsx";
import type { JobEntry, RefusedEntry, RuleEntry } from "../../../src/domain/engine/audit/entry.ts";
import type { RuleView } from "../../../src/domain/engine/authorization/rules.ts";
import type {
  AuthorizationSummary,
  AuthorizationView,
} from "../../../src/domain/engine/authorization/view.ts";
import type { PreviewChange } from "../../../src/domain/engine/preview.ts";
import type { JobView } from "../../../src/domain/engine/jobs.ts";
import { countsOf } from "../../../src/api/console/ui/preview.tsx";
import { pages } from "../../../src/api/console/index.ts";
import { navigationOf } from "../../../src/api/console/page.ts";
import type { Frame } from "../../../src/api/console/ui/layout.tsx";

export const NOW = new Date("2026-11-22T15:00:00Z");
export const ago = (minutes: number): string => new Date(NOW.getTime() - minutes * 60_000).toISOString();

/** A page for the owner, at NOW, in Chicago. */
export const aFrame = (pending = 2): Frame => ({
  navigation: navigationOf(pages, { kind: "owner", id: "user_1", name: "Olivia Owner" }),
  session: {
    id: "session_1",
    principal: { kind: "owner", id: "user_1", name: "Olivia Owner" },
    recent: true,
    csrfToken: "csrf-of-olivia",
  },
  pending,
  now: NOW,
  zone: "America/Chicago",
  currency: "USD",
});

const deletions = (record: string, count: number, label: (n: number) => string): PreviewChange[] =>
  Array.from({ length: count }, (_, n) => ({
    record,
    id: `${record}_${n + 1}`,
    label: label(n + 1),
    operation: "delete",
    before: { id: `${record}_${n + 1}`, version: 1, status: "completed", total_cents: 30000, notes: null },
    after: null,
  }));

/** The guide's example: the Johnsons with 15 tickets worth $4,500. */
export const anAuthorization = (over: Partial<AuthorizationView> = {}): AuthorizationView => ({
  id: "auth_1",
  job_id: "job_1",
  status: "pending",
  action: "contact.delete",
  title: "Delete customer: Johnson Family",
  reason: "Customer has 15 tickets worth $4,500",
  reasoning: "User confirmed Johnsons moved out of state.",
  requested_by: { kind: "agent", name: "Office manager" },
  data: { id: "contact_1" },
  edited: null,
  facts: { tickets: 15, value_cents: 450_000 },
  preview: {
    changes: [
      ...deletions("contact", 1, () => "Johnson Family"),
      ...deletions("address", 2, (n) => `Address ${n}`),
      ...deletions("ticket", 15, (n) => `Ticket #${n}`),
      ...deletions("line_item", 15, () => "Window cleaning"),
    ],
    messages: [],
    money: [],
  },
  moved: [],
  allow_always: { action: "contact.delete", record_id: null, amount_cents: 450_000, causes: ["data"] },
  created_at: ago(2),
  expires_at: ago(-3 * 24 * 60),
  decided_by: null,
  decided_at: null,
  note: null,
  superseded_by: null,
  changed_by: null,
  upgrade_permission: false,
  destructive: true,
  view_hash: "hash-of-what-is-shown",
  ...over,
});

/** As a list shows it: with counts and the first rows in place of the whole preview. */
export function listed({ preview, ...rest }: AuthorizationView): AuthorizationSummary {
  const first = preview.changes.slice(0, 3);
  const changes = first.map(({ record, id, label, operation }) => ({ record, id, label, operation }));
  return { ...rest, preview: { ...countsOf(preview), changes } };
}

export const aJob = (over: Partial<JobView> = {}): JobView => ({
  job_id: "job_1",
  action: "contact.delete",
  status: "completed",
  created_at: ago(3),
  finished_at: ago(1),
  result: { id: "contact_1" },
  error: null,
  poll_after_ms: null,
  authorization: null,
  message: "Done.",
  requested_by: "Office manager",
  reasoning: "User asked.",
  ...over,
});

export const CONTACT = "contact_01kb2m6x8efh5rt3zqk9w7ycd4";

/** A completed update of a customer's name by the agent. */
export const anEntry = (over: Partial<JobEntry> = {}): JobEntry => ({
  kind: "job",
  job_id: "job_1",
  action: "contact.update",
  status: "completed",
  at: ago(3),
  finished_at: ago(3),
  actor: { key: "agent:token_1", kind: "agent", name: "Office manager" },
  input: { id: CONTACT, name: "Maria Garcia" },
  dry_run: false,
  reasoning: "The customer called.",
  level: "unrestricted",
  allowed_by: { by: "level", id: null, words: "the agent's own level" },
  authorizations: [],
  error: null,
  changes: [
    {
      record: "contact",
      id: CONTACT,
      label: "Maria",
      operation: "update",
      before: { name: "Maria", version: 1 },
      after: { name: "Maria Garcia", version: 2 },
    },
  ],
  more_changes: false,
  ...over,
});

export const aRefusal = (over: Partial<RefusedEntry> = {}): RefusedEntry => ({
  kind: "refused",
  event_id: 7,
  at: ago(4),
  actor: { key: "agent:token_1", kind: "agent", name: "Office manager" },
  route: "POST /api/authorizations/auth_1",
  reason: "an agent's token where only people may go",
  ip: "203.0.113.9",
  attempts: 1,
  ...over,
});

/** The office narrowed a rule. */
export const aNarrowing = (over: Partial<RuleEntry> = {}): RuleEntry => ({
  kind: "rule",
  change_id: 1,
  at: ago(5),
  actor: { key: "user:user_2", kind: "office", name: "Otto Office" },
  rule_id: "rule_1",
  action: "contact.delete",
  agent: "Office manager",
  before: {},
  after: { max_amount_cents: 450_000 },
  reason: null,
  ...over,
});

export const aRule = (over: Partial<RuleView> = {}): RuleView => ({
  id: "rule_1",
  action: "contact.delete",
  agent: "Office manager",
  causes: ["data"],
  scope: {},
  uses: 0,
  created_at: ago(60),
  created_by: "Olivia Owner",
  authorization_id: "auth_1",
  last_used_at: null,
  revoked_at: null,
  revoked_reason: null,
  record_id: null,
  ...over,
});

export const anAuthorizationPage = (over: Partial<AuthorizationView> = {}) =>
  renderAuthorization({ ...aFrame(), authorization: anAuthorization(over), job: null });

export const aQueuePage = (items: AuthorizationView[], next_cursor: string | null = null) =>
  renderAuthorizations({
    ...aFrame(items.length),
    list: { items: items.map(listed), next_cursor, total: items.length },
    status: "pending",
    selection: {},
  });

/** The text of a page: without tags, with entities decoded. */
export const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");
