import { Layout, Notice, toHtml } from "../ui/layout.tsx";
import { UntrustedBlock } from "../ui/text.tsx";

export interface WelcomePage {
  email: string;
  name: string;
  error?: string;
}

/** The page on which an invited user chooses a password. */
export const renderWelcome = ({ email, name, error }: WelcomePage): string =>
  toHtml(
    <Layout title="Choose a password">
      <div class="narrow panel">
        <h1>Choose a password</h1>
        <p class="quiet">
          For <UntrustedBlock text={`${name}, ${email}`} />
        </p>
        {error && (
          <Notice>
            <UntrustedBlock text={error} />
          </Notice>
        )}
        <form method="post" class="stack">
          <input type="hidden" name="username" value={email} autocomplete="username" disabled />
          <label>
            Password, at least 12 characters
            <input
              type="password"
              name="password"
              autocomplete="new-password"
              minlength={12}
              required
              autofocus
            />
          </label>
          <button type="submit" class="allow">
            Set the password
          </button>
        </form>
      </div>
    </Layout>,
  );
