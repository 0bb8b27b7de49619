import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  type InputRequiredResult,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";

/** The client's capabilities in the request; the SDK's type omits this key. */
interface Envelope {
  [CLIENT_CAPABILITIES_META_KEY]?: { sampling?: object; elicitation?: object };
}

/** Tools that ask the client for input (revision 2026-07-28). Not part of the product, which asks only its users. */

const ask = (name: string) =>
  inputRequired.elicit({ message: `Your ${name}?`, requestedSchema: z.object({ [name]: z.string() }) });
const confirm = () =>
  inputRequired.elicit({ message: "Is that right?", requestedSchema: z.object({ ok: z.boolean() }) });
const sample = () =>
  inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text: "What is the capital of France?" } }],
    maxTokens: 100,
  });

const done = (words: string): CallToolResult => ({ content: [{ type: "text", text: words }] });
const answered = ({ mcpReq }: ServerContext, ...keys: string[]) =>
  keys.every((key) => mcpReq.inputResponses?.[key] !== undefined);

type Rounds = (context: ServerContext) => Promise<CallToolResult | InputRequiredResult>;

export function addRounds(mcp: McpServer, codec: RequestStateCodec<string>): void {
  const plain = (name: string, rounds: Rounds) =>
    mcp.registerTool(name, { description: `Asks back: ${name}` }, rounds);
  const tool = (name: string, rounds: Rounds) => plain(`test_input_required_result_${name}`, rounds);
  const once =
    (key: string, request: () => ReturnType<typeof ask>): Rounds =>
    async (context) =>
      answered(context, key) ? done("thank you") : inputRequired({ inputRequests: { [key]: request() } });
  const withState = (name: string) =>
    tool(name, async (context) =>
      answered(context, "confirm") && context.mcpReq.requestState<string>()
        ? done("state-ok")
        : inputRequired({ inputRequests: { confirm: confirm() }, requestState: await codec.mint("asked") }),
    );
  tool(
    "elicitation",
    once("user_name", () => ask("name")),
  );
  tool("sampling", once("capital_question", sample));
  tool(
    "list_roots",
    once("client_roots", () => inputRequired.listRoots()),
  );
  plain(
    "test_streaming_elicitation",
    once("user_name", () => ask("name")),
  );
  plain("test_missing_capability", once("capital_question", sample));
  withState("request_state");
  withState("tampered_state");
  tool("multiple_inputs", async (context) =>
    answered(context, "user_name", "greeting", "client_roots")
      ? done("thank you")
      : inputRequired({
          inputRequests: {
            user_name: ask("name"),
            greeting: sample(),
            client_roots: inputRequired.listRoots(),
          },
          requestState: await codec.mint("asked"),
        }),
  );
  tool("multi_round", async (context) => {
    const { requestState } = context.mcpReq;
    if (requestState<string>() === "named" && answered(context, "color")) return done("thank you");
    const [inputRequests, state] = answered(context, "name")
      ? [{ color: ask("color") }, "named"]
      : [{ name: ask("name") }, "asked"];
    return inputRequired({ inputRequests, requestState: await codec.mint(state) });
  });
  tool("capabilities", async ({ mcpReq }) => {
    const { [CLIENT_CAPABILITIES_META_KEY]: can }: Envelope = mcpReq.envelope ?? {};
    return inputRequired({
      inputRequests: {
        ...(can?.sampling && { greeting: sample() }),
        ...(can?.elicitation && { name: ask("name") }),
      },
      requestState: await codec.mint("asked"),
    });
  });
  mcp.registerPrompt("test_input_required_result_prompt", { description: "Asks back" }, async (context) =>
    answered(context, "user_context")
      ? { messages: [{ role: "user", content: { type: "text", text: "thank you" } }] }
      : inputRequired({ inputRequests: { user_context: ask("context") } }),
  );
}
