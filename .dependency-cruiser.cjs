/**
 * Who may import whom; docs/architecture.md draws the picture. Type imports count: what a file describes, it depends
 * on. `npm run imports` checks the rules, tests/imports.test.ts checks that each of them works.
 */
const never = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });

/** Files of `folder` import themselves and `allowed` (patterns below src), and no other source file. */
const only = (name, folder, allowed, comment) =>
  never(
    name,
    { path: `^src/${folder}/` },
    { path: `^src/(?!(${[`${folder}/`, ...allowed].join("|")}))` },
    comment,
  );

const RECORD = "^src/domain/(?!core/|query/|engine/|schedule/)([^/]+)/";
const DOMAIN = ["domain/", "entities/"];

module.exports = {
  forbidden: [
    never(
      "no-cycle",
      {},
      { circular: true },
      "Two files that import each other cannot be read or tested alone. Move what both need into a third file that imports neither.",
    ),
    never(
      "no-catch-all-names",
      {},
      {
        path: "[/-](util|utils|helper|helpers|common|manager|managers)(/|[.]tsx?$)",
        pathNot: "node_modules",
      },
      "The name says nothing about the content. Name the file after its subject.",
    ),

    only(
      "entities-import-entities",
      "entities",
      [],
      "An entity describes a table. Move the code that uses it to the domain.",
    ),
    only(
      "database-imports-entities",
      "database",
      ["entities/"],
      "The database layer serves all others and depends on none. Pass the value in as an argument.",
    ),
    only(
      "queue-imports-database",
      "queue",
      ["database/"],
      "The queue carries job ids. Pass a function in, for example the one that runs a job.",
    ),

    only(
      "domain-imports-domain",
      "domain",
      ["entities/", "database/sql\\.ts$"],
      "The domain knows no transport, queue or configuration. Take it from `context` or as an argument.",
    ),
    never(
      "domain-uses-no-transport",
      { path: "^src/domain/" },
      {
        path: "node_modules/(express|helmet|bullmq|@bull-board|ioredis|pg|pino|stripe|twilio|nodemailer|@modelcontextprotocol)/",
      },
      "The domain knows no HTTP, queue, driver, log or provider. Write a delivery row; a worker's channel carries it out.",
    ),
    only(
      "core-imports-core",
      "domain/core",
      ["entities/", "database/"],
      "Core is what an author of an action writes with; everything in the domain imports it. Move the code to the folder that it needs.",
    ),
    only(
      "query-imports-core",
      "domain/query",
      ["domain/core/", "entities/", "database/"],
      "Queries know no record by name. Describe what is special about a record in its type.ts.",
    ),
    only(
      "engine-imports-core",
      "domain/engine",
      ["domain/core/", "domain/query/", "entities/", "database/"],
      "The engine knows no record by name. Describe what is special about a record in its action or on its entity.",
    ),
    only(
      "schedule-imports-core",
      "domain/schedule",
      ["domain/core/", "entities/", "database/"],
      "Schedule is time arithmetic. Hand it the opening hours, bookings and days off as values.",
    ),
    never(
      "records-import-no-engine",
      { path: RECORD },
      { path: "^src/domain/engine/" },
      "An action says what happens and leaves jobs, levels and undo to the engine. Use `context`, or move the shared type to domain/core.",
    ),

    only(
      "identity-imports-domain",
      "identity",
      [...DOMAIN, "database/"],
      "Accounts and tokens know no transport. Take what you need as an argument.",
    ),
    only(
      "crm-imports-domain",
      "crm",
      [...DOMAIN, "queue/", "database/"],
      "crm is the facade that every caller uses; it knows none of them. Take a function as an argument.",
    ),
    only(
      "api-imports-crm",
      "api",
      [...DOMAIN, "crm/", "identity/"],
      "A route asks the crm facade or identity. Add a function there, or let main pass the part in.",
    ),
    only(
      "mcp-imports-crm",
      "mcp",
      [...DOMAIN, "crm/", "identity/"],
      "A tool asks the crm facade. Add a function there, or let main pass the part in.",
    ),
    only(
      "workers-import-domain",
      "workers",
      [...DOMAIN, "queue/", "database/sql\\.ts$"],
      "A worker runs jobs from the queue. Let main pass in what else it needs.",
    ),
    only(
      "data-imports-domain",
      "data",
      [...DOMAIN, "database/", "workers/system-job\\.ts$"],
      "Import, export and erase know no transport and no terminal. Report progress to a function.",
    ),
    only(
      "demo-imports-domain",
      "demo",
      [...DOMAIN, "database/", "workers/system-job\\.ts$"],
      "The demo writes through system jobs like everyone else. Report progress to a function.",
    ),
    never(
      "only-workers-execute",
      { path: "^src/", pathNot: "^src/(workers|demo)/" },
      { path: "^src/domain/engine/execute\\.ts$" },
      "Nothing happens outside a job. Submit an action through crm; a worker executes it.",
    ),
    never(
      "main-and-cli-on-top",
      { path: "^src/", pathNot: "^src/(main\\.ts$|cli/)" },
      { path: "^src/(main\\.ts$|cli/)" },
      "main and cli put the parts together, so no part imports them. Take the value as an argument.",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
    },
  },
};
