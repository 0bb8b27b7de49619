import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { mayDecide } from "../../domain/core/principal.ts";
import type { AuthorizationView } from "../../domain/core/ports.ts";
import type { DecisionFields } from "./decision-form.ts";
import { Csrf, type Session } from "./layout.tsx";
import { Untrusted } from "./text.tsx";
import { SettingContext } from "./time.tsx";

interface Props {
  authorization: AuthorizationView;
  session: Session;
  /** What was filled in before it was refused. */
  filled?: DecisionFields;
  /** On a card of the list: shorter. */
  brief?: boolean;
}

function DecisionForm(
  props: Pick<Props, "authorization" | "session"> & {
    decision: "authorized" | "denied";
    class: string;
    children: ComponentChildren;
  },
) {
  const { id, view_hash } = props.authorization;
  return (
    <form method="post" action={`/authorizations/${encodeURIComponent(id)}/decision`} class={props.class}>
      <Csrf session={props.session} />
      <input type="hidden" name="view_hash" value={view_hash} />
      <input type="hidden" name="decision" value={props.decision} />
      {props.children}
    </form>
  );
}

const Note = ({ label, brief, value }: { label: string; brief?: boolean; value?: string | undefined }) => (
  <label class="note">
    {label}
    <textarea name="notes" rows={brief ? 1 : 3} maxLength={4000} value={value} />
  </label>
);

/** The record that the request is about, where there is exactly one. */
function subject({ action, title, preview }: AuthorizationView): { id: string; label: string } | null {
  const type = action.split(".")[0];
  const own = preview.changes.filter(({ record, operation }) => record === type && operation !== "insert");
  return own.length === 1 && own[0] ? { id: own[0].id, label: own[0].label || title } : null;
}

/** What a rule would allow, in words: its exact reach before it is narrowed. */
const Reach = ({ authorization: { action, requested_by } }: Pick<Props, "authorization">) => (
  <p>
    Allows this request and, from now on, every <code>{action}</code> by {requested_by.kind}{" "}
    <strong>
      <Untrusted text={requested_by.name} />
    </strong>
    , without asking, until you revoke it.
  </p>
);

/** The fields of a limit; `held` says what holds where one is left empty. */
export function Limits({ filled = {}, held }: { filled?: DecisionFields | undefined; held: Held }) {
  const { now, zone, currency } = useContext(SettingContext);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(now);
  return (
    <div class="limits">
      <label>
        Up to an amount of ({currency})
        <input
          name="max_amount_cents"
          inputmode="decimal"
          placeholder={held.amount}
          value={filled["max_amount_cents"]}
        />
      </label>
      <label>
        Through this day
        <input type="date" name="until" min={today} value={filled["until"]} />
      </label>
      <label>
        Number of uses
        <input
          type="number"
          name="max_uses"
          min="1"
          max="999999"
          placeholder={held.uses}
          value={filled["max_uses"]}
        />
      </label>
    </div>
  );
}

interface Held {
  amount: string;
  uses: string;
}

function Narrower({ authorization, filled }: Pick<Props, "authorization" | "filled">) {
  const record = subject(authorization);
  return (
    <fieldset>
      <legend>Allow less than that (each is optional; leave empty for no limit)</legend>
      {record && (
        <label class="check">
          <input type="checkbox" name="record_id" value={record.id} checked={!!filled?.["record_id"]} />
          <span>
            Only for <Untrusted text={record.label} />
          </span>
        </label>
      )}
      <Limits filled={filled} held={{ amount: "no limit", uses: "no limit" }} />
    </fieldset>
  );
}

const Always = ({ authorization, session, filled, brief = false }: Props) => (
  <details class="always" open={filled?.["upgrade_permission"] === "true"}>
    <summary class="button">Allow Always…</summary>
    <DecisionForm authorization={authorization} session={session} decision="authorized" class="stack panel">
      <input type="hidden" name="upgrade_permission" value="true" />
      <Reach authorization={authorization} />
      <Narrower authorization={authorization} {...(filled && { filled })} />
      {!brief && <Note label="Note for the model (optional)" value={filled?.["notes"]} />}
      <button type="submit" class="allow">
        Yes, Allow Always
      </button>
    </DecisionForm>
  </details>
);

/** Allow Once, Allow Always, Deny: one form each, so that no key and no field can reach another's button. */
export function Decide({ authorization, session, filled, brief = false }: Props) {
  if (!mayDecide(session.principal)) return <p class="quiet">Only the owner and the office decide this.</p>;
  const common = { authorization, session };
  const note = (form: string) => (filled?.["decision"] === form ? filled["notes"] : undefined);
  return (
    <div class={brief ? "decide brief" : "decide"}>
      <DecisionForm {...common} decision="authorized" class="once">
        {!brief && <Note label="Note for the model (optional)" value={note("authorized")} />}
        <button type="submit" class="allow">
          Allow Once
        </button>
      </DecisionForm>
      <Always {...common} {...(filled && { filled })} brief={brief} />
      <DecisionForm {...common} decision="denied" class="deny">
        <Note
          label={brief ? "Note, sent with Deny" : "Why not? A note for the model (optional)"}
          brief={brief}
          value={note("denied")}
        />
        <button type="submit" class="refuse">
          Deny
        </button>
      </DecisionForm>
    </div>
  );
}
