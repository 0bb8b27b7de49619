import type { AuditEntry } from "../../domain/audit/entry.ts";
import type { List } from "../../domain/core/ports.ts";
import { AuditCard } from "./audit-cards.tsx";
import { type Frame, Layout, toHtml } from "./layout.tsx";
import { Pager, type Selection } from "./lists.tsx";
import { Untrusted } from "./text.tsx";

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

/** What a page is about, where it is about one thing. */
function Subject({ selection: { entity, job }, list }: Pick<AuditPage, "selection" | "list">) {
  const changes = list.items.flatMap((entry) => (entry.kind === "job" ? entry.changes : []));
  const label = changes.find(({ id }) => id === entity)?.label;
  if (entity !== undefined) {
    return (
      <p>
        Time line of{" "}
        {label && (
          <strong>
            <Untrusted text={label} />
          </strong>
        )}{" "}
        <span class="quiet">
          <Untrusted text={entity} />
        </span>
        : whatever changed it, newest first. <a href="/audit">Back to everything</a>
      </p>
    );
  }
  return job === undefined ? (
    <p class="quiet">
      Who asked for what, when and why, who allowed it, before and after; what was refused; and who narrowed
      or revoked a rule.
    </p>
  ) : (
    <p>
      One job, whole. <a href="/audit">Back to everything</a>
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
    <Layout title="Audit" session={frame.session} pending={frame.pending} here="audit">
      <div class="heading">
        <h1>Audit</h1>
      </div>
      <Subject selection={selection} list={list} />
      <Search selection={selection} />
      {list.items.length === 0 && <p class="empty panel">Nothing is kept that fits.</p>}
      {list.items.map((entry) => (
        <AuditCard entry={entry} open={open} />
      ))}
      <Pager path="/audit" selection={selection} nextCursor={list.next_cursor} />
    </Layout>,
    frame,
  );
}
