/** A database of the wrong kind, refused with these two texts. */
interface Refused {
  title: string;
  /** Run as a superuser, in `postgres`. */
  create?: string;
  /** Run as a superuser, in the database. */
  prepare?: string;
  login?: string;
  ownerLogin?: string;
  what: string;
  todo: string;
}

/** A database that belongs to the login. */
export const OWN = "CREATE DATABASE crm OWNER office";
const UTF8 = `CREATE DATABASE "crm_utf8" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'`;

/** In this order: the first ones need a server without the role. */
export const REFUSED: Refused[] = [
  {
    title: "the role is missing and the login may not create it",
    what: 'login "office" may not create the role countersign_app, which does not exist',
    todo: 'As a superuser, run: CREATE ROLE countersign_app NOLOGIN; GRANT countersign_app TO "office"',
  },
  {
    title: "the role is missing and neither of two logins may create it",
    login: "desk",
    ownerLogin: "office",
    what: 'login "office" may not create the role countersign_app, which does not exist',
    todo: 'As a superuser, run: CREATE ROLE countersign_app NOLOGIN; GRANT countersign_app TO "office", "desk"',
  },
  {
    title: "the role exists, but is not the login's",
    create: `CREATE ROLE countersign_app NOLOGIN; ${OWN}`,
    what: 'login "office" may not use the role countersign_app, and "office" may not grant it',
    todo: 'As a superuser, run: GRANT countersign_app TO "office"',
  },
  {
    title: "the role is a superuser",
    create: `CREATE ROLE countersign_app NOLOGIN SUPERUSER; ${OWN}`,
    what: "the role countersign_app is a superuser, so nothing protects the audit from the application",
    todo: "As another superuser, run: ALTER ROLE countersign_app NOSUPERUSER; GRANT countersign_app TO office",
  },
  {
    title: "the login may not create anything",
    create: "CREATE ROLE countersign_app NOLOGIN; GRANT countersign_app TO office; CREATE DATABASE crm",
    what: 'login "office" may not create tables in database "crm"',
    todo: 'As a superuser, run in database "crm": GRANT CREATE ON DATABASE "crm" TO "office"; GRANT USAGE, CREATE ON SCHEMA public TO "office"',
  },
  {
    title: "the tables belong to another login",
    prepare: "CREATE TABLE migrations (name text); ALTER TABLE migrations OWNER TO desk",
    what: 'the tables in database "crm" belong to "desk", not to "office"',
    todo: 'Set DATABASE_OWNER_URL to a URL with the login "desk".',
  },
  {
    title: "the encoding is not UTF8",
    create: `${OWN} TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'`,
    what: 'database "crm" has the encoding LATIN1, not UTF8',
    todo: `Run: ${UTF8}; and set the URL to it.`,
  },
  {
    title: "no encoding is set",
    create: `${OWN} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'`,
    what: 'database "crm" has the encoding SQL_ASCII, not UTF8',
    todo: `Run: ${UTF8}; and set the URL to it.`,
  },
  {
    title: "LC_CTYPE is C",
    create: `${OWN} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'`,
    what: 'database "crm" has LC_CTYPE C, which knows no letters but A to Z, so customers such as Éva are not found',
    todo: `Run: ${UTF8}; and set the URL to it.`,
  },
  {
    title: "the login has another search_path",
    prepare: "CREATE SCHEMA sales AUTHORIZATION office; ALTER ROLE office SET search_path = sales, public",
    what: 'login "office" has the search_path sales, public, in which the first schema is sales, not public',
    todo: 'Run: ALTER ROLE "office" IN DATABASE "crm" SET search_path = public',
  },
  {
    title: "the login has a schema of its own name, which comes first",
    prepare: "CREATE SCHEMA office AUTHORIZATION office",
    what: 'login "office" has the search_path "$user", public, in which the first schema is office, not public',
    todo: 'Run: ALTER ROLE "office" IN DATABASE "crm" SET search_path = public',
  },
  {
    title: "the database has a search_path without a schema",
    prepare: "ALTER DATABASE crm SET search_path = ''",
    what: 'login "office" has the search_path "", in which the first schema is missing, not public',
    todo: 'Run: ALTER ROLE "office" IN DATABASE "crm" SET search_path = public',
  },
  {
    title: "an extension is in another schema",
    prepare: "CREATE SCHEMA extensions; CREATE EXTENSION unaccent SCHEMA extensions",
    what: "the extension unaccent is in schema extensions, not in public",
    todo: 'As a superuser, run in database "crm": ALTER EXTENSION unaccent SET SCHEMA public',
  },
  {
    title: "extensions are not on the server",
    prepare: "ALTER DATABASE crm SET extension_control_path = '/nowhere'",
    what: "PostgreSQL has no extension btree_gist, pg_trgm, unaccent",
    todo: "Install its contrib package on the database's machine, for example: apt-get install postgresql-contrib",
  },
  {
    title: "the server lets only superusers install extensions",
    prepare: "ALTER DATABASE crm SET extension_control_path = '/untrusted'",
    what: "only a superuser may install the extension btree_gist, pg_trgm, unaccent here",
    todo: 'As a superuser, run in database "crm": CREATE EXTENSION btree_gist SCHEMA public; CREATE EXTENSION pg_trgm SCHEMA public; CREATE EXTENSION unaccent SCHEMA public',
  },
];
