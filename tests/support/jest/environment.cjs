/**
 * Shares one vm context between all test files of a worker. By default jest creates one per file and loads TypeORM,
 * entities and domain again (one to two CPU seconds). Globals that a test file may change are restored between files.
 */
const { TestEnvironment } = require("jest-environment-node");

const DAY_MS = 86_400_000;

/** The environments of this worker by project, with a snapshot of their globals before the first test file. */
const kept = new Map();

class SharedEnvironment extends TestEnvironment {
  constructor(config, context) {
    const { globalConfig, projectConfig } = config;
    const before = kept.get(projectConfig.id);
    // In watch mode the sources change while the worker lives.
    if (before && !globalConfig.watch && !globalConfig.watchAll) {
      restore(before);
      return before.environment;
    }
    super(config, context);
    const { daysAhead } = projectConfig.testEnvironmentOptions;
    const { global } = this;
    if (daysAhead) moveClock(global, daysAhead * DAY_MS);
    const own = daysAhead ? { TEST_DAYS_AHEAD: String(daysAhead) } : {};
    Object.assign(global.process.env, own);
    const symbols = Object.getOwnPropertySymbols(global);
    kept.set(projectConfig.id, { environment: this, symbols, exit: global.process.exit, own });
  }

  /** With TEST_STOP_AT_FIRST, skips the tests of a file after the first that failed (scripts/mutants). */
  handleTestEvent({ name, test }) {
    if (!process.env.TEST_STOP_AT_FIRST) return;
    if (name === "setup") this.failed = false;
    if (name === "test_done" && test.errors.length > 0) this.failed = true;
    if (name === "test_start" && this.failed) test.mode = "skip";
  }

  /** Does not tear down the context: modules that stay loaded use it. */
  async teardown() {
    clearLeftovers(this.global);
    this.fakeTimersModern.useRealTimers();
  }
}

/** Ends processes and servers that the test file has left running, as after a hook timeout (leftovers.ts). */
const clearLeftovers = (global) => global[Symbol.for("countersign.clearLeftovers")]?.();
process.on("exit", () => {
  for (const { environment } of kept.values()) clearLeftovers(environment.global);
});

/** Restores jest's state (events, matchers), process.exit and the environment variables after the previous file. */
function restore({ environment: { global }, symbols, exit, own }) {
  for (const symbol of Object.getOwnPropertySymbols(global)) {
    if (!symbols.includes(symbol)) delete global[symbol];
  }
  global.process.exit = exit;
  const { env } = global.process;
  for (const name of Object.keys(env)) if (!(name in process.env)) delete env[name];
  Object.assign(env, process.env, own);
}

/** Moves Date.now() and new Date() of this context forward. */
function moveClock(global, byMs) {
  const { Date } = global;
  const now = Date.now.bind(Date);
  Date.now = () => now() + byMs;
  global.Date = new Proxy(Date, {
    construct: (target, args, caller) =>
      Reflect.construct(target, args.length === 0 ? [target.now()] : args, caller),
    apply: (target) => new target(target.now()).toString(),
  });
  Date.prototype.constructor = global.Date;
}

module.exports = SharedEnvironment;
