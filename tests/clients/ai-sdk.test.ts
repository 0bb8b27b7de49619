import { startApp, type TestApp, type Session } from "../support/app.ts";
import { placeOf } from "../support/mcp-clients.ts";
import { describeThirdParty } from "../support/third-party-clients.ts";
import { deleteTheJohnsons } from "./conversation.ts";

interface AnswerOfTool {
  isError?: boolean;
  content: { text: string }[];
  structuredContent?: unknown;
}

interface AiSdk {
  createMCPClient(options: { transport: unknown }): Promise<{
    tools(): Promise<Record<string, { execute(input: object, options: object): Promise<AnswerOfTool> }>>;
    close(): Promise<void>;
  }>;
}

interface AiSdkStdio {
  Experimental_StdioMCPTransport: new (program: object) => object;
}

await describeThirdParty("The AI SDK's MCP client", ["@ai-sdk/mcp@2.0.99"], ({ load }) => {
  let house: TestApp;
  let owner: Session;
  beforeAll(async () => {
    house = await startApp({ redisUrl: () => undefined });
    owner = await house.owner();
  });
  afterAll(() => house.stop());

  const overHttp = () => {
    const headers = { Authorization: `Bearer ${house.token}` };
    return Promise.resolve({ type: "http", url: `${house.url}/mcp`, headers });
  };
  const overStdio = async () => {
    const { Experimental_StdioMCPTransport: Stdio } = await load<AiSdkStdio>("@ai-sdk/mcp/mcp-stdio");
    return new Stdio(placeOf(house).program);
  };

  it.each([
    ["HTTP", overHttp],
    ["stdio", overStdio],
  ])("holds the guide's conversation over %s", async (_name, transport) => {
    const { createMCPClient } = await load<AiSdk>("@ai-sdk/mcp");
    const client = await createMCPClient({ transport: await transport() });
    try {
      const tools = await client.tools();
      const call = async (name: string, input: object) => {
        const answer = await tools[name]?.execute(input, { toolCallId: "call", messages: [] });
        if (!answer) throw new Error(`there is no tool ${name}`);
        return answer;
      };
      await deleteTheJohnsons(house, owner, async (name, input) => {
        const { isError, content, structuredContent } = await call(name, input);
        if (isError) throw new Error(content[0]?.text);
        return structuredContent;
      });
      expect(await call("crm_action", { domain: "contact", action: "delet", data: {} })).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining("delete") }],
      });
    } finally {
      await client.close();
    }
  });
});
