/** Belongs to environment.cjs: loaded modules of the product and of packages stay loaded for the next test file. */
const { default: Runtime } = require("jest-runtime");

const sources = `${require("node:path").resolve(__dirname, "../../../src")}/`;
const stays = (key) => key.includes("/node_modules/") || key.replace(/^file:\/\//, "").startsWith(sources);

/** The loaded modules of a worker, by project. */
const loaded = new Map();

class SharedRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    const [{ id }] = args;
    const { watch, watchAll } = args[7];
    if (!loaded.has(id) || watch || watchAll) {
      loaded.set(id, { modules: new Map(), esModules: new Map(), sourceMaps: new Map() });
    }
    const { modules, esModules, sourceMaps } = loaded.get(id);
    this.registries.moduleRegistry = modules;
    this.registries.esModuleRegistry = esModules;
    this.transformCache.sourceMaps = sourceMaps;
  }

  /** Keeps the runtime usable: modules that stay loaded may load others through it later. */
  teardown() {
    const { moduleRegistry, esModuleRegistry } = this.registries;
    for (const registry of [moduleRegistry, esModuleRegistry]) {
      for (const key of registry.keys()) if (!stays(key)) registry.delete(key);
    }
    this.registries.internalModuleRegistry.clear();
    this.fileCache.clear();
    this.transformCache.clear();
    this.jestGlobals.clearJestObjectCache();
  }
}

module.exports = SharedRuntime;
