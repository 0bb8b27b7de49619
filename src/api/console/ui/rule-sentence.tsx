import { useContext } from "preact/hooks";
import { actionKey } from "../../../domain/core/action.ts";
import { formatMoney } from "../../../domain/core/money.ts";
import { MOST_RECORDS, WINDOW } from "../../../domain/core/permission.ts";
import { domains } from "../../../domain/index.ts";
import type { RuleScope } from "../../../entities/rule-scope.ts";
import { Untrusted } from "./text.tsx";
import { LocalTime, SettingContext } from "./time.tsx";

const ACTIONS = new Map(
  domains.flatMap(({ noun, actions }) =>
    actions.map((action) => [
      actionKey(action),
      { verb: verbOf(action.name), noun, words: action.ruleWords },
    ]),
  ),
);

function verbOf(name: string): string {
  return name.replaceAll("_", " ").replace(/^update/, "change");
}

function wordsFor(key: string) {
  const [noun = key, name = "change"] = key.split(".");
  const known = ACTIONS.get(key) ?? { verb: verbOf(name), noun, words: undefined };
  return { ...known, plain: `${known.verb} any ${known.noun}` };
}

export interface RuleSentenceProps {
  agent: string;
  /** `contact.delete` */
  action: string;
  causes: readonly string[];
  scope: RuleScope;
  /** What people call the record of the scope. */
  record?: string | undefined;
}

/** What the rule lets the agent do to which records. */
function Reach({ action, causes, scope, record }: Omit<RuleSentenceProps, "agent">) {
  const { currency } = useContext(SettingContext);
  const { verb, plain, words } = wordsFor(action);
  const { record_id, max_amount_cents } = scope;
  const amount = max_amount_cents === undefined ? null : formatMoney(max_amount_cents, currency);
  const each = amount === null ? "" : `, up to ${amount} each time`;
  if (record_id !== undefined) {
    return (
      <>
        {verb} <Untrusted text={record ?? record_id} />
        {each}, as long as its history does not grow and nothing is merged into it
      </>
    );
  }
  if (!causes.includes("data") || !words) return <>{`${plain}${each}`}</>;
  return <>{amount !== null && words.upTo ? words.upTo(amount) : `${words.any}${each}`}</>;
}

function When({ scope: { until, max_uses } }: Pick<RuleSentenceProps, "scope">) {
  const times = max_uses !== undefined && (max_uses === 1 ? "once" : `${max_uses} times`);
  if (until === undefined) return <>{times || "from now on"}</>;
  return (
    <>
      {times && `${times}, `}until <LocalTime at={until} />
    </>
  );
}

/** `Office manager may delete any customer, whatever their history, without asking, from now on.` */
export const RuleSentence = ({ agent, ...rule }: RuleSentenceProps) => (
  <>
    <strong>
      <Untrusted text={agent} />
    </strong>{" "}
    may <Reach {...rule} />
    {rule.causes.includes("bulk") && `, also more than ${MOST_RECORDS} records at once`}
    {rule.causes.includes("window") && `, also more than ${MOST_RECORDS} within ${WINDOW}`}, without asking,{" "}
    <When scope={rule.scope} />.
  </>
);

const QUESTIONS = {
  data: "what the records say",
  bulk: `more than ${MOST_RECORDS} records at once`,
  window: `more than ${MOST_RECORDS} records removed within ${WINDOW}`,
};

/** What a rule with these causes does not spare. */
export function stillAsked(causes: readonly string[]): string | null {
  const others = Object.entries(QUESTIONS).flatMap(([kind, text]) => (causes.includes(kind) ? [] : [text]));
  if (others.length === 0) return null;
  return `You are still asked about ${new Intl.ListFormat("en-US", { type: "disjunction" }).format(others)}.`;
}
