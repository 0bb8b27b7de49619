/** Shortest time of a few rounds, in ms: what the work costs when nothing else has the processor. For ratios only. */
export async function shortestMs(work: () => unknown, rounds = 3): Promise<number> {
  let shortest = Infinity;
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work();
    shortest = Math.min(shortest, performance.now() - began);
  }
  return shortest;
}
