import type { PreviewSummary } from "../../../domain/engine/authorization/view.ts";
import type { Preview, PreviewChange } from "../../../domain/engine/preview.ts";
import { prefixOf } from "../../../domain/core/ids.ts";
import { link } from "./lists.tsx";
import { Untrusted } from "./text.tsx";
import { counted, fieldName, Fields, Value } from "./values.tsx";

const SHOWN_AT_ONCE = 5;

/** Tense of the texts: before the decision, after it, or for changes that were made. */
type Tense = "will" | "was" | "done";
export const OPERATIONS = { delete: "deleted", update: "changed", insert: "added" } as const;

/** Columns that a row shows elsewhere, or that do not matter for a whole insert or delete. */
const BOOKKEEPING = new Set(["id", "version", "created_at", "updated_at", "during"]);
const BUMPED = new Set(["version", "updated_at"]);

interface Group {
  record: string;
  operation: PreviewChange["operation"];
  changes: PreviewChange[];
}

/** By operation, deletes first, then by record type in the order of the run. */
export function groupChanges(changes: PreviewChange[]): Group[] {
  const groups = new Map<string, Group>();
  for (const change of changes) {
    const { record, operation } = change;
    const group = groups.get(`${operation} ${record}`) ?? { record, operation, changes: [] };
    group.changes.push(change);
    groups.set(`${operation} ${record}`, group);
  }
  const order = Object.keys(OPERATIONS);
  return [...groups.values()].sort(
    (one, other) => order.indexOf(one.operation) - order.indexOf(other.operation),
  );
}

const count = ({ record, changes }: Group): string => counted(changes.length, record);

interface Shown {
  preview: Preview;
  tense: Tense;
}

/** `Will be deleted`, `To be deleted`, `Deleted` */
const said = (tense: Tense, verb: string): string =>
  ({ will: `Will be ${verb}`, was: `To be ${verb}`, done: fieldName(verb) })[tense];

/** The counts that a list of authorizations has too. */
export const countsOf = ({ changes, messages, money }: Preview): Omit<PreviewSummary, "changes"> => ({
  counts: groupChanges(changes).map((group) => ({ ...group, count: group.changes.length })),
  messages: messages.length,
  money: money.length,
});

/** `Will be deleted: 1 contact, 2 addresses, 15 tickets, 15 lines` */
export function Counts({ of, tense }: { of: Omit<PreviewSummary, "changes">; tense: Tense }) {
  // A constant, so it has no other keys.
  const lines = (Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]).flatMap((operation) => {
    const those = of.counts
      .filter((group) => group.operation === operation)
      .map(({ count, record }) => counted(count, record));
    return those.length > 0 ? [{ operation, text: those.join(", ") }] : [];
  });
  const outgoing = [
    of.messages > 0 && counted(of.messages, "message"),
    of.money > 0 && counted(of.money, "money transfer"),
  ].filter((text) => text !== false);
  return (
    <ul class="counts">
      {lines.map(({ operation, text }) => (
        <li class={operation}>
          <strong>{said(tense, OPERATIONS[operation])}:</strong> {text}
        </li>
      ))}
      {outgoing.length > 0 && (
        <li>
          <strong>{tense === "will" ? "Will be sent" : "To be sent"}:</strong> {outgoing.join(", ")}
        </li>
      )}
      {lines.length + outgoing.length === 0 && <li>No record changes.</li>}
    </ul>
  );
}

export const without = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).filter(([name, value]) => !BOOKKEEPING.has(name) && value !== null && value !== ""),
  );

/** Before → after of the columns that change. */
export function Update({ before, after }: Pick<PreviewChange, "before" | "after">) {
  const names = Object.keys({ ...before, ...after }).filter((name) => !BUMPED.has(name));
  return (
    <dl class="fields">
      {names.map((name) => (
        <div key={name}>
          <dt>
            <Untrusted text={fieldName(name)} />
          </dt>
          <dd>
            <BeforeAfter name={name} before={before?.[name]} after={after?.[name]} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export const BeforeAfter = (props: { name: string; before: unknown; after: unknown }) => (
  <div class="before-after">
    <del>
      <span class="unheard">before: </span>
      <Value name={props.name} value={props.before} />
    </del>
    <span class="arrow" aria-hidden="true">
      →
    </span>
    <ins>
      <span class="unheard">after: </span>
      <Value name={props.name} value={props.after} />
    </ins>
  </div>
);

const Row = ({ change, open }: { change: PreviewChange; open: boolean }) => (
  <li>
    <details open={open}>
      <summary>
        <Untrusted text={change.label || change.id} />
      </summary>
      {change.operation === "update" ? (
        <Update before={change.before} after={change.after} />
      ) : (
        <Fields of={without(change.before ?? change.after ?? {})} />
      )}
      {prefixOf(change.id) && (
        <a class="history" href={link("/audit", { entity: change.id })}>
          Its history
        </a>
      )}
    </details>
  </li>
);

function ChangeGroup({ group, tense }: { group: Group; tense: Tense }) {
  const { operation, changes } = group;
  const rows = changes.map((change) => (
    <Row key={change.id} change={change} open={operation === "update" || changes.length === 1} />
  ));
  return (
    <section class={`changes ${operation}`}>
      <h3>
        {count(group)} {tense === "done" ? "" : "to be "}
        {OPERATIONS[operation]}
      </h3>
      <ul>{rows.slice(0, SHOWN_AT_ONCE)}</ul>
      {rows.length > SHOWN_AT_ONCE && (
        <details class="more">
          <summary>Show {rows.length - SHOWN_AT_ONCE} more</summary>
          <ul>{rows.slice(SHOWN_AT_ONCE)}</ul>
        </details>
      )}
    </section>
  );
}

function Entries({ title, entries }: { title: string; entries: Record<string, unknown>[] }) {
  if (entries.length === 0) return null;
  return (
    <section class="changes">
      <h3>{title}</h3>
      {entries.map((entry) => (
        <div class="entry">
          <Fields of={entry} />
        </div>
      ))}
    </section>
  );
}

/** Row by row, before and after. */
export const Changes = ({ changes, tense }: { changes: PreviewChange[]; tense: Tense }) => (
  <>
    {groupChanges(changes).map((group) => (
      <ChangeGroup key={`${group.operation} ${group.record}`} group={group} tense={tense} />
    ))}
  </>
);

/** What will happen, row by row. */
export const WhatWillChange = ({ preview, tense }: Shown) => (
  <section aria-labelledby="what">
    <h2 id="what">{tense === "will" ? "What will change" : "What was to change"}</h2>
    <Counts of={countsOf(preview)} tense={tense} />
    <Changes changes={preview.changes} tense={tense} />
    <Entries title="Messages to be sent" entries={preview.messages} />
    <Entries title="Money to be transferred" entries={preview.money} />
  </section>
);
