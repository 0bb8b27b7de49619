type Step = () => Promise<void>;

/** The steps that stop a process, collected while it starts. */
export interface Shutdown {
  /** Runs before all steps that were added earlier. */
  add(step: Step): void;
  /** Runs after all other steps. */
  addLast(step: Step): void;
  /** Runs every step once, even if some fail: one part that cannot stop must not leave the database running. */
  run(): Promise<void>;
}

export function makeShutdown(onError: (error: unknown) => void): Shutdown {
  const steps: Step[] = [];
  return {
    add: (step) => void steps.push(step),
    addLast: (step) => void steps.unshift(step),
    async run() {
      for (const step of steps.splice(0).reverse()) await step().catch(onError);
    },
  };
}
