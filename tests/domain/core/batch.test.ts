import { batched } from "../../../src/domain/core/batch.ts";

/** A question that is answered by hand, round by round. */
function asked() {
  const rounds: { inputs: number[]; answer(outputs: number[]): void; fail(error: Error): void }[] = [];
  const ask = (inputs: number[]) =>
    new Promise<number[]>((answer, fail) => rounds.push({ inputs, answer, fail }));
  return { rounds, ask };
}
/** Until every promise that could go on has gone on. */
const quiet = () => new Promise((resolve) => setImmediate(resolve));
const tenfold = (inputs: number[]) => inputs.map((input) => input * 10);

describe("calls that come together", () => {
  it("go out at once where none is under way, and share the next round where one is", async () => {
    const { rounds, ask } = asked();
    const call = batched(ask);
    const first = call(1);
    const others = [call(2), call(3)];
    expect(rounds.map(({ inputs }) => inputs)).toEqual([[1]]);
    rounds[0]?.answer([10]);
    expect(await first).toBe(10);
    await quiet();
    expect(rounds.map(({ inputs }) => inputs)).toEqual([[1], [2, 3]]);
    rounds[1]?.answer([20, 30]);
    expect(await Promise.all(others)).toEqual([20, 30]);
  });

  it("fail together where nobody knows what has happened", async () => {
    const { rounds, ask } = asked();
    const call = batched(ask, () => false);
    const calls = Promise.allSettled([call(1), call(2), call(3)]);
    rounds[0]?.answer([10]);
    await quiet();
    rounds[1]?.fail(new Error("cut off"));
    expect((await calls).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(rounds).toHaveLength(2);
  });

  it("pay for nobody else's fault where the round is known to have done nothing", async () => {
    const ask = async (inputs: number[]) => {
      if (inputs.includes(3)) throw new Error("3 is refused");
      return tenfold(inputs);
    };
    const call = batched(ask, () => true);
    const calls = await Promise.allSettled([1, 2, 3, 4].map(call));
    expect(calls.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  });

  it("are answered after a failed round too", async () => {
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
