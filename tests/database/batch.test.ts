import { batched } from "../../src/database/batch.ts";

/** A fake `ask` whose batches the test resolves. */
function fakeAsk() {
  const batches: { inputs: number[]; answer(outputs: number[]): void; fail(error: Error): void }[] = [];
  const ask = (inputs: number[]) =>
    new Promise<number[]>((answer, fail) => batches.push({ inputs, answer, fail }));
  return { batches, ask };
}
/** Resolves after all settled promises have run their callbacks. */
const flushPromises = () => new Promise((resolve) => setImmediate(resolve));
const tenfold = (inputs: number[]) => inputs.map((input) => input * 10);

describe("batched calls", () => {
  it("start at once when none is running, and share the next batch when one is", async () => {
    const { batches, ask } = fakeAsk();
    const call = batched(ask);
    const first = call(1);
    const others = [call(2), call(3)];
    expect(batches.map(({ inputs }) => inputs)).toEqual([[1]]);
    batches[0]?.answer([10]);
    expect(await first).toBe(10);
    await flushPromises();
    expect(batches.map(({ inputs }) => inputs)).toEqual([[1], [2, 3]]);
    batches[1]?.answer([20, 30]);
    expect(await Promise.all(others)).toEqual([20, 30]);
  });

  it("all fail with their batch if it may have changed something", async () => {
    const { batches, ask } = fakeAsk();
    const call = batched(ask, () => false);
    const calls = Promise.allSettled([call(1), call(2), call(3)]);
    batches[0]?.answer([10]);
    await flushPromises();
    batches[1]?.fail(new Error("cut off"));
    expect((await calls).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(batches).toHaveLength(2);
  });

  it("run one by one after a failed batch that changed nothing, so that only the bad call fails", async () => {
    const ask = async (inputs: number[]) => {
      if (inputs.includes(3)) throw new Error("3 is refused");
      return tenfold(inputs);
    };
    const call = batched(ask, () => true);
    const calls = await Promise.allSettled([1, 2, 3, 4].map(call));
    expect(calls.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  });

  it("still run after a failed batch", async () => {
    let failing = true;
    const call = batched(async (inputs: number[]) => {
      if (failing) throw new Error("down");
      return tenfold(inputs);
    });
    await expect(call(1)).rejects.toThrow("down");
    failing = false;
    expect(await call(2)).toBe(20);
  });
});
