import { randomBytes } from "node:crypto";
import { makeLog } from "../src/log.ts";
import { type TestDatabase, testDatabase } from "./support/database.ts";

describe("the log", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  /** The line that is written when these fields are logged. */
  function logged(fields: object): { text: string; line: Record<string, unknown> } {
    let text = "";
    makeLog("trace", { write: (line) => (text += line) }).warn(fields, "trouble");
    return { text, line: JSON.parse(text) as Record<string, unknown> };
  }

  const caught = (work: () => unknown): Promise<unknown> =>
    (async () => work())().then(
      () => Promise.reject(new Error("it did not throw")),
      (error: unknown) => error,
    );

  it("has the code and the stack frames of a database error, but no data of the row", async () => {
    const name = randomBytes(8).toString("hex");
    const insert = "INSERT INTO session (id, user_id, expires_at) VALUES ($1, NULL, now())";
    for (const sql of [insert, "SELECT $1::integer"]) {
      const err = await caught(() => test.db.query(sql, [name]));
      const { text, line } = logged({ err });
      expect(text).not.toContain(name);
      expect(text).not.toContain("user_id");
      expect(line["err"]).toMatchObject({
        code: expect.stringMatching(/^\w{5}$/),
        frames: expect.arrayContaining([expect.stringContaining("at ")]),
      });
    }
  });

  it("does not quote input that could not be parsed", async () => {
    const err = await caught(() => JSON.parse('{"name": Mary Smith}'));
    expect(logged({ err }).text).not.toContain("Mary");
  });

  it("has the message, the code and the cause of errors that the code throws", () => {
    const cause = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
    const { line } = logged({ err: new Error("the queue is down", { cause }), job_id: "job_1" });
    expect(line).toMatchObject({
      job_id: "job_1",
      msg: "trouble",
      err: { type: "Error", message: "the queue is down", cause: { code: "ECONNREFUSED" } },
    });
  });

  it("redacts fields with sensitive names", () => {
    const { text } = logged({
      token: "Mary",
      ...{ request: { cookie: "Mary", password: "Mary", notes: "Mary" } },
      ...{ job: { reasoning: "Mary", input: { name: "Mary" } } },
    });
    expect(text).not.toContain("Mary");
    expect(text).toContain("[not logged]");
  });
});
