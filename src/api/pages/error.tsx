import { Layout, type Session, toHtml } from "./layout.tsx";
import { UntrustedBlock } from "./text.tsx";

export interface ErrorPage {
  status: number;
  title: string;
  message: string;
  hint: string | null;
  session?: Session;
}

/** A refusal in words, with the next step; the caller sets the status. */
export const renderError = ({ status, title, message, hint, session }: ErrorPage): string =>
  toHtml(
    <Layout title={title} session={session}>
      <div class="narrow panel">
        <p class="quiet">{status}</p>
        <h1>{title}</h1>
        <UntrustedBlock text={message} />
        {hint && <UntrustedBlock text={hint} />}
        <p>
          <a class="button" href={session ? "/authorizations" : "/login"}>
            {session ? "To the authorizations" : "Sign in"}
          </a>
        </p>
      </div>
    </Layout>,
  );
