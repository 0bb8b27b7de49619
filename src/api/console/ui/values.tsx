import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { formatMoney } from "../../../domain/core/money.ts";
import { Untrusted, UntrustedBlock } from "./text.tsx";
import { LocalTime, SettingContext } from "./time.tsx";

/** `$4,500` */
function Money({ cents }: { cents: number }) {
  return <>{formatMoney(cents, useContext(SettingContext).currency)}</>;
}

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)$/;

/** `total_cents` → `Total`, `customer_id` → `Customer id`, `ids` → `Records` */
export function fieldName(key: string): string {
  if (key === "ids") return "Records";
  const name = key.replace(/_cents$/, "").replaceAll("_", " ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** `1 address`, `15 tickets` */
export function counted(count: number, noun: string): string {
  const word = noun.replaceAll("_", " ").replace(/^line item$/, "line");
  if (count === 1) return `1 ${word}`;
  return `${count} ${/(s|x|ch|sh)$/.test(word) ? `${word}es` : word.replace(/([^aeiou])y$/, "$1ie") + "s"}`;
}

const isInstant = (value: unknown): value is string =>
  typeof value === "string" && INSTANT.test(value) && !Number.isNaN(Date.parse(value));

/** Fields with one line: a line break in them deceives. */
const NAMES = /(^|_)(name|company|label|subject|title)$/;

const isScalar = (value: unknown): boolean => value === null || typeof value !== "object";

const isFlat = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(isScalar);

const isPlain = (value: unknown): value is string | number =>
  typeof value === "string" || typeof value === "number";

/** One value of a record, formatted; text counts as untrusted. */
export function Value({ name, value }: { name: string; value: unknown }) {
  if (value === null || value === undefined || value === "") return <span class="quiet">nothing</span>;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (name.endsWith("_cents") && typeof value === "number") return <Money cents={value} />;
  if (isInstant(value)) return <LocalTime at={value} />;
  if (isPlain(value)) return <UntrustedBlock text={String(value)} isName={NAMES.test(name)} />;
  if (Array.isArray(value) && value.length === 0) return <span class="quiet">none</span>;
  if (Array.isArray(value) && value.every(isPlain)) return <UntrustedBlock text={value.join(", ")} />;
  if (Array.isArray(value) && value.every(isFlat)) return value.map((entry) => <Fields of={entry} />);
  return isFlat(value) ? <Fields of={value} /> : <Json value={value} />;
}

export const Json = ({ value }: { value: unknown }) => (
  <UntrustedBlock text={JSON.stringify(value, null, 2) ?? "undefined"} code />
);

/** Names and values of one object. */
export function Fields({ of }: { of: Record<string, unknown> }) {
  return (
    <dl class="fields">
      {Object.entries(of).map(([name, value]) => (
        <div key={name}>
          <dt>
            <Untrusted text={fieldName(name)} />
          </dt>
          <dd>
            <Value name={name} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** One line of a list of facts. */
export const Item = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}:</dt>
    <dd>{children}</dd>
  </div>
);
