type PendingCall<In, Out> = { input: In; resolve: (output: Out) => void; reject: (error: unknown) => void };

/** Calls per batch. Limits the size of a statement and the wait of the first call. */
const MAX_BATCH = 64;

/**
 * Batches calls that arrive while the previous batch runs. A single call starts at once; concurrent calls share a
 * round trip. A batch starts after its calls have arrived, so no result is older than its call.
 *
 * `ask` returns one output per input, in the same order. If it throws and `separable` says that the batch has changed
 * nothing, each call runs alone, so that one bad call does not fail the others. Otherwise all calls of the batch fail.
 */
export function batched<In, Out>(
  ask: (inputs: In[]) => Promise<Out[]>,
  separable: (error: unknown) => boolean = () => false,
): (input: In) => Promise<Out> {
  const queue: PendingCall<In, Out>[] = [];
  let running = false;

  async function settle(batch: PendingCall<In, Out>[]): Promise<void> {
    try {
      const outputs = await ask(batch.map(({ input }) => input));
      batch.forEach(({ resolve }, index) => resolve(outputs[index] as Out)); // One output for each input.
    } catch (error) {
      if (batch.length === 1 || !separable(error)) return batch.forEach(({ reject }) => reject(error));
      for (const call of batch) await settle([call]);
    }
  }

  async function run(): Promise<void> {
    running = true;
    while (queue.length > 0) await settle(queue.splice(0, MAX_BATCH));
    running = false;
  }

  return (input) =>
    new Promise((resolve, reject) => {
      queue.push({ input, resolve, reject });
      if (!running) void run();
    });
}
