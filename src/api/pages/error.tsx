import { Layout, type Session, toHtml } from "./layout.tsx";
import { UntrustedBlock } from "./text.tsx";

export interface ErrorPage {
  status: number;
  title: string;
  message: string;
  hint: string | null;
  session?: Session;
  pending?: number | null;
}

const FOR_PROGRAMS = /\bcrm_|\/api\/|approval_url|job_status|Authorization:|schema/;

/** What a person can do of what the hint says: its clauses about tools and routes are for programs. */
function forPeople(hint: string): string {
  const clauses = hint.split(/(?<=[.;]) /).filter((clause) => !FOR_PROGRAMS.test(clause));
  const said = clauses.join(" ").replace(/;$/, ".");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** A refusal in words, with the next step; the caller sets the status. */
export const renderError = ({ status, title, message, hint, session, pending = null }: ErrorPage): string => {
  const nextStep = forPeople(hint ?? "");
  return toHtml(
    <Layout title={title} session={session} pending={pending}>
      <div class="narrow panel">
        <p class="quiet">{status}</p>
        <h1>{title}</h1>
        <UntrustedBlock text={message} />
        {nextStep && <UntrustedBlock text={nextStep} />}
        <p>
          <a class="button" href={session ? "/authorizations" : "/login"}>
            {session ? "To the authorizations" : "Sign in"}
          </a>
        </p>
      </div>
    </Layout>,
  );
};
