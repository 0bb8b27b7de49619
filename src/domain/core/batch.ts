type Waiting<In, Out> = { input: In; resolve: (output: Out) => void; reject: (error: unknown) => void };

/** As many at once: a statement stays small, and nobody waits for a crowd. */
const MOST = 64;

/**
 * Gathers what is asked while the last round is under way and asks it in one: a lone call goes out at once, a crowd
 * shares its round trips. Every round begins after its calls came, so no answer is older than its question.
 *
 * `ask` answers in the order of its inputs. Where it throws and `separable` says that nothing of that round has
 * happened, each call is asked alone, so that none pays for another's fault; else all of the round are refused.
 */
export function batched<In, Out>(
  ask: (inputs: In[]) => Promise<Out[]>,
  separable: (error: unknown) => boolean = () => false,
): (input: In) => Promise<Out> {
  const queue: Waiting<In, Out>[] = [];
  let running = false;

  async function settle(round: Waiting<In, Out>[]): Promise<void> {
    try {
      const outputs = await ask(round.map(({ input }) => input));
      round.forEach(({ resolve }, at) => resolve(outputs[at] as Out)); // One output for each input.
    } catch (error) {
      if (round.length === 1 || !separable(error)) return round.forEach(({ reject }) => reject(error));
      for (const one of round) await settle([one]);
    }
  }

  async function run(): Promise<void> {
    running = true;
    while (queue.length > 0) await settle(queue.splice(0, MOST));
    running = false;
  }

  return (input) =>
    new Promise((resolve, reject) => {
      queue.push({ input, resolve, reject });
      if (!running) void run();
    });
}
