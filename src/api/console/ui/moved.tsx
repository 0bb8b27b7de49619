import type { Moved } from "../../../domain/engine/diff-previews.ts";
import type { PreviewChange } from "../../../domain/engine/preview.ts";
import { BeforeAfter, OPERATIONS, Update, without } from "./preview.tsx";
import { Untrusted } from "./text.tsx";
import { fieldName, Fields } from "./values.tsx";

/** One side of a moved row, as diff-previews.ts writes it. */
type MovedRow = Partial<PreviewChange> | null;

const ownColumns = (row: MovedRow): Record<string, unknown> => row?.before ?? {};

/** `to be deleted`; of a changed row also the new values. */
function MovedSide({ row }: { row: MovedRow }) {
  if (!row?.operation) return <span class="quiet">nothing</span>;
  return (
    <>
      to be {OPERATIONS[row.operation]}
      {row.operation !== "delete" && <Fields of={without(row.after ?? {})} />}
    </>
  );
}

/** A row that both previews would delete differs in these columns; of others the whole change is shown. */
function MovedChange({ before, after }: { before: MovedRow; after: MovedRow }) {
  if (before?.operation === "delete" && after?.operation === "delete")
    return <Update before={ownColumns(before)} after={ownColumns(after)} />;
  return (
    <div class="before-after">
      <del>
        <span class="unheard">before: </span>
        <MovedSide row={before} />
      </del>
      <span class="arrow" aria-hidden="true">
        →
      </span>
      <ins>
        <span class="unheard">after: </span>
        <MovedSide row={after} />
      </ins>
    </div>
  );
}

/** What differs from the authorization that this one replaced. */
export function WhatMoved({ moved }: { moved: Moved[] }) {
  if (moved.length === 0) return null;
  return (
    <section class="moved" aria-labelledby="moved">
      <h2 id="moved">What changed since it was last shown</h2>
      <dl class="fields">
        {moved.map(({ what, name, before, after }) => (
          <div key={`${what} ${name}`}>
            <dt>
              <Untrusted text={what === "fact" ? fieldName(name) : name} />
            </dt>
            <dd>
              {what === "fact" ? (
                <BeforeAfter name={name} before={before} after={after} />
              ) : (
                <MovedChange before={before as MovedRow} after={after as MovedRow} /> // Of a change (diff-previews.ts).
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
