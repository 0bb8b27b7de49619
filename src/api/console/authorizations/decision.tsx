import { mayDecide } from "../../../domain/core/principal.ts";
import { Always } from "./always.tsx";
import { DecisionForm, type DecisionProps, Note, Password } from "./decision-form.tsx";

/** Allow Once, Allow Always, Deny: one form each, so that Enter in a field cannot submit another decision. */
export function Decide({ authorization, session, filled, brief = false }: DecisionProps) {
  if (!mayDecide(session.principal)) return <p class="quiet">Only the owner and the office decide this.</p>;
  const common = { authorization, session };
  const note = (form: string) => (filled?.["decision"] === form ? filled["notes"] : undefined);
  return (
    <div class={brief ? "decide brief" : "decide"}>
      <DecisionForm {...common} decision="authorized" class="once">
        {!brief && <Note label="Note for the model (optional)" value={note("authorized")} />}
        <Password {...common} brief={brief} />
        <button type="submit" class="allow">
          Allow Once
        </button>
      </DecisionForm>
      <Always {...common} {...(filled && { filled })} brief={brief} />
      <DecisionForm {...common} decision="denied" class="deny">
        <Note
          label={brief ? "Note, sent with Deny" : "Why not? A note for the model (optional)"}
          brief={brief}
          value={note("denied")}
        />
        <button type="submit" class="refuse">
          Deny
        </button>
      </DecisionForm>
    </div>
  );
}
