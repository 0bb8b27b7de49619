import type { CrmError } from "../../../domain/core/errors.ts";
import type { AuthorizationView } from "../../../domain/engine/authorization/view.ts";
import { Csrf, type Session } from "../ui/layout.tsx";
import { BeforeAfter } from "../ui/preview.tsx";
import { Untrusted } from "../ui/text.tsx";
import { fieldName } from "../ui/values.tsx";
import { type EditField, PREFIX } from "./edit-fields.ts";

/** Rows of a text field: a note needs more than a name. */
const rowsFor = ({ kind, value }: EditField): number =>
  Math.min(12, Math.max(kind === "json" ? 3 : 1, value.split("\n").length, Math.ceil(value.length / 70)));

function Control({ field, describedBy }: { field: EditField; describedBy: string | undefined }) {
  const { name, kind, value, options, required } = field;
  const common = { name: PREFIX + name, required, "aria-describedby": describedBy };
  if (kind === "choice" || kind === "flag")
    return (
      <select {...common}>
        {(!required || value === "") && <option value="">left out</option>}
        {options.map((option) => (
          <option key={option} value={option} selected={option === value}>
            {kind === "flag" ? (option === "true" ? "yes" : "no") : fieldName(option)}
          </option>
        ))}
      </select>
    );
  if (kind === "number" || kind === "money") return <input {...common} inputmode="decimal" value={value} />;
  return (
    <textarea {...common} rows={rowsFor(field)} value={value} class={kind === "json" ? "code" : undefined} />
  );
}

function Field({ field, faults }: { field: EditField; faults: readonly string[] }) {
  const id = `fault-${field.name}`;
  return (
    <label class={faults.length > 0 ? "wrong" : undefined}>
      {fieldName(field.name)}
      {field.kind === "json" && <span class="quiet"> (as JSON)</span>}
      <Control field={field} describedBy={faults.length > 0 ? id : undefined} />
      {faults.length > 0 && (
        <span class="fault" id={id}>
          <Untrusted text={faults.join("; ")} />
        </span>
      )}
    </label>
  );
}

interface EditFormProps {
  authorization: AuthorizationView;
  session: Session;
  fields: readonly EditField[];
  /** Why the last try was refused. */
  refused?: CrmError | undefined;
}

/** Changes what the request would do. The result is a request of its own, which is decided then. */
export function EditForm({ authorization, session, fields, refused }: EditFormProps) {
  const { id, data } = authorization;
  const faultsOf = ({ name }: EditField) =>
    (refused?.body.fields ?? []).flatMap(({ path, message }) =>
      path === PREFIX + name || path.startsWith(`${PREFIX}${name}.`) ? [message] : [],
    );
  const show = (field: EditField) => <Field key={field.name} field={field} faults={faultsOf(field)} />;
  const asked = fields.filter(({ name }) => name in data);
  const others = fields.filter(({ name }) => !(name in data));
  return (
    <details class="always" open={refused !== undefined}>
      <summary class="button">Change it…</summary>
      <form method="post" action={`/authorizations/${encodeURIComponent(id)}/edit`} class="panel stack">
        <Csrf session={session} />
        <p>
          You are shown what the changed request would do, and decide that. Nothing runs before. The model
          reads what you changed.
        </p>
        {asked.map(show)}
        {others.length > 0 && (
          <details class="more" open={others.some((field) => field.value !== "")}>
            <summary>What the request leaves out</summary>
            <div class="stack">{others.map(show)}</div>
          </details>
        )}
        <button type="submit">Show what it would do then</button>
      </form>
    </details>
  );
}

/** What a person changed in the request, field by field. */
export function WhatWasEdited({ edited }: Pick<AuthorizationView, "edited">) {
  if (!edited) return null;
  const { by, fields = [], before = {}, after = {} } = edited;
  return (
    <section class="moved" aria-labelledby="edited">
      <h2 id="edited">
        What <Untrusted text={by} /> changed in the request
      </h2>
      <dl class="fields">
        {fields.map((name) => (
          <div key={name}>
            <dt>
              <Untrusted text={fieldName(name)} />
            </dt>
            <dd>
              <BeforeAfter name={name} before={before[name]} after={after[name]} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
