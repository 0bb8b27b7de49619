import type { CrmError } from "../../../domain/core/errors.ts";
import type { AuthorizationView } from "../../../domain/engine/authorization/view.ts";
import { Csrf, type Session } from "../ui/layout.tsx";
import { BeforeAfter } from "../ui/preview.tsx";
import { Untrusted } from "../ui/text.tsx";
import { fieldName } from "../ui/values.tsx";
import { type EditField, PREFIX, recordField } from "./edit-fields.ts";

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

interface FieldProps {
  field: EditField;
  faults: readonly string[];
  /** What people call a record; its id where nobody knows. */
  labelOf(id: string): string;
}

const Faults = ({ id, faults }: { id: string; faults: readonly string[] }) =>
  faults.length === 0 ? null : (
    <span class="fault" id={id}>
      <Untrusted text={faults.join("; ")} />
    </span>
  );

/** A box for each record. None can be added: the request was about these. */
function Records({ field: { name, options, value }, faults, labelOf }: FieldProps) {
  const chosen = value.split("\n");
  return (
    <fieldset class={faults.length > 0 ? "wrong" : undefined}>
      <legend>{fieldName(name)}</legend>
      {options.map((id) => (
        <label key={id} class="check">
          <input type="checkbox" name={recordField(name, id)} checked={chosen.includes(id)} />
          <span>
            <Untrusted text={labelOf(id)} />
          </span>
        </label>
      ))}
      <Faults id={`fault-${name}`} faults={faults} />
    </fieldset>
  );
}

function Field(props: FieldProps) {
  const { field, faults } = props;
  if (field.kind === "records") return <Records {...props} />;
  const id = `fault-${field.name}`;
  return (
    <label class={faults.length > 0 ? "wrong" : undefined}>
      {fieldName(field.name)}
      {field.kind === "json" && <span class="quiet"> (as JSON)</span>}
      {field.kind === "lines" && <span class="quiet"> (one in each line)</span>}
      <Control field={field} describedBy={faults.length > 0 ? id : undefined} />
      <Faults id={id} faults={faults} />
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
  const { id, data, preview } = authorization;
  const faultsOf = ({ name }: EditField) =>
    (refused?.body.fields ?? []).flatMap(({ path, message }) =>
      path === PREFIX + name || path.startsWith(`${PREFIX}${name}.`) ? [message] : [],
    );
  const labels = new Map(preview.changes.map((change) => [change.id, change.label]));
  const labelOf = (record: string) => labels.get(record) || record;
  const show = (field: EditField) => (
    <Field key={field.name} field={field} faults={faultsOf(field)} labelOf={labelOf} />
  );
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
