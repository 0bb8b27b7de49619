/**
 * Starts slow files first, so that none of them runs alone at the end. jest caches how long each file took; without a
 * cache, the folder decides: the listed folders start processes of the product.
 */
const { default: Sequencer } = require("@jest/test-sequencer");

const SLOW = ["clients", "faults", "flows", "attacks", "browser", "support", "entities"];

/** The index of the file's folder in SLOW. */
function rank(path) {
  const folder = /\/tests\/([^/]+)\//.exec(path.replaceAll("\\", "/"))?.[1];
  const place = SLOW.indexOf(folder);
  return place < 0 ? SLOW.length : place;
}

module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests); // Sets the cached durations and puts failed files first.
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return sorted.sort((one, other) => rank(one.path) - rank(other.path));
  }
};
