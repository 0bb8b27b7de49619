import { startApp, type TestApp, type Session } from "../support/app.ts";
import { placeOf } from "../support/mcp-clients.ts";
import { describeThirdParty } from "../support/third-party-clients.ts";
import { deleteTheJohnsons } from "./conversation.ts";

interface Adapters {
  MultiServerMCPClient: new (options: object) => {
    getTools(): Promise<
      { name: string; invoke(input: object): Promise<{ text: string; structuredContent: unknown }> }[]
    >;
    close(): Promise<void>;
  };
}

await describeThirdParty("LangChain's MCP adapters", ["@langchain/mcp-adapters@1.1.4"], ({ load }) => {
  let house: TestApp;
  let owner: Session;
  beforeAll(async () => {
    house = await startApp({ redisUrl: () => undefined });
    owner = await house.owner();
  });
  afterAll(() => house.stop());

  const headers = () => ({ Authorization: `Bearer ${house.token}` });
  const overHttp = () => ({ transport: "http", url: `${house.url}/mcp`, headers: headers() });
  const overStdio = () => ({ transport: "stdio", ...placeOf(house).program });

  it.each([
    ["HTTP", overHttp],
    ["stdio", overStdio],
  ])("hold the guide's conversation over %s", async (_name, server) => {
    const { MultiServerMCPClient } = await load<Adapters>("@langchain/mcp-adapters");
    const client = new MultiServerMCPClient({ mcpServers: { countersign: server() } });
    try {
      const tools = await client.getTools();
      await deleteTheJohnsons(house, owner, async (name, input) => {
        const answer = await tools.find((tool) => tool.name === name)?.invoke(input);
        if (!answer) throw new Error(`there is no tool ${name}`);
        expect(JSON.parse(answer.text)).toEqual(answer.structuredContent);
        return answer.structuredContent;
      });
      const wrong = tools.find(({ name }) => name === "crm_action");
      await expect(wrong?.invoke({ domain: "contact", action: "delet", data: {} })).rejects.toThrow("delete");
    } finally {
      await client.close();
    }
  });
});
