import { useContext } from "preact/hooks";
import type { CrmError } from "../../../domain/core/errors.ts";
import { formatMoney } from "../../../domain/core/money.ts";
import type { RuleView } from "../../../domain/engine/authorization/rules.ts";
import type { List } from "../../../domain/query/list.ts";
import { authorizationPath } from "../authorizations/list.tsx";
import type { DecisionFields } from "../authorizations/form.ts";
import { Limits } from "../authorizations/always.tsx";
import { RuleSentence } from "../ui/rule-sentence.tsx";
import { Csrf, type Frame, Layout, Notice, type Session, toHtml } from "../ui/layout.tsx";
import { link } from "../ui/lists.tsx";
import { Untrusted, UntrustedBlock } from "../ui/text.tsx";
import { AgoAndTime, LocalTime, SettingContext } from "../ui/time.tsx";
import { Item } from "../ui/values.tsx";

const rulePath = (id: string): string => `/rules/${encodeURIComponent(id)}`;

const CAUSES: Record<string, string> = {
  data: "what the records say",
  bulk: "many records at once",
  window: "many records within minutes",
};

/** The rule's limits. */
function Reach({ rule: { scope, uses } }: { rule: RuleView }) {
  const { currency } = useContext(SettingContext);
  const { record_id, max_amount_cents, until, max_uses } = scope;
  if (Object.keys(scope).length === 0) return <>every time, without a limit</>;
  return (
    <ul class="counts">
      {record_id !== undefined && (
        <li>
          only for{" "}
          <a href={link("/audit", { entity: record_id })}>
            <Untrusted text={record_id} />
          </a>
        </li>
      )}
      {max_amount_cents !== undefined && <li>up to {formatMoney(max_amount_cents, currency)} each time</li>}
      {until !== undefined && (
        <li>
          until <LocalTime at={until} />
        </li>
      )}
      {max_uses !== undefined && (
        <li>
          {max_uses} {max_uses === 1 ? "use" : "uses"} in all, {Math.max(0, max_uses - uses)} left
        </li>
      )}
    </ul>
  );
}

function Facts({ rule }: { rule: RuleView }) {
  const { id, agent, causes, uses, last_used_at, created_by, created_at, authorization_id } = rule;
  const { revoked_at, revoked_reason } = rule;
  return (
    <dl class="facts">
      <Item name="For">
        <Untrusted text={agent} />
      </Item>
      <Item name="Reaches">
        <Reach rule={rule} />
      </Item>
      <Item name="Spares">a question about {causes.map((cause) => CAUSES[cause] ?? cause).join(", ")}</Item>
      <Item name="Used">
        {uses === 1 ? "once" : `${uses} times`}
        {last_used_at && (
          <>
            , last <AgoAndTime at={last_used_at} />
          </>
        )}
      </Item>
      <Item name="Allowed by">
        <Untrusted text={created_by} />, <AgoAndTime at={created_at} />,{" "}
        <a href={authorizationPath(authorization_id)}>on this request</a>
      </Item>
      {revoked_at && (
        <Item name="Revoked">
          <AgoAndTime at={revoked_at} />
          {revoked_reason !== null && (
            <>
              {": "}
              <Untrusted text={revoked_reason} />
            </>
          )}
        </Item>
      )}
      <Item name="Since then">
        <a href={link("/audit", { entity: id })}>who narrowed or revoked it</a>
      </Item>
    </dl>
  );
}

interface Refused {
  id: string;
  error: CrmError;
  filled: DecisionFields;
}

function Narrow({
  rule,
  session,
  refused,
}: {
  rule: RuleView;
  session: Session;
  refused: Refused | undefined;
}) {
  const { currency } = useContext(SettingContext);
  const { record_id, max_amount_cents, max_uses } = rule.scope;
  const amount =
    max_amount_cents === undefined ? "no limit" : `now ${formatMoney(max_amount_cents, currency)}`;
  return (
    <details open={refused !== undefined}>
      <summary class="button">Narrow…</summary>
      <form method="post" action={`${rulePath(rule.id)}/narrow`} class="stack panel">
        <Csrf session={session} />
        <fieldset>
          <legend>Allow less than now (leave empty to keep a limit)</legend>
          {record_id === undefined && rule.record_id !== null && (
            <label class="check">
              <input
                type="checkbox"
                name="record_id"
                value={rule.record_id}
                checked={!!refused?.filled["record_id"]}
              />
              <span>
                Only for <Untrusted text={rule.record_id} />, the record that it was allowed for
              </span>
            </label>
          )}
          <Limits
            filled={refused?.filled}
            placeholders={{ amount, uses: max_uses === undefined ? "no limit" : `now ${max_uses}` }}
          />
        </fieldset>
        <button type="submit">Narrow this rule</button>
      </form>
    </details>
  );
}

const Revoke = ({ rule, session }: { rule: RuleView; session: Session }) => (
  <form method="post" action={`${rulePath(rule.id)}/revoke`}>
    <Csrf session={session} />
    <button type="submit" class="refuse">
      Revoke
    </button>
  </form>
);

const Card = ({
  rule,
  session,
  refused,
}: {
  rule: RuleView;
  session: Session;
  refused: Refused | undefined;
}) => (
  <article class="card panel" aria-labelledby={rule.id}>
    <header>
      <h2 id={rule.id} class="plain">
        <code>{rule.action}</code>
      </h2>
      <span class={`badge ${rule.revoked_at ? "over" : "good"}`}>{rule.revoked_at ? "Revoked" : "Live"}</span>
    </header>
    <p>
      <RuleSentence {...rule} />
    </p>
    <Facts rule={rule} />
    {!rule.revoked_at && (
      <div class="acts">
        <Narrow rule={rule} session={session} refused={refused} />
        <Revoke rule={rule} session={session} />
      </div>
    )}
  </article>
);

export interface RulesPage extends Frame {
  list: List<RuleView>;
  /** Why the rule was not narrowed, and the form as it was filled in. */
  refused?: Refused;
}

export function renderRules({ list, refused, ...frame }: RulesPage): string {
  const { session } = frame;
  const inOrder = [...list.items].sort((one, other) => Number(!!one.revoked_at) - Number(!!other.revoked_at));
  return toHtml(
    <Layout title="Rules" frame={frame} here="/rules">
      {refused && (
        <Notice>
          <UntrustedBlock text={refused.error.message} />
          {refused.error.body.hint && <UntrustedBlock text={refused.error.body.hint} />}
        </Notice>
      )}
      <div class="heading">
        <h1>Rules</h1>
      </div>
      <p class="quiet">
        What Allow Always left behind: an agent does this without asking. A rule can be narrowed or revoked,
        never widened.
      </p>
      {inOrder.length === 0 && (
        <p class="empty panel">There are no rules: every action that needs a person asks every time.</p>
      )}
      {inOrder.map((rule) => (
        <Card
          key={rule.id}
          rule={rule}
          session={session}
          refused={refused?.id === rule.id ? refused : undefined}
        />
      ))}
    </Layout>,
    frame,
  );
}
