import { type Frame, Layout, toHtml } from "./layout.tsx";
import { UntrustedBlock } from "./text.tsx";

export interface ErrorPage {
  status: number;
  title: string;
  message: string;
  hint: string | null;
  /** Left out if no user is signed in. */
  frame?: Pick<Frame, "session" | "navigation" | "pending"> | undefined;
  /** The page is for customers, who have no sign-in. */
  forCustomers?: boolean;
}

const FOR_PROGRAMS = /\bcrm_|\/api\/|approval_url|job_status|Authorization:|schema/;

/** The hint without its clauses about tools and routes: those are for programs. */
export function forPeople(hint: string): string {
  const clauses = hint.split(/(?<=[.;]) /).filter((clause) => !FOR_PROGRAMS.test(clause));
  const said = clauses.join(" ").replace(/;$/, ".");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** An error with its next step; the caller sets the status. */
export const renderError = ({ status, title, message, hint, frame, forCustomers }: ErrorPage): string => {
  const nextStep = forPeople(hint ?? "");
  return toHtml(
    <Layout title={title} frame={frame}>
      <div class="narrow panel">
        <p class="quiet">{status}</p>
        <h1>{title}</h1>
        <UntrustedBlock text={message} />
        {nextStep && <UntrustedBlock text={nextStep} />}
        {!forCustomers && (
          <p>
            <a class="button" href={frame ? "/authorizations" : "/login"}>
              {frame ? "To the authorizations" : "Sign in"}
            </a>
          </p>
        )}
      </div>
    </Layout>,
  );
};
