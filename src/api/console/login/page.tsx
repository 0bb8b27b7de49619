import { Layout, Notice, toHtml } from "../ui/layout.tsx";
import { UntrustedBlock } from "../ui/text.tsx";

export interface LoginPage {
  csrf: string;
  email?: string;
  error?: string;
  /** Redirect after the sign-in: a path on this server. */
  next?: string;
}

export const renderLogin = ({ csrf, email, error, next }: LoginPage): string =>
  toHtml(
    <Layout title="Sign in">
      <div class="narrow panel">
        <h1>Sign in</h1>
        <p class="quiet">The model works; you countersign.</p>
        {error && (
          <Notice>
            <UntrustedBlock text={error} />
          </Notice>
        )}
        <form method="post" action="/login" class="stack">
          <input type="hidden" name="_csrf" value={csrf} />
          {next && <input type="hidden" name="next" value={next} />}
          <label>
            E-mail
            <input
              type="email"
              name="email"
              value={email}
              autocomplete="username"
              required
              autofocus={!email}
            />
          </label>
          <label>
            Password
            <input
              type="password"
              name="password"
              autocomplete="current-password"
              required
              autofocus={!!email}
            />
          </label>
          <button type="submit" class="allow">
            Sign in
          </button>
        </form>
      </div>
    </Layout>,
  );
