/** A random sample of `count` items in their original order; the same for the same seed. */
export function sampled<Item>(items: readonly Item[], count: number, seed: number): Item[] {
  let state = seed;
  // mulberry32
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const drawn = items.map((item, index) => ({ item, index, key: random() }));
  const chosen = drawn.sort((one, other) => one.key - other.key).slice(0, count);
  return chosen.sort((one, other) => one.index - other.index).map(({ item }) => item);
}
