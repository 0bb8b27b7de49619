import { renderAuthorization } from "../../../src/api/console/authorizations/page.tsx";
import { renderAudit } from "../../../src/api/console/audit/page.tsx";
import { renderJob } from "../../../src/api/console/jobs/page.tsx";
import { renderRules } from "../../../src/api/console/rules/page.tsx";
import { conflict } from "../../../src/domain/core/errors.ts";
import type { AuditEntry } from "../../../src/domain/engine/audit/entry.ts";
import type { RuleView } from "../../../src/domain/engine/authorization/rules.ts";
import type { AuthorizationView } from "../../../src/domain/engine/authorization/view.ts";
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

describe("the authorization queue", () => {
  it("shows number, customer, reason, reasoning and buttons as in the guide", () => {
    const text = textOf(aQueuePage([anAuthorization(), anAuthorization({ id: "auth_2" })]));
    expect(text).toContain("Model Authorization Queue2 pending");
    expect(text).toMatch(/Delete customer ?2 minutes ago/);
    expect(text).toContain("Customer:Johnson Family");
    expect(text).toContain("Reason:Customer has 15 tickets worth $4,500");
    expect(text).toMatch(/Model's reasoning:.*User confirmed Johnsons moved out of state\./);
    expect(text).toMatch(/Allow Once.*Allow Always.*Deny/);
  });

  it("counts the changes by operation and record type", () => {
    expect(textOf(aQueuePage([anAuthorization()]))).toContain(
      "Will be deleted: 1 contact, 2 addresses, 15 tickets, 15 lines",
    );
  });

  it("shows a text when it is empty", () => {
    expect(textOf(aQueuePage([]))).toContain("No request waits for you");
  });

  it("links to the next page by cursor", () => {
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

describe("the page of an authorization", () => {
  it("sends the view hash and the CSRF token with every decision", () => {
    const forms =
      anAuthorizationPage().match(/<form method="post" action="\/authorizations[\s\S]*?<\/form>/g) ?? [];
    const buttons = forms.map((form) => form.match(/<button type="submit" (?!disabled)/g)?.length);
    expect(buttons).toEqual([1, 4, 1, 1]); // Once, four kinds of Always, Always with other limits, Deny.
    for (const form of forms) {
      expect(form).toContain('action="/authorizations/auth_1/decision"');
      expect(form).toContain('name="view_hash" value="hash-of-what-is-shown"');
      expect(form).toContain('name="_csrf" value="csrf-of-olivia"');
      expect(form.match(/name="decision"/g)).toHaveLength(1);
    }
  });

  it("asks for the password once for all kinds of Always, and lets Enter in it choose none", () => {
    const frame = aFrame();
    const session = { ...frame.session, recent: false };
    const page = renderAuthorization({
      ...frame,
      session,
      authorization: anAuthorization({ destructive: true }),
      job: null,
    });
    const [kinds = ""] = page.match(/<form(?:(?!<\/form>)[^])*class="choices"[^]*?<\/form>/) ?? [];
    expect(kinds.match(/type="password"/g)).toHaveLength(1);
    expect(/<button[^>]*>/.exec(kinds)?.[0]).toContain("disabled");
  });

  describe("says in words what each Allow Always would allow, the narrower ones first", () => {
    const offer = { action: "contact.delete", record_id: null, amount_cents: 450_000, causes: ["data"] };
    const choices = (allow_always: AuthorizationView["allow_always"]) => {
      const [, list = ""] =
        /<ul class="choices">(.*?)<\/ul>/s.exec(anAuthorizationPage({ allow_always })) ?? [];
      return list.split("</li>").slice(0, -1);
    };

    it("for a deletion", () => {
      const may = "Office manager may delete any customer";
      expect(choices(offer).map((item) => textOf(item).trim())).toEqual([
        `${may}, whatever their history, without asking, until Wed, Dec 23, 2026, 12:00 AM CST.Allow for 30 days`,
        `${may}, whatever their history, without asking, 10 times.Allow 10 more times`,
        `${may} whose history was never worth more than $4,500, without asking, from now on.Allow up to $4,500`,
        `${may}, whatever their history, without asking, from now on.Yes, Allow Always`,
      ]);
    });

    it("and submits the fields of its own limits, nothing else", () => {
      const limits = choices({ ...offer, record_id: "contact_1" }).map(
        (item) => / name="limits" value(?:="(.*?)")?/.exec(item)?.[1] ?? "",
      );
      expect(limits).toEqual([
        "until=2026-12-22",
        "max_uses=10",
        "record_id=contact_1",
        "max_amount_cents=4500.00",
        "",
      ]);
    });

    it("for one record, many records and a window; nothing about an unknown amount", () => {
      const causes = ["bulk", "window"];
      const [, , third = "", last = ""] = choices({
        action: "ticket.cancel",
        ...{ record_id: "ticket_9", amount_cents: null, causes },
      }).map(textOf);
      const also = "also more than 5 records at once, also more than 5 within 10 minutes, without asking";
      expect(third).toContain("as long as its history does not grow and nothing is merged into it");
      expect(last).toContain(`may cancel any visit, ${also}, from now on.`);
    });

    it("and that the rest is still asked", () => {
      expect(textOf(anAuthorizationPage())).toContain(
        "You are still asked about more than 5 records at once or more than 5 records removed within 10 minutes.",
      );
    });

    it("or that there is none", () => {
      const html = anAuthorizationPage({ allow_always: null });
      expect(textOf(html)).toContain("This needs a person every time, so there is no Allow Always.");
      expect(html).not.toContain("upgrade_permission");
    });
  });

  it("offers only this record where it stays, and fields for other limits", () => {
    const own = 'type="checkbox" name="record_id"';
    expect(anAuthorizationPage()).not.toContain(own);
    const allow_always = {
      action: "contact.update",
      record_id: "contact_1",
      amount_cents: null,
      causes: ["data"],
    };
    const html = anAuthorizationPage({ allow_always });
    expect(html).toContain(`${own} value="contact_1"`);
    for (const name of ["max_amount_cents", "until", "max_uses"]) expect(html).toContain(`name="${name}"`);
  });

  it("shows column by column what changed in a row that both versions delete", () => {
    const deleted = { record: "contact", operation: "delete" };
    const text = textOf(
      anAuthorizationPage({
        moved: [
          {
            ...{ what: "change", name: "Johnson Family" },
            before: { ...deleted, before: { name: "zz test record" } },
            after: { ...deleted, before: { name: "Johnson Family" } },
          },
          { what: "change", name: "Ticket #4", before: null, after: deleted },
        ],
      }),
    );
    expect(text).toContain("Johnson FamilyNamebefore: zz test record→after: Johnson Family");
    expect(text).toContain("Ticket #4before: nothing→after: to be deleted");
  });

  it("formats facts, amounts and times, and folds long lists", () => {
    const text = textOf(anAuthorizationPage());
    expect(text).toContain("Value$4,500");
    expect(text).toContain("15 tickets to be deleted");
    expect(text).toContain("Show 10 more");
    expect(text).toMatch(/in 3 days \(Wed, Nov 25, 2026, 9:00 AM CST\)/);
  });

  it("shows only the changed columns of an update, before and after", () => {
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

  it("shows what differs from the authorization that it replaced", () => {
    const text = textOf(
      anAuthorizationPage({ moved: [{ what: "fact", name: "tickets", before: 15, after: 16 }] }),
    );
    expect(text).toContain("What changed since it was last shown");
    expect(text).toContain("Ticketsbefore: 15→after: 16");
  });

  it("shows decider, time, note and job status after the decision", () => {
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

  it("links a superseded authorization to its replacement", () => {
    expect(anAuthorizationPage({ status: "superseded", superseded_by: "auth_7" })).toContain(
      'href="/authorizations/auth_7"',
    );
  });

  it("shows the first decider when a decision comes too late", () => {
    const html = renderAuthorization({
      ...aFrame(),
      authorization: anAuthorization({ status: "authorized", decided_by: "Otto Office", decided_at: ago(1) }),
      job: aJob(),
      refused: conflict("This request is already authorized by Otto Office.", "Nothing more to do."),
    });
    expect(textOf(html)).toContain("Already decided by Otto Office, 1 minute ago");
    expect(html).toContain('role="alert"');
  });

  it("asks the person to review a changed view", () => {
    const html = renderAuthorization({
      ...aFrame(),
      authorization: anAuthorization({ view_hash: "new-hash" }),
      job: null,
      refused: conflict("What would happen is not what you were shown.", "Look.", { view: {} }),
    });
    expect(textOf(html)).toContain("The request would now do something else than you were shown.");
    expect(html).toContain('name="view_hash" value="new-hash"');
  });
});

describe("the audit page", () => {
  const audit = (...items: AuditEntry[]) =>
    renderAudit({ ...aFrame(), list: { items, next_cursor: null, total: items.length }, selection: {} });

  it("shows actor, action, reasoning, who allowed it and the changes", () => {
    const text = textOf(audit(anEntry()));
    expect(text).toContain("contact.update");
    expect(text).toContain("Requested by:Office manager (agent), 3 minutes ago");
    expect(text).toContain("Allowed by:the agent's own level");
    expect(text).toMatch(/the model's own words — not checked ?The customer called\./);
    expect(text).toContain("Changed: 1 contact");
    expect(text).toContain("Namebefore: Maria→after: Maria Garcia");
  });

  it("links to the history of the record and of the actor", () => {
    const html = audit(anEntry());
    expect(html).toContain(`href="/audit?entity=${CONTACT}"`);
    expect(html).toContain('href="/audit?actor=agent%3Atoken_1"');
  });

  it("shows a person's reasoning outside the model's box", () => {
    const html = audit(anEntry({ actor: { key: "user:user_1", kind: "owner", name: "Olivia Owner" } }));
    expect(html).not.toContain("model-words");
    expect(textOf(html)).toContain("Why, in their own words:The customer called.");
  });

  it("shows a refused request", () => {
    const text = textOf(audit(aRefusal()));
    expect(text).toContain("POST /api/authorizations/auth_1");
    expect(text).toContain("Refused");
    expect(text).toContain("From:203.0.113.9");
  });

  it("shows who narrowed a rule, with both scopes, and who revoked it", () => {
    const narrowed = textOf(audit(aNarrowing()));
    expect(narrowed).toContain("A rule for contact.delete");
    expect(narrowed).toContain("Done by:Otto Office (office), 5 minutes ago");
    expect(narrowed).toMatch(/Before:no limit ?After:Max amount ?\$4,500/);
    expect(textOf(audit(aNarrowing({ after: null })))).toContain("After:it allows nothing any more");
  });
});

describe("the rules page", () => {
  const rules = (over: Partial<RuleView> = {}) =>
    renderRules({ ...aFrame(), list: { items: [aRule(over)], next_cursor: null, total: 1 } });

  it("shows agent, limits, uses and creator of a rule", () => {
    const scope = { max_amount_cents: 450_000, until: "2026-12-01T06:00:00Z", max_uses: 3 };
    const text = textOf(rules({ scope, uses: 2 }));
    expect(text).toContain("contact.delete");
    expect(text).toContain("For:Office manager");
    expect(text).toContain("up to $4,500 each timeuntil Tue, Dec 1, 2026, 12:00 AM CST3 uses in all, 1 left");
    expect(text).toContain("Used:2 times");
    expect(text).toContain("Allowed by:Olivia Owner");
  });

  it("says in a sentence what a rule allows, and why it ended", () => {
    expect(textOf(rules())).toContain(
      "Office manager may delete any customer, whatever their history, without asking, from now on.",
    );
    const ended = rules({ revoked_at: ago(1), revoked_reason: "Another record was merged into it by job_7" });
    expect(textOf(ended)).toContain("): Another record was merged into it by job_7");
  });

  it("can be limited to the record that it was allowed for, and to no other", () => {
    expect(rules()).not.toContain('name="record_id"');
    expect(rules({ record_id: "contact_1" })).toContain('name="record_id" value="contact_1"');
  });

  it("shows that a rule has no limit", () => {
    expect(textOf(rules({ scope: {} }))).toContain("Reaches:every time, without a limit");
  });

  it("offers narrowing and revoking for a live rule only", () => {
    expect(rules()).toMatch(/action="\/rules\/rule_1\/narrow"[\s\S]*action="\/rules\/rule_1\/revoke"/);
    expect(rules({ revoked_at: ago(1) })).not.toContain('action="/rules');
  });
});

describe("a job's page", () => {
  const page = (undoable: boolean) => renderJob({ ...aFrame(), job: aJob(), entry: anEntry(), undoable });

  it("says what came of it and what its words for times meant", () => {
    const told = {
      outcome: "NOT SENT: e-mail is not set up here; the message stays in the outbox.",
      understood: { scheduled_for: "Friday, January 16, 2026 at 2:00 PM (America/Chicago)" },
    };
    const html = renderJob({ ...aFrame(), job: { ...aJob(), ...told }, entry: anEntry(), undoable: false });
    expect(html).toContain(`<p>${told.outcome}</p>`);
    expect(html).toContain(`<code>scheduled_for</code>:</dt><dd>${told.understood.scheduled_for}</dd>`);
  });

  it("offers undo behind a second click, only for undoable jobs", () => {
    expect(page(true)).toMatch(
      /<details class="undo">[\s\S]*action="\/jobs\/job_1\/undo"[\s\S]*name="_csrf"/,
    );
    expect(page(false)).not.toContain("/undo");
  });

  it("shows what the job changed", () => {
    expect(textOf(page(false))).toContain("Namebefore: Maria→after: Maria Garcia");
  });
});
