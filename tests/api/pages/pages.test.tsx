import { renderAuthorization } from "../../../src/api/pages/authorization.tsx";
import { renderAudit } from "../../../src/api/pages/audit.tsx";
import { renderJob } from "../../../src/api/pages/job.tsx";
import { renderRules } from "../../../src/api/pages/rules.tsx";
import { conflict } from "../../../src/domain/core/errors.ts";
import type { AuditEntry } from "../../../src/domain/audit/entry.ts";
import type { RuleView } from "../../../src/domain/core/ports.ts";
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
  CONTACT,
} from "./views.ts";

describe("the queue", () => {
  it("looks as in the guide", () => {
    const text = textOf(aQueuePage([anAuthorization(), anAuthorization({ id: "auth_2" })]));
    expect(text).toContain("Model Authorization Queue2 pending");
    expect(text).toMatch(/Delete customer ?2 minutes ago/);
    expect(text).toContain("Customer:Johnson Family");
    expect(text).toContain("Reason:Customer has 15 tickets worth $4,500");
    expect(text).toMatch(/Model's reasoning:.*User confirmed Johnsons moved out of state\./);
    expect(text).toMatch(/Allow Once.*Allow Always.*Deny/);
  });

  it("counts what would change before anybody clicks", () => {
    expect(textOf(aQueuePage([anAuthorization()]))).toContain(
      "Will be deleted: 1 contact, 2 addresses, 15 tickets, 15 lines",
    );
  });

  it("says what it is for when it is empty", () => {
    expect(textOf(aQueuePage([]))).toContain("Nothing waits for you");
  });

  it("leads to the next page by cursor", () => {
    expect(aQueuePage([anAuthorization()], "a/b=")).toContain('href="/authorizations?cursor=a%2Fb%3D"');
  });

  it("offers no decision to a technician", () => {
    const frame = aFrame();
    const html = renderAuthorization({
      ...frame,
      session: { ...frame.session, principal: { kind: "technician", id: "user_3", name: "Tom" } },
      authorization: anAuthorization(),
      job: null,
    });
    expect(html).not.toContain("/decision");
    expect(textOf(html)).toContain("Only the owner and the office decide this.");
  });
});

describe("one authorization", () => {
  it("sends with every decision what was shown and who sent it", () => {
    const forms =
      anAuthorizationPage().match(/<form method="post" action="\/authorizations[\s\S]*?<\/form>/g) ?? [];
    expect(forms).toHaveLength(3);
    for (const form of forms) {
      expect(form).toContain('action="/authorizations/auth_1/decision"');
      expect(form).toContain('name="view_hash" value="hash-of-what-is-shown"');
      expect(form).toContain('name="_csrf" value="csrf-of-olivia"');
      expect(form.match(/name="decision"/g)).toHaveLength(1);
      expect(form.match(/type="submit"/g)).toHaveLength(1);
    }
  });

  it("says how far Allow Always reaches, and lets it be narrowed to the one record", () => {
    const html = anAuthorizationPage();
    expect(textOf(html)).toContain(
      "every contact.delete by agent Office manager, without asking, until you revoke it.",
    );
    expect(html).toMatch(/name="record_id" value="contact_1"/);
    for (const name of ["max_amount_cents", "until", "max_uses"]) expect(html).toContain(`name="${name}"`);
  });

  it("shows facts and lost values as a person reads them", () => {
    const text = textOf(anAuthorizationPage());
    expect(text).toContain("Value$4,500");
    expect(text).toContain("15 tickets to be deleted");
    expect(text).toContain("Show 10 more");
    expect(text).toMatch(/in 3 days \(Wed, Nov 25, 2026, 9:00 AM CST\)/);
  });

  it("shows of an update only the columns that change, before and after", () => {
    const text = textOf(
      anAuthorizationPage({
        preview: {
          changes: [
            {
              record: "ticket",
              id: "ticket_9",
              label: "Ticket #9",
              operation: "update",
              before: { version: 1, window_start: "2026-11-24T15:00:00+00:00", price_cents: 45_050 },
              after: { version: 2, window_start: null, price_cents: 50_000 },
            },
          ],
          messages: [],
          money: [],
        },
      }),
    );
    expect(text).toContain("Window startbefore: Tue, Nov 24, 2026, 9:00 AM CST→after: nothing");
    expect(text).toContain("Pricebefore: $450.50→after: $500");
    expect(text).not.toContain("Version");
  });

  it("shows what moved since the one that it replaces", () => {
    const text = textOf(
      anAuthorizationPage({ moved: [{ what: "fact", name: "tickets", before: 15, after: 16 }] }),
    );
    expect(text).toContain("What moved since it was last shown");
    expect(text).toContain("Ticketsbefore: 15→after: 16");
  });

  it("says after the decision who decided, when and why, and what became of the job", () => {
    const html = renderAuthorization({
      ...aFrame(),
      authorization: anAuthorization({
        status: "denied",
        decided_by: "Olivia Owner",
        decided_at: ago(5),
        note: "They come back in May.",
      }),
      job: aJob({ status: "denied", result: null }),
    });
    expect(textOf(html)).toContain("Denied by Olivia Owner, 5 minutes ago");
    expect(textOf(html)).toContain("They come back in May.");
    expect(textOf(html)).toContain("A person denied it; nothing was changed.");
    expect(html).not.toContain("/decision");
  });

  it("leads from a superseded one to the new one", () => {
    expect(anAuthorizationPage({ status: "superseded", superseded_by: "auth_7" })).toContain(
      'href="/authorizations/auth_7"',
    );
  });

  it("tells who came first when a decision comes too late", () => {
    const html = renderAuthorization({
      ...aFrame(),
      authorization: anAuthorization({ status: "authorized", decided_by: "Otto Office", decided_at: ago(1) }),
      job: aJob(),
      refused: conflict("This request is already authorized by Otto Office.", "Nothing more to do."),
    });
    expect(textOf(html)).toContain("Already decided by Otto Office, 1 minute ago");
    expect(html).toContain('role="alert"');
  });

  it("asks to look again when the view has changed", () => {
    const html = renderAuthorization({
      ...aFrame(),
      authorization: anAuthorization({ view_hash: "new-hash" }),
      job: null,
      refused: conflict("What would happen is not what you were shown.", "Look.", { view: {} }),
    });
    expect(textOf(html)).toContain("What would happen has changed since you looked: look again.");
    expect(html).toContain('name="view_hash" value="new-hash"');
  });
});

describe("the audit", () => {
  const audit = (...items: AuditEntry[]) =>
    renderAudit({ ...aFrame(), list: { items, next_cursor: null, total: items.length }, selection: {} });

  it("says who did what, why, who allowed it, before and after", () => {
    const text = textOf(audit(anEntry()));
    expect(text).toContain("contact.update");
    expect(text).toContain("Asked by:Office manager (agent), 3 minutes ago");
    expect(text).toContain("Allowed by:the agent's own level");
    expect(text).toMatch(/the model's own words — not checked ?The customer called\./);
    expect(text).toContain("Changed: 1 contact");
    expect(text).toContain("Namebefore: Maria→after: Maria Garcia");
  });

  it("leads from what changed to the time line of the record, and from who asked to all they asked", () => {
    const html = audit(anEntry());
    expect(html).toContain(`href="/audit?entity=${CONTACT}"`);
    expect(html).toContain('href="/audit?actor=agent%3Atoken_1"');
  });

  it("sets a person's own words apart from a model's", () => {
    const html = audit(anEntry({ actor: { key: "user:user_1", kind: "owner", name: "Olivia Owner" } }));
    expect(html).not.toContain("model-words");
    expect(textOf(html)).toContain("Why, in their own words:The customer called.");
  });

  it("shows what was refused at the door", () => {
    const text = textOf(audit(aRefusal()));
    expect(text).toContain("POST /api/authorizations/auth_1");
    expect(text).toContain("Refused at the door");
    expect(text).toContain("From:203.0.113.9");
  });

  it("says who narrowed a rule, from what to what, and who revoked it", () => {
    const narrowed = textOf(audit(aNarrowing()));
    expect(narrowed).toContain("A rule for contact.delete");
    expect(narrowed).toContain("Done by:Otto Office (office), 5 minutes ago");
    expect(narrowed).toMatch(/Before:no limit ?After:Max amount ?\$4,500/);
    expect(textOf(audit(aNarrowing({ after: null })))).toContain("After:it allows nothing any more");
  });
});

describe("the rules", () => {
  const rules = (over: Partial<RuleView> = {}) =>
    renderRules({ ...aFrame(), list: { items: [aRule(over)], next_cursor: null, total: 1 } });

  it("says for whom a rule is, how far it reaches, how often it was used and who allowed it", () => {
    const scope = { max_amount_cents: 450_000, until: "2026-12-01T06:00:00Z", max_uses: 3 };
    const text = textOf(rules({ scope, uses: 2 }));
    expect(text).toContain("contact.delete");
    expect(text).toContain("For:Office manager");
    expect(text).toContain("up to $4,500 each timeuntil Tue, Dec 1, 2026, 12:00 AM CST3 uses in all, 1 left");
    expect(text).toContain("Used:2 times");
    expect(text).toContain("Allowed by:Olivia Owner");
  });

  it("says plainly that a rule has no limit", () => {
    expect(textOf(rules({ scope: {} }))).toContain("Reaches:every time, without a limit");
  });

  it("offers to narrow and to revoke a live rule, and neither for a revoked one", () => {
    expect(rules()).toMatch(/action="\/rules\/rule_1\/narrow"[\s\S]*action="\/rules\/rule_1\/revoke"/);
    expect(rules({ revoked_at: ago(1) })).not.toContain('action="/rules');
  });
});

describe("a job's page", () => {
  const page = (undoable: boolean) => renderJob({ ...aFrame(), job: aJob(), entry: anEntry(), undoable });

  it("offers to undo where that is possible, behind a second click", () => {
    expect(page(true)).toMatch(
      /<details class="undo">[\s\S]*action="\/jobs\/job_1\/undo"[\s\S]*name="_csrf"/,
    );
    expect(page(false)).not.toContain("/undo");
  });

  it("shows what the job changed", () => {
    expect(textOf(page(false))).toContain("Namebefore: Maria→after: Maria Garcia");
  });
});
