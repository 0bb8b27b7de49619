import type { AuditEntry } from "../../../domain/engine/audit/entry.ts";
import type { List } from "../../../domain/query/list.ts";
import { AuditCard } from "./card.tsx";
import { type Frame, Layout, toHtml } from "../ui/layout.tsx";
import { Pager, type Selection } from "../ui/lists.tsx";
import { Untrusted } from "../ui/text.tsx";

const Search = ({ selection }: { selection: Selection }) => (
  <form method="get" action="/audit" class="search" role="search">
    <label>
      Record (its id)
      <input name="entity" placeholder="contact_…" value={selection.entity} />
    </label>
    <label>
      Who (name, e-mail or key)
      <input name="actor" placeholder="anybody" value={selection.actor} />
    </label>
    <button type="submit">Show</button>
  </form>
);

/** The heading when the page is limited to one job, record or actor. */
function Subject({ selection: { entity, job }, list }: Pick<AuditPage, "selection" | "list">) {
  const changes = list.items.flatMap((entry) => (entry.kind === "job" ? entry.changes : []));
  const label = changes.find(({ id }) => id === entity)?.label;
  if (entity !== undefined) {
    return (
      <p>
        History of{" "}
        {label && (
          <strong>
            <Untrusted text={label} />
          </strong>
        )}{" "}
        <span class="quiet">
          <Untrusted text={entity} />
        </span>
        : every change, newest first. <a href="/audit">Back to everything</a>
      </p>
    );
  }
  return job === undefined ? (
    <p class="quiet">
      Every request with requester, time, reasoning, permission, and the values before and after; refused
      attempts; and changes of rules.
    </p>
  ) : (
    <p>
      One job in full. <a href="/audit">Back to everything</a>
    </p>
  );
}

export interface AuditPage extends Frame {
  list: List<AuditEntry>;
  selection: Selection;
}

export function renderAudit({ list, selection, ...frame }: AuditPage): string {
  const open = selection.entity !== undefined || selection.job !== undefined;
  return toHtml(
    <Layout title="Audit" frame={frame} here="/audit">
      <div class="heading">
        <h1>Audit</h1>
      </div>
      <Subject selection={selection} list={list} />
      <Search selection={selection} />
      {list.items.length === 0 && <p class="empty panel">No entry matches.</p>}
      {list.items.map((entry) => (
        <AuditCard entry={entry} open={open} />
      ))}
      <Pager path="/audit" selection={selection} nextCursor={list.next_cursor} />
    </Layout>,
    frame,
  );
}
