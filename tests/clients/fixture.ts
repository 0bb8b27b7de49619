import {
  type CallToolResult,
  completable,
  type ContentBlock,
  createRequestStateCodec,
  McpServer,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { addRounds } from "./fixture-rounds.ts";

/** Tools, resources and prompts that the conformance scenarios use by name; not part of the product. */

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

const text = (words: string) => ({ type: "text" as const, text: words });
const image = { type: "image" as const, data: PNG, mimeType: "image/png" };
const resource = (uri: string) => ({
  type: "resource" as const,
  resource: { uri, mimeType: "text/plain", text: "A text in a resource." },
});

const codec = createRequestStateCodec<string>({ key: "a key that only this fixture has, 32 bytes" });

export function fixtureServer(): McpServer {
  const mcp = new McpServer(
    { name: "conformance-fixture", version: "1.0.0" },
    {
      capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, logging: {}, completions: {} },
      requestState: { verify: codec.verify },
    },
  );
  addTools(mcp);
  addTalkingTools(mcp);
  addResources(mcp);
  addPrompts(mcp);
  addRounds(mcp, codec);
  return mcp;
}

function addTools(mcp: McpServer): void {
  const tool = (name: string, content: CallToolResult["content"], isError = false) =>
    mcp.registerTool(name, { description: `Answers as ${name}` }, () => ({ content, isError }));
  tool("test_simple_text", [text("This is a simple text response for testing.")]);
  tool("test_image_content", [image]);
  tool("test_audio_content", [{ type: "audio", data: WAV, mimeType: "audio/wav" }]);
  tool("test_embedded_resource", [resource("test://embedded-resource")]);
  tool("test_multiple_content_types", [text("Several kinds:"), image, resource("test://mixed")]);
  tool("test_error_handling", [text("This tool intentionally returns an error for testing")], true);
}

function addTalkingTools(mcp: McpServer): void {
  const inputSchema = z.object({});
  mcp.registerTool(
    "test_tool_with_logging",
    { description: "Logs", inputSchema },
    async (_input, context) => {
      for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"])
        await context.mcpReq.notify({ method: "notifications/message", params: { level: "info", data } });
      return { content: [text("logged")] };
    },
  );
  mcp.registerTool("test_logging_tool", { description: "Logs where that is wanted" }, async (context) => {
    await context.mcpReq.log("info", "Tool execution started");
    return { content: [text("logged")] };
  });
  mcp.registerTool(
    "test_tool_with_progress",
    { description: "Reports", inputSchema },
    async (_input, context) => {
      const progressToken = context.mcpReq._meta?.progressToken ?? 0;
      for (const progress of [0, 50, 100])
        await context.mcpReq.notify({
          method: "notifications/progress",
          params: { progressToken, progress, total: 100 },
        });
      return { content: [text("reported")] };
    },
  );
}

function addResources(mcp: McpServer): void {
  mcp.registerResource("text", "test://static-text", { mimeType: "text/plain" }, ({ href: uri }) => ({
    contents: [{ uri, mimeType: "text/plain", text: "This is the content of the static text resource." }],
  }));
  mcp.registerResource("binary", "test://static-binary", { mimeType: "image/png" }, ({ href: uri }) => ({
    contents: [{ uri, mimeType: "image/png", blob: PNG }],
  }));
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  mcp.registerResource("template", template, { mimeType: "application/json" }, ({ href: uri }, { id }) => ({
    contents: [
      { uri, mimeType: "application/json", text: JSON.stringify({ id, data: `Data for ID: ${id}` }) },
    ],
  }));
  mcp.registerResource("watched", "test://watched-resource", { mimeType: "text/plain" }, ({ href: uri }) => ({
    contents: [{ uri, mimeType: "text/plain", text: "Watched" }],
  }));
  mcp.server.setRequestHandler("resources/subscribe", () => ({}));
  mcp.server.setRequestHandler("resources/unsubscribe", () => ({}));
}

function addPrompts(mcp: McpServer): void {
  const user = (...contents: ContentBlock[]) => ({
    messages: contents.map((content) => ({ role: "user" as const, content })),
  });
  mcp.registerPrompt("test_simple_prompt", { description: "Simple" }, () => user(text("A simple prompt.")));
  const words = completable(z.string(), (begun) =>
    ["paris", "party"].filter((word) => word.startsWith(begun)),
  );
  mcp.registerPrompt(
    "test_prompt_with_arguments",
    { description: "With arguments", argsSchema: z.object({ arg1: words, arg2: z.string() }) },
    ({ arg1, arg2 }) => user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  mcp.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "With a resource", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => user(resource(resourceUri), text("Use the resource above.")),
  );
  mcp.registerPrompt("test_prompt_with_image", { description: "With an image" }, () =>
    user(image, text("Look at the image above.")),
  );
}
