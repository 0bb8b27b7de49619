import { Temporal } from "temporal-polyfill";
import { useContext } from "preact/hooks";
import { formatMoney } from "../../../domain/core/money.ts";
import type { RuleScope } from "../../../entities/rule-scope.ts";
import { RuleSentence, stillAsked } from "../ui/rule-sentence.tsx";
import { Untrusted } from "../ui/text.tsx";
import { type Setting, SettingContext } from "../ui/time.tsx";
import { type Decidable, DecisionForm, type DecisionProps, Note, Password } from "./decision-form.tsx";
import { amountText, type DecisionFields, endOfDay } from "./form.ts";
import { splitTitle, subjectName } from "./title.ts";

type Offer = NonNullable<Decidable["allow_always"]>;

/** A scope that the page offers. `fields` are those of the form with limits of one's own. */
interface Choice {
  button: string;
  fields: DecisionFields;
  scope: RuleScope;
}

const DAYS = 30;
const USES = 10;

/** The narrower scopes first, the widest last. */
function choicesFor({ record_id, amount_cents, action }: Offer, setting: Setting): Choice[] {
  const { now, zone } = setting;
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).toPlainDate();
  const lastDay = today.add({ days: DAYS }).toString();
  const until = endOfDay(lastDay, setting);
  const choices: (Choice | false | null)[] = [
    until !== null && { button: `Allow for ${DAYS} days`, fields: { until: lastDay }, scope: { until } },
    {
      button: `Allow ${USES} more times`,
      fields: { max_uses: String(USES) },
      scope: { max_uses: USES },
    },
    record_id !== null && {
      button: `Allow for this ${subjectName(action).toLowerCase()}`,
      fields: { record_id },
      scope: { record_id },
    },
    amount_cents !== null &&
      amount_cents > 0 && {
        button: `Allow up to ${formatMoney(amount_cents, setting.currency)}`,
        fields: { max_amount_cents: amountText(amount_cents, setting) },
        scope: { max_amount_cents: amount_cents },
      },
    { button: "Yes, Allow Always", fields: {}, scope: {} },
  ];
  return choices.filter((choice) => choice !== false && choice !== null);
}

/** What people call the record that the rule can be limited to. */
function recordLabel({ allow_always, preview, title }: Decidable): string | undefined {
  const own = preview.changes.find(({ id }) => id === allow_always?.record_id);
  return own?.label || splitTitle(title).record || undefined;
}

function Choices({ authorization, session, brief = false, offer }: DecisionProps & { offer: Offer }) {
  const setting = useContext(SettingContext);
  const told = {
    agent: authorization.requested_by.name,
    action: offer.action,
    causes: offer.causes,
    record: recordLabel(authorization),
  };
  return (
    <DecisionForm authorization={authorization} session={session} decision="authorized" class="stack">
      {/* The first button is what Enter in a field presses: nothing, because it must not choose a scope. */}
      <button type="submit" disabled hidden />
      <input type="hidden" name="upgrade_permission" value="true" />
      <Password {...{ authorization, session, brief }} />
      <ul class="choices">
        {choicesFor(offer, setting).map(({ button, fields, scope }) => (
          <li key={button}>
            <p>
              <RuleSentence {...told} scope={scope} />
            </p>
            <button type="submit" class="allow" name="limits" value={new URLSearchParams(fields).toString()}>
              {button}
            </button>
          </li>
        ))}
      </ul>
    </DecisionForm>
  );
}

/** The fields of a limit; `placeholders` says what applies if one is left empty. */
export function Limits({
  filled = {},
  placeholders,
}: {
  filled?: DecisionFields | undefined;
  placeholders: Placeholders;
}) {
  const { now, zone, currency } = useContext(SettingContext);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(now);
  return (
    <div class="limits">
      <label>
        Up to an amount of ({currency})
        <input
          name="max_amount_cents"
          inputmode="decimal"
          placeholder={placeholders.amount}
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
          placeholder={placeholders.uses}
          value={filled["max_uses"]}
        />
      </label>
    </div>
  );
}

interface Placeholders {
  amount: string;
  uses: string;
}

/** Several limits at once, or other ones than those above. */
const OwnLimits = ({
  authorization,
  session,
  offer,
  filled,
  brief = false,
}: DecisionProps & { offer: Offer }) => (
  <details class="more" open={filled?.["upgrade_permission"] === "true"}>
    <summary>Other limits…</summary>
    <DecisionForm authorization={authorization} session={session} decision="authorized" class="stack">
      <input type="hidden" name="upgrade_permission" value="true" />
      <fieldset>
        <legend>The same without asking, within every limit that you fill in</legend>
        {offer.record_id !== null && (
          <label class="check">
            <input
              type="checkbox"
              name="record_id"
              value={offer.record_id}
              checked={!!filled?.["record_id"]}
            />
            <span>
              Only for <Untrusted text={recordLabel(authorization) ?? offer.record_id} />
            </span>
          </label>
        )}
        <Limits filled={filled} placeholders={{ amount: "no limit", uses: "no limit" }} />
      </fieldset>
      {!brief && <Note label="Note for the model (optional)" value={filled?.["notes"]} />}
      <Password {...{ authorization, session, brief }} />
      <button type="submit" class="allow">
        Allow within these limits
      </button>
    </DecisionForm>
  </details>
);

/** The rules that can be made from the request, each in words. */
export function Always(props: DecisionProps) {
  const { authorization, filled } = props;
  const offer = authorization.allow_always;
  if (!offer)
    return <p class="quiet once-only">This needs a person every time, so there is no Allow Always.</p>;
  const rest = stillAsked(offer.causes);
  return (
    <details class="always" open={filled?.["upgrade_permission"] === "true"}>
      <summary class="button">Allow Always…</summary>
      <div class="panel stack">
        <p>Each of these allows this request and makes a rule, which you can narrow or revoke.</p>
        <Choices {...props} offer={offer} />
        <OwnLimits {...props} offer={offer} />
        {rest !== null && <p class="quiet">{rest}</p>}
      </div>
    </details>
  );
}
