/** The time limit passed. The promise itself may still be fulfilled later. */
export class NoAnswerError extends Error {}

/** Rejects if the promise has not settled after `ms` milliseconds; does not cancel the work. */
export async function withTimeout<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswerError(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
