export interface Repeating {
  /** Waits for a round that is under way; no other follows. */
  close(): Promise<void>;
}

/** Does it again and again, each `everyMs` that no round is under way. */
export function repeating(
  round: () => Promise<void>,
  everyMs: number,
  onError: (error: unknown) => void,
): Repeating {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= round()
      .catch(onError)
      .finally(() => (running = undefined));
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
