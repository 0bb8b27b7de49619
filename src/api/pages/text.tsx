import type { ComponentChildren } from "preact";
import { nameOfCharacter, UNSEEN } from "../../domain/core/visible.ts";

const BLOCK_LIMIT = 600;
const LABEL_LIMIT = 160;

/** Splits by characters, never inside one. */
const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : text.slice(0, limit).replace(/[\ud800-\udbff]$/, "");

/** The text with each unseen character as a mark that plain text cannot imitate. */
function marked(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    parts.push(
      text.slice(from, index),
      <span class="unseen" title="A character that cannot be seen">
        {nameOfCharacter(character)}
      </span>,
    );
    from = index + character.length;
  }
  return [...parts, text.slice(from)];
}

/** A stranger's short text inside a line of ours: isolated in direction, cut when it is long. */
export function Untrusted({ text }: { text: string }) {
  const shown = cut(text, LABEL_LIMIT);
  return (
    <bdi class="untrusted">
      {marked(shown)}
      {shown !== text && "…"}
    </bdi>
  );
}

/** A stranger's text of any length, as a block with its own lines; a long one opens on demand. */
export function UntrustedBlock({ text, code = false }: { text: string; code?: boolean }) {
  const shown = cut(text, BLOCK_LIMIT);
  if (shown === text) return <Lines text={text} code={code} />;
  return (
    <>
      <Lines text={`${shown}…`} code={code} />
      <details class="more">
        <summary>Show all {text.length.toLocaleString("en-US")} characters</summary>
        <Lines text={text} code={code} />
      </details>
    </>
  );
}

const Lines = ({ text, code }: { text: string; code: boolean }) =>
  code ? (
    <pre class="untrusted lines" dir="ltr">
      {marked(text)}
    </pre>
  ) : (
    <div class="untrusted lines" dir="auto">
      {marked(text)}
    </div>
  );

/** The only place where a model speaks: a marked box of its own. */
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
