import type { Waiters } from "./waiters.ts";

export interface AccessWatch {
  /**
   * Calls back when the token or session with this id may have ended: the database said so, or its word may have been
   * lost. Returns a function that stops watching.
   */
  watch(id: string, mayHaveEnded: () => void): () => void;
}

/** Tells open requests of tokens and sessions that end, in whatever process that happens. */
export function makeAccessWatch(waiters: Pick<Waiters, "subscribe">): AccessWatch {
  const watchers = new Map<string, Set<() => void>>();
  waiters.subscribe({
    notified(ids) {
      for (const id of ids) for (const mayHaveEnded of [...(watchers.get(id) ?? [])]) mayHaveEnded();
    },
    missed() {
      for (const one of [...watchers.values()]) for (const mayHaveEnded of [...one]) mayHaveEnded();
    },
    dismissed: () => undefined,
  });
  return {
    watch(id, mayHaveEnded) {
      const known = watchers.get(id) ?? new Set();
      watchers.set(id, known.add(mayHaveEnded));
      return () => {
        known.delete(mayHaveEnded);
        if (known.size === 0 && watchers.get(id) === known) watchers.delete(id);
      };
    },
  };
}
