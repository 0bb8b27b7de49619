/** The doors between the rooms: who may import whom. */
const room = (name) => `^src/${name}/`;
const never = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });

module.exports = {
  forbidden: [
    never(
      "no-circular",
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
      "A cycle has no first file to read.",
    ),
    never(
      "entities-import-nothing",
      { path: room("entities") },
      { path: "^src/(?!entities/)" },
      "Entities know nobody.",
    ),
    never(
      "domain-knows-no-transport",
      { path: room("domain") },
      {
        path: [
          "^src/(?!domain/|entities/)",
          "node_modules/(express|helmet|bullmq|@bull-board|ioredis|pg|pino|stripe|@modelcontextprotocol)/",
        ],
      },
      "The domain knows no Express, BullMQ, Stripe, driver, log or environment.",
    ),
    never(
      "workers-alone",
      { path: room("workers") },
      { path: "^src/(api|mcp|main|cli|config)" },
      "Only main wires rooms.",
    ),
    never(
      "api-alone",
      { path: room("api") },
      { path: "^src/(workers|mcp|main|cli|config)" },
      "Only main wires rooms.",
    ),
    never(
      "mcp-alone",
      { path: room("mcp") },
      { path: "^src/(workers|api|main|cli|config)" },
      "Only main wires rooms.",
    ),
    never(
      "only-workers-execute",
      { path: "^src/", pathNot: "^src/(workers/|domain/core/execute\\.ts)" },
      { path: "^src/domain/core/execute\\.ts$" },
      "Nothing happens outside a job: only workers execute.",
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
