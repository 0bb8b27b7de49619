export interface Interval {
  /** Stops the interval and waits for the running round. */
  close(): Promise<void>;
}

/** Runs `round` every `everyMs`; skips a tick while the previous round is still running. */
export function every(
  round: () => Promise<void>,
  everyMs: number,
  onError: (error: unknown) => void,
): Interval {
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
