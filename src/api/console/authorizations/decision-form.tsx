import type { ComponentChildren } from "preact";
import type { AuthorizationSummary, PreviewSummary } from "../../../domain/engine/authorization/view.ts";
import { Csrf, type Session } from "../ui/layout.tsx";
import type { DecisionFields } from "./form.ts";

/** What the form needs of an authorization, whole or in a list. */
export type Decidable = Pick<
  AuthorizationSummary,
  "id" | "action" | "title" | "requested_by" | "destructive" | "view_hash" | "allow_always"
> & { preview: Pick<PreviewSummary, "changes"> };

export interface DecisionProps {
  authorization: Decidable;
  session: Session;
  /** The refused input, to fill in again. */
  filled?: DecisionFields;
  /** The shorter form on a card of the list. */
  brief?: boolean;
}

/** One form for each decision, so that Enter in a field cannot submit another one. */
export function DecisionForm(
  props: Pick<DecisionProps, "authorization" | "session"> & {
    decision: "authorized" | "denied";
    class: string;
    children: ComponentChildren;
  },
) {
  const { id, view_hash } = props.authorization;
  return (
    <form method="post" action={`/authorizations/${encodeURIComponent(id)}/decision`} class={props.class}>
      <Csrf session={props.session} />
      <input type="hidden" name="view_hash" value={view_hash} />
      <input type="hidden" name="decision" value={props.decision} />
      {props.children}
    </form>
  );
}

interface NoteProps {
  label: string;
  brief?: boolean;
  value?: string | undefined;
}

export const Note = ({ label, brief, value }: NoteProps) => (
  <label class="note">
    {label}
    <textarea name="notes" rows={brief ? 1 : 3} maxLength={4000} value={value} />
  </label>
);

/** Asked where the request takes something away and the sign-in is not recent. The list leaves it to the request's page. */
export const Password = ({ authorization, session, brief }: DecisionProps) =>
  authorization.destructive && !session.recent && !brief ? (
    <label>
      Your password, because you signed in more than 15 minutes ago
      <input type="password" name="password" autocomplete="current-password" required />
    </label>
  ) : null;
