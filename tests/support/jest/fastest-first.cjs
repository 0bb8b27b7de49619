/** Starts the files first that took the least time: a mutant is killed sooner (scripts/mutants). */
const { statSync } = require("node:fs");
const { default: Sequencer } = require("@jest/test-sequencer");

module.exports = class FastestFirst extends Sequencer {
  sort(tests) {
    // Sets the durations of earlier runs. A file without one is taken to need 1 s for each 10 kB.
    const costs = new Map(
      super.sort(tests).map((test) => [test, test.duration ?? statSync(test.path).size / 10]),
    );
    return [...costs.keys()].sort((one, other) => costs.get(one) - costs.get(other));
  }
};
