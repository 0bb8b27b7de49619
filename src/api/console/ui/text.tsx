import type { ComponentChildren } from "preact";
import { marksIn, nameOfCharacter } from "../../../domain/core/hidden-characters.ts";

const BLOCK_LIMIT = 600;
const LABEL_LIMIT = 160;

/** Splits by characters, never inside one. */
const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : text.slice(0, limit).replace(/[\ud800-\udbff]$/, "");

const TITLES = { unseen: "An invisible character", "look-alike": "The letter before is of another alphabet" };

/**
 * The text with marks that plain text cannot imitate: in place of each invisible character, and behind each letter that
 * looks like one of another alphabet. In a name, line breaks count as invisible.
 */
function marked(text: string, isName = false): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const { index, character, kind } of marksIn(text, isName)) {
    parts.push(
      text.slice(from, index),
      kind === "look-alike" && character,
      <span class="unseen" title={TITLES[kind]}>
        {nameOfCharacter(character)}
      </span>,
    );
    from = index + character.length;
  }
  return [...parts, text.slice(from)];
}

/** Short untrusted text inside a line: isolated in direction, truncated, line breaks marked. */
export function Untrusted({ text }: { text: string }) {
  const shown = cut(text, LABEL_LIMIT);
  return (
    <bdi class="untrusted">
      {marked(shown, true)}
      {shown !== text && "…"}
    </bdi>
  );
}

interface BlockProps {
  text: string;
  code?: boolean;
  /** The text should have one line: line breaks are marked. */
  isName?: boolean;
}

/** Untrusted text of any length as a block with its line breaks; long text is folded. */
export function UntrustedBlock({ text, ...how }: BlockProps) {
  const shown = cut(text, BLOCK_LIMIT);
  if (shown === text) return <Lines text={text} {...how} />;
  return (
    <>
      <Lines text={`${shown}…`} {...how} />
      <details class="more">
        <summary>Show all {text.length.toLocaleString("en-US")} characters</summary>
        <Lines text={text} {...how} />
      </details>
    </>
  );
}

const Lines = ({ text, code = false, isName = false }: BlockProps) =>
  code ? (
    <pre class="untrusted lines" dir="ltr">
      {marked(text)}
    </pre>
  ) : (
    <div class="untrusted lines" dir="auto">
      {marked(text, isName)}
    </div>
  );

/** The only place that shows a model's text: a marked box. */
export function ModelWords({ text }: { text: string | null }) {
  return (
    <section class="model-words" aria-label="Model's reasoning, not checked">
      <h3>
        Model's reasoning: <span class="tag">the model's own words — not checked</span>
      </h3>
      {text ? (
        <blockquote>
          <UntrustedBlock text={text} />
        </blockquote>
      ) : (
        <p class="quiet">The model gave no reasoning.</p>
      )}
    </section>
  );
}
