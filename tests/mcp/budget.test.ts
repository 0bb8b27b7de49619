import { answerText, MOST_ANSWER_BYTES } from "../../src/mcp/budget.ts";

/** An object whose JSON has this many bytes. */
function ofBytes(bytes: number): { items: { id: string; notes: string }[] } {
  const item = { id: "contact_1", notes: "" };
  const rest = bytes - JSON.stringify({ items: [item] }).length;
  return { items: [{ ...item, notes: "n".repeat(rest) }] };
}
const bytesOf = (text: string) => Buffer.byteLength(text);

describe("an answer to a model", () => {
  it("has at most 40,000 bytes", () => expect(MOST_ANSWER_BYTES).toBe(40_000));

  it("of 40 kB comes whole; with one byte more, long texts are cut and it says so", () => {
    const whole = ofBytes(MOST_ANSWER_BYTES);
    expect(JSON.parse(answerText(whole))).toEqual(whole);
    const longer = ofBytes(MOST_ANSWER_BYTES + 1);
    const cut = JSON.parse(answerText(longer));
    expect(bytesOf(answerText(longer))).toBeLessThanOrEqual(MOST_ANSWER_BYTES);
    expect(cut.items[0].notes).toMatch(/^n{4000}… \(\d+ characters\)$/);
    expect(cut.shortened).toContain(`has ${MOST_ANSWER_BYTES + 1} bytes`);
  });

  it("leaves out nulls, at every depth, and keeps false, 0 and empty texts", () => {
    const data = { a: null, b: { c: null, d: false, e: 0, f: "", g: [{ h: null, i: 1 }] } };
    expect(JSON.parse(answerText(data))).toEqual({ b: { d: false, e: 0, f: "", g: [{ i: 1 }] } });
  });

  it("counts bytes after hidden characters were made visible", () => {
    const data = { text: "\u202e".repeat(MOST_ANSWER_BYTES / 10) };
    expect(bytesOf(JSON.stringify(data))).toBeLessThan(MOST_ANSWER_BYTES);
    expect(bytesOf(answerText(data))).toBeLessThanOrEqual(MOST_ANSWER_BYTES);
    expect(JSON.parse(answerText(data))).toHaveProperty("shortened");
  });

  it("keeps a job's state and names the cut lists when its preview is large", () => {
    const change = { record: "ticket", id: "ticket_1", before: { notes: "n".repeat(500) }, after: null };
    const approval_url = `https://crm.example.com/${"x".repeat(200)}`;
    const job = {
      job_id: "job_1",
      status: "completed",
      authorization: { approval_url },
      result: { preview: { changes: Array.from({ length: 2_000 }, () => change) } },
    };
    const text = answerText(job);
    expect(bytesOf(text)).toBeLessThanOrEqual(MOST_ANSWER_BYTES);
    const shown = JSON.parse(text);
    expect(shown).toMatchObject({ job_id: "job_1", status: "completed", authorization: { approval_url } });
    expect(shown.result.preview.changes.length).toBeGreaterThan(0);
    expect(shown.shortened).toMatch(/result\.preview\.changes \(\d+ of 2000\)/);
  });

  it.each([
    [
      "lists in lists",
      { a: Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => "x".repeat(200))) },
    ],
    ["many keys", Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`key_${n}`, "x".repeat(500)]))],
    [
      "deep objects",
      [..."abcdefgh"].reduce<object>((inner) => ({ one: inner, two: inner, three: inner }), {
        t: "x".repeat(300),
      }),
    ],
  ])("fits also with %s", (_what, data) => {
    const text = answerText(data);
    expect(bytesOf(text)).toBeLessThanOrEqual(MOST_ANSWER_BYTES);
    expect(JSON.parse(text)).toHaveProperty("shortened");
  });
});
