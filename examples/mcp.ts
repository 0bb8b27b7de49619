/**
 * Does over MCP what an assistant does: lists the tools, finds a customer, asks for a deletion.
 *
 *   npx tsx examples/mcp.ts              the Johnsons of the demo business
 *   npx tsx examples/mcp.ts "Ann Lee"    somebody else
 */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { connection, print } from "./connection.ts";

const { url, token } = connection();
const client = new Client({ name: "example", version: "1.0.0" });
await client.connect(
  new StreamableHTTPClientTransport(new URL("/mcp", url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  }),
);

async function call<Answer>(name: string, input: Record<string, unknown>): Promise<Answer> {
  const result = await client.callTool({ name, arguments: input });
  if (result.isError) throw new Error(JSON.stringify(result.content));
  return result.structuredContent as Answer; // The tool's output schema, which the client has checked.
}

const { tools } = await client.listTools();
print(`Tools: ${tools.map((tool) => tool.name).join(", ")}`);

const query = process.argv[2] ?? "Johnson Family";
const { candidates } = await call<{ candidates: { id: string; name: string; summary: string }[] }>(
  "find_customer",
  { query },
);
for (const { id, summary } of candidates) print(`Candidate: ${id} ${summary}`);

// The tool never chooses. An assistant asks the person when several candidates are close.
const [customer] = candidates;
if (!customer) throw new Error(`No customer matches "${query}". Load the demo business with: npm run demo`);

const job = await call<{ status: string; reason?: string; message?: string; approval_url?: string }>(
  "crm_action",
  {
    domain: "contact",
    action: "delete",
    data: { id: customer.id },
    reasoning: `${customer.name} moved out of state.`,
  },
);
print(`${job.status}: ${job.reason ?? ""}`);
print(job.message ?? "");
await client.close();
