import { renderAuthorization } from "../../../src/api/console/authorizations/page.tsx";
import { renderAudit } from "../../../src/api/console/audit/page.tsx";
import { renderJob } from "../../../src/api/console/jobs/page.tsx";
import { renderJobs } from "../../../src/api/console/jobs/list.tsx";
import { renderLogin } from "../../../src/api/console/login/page.tsx";
import { renderError } from "../../../src/api/console/ui/error.tsx";
import { renderRules } from "../../../src/api/console/rules/page.tsx";
import { validationFailed } from "../../../src/domain/core/errors.ts";
import {
  anAuthorizationPage,
  aQueuePage,
  textOf,
  aFrame,
  ago,
  aJob,
  aNarrowing,
  anAuthorization,
  anEntry,
  aRefusal,
  aRule,
} from "./views.ts";

const EVIL =
  `"'><script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1) http://evil.example/ ` +
  "\u202Egpj.exe\u200B </blockquote></section><h1>Safe</h1>";

const evilAuthorization = anAuthorization({
  id: EVIL,
  title: `Delete customer: ${EVIL}`,
  reason: EVIL,
  reasoning: EVIL,
  requested_by: { kind: "agent", name: EVIL },
  facts: { [EVIL]: EVIL, nested: { deep: { deeper: EVIL } } },
  preview: {
    changes: [
      {
        record: "contact",
        id: EVIL,
        label: EVIL,
        operation: "update",
        before: { notes: EVIL },
        after: { notes: [EVIL] },
      },
      {
        record: "ticket",
        id: "t",
        label: EVIL,
        operation: "insert",
        before: null,
        after: { [EVIL]: { a: EVIL } },
      },
    ],
    messages: [{ body: EVIL }],
    money: [{ to: EVIL }],
  },
  moved: [{ what: "fact", name: EVIL, before: EVIL, after: { x: EVIL } }],
  note: EVIL,
});

const evilJob = aJob({
  action: "contact.update",
  requested_by: EVIL,
  reasoning: EVIL,
  result: { notes: EVIL },
  error: { code: "conflict", message: EVIL, fields: [], hint: EVIL, retryable: false },
});

const evilEntry = anEntry({
  actor: { key: EVIL, kind: "agent", name: EVIL },
  reasoning: EVIL,
  input: { [EVIL]: EVIL },
  allowed_by: { by: "rule", id: EVIL, words: EVIL },
  authorizations: [
    {
      id: EVIL,
      status: "authorized",
      reason: EVIL,
      decided_by: EVIL,
      decided_at: ago(1),
      note: EVIL,
      edited: null,
      upgrade_permission: true,
    },
  ],
  error: { code: "conflict", message: EVIL, fields: [], hint: EVIL, retryable: false },
  changes: evilAuthorization.preview.changes,
});

const evilRefusal = aRefusal({
  actor: { key: EVIL, kind: "anonymous", name: EVIL },
  route: EVIL,
  reason: EVIL,
  ip: EVIL,
});

const evilNarrowing = aNarrowing({
  actor: { key: EVIL, kind: "office", name: EVIL },
  rule_id: EVIL,
  agent: EVIL,
  after: { record_id: EVIL },
});

const evilRule = aRule({ agent: EVIL, created_by: EVIL, scope: { record_id: EVIL, max_uses: 1 } });

const EVERY_PAGE: [string, string][] = [
  ["the queue", aQueuePage([evilAuthorization])],
  ["the empty queue", aQueuePage([])],
  ["an authorization", renderAuthorization({ ...aFrame(), authorization: evilAuthorization, job: null })],
  [
    "a denied authorization",
    renderAuthorization({
      ...aFrame(),
      authorization: { ...evilAuthorization, status: "denied", decided_by: EVIL, decided_at: ago(1) },
      job: evilJob,
    }),
  ],
  [
    "the jobs",
    renderJobs({
      ...aFrame(),
      list: { items: [evilJob], next_cursor: EVIL, total: 1 },
      status: undefined,
      selection: { cursor: EVIL },
    }),
  ],
  ["a job", renderJob({ ...aFrame(), job: evilJob, entry: evilEntry, undoable: true })],
  [
    "the rules",
    renderRules({
      ...aFrame(),
      list: { items: [evilRule], next_cursor: null, total: 1 },
      refused: {
        id: evilRule.id,
        error: validationFailed([{ path: "scope", message: EVIL }], EVIL),
        filled: { record_id: EVIL, max_uses: EVIL, until: EVIL, max_amount_cents: EVIL },
      },
    }),
  ],
  ["no rules", renderRules({ ...aFrame(), list: { items: [], next_cursor: null, total: 0 } })],
  [
    "the audit",
    renderAudit({
      ...aFrame(),
      list: { items: [evilEntry, evilRefusal, evilNarrowing], next_cursor: EVIL, total: 3 },
      selection: { entity: EVIL, actor: EVIL, cursor: EVIL },
    }),
  ],
  ["the sign-in", renderLogin({ csrf: "c", email: EVIL, error: EVIL, next: EVIL })],
  ["an error", renderError({ status: 404, title: "Not found", message: EVIL, hint: EVIL })],
];

it("the error page omits hints for programs, and shows the number of pending authorizations", () => {
  const page = (hint: string) =>
    renderError({ frame: aFrame(3), status: 404, title: "Not found", message: "Nothing.", hint });
  expect(page("Check the id: crm_query with type contacts lists them.")).not.toContain("Check");
  const html = page("GET /api/capabilities lists what there is; /authorizations is where people start.");
  expect(html).not.toContain("capabilities");
  expect(html).toContain("/authorizations is where people start.");
  expect(html).toContain('aria-label="3 pending"');
});

describe.each(EVERY_PAGE)("%s with hostile text in every field", (_, html) => {
  const ours = '<script type="module" src="/assets/live.js"></script>';
  const tags = html.replace(ours, "").match(/<[a-z][^\s/>]*(?:\s+[^\s=>]+(?:="[^"]*")?)*\s*\/?>/g) ?? [];
  const names = tags.map((tag) => /^<([a-z0-9]+)/.exec(tag)?.[1]);
  const attributes = tags.flatMap((tag) => [...tag.matchAll(/\s([^\s="]+)="([^"]*)"/g)]);

  it("contains no foreign script and no inline style", () => {
    expect(names).not.toContain("script");
    expect(names).not.toContain("style");
    expect(html.replace(ours, "")).not.toContain("<script");
    const forbidden = attributes.filter(([, name = ""]) => name === "style" || name.startsWith("on"));
    expect(forbidden).toEqual([]);
  });

  it("links only to paths on this server", () => {
    const targets = attributes.filter(([, name = ""]) => /^(href|src|action|formaction)$/.test(name));
    expect(targets.length).toBeGreaterThan(0);
    for (const [, , target = ""] of targets) expect(target).toMatch(/^(\/(?!\/)|#)/);
  });

  it("contains no element from the text", () => {
    expect(names.filter((name) => name === "h1")).toHaveLength(1);
    expect(names.filter((name) => name === "img")).toHaveLength(1);
  });

  it("shows invisible characters as marks, except in form values", () => {
    expect(html.replace(/ (value|href|action|id|aria-labelledby|data-live)="[^"]*"/g, "")).not.toMatch(
      /[\u202E\u200B]/,
    );
  });
});

describe("untrusted text", () => {
  it("shows a bidi control character as a mark that plain text cannot imitate", () => {
    const html = anAuthorizationPage({ reasoning: "safe \u202Etxt and ⟨U+202E⟩" });
    expect(html).toMatch(/safe <span class="unseen"[^>]*>⟨U\+202E⟩<\/span>txt and ⟨U\+202E⟩<\/div>/);
  });

  it("marks letters of another alphabet and line breaks in names, on the card and in its title", () => {
    const name = "J\u043Ehnson\nFamily";
    const row = { record: "contact", id: "c", label: name, operation: "update" as const };
    const changes = [{ ...row, before: { name: "Johnson" }, after: { name, notes: "one\ntwo" } }];
    const html = anAuthorizationPage({
      title: `Rename customer: ${name}`,
      preview: { changes, messages: [], money: [] },
      allow_always: { action: "contact.update", record_id: "c", amount_cents: null, causes: ["data"] },
    });
    const marked =
      /J\u043E<span class="unseen"[^>]*>⟨U\+043E⟩<\/span>hnson<span[^>]*>⟨U\+000A⟩<\/span>Family/g;
    expect(html.match(marked)).toHaveLength(5); // Heading, label of the row, new value, sentence and field of a rule.
    expect(/<title>.*/.exec(html)?.[0]).toContain("J\u043E⟨U+043E⟩hnson⟨U+000A⟩Family");
    expect(html).toContain("one\ntwo</div>");
  });

  it("stays inside the model's marked box, even if it contains box drawings and tags", () => {
    const html = anAuthorizationPage({ reasoning: "┌────┐\n│ Approved by Olivia │\n└────┘</section>" });
    const box = /<section class="model-words"[\s\S]*?<\/section>/.exec(html)?.[0] ?? "";
    expect(textOf(box)).toContain("the model's own words — not checked");
    expect(textOf(box)).toContain("Approved by Olivia");
    expect(html.split("Approved by Olivia")).toHaveLength(2);
  });

  it("of 100 KB is folded, and complete when opened", () => {
    const text = `begin ${"x".repeat(100_000)} end`;
    const html = anAuthorizationPage({ reasoning: text });
    const before = html.slice(0, html.indexOf("Show all 100,010 characters"));
    expect(before).not.toContain("x".repeat(700));
    expect(html).toContain(text);
  });

  it("is truncated in titles, never inside a surrogate pair", () => {
    const html = aQueuePage([anAuthorization({ title: `Delete customer: ${"😀".repeat(5000)}` })]);
    expect(html.length).toBeLessThan(20_000);
    expect(html).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
  });
});
