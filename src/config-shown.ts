const SECRETS = new Set(["OWNER_PASSWORD", "CRM_API_TOKEN", "TWILIO_AUTH_TOKEN"]);
const CONTAIN_A_PASSWORD = new Set(["DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SMTP_URL"]);

/** The value as shown in an error line, without line breaks and passwords. */
export function shown(name: string, value: string): string {
  if (SECRETS.has(name)) return `${value.length} characters (not shown)`;
  if (CONTAIN_A_PASSWORD.has(name)) {
    const [scheme] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(value) ?? [];
    return scheme
      ? `a URL that begins ${scheme} (the rest is not shown)`
      : "a value that is not a URL (not shown)";
  }
  const withoutLogin = value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1…@");
  return JSON.stringify(withoutLogin.length > 80 ? `${withoutLogin.slice(0, 80)}…` : withoutLogin);
}
