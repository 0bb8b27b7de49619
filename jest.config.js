import { availableParallelism } from "node:os";

const long = process.env.TEST_FORM === "long";

const support = "<rootDir>/tests/support";

/** Left to the long form: they start many processes, kill them, or wait. A path on the command line runs in any form. */
const SLOW = [
  "clients/", // They fetch programs of others from the registry.
  "faults/",
  "browser/",
  "examples",
  "flows/(bookings-at-once|clock|customer-links|first-start|scale-out|start|waiting)",
  "attacks/(compile-cache|evidence-|forged-jobs|laundered-history|scopes-after-any-calls|secrets|sign-in|window)",
  "api/security/(open-requests|recent-sign-in)",
  "crm/metrics",
  "data/(erase-command|import/killed)",
  "database/(embedded|preflight)",
  "cli/(doctor|job|token|verify)",
  "mcp/stdio",
  "queue/(queue-in-trouble|redis-refused)",
  "support/leftovers",
].map((path) => `<rootDir>/tests/${path}`);
const named = process.argv.slice(2).some((argument) => /^(\.\/)?tests\//.test(argument));

/** Real PostgreSQL for every suite: global-setup.ts starts it, global-teardown.ts stops it. */
const project = {
  testEnvironment: `${support}/jest/environment.cjs`,
  runtime: `${support}/jest/runtime.cjs`,
  testMatch: ["<rootDir>/tests/**/*.test.{ts,tsx}"],
  testPathIgnorePatterns: long || named ? [] : SLOW,
  extensionsToTreatAsEsm: [".ts", ".tsx"],
  transform: {
    "^.+\\.tsx?$": [
      "@swc/jest",
      {
        jsc: {
          target: "es2022",
          parser: { syntax: "typescript", tsx: true, decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: false,
            useDefineForClassFields: false,
            react: { runtime: "automatic", importSource: "preact" },
          },
        },
        module: { type: "es6" },
      },
    ],
  },
  globalSetup: `${support}/global-setup.ts`,
  globalTeardown: `${support}/global-teardown.ts`,
};

/** The rules of the business must not depend on the day that the tests run. */
const ahead = {
  ...project,
  displayName: "400 days ahead",
  testEnvironmentOptions: { daysAhead: 400 },
  testMatch: ["<rootDir>/tests/{domain,api}/**/*.test.{ts,tsx}"],
};

const run = {
  testSequencer: "./tests/support/jest/sequencer.cjs",
  reporters: ["default", "./tests/support/jest/reporter.js"],
  testTimeout: long ? 180_000 : 60_000, // A machine that also does other work may need long for one test.
  workerGracefulExitTimeout: 10_000, // A worker holds all modules, and needs its time to go.
  // In the long form a third of the time is spent waiting for killed processes to be missed.
  maxWorkers: Math.ceil(availableParallelism() * (long ? 1.5 : 1)),
};

export default long
  ? { ...run, projects: [{ ...project, displayName: "today" }, ahead] }
  : { ...run, ...project };
