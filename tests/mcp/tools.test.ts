import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { instructions } from "../../src/mcp/instructions.ts";
import { makeTools } from "../../src/mcp/tools.ts";
import { aCrm, agent, aJob, toolsOver } from "./office.ts";

const list = toolsOver().list();
/** The product's `tools/list`. */
const offered = makeTools(aCrm(), makeRegistry(domains)).list();
const toolCalled = (name: string) => list.find((tool) => tool.name === name) ?? fail(name);
const fail = (name: string): never => {
  throw new Error(`no tool ${name}`);
};
const propertiesOf = (name: string) =>
  toolCalled(name).inputSchema.properties as Record<string, Record<string, unknown>>;

describe("the list of tools", () => {
  it("costs a model less than 6,000 tokens, and the schema of a job less than 100 in each tool", () => {
    expect(JSON.stringify(offered).length / 4).toBeLessThan(6_000);
    for (const name of ["crm_action", "job_status", "undo_job"])
      expect(JSON.stringify(toolCalled(name).outputSchema).length / 4).toBeLessThan(100);
  });

  it("has three tools for appointments that together cost at most 1,000 tokens", () => {
    const names = ["find_availability", "schedule_appointment", "handle_reschedule_request"];
    const tools = offered.filter(({ name }) => names.includes(name));
    expect(tools.map(({ name }) => name)).toEqual(names);
    expect(JSON.stringify(tools).length / 4).toBeLessThanOrEqual(1_000);
  });

  it("matches its snapshot", () => {
    expect(offered).toMatchSnapshot();
  });

  it.each(offered)("describes $name: title, description, hints", (tool) => {
    expect(tool.title).not.toBe("");
    expect(tool.description.length).toBeGreaterThan(150);
    expect(Object.values(tool.annotations).every((hint) => typeof hint === "boolean")).toBe(true);
    expect(Object.keys(tool.annotations)).toHaveLength(4);
    expect(tool.outputSchema).toMatchObject({ type: "object", properties: expect.any(Object) });
    expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
  });

  it.each(offered)("describes each argument of $name, or the server's instructions do", ({ inputSchema }) => {
    const properties = Object.entries(inputSchema.properties as Record<string, { description?: string }>);
    for (const [name, { description }] of properties)
      expect([description ?? name, instructions.includes(name)]).toEqual(
        description === undefined ? [name, true] : [expect.any(String), expect.any(Boolean)],
      );
  });

  it("has exactly the arguments of the guide", () => {
    const taken = Object.fromEntries(
      list.map(({ name, inputSchema }) => [
        name,
        [Object.keys(inputSchema.properties as object), inputSchema.required ?? []],
      ]),
    );
    expect(taken).toEqual({
      crm_capabilities: [["domain", "action"], []],
      crm_query: [
        ["type", "id", "search", "filters", "include", "fields", "sort", "limit", "cursor"],
        ["type"],
      ],
      find_customer: [["query", "include_history"], ["query"]],
      find_availability: [
        [
          ...[
            "date",
            "time",
            "duration_minutes",
            "services",
            "technician_id",
            "skill",
            "customer_identifier",
          ],
          ...["postal_code", "limit"],
        ],
        ["date"],
      ],
      crm_action: [
        ["domain", "action", "data", "reasoning", "idempotency_key", "wait_seconds", "dry_run"],
        ["domain", "action", "data"],
      ],
      job_status: [["job_id", "queue_id", "wait_seconds"], []],
      undo_job: [["job_id", "reasoning", "idempotency_key", "wait_seconds"], ["job_id"]],
    });
  });

  it.each([
    ["crm_action", { domain: "contact", action: "create", data: {} }],
    ["undo_job", { job_id: "job_1" }],
  ])("bounds the reasoning of %s, as REST does: a person has to read it", async (name, input) => {
    const tooLong = toolsOver().call(agent, { name, input: { ...input, reasoning: "y".repeat(10_001) } });
    await expect(tooLong).rejects.toMatchObject({ body: { fields: [{ path: "reasoning" }] } });
  });

  it("lists the registered domains and types, the guide's first, without domains that agents cannot use", () => {
    const acting = ["ticket", "contact", "reminder"];
    expect(propertiesOf("crm_action").domain?.enum).toEqual(acting);
    const readable = propertiesOf("crm_capabilities").domain?.enum as string[];
    expect(readable.toSorted()).toEqual([...acting, "technician"].sort());
    expect(propertiesOf("crm_query").type?.enum).toEqual(["contacts", "tickets", "technicians"]);
  });

  it("marks which tools change something", () => {
    const changing = list.filter(({ annotations }) => !annotations.readOnlyHint).map(({ name }) => name);
    expect(changing).toEqual(["crm_action", "undo_job"]);
    for (const name of changing) expect(toolCalled(name).annotations.destructiveHint).toBe(true);
  });

  it.each(["crm_query", "find_customer", "crm_action", "job_status", "undo_job"])(
    "marks in %s what customers wrote",
    (name) => {
      expect(JSON.stringify(toolCalled(name).outputSchema)).toContain("untrusted");
    },
  );
});

describe("a tool", () => {
  const tools = toolsOver();
  const refusal = (name: string, input: unknown) =>
    tools.call(agent, { name, input }).then(
      () => null,
      (error: unknown) => error,
    );

  it("crm_capabilities is brief without a domain and complete with one", async () => {
    const brief = JSON.stringify(await tools.call(agent, { name: "crm_capabilities", input: {} }));
    const full = JSON.stringify(
      await tools.call(agent, { name: "crm_capabilities", input: { domain: "contact" } }),
    );
    expect(brief).not.toContain("parameters");
    expect(full).toContain("parameters");
    expect(full).not.toContain("merge");
  });

  it("accepts exactly one of job_id and queue_id in job_status", async () => {
    const waits: unknown[] = [];
    const { call } = toolsOver({
      job: (_actor, id, wait) => Promise.resolve(aJob({ job_id: id, result: waits.push([id, wait]) })),
      jobOfAuthorization: (_actor, id, wait) => Promise.resolve(aJob({ result: waits.push([id, wait]) })),
    });
    await call(agent, { name: "job_status", input: { job_id: "job_1" } });
    await call(agent, { name: "job_status", input: { queue_id: "auth_1", wait_seconds: 20 } });
    expect(waits).toEqual([
      ["job_1", 0],
      ["auth_1", 20],
    ]);
    for (const both of [{}, { job_id: "job_1", queue_id: "auth_1" }])
      expect(await refusal("job_status", both)).toMatchObject({
        code: "validation_failed",
        body: { fields: [{ path: "job_id", message: expect.stringContaining("exactly one") }] },
      });
  });

  it("names the right argument for an id of another kind", async () => {
    expect(await refusal("job_status", { job_id: "auth_1" })).toMatchObject({
      body: { fields: [{ path: "job_id", message: expect.stringContaining("queue_id") }] },
    });
  });

  it.each([
    ["wait_seconds", 21],
    ["wait_seconds", "5"],
    ["data", "{}"],
    ["reasonning", "why"],
  ])("refuses %s %j by name", async (argument, value) => {
    const input = { domain: "contact", action: "create", data: {}, [argument]: value };
    expect(await refusal("crm_action", input)).toMatchObject({
      code: "validation_failed",
      body: {
        fields: [{ path: expect.stringMatching(new RegExp(`^${argument}`)) }],
        hint: expect.any(String),
      },
    });
  });

  it("that does not exist is refused with the nearest names", async () => {
    expect(await refusal("job_state", {})).toMatchObject({
      code: "not_found",
      body: { nearest: expect.arrayContaining(["job_status"]) },
    });
  });
});
