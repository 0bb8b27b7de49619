import { aJob, connectOverHttp, openOffice, TOKEN } from "./office.ts";

describe("the MCP endpoint", () => {
  it("serves 40 calls at the same time, each with its own answer", async () => {
    let running = 0;
    let most = 0;
    let release = () => {};
    const allThere = new Promise<void>((resolve) => void (release = resolve));
    const office = await openOffice({
      async submit(_actor, { data }) {
        most = Math.max(most, ++running);
        if (running === 40) release();
        await allThere;
        return aJob({ result: data });
      },
    });
    const client = await connectOverHttp(office.url);
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    const answers = await Promise.all(
      numbers.map((number) =>
        client.call("crm_action", { domain: "contact", action: "x", data: { number } }),
      ),
    );
    expect(answers.map(({ structured }) => structured)).toEqual(
      numbers.map((number) => expect.objectContaining({ result: { number } })),
    );
    expect(most).toBe(40);
    await client.close();
    await office.close();
  });

  it("has no sessions: refuses every method but POST", async () => {
    const office = await openOffice();
    for (const method of ["GET", "DELETE"]) {
      const headers = { authorization: `Bearer ${TOKEN}`, accept: "text/event-stream" };
      const response = await fetch(`${office.url}/mcp`, { method, headers });
      expect(response.status).toBe(405);
    }
    await office.close();
  });
});
