/**
 * Asks over REST to delete a customer, then waits for a person's decision.
 *
 *   npx tsx examples/rest.ts              the Johnsons of the demo business
 *   npx tsx examples/rest.ts "Ann Lee"    somebody else
 */
import { connection, print } from "./connection.ts";

/** The parts of a job that this example reads; docs/openapi.json has all of them. */
interface Job {
  job_id: string;
  status: string;
  message: string;
  finished_at: string | null;
  reason?: string;
  authorization: { approval_url: string; note: string | null } | null;
  error: { message: string } | null;
}

const { url, token } = connection();

async function call<Data>(method: string, path: string, options: RequestInit = {}): Promise<Data> {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    ...options.headers,
  };
  const response = await fetch(new URL(path, url), { ...options, method, headers });
  const { data, error } = (await response.json()) as {
    data: Data;
    error?: { message: string; hint?: string };
  };
  if (error) throw new Error(`${error.message} ${error.hint ?? ""}`);
  return data;
}

const name = process.argv[2] ?? "Johnson Family";
const found = await call<{ items: { id: string; name: string }[] }>(
  "GET",
  `/api/contacts?${new URLSearchParams({ search: name })}`,
);
const customer = found.items.find((item) => item.name === name);
if (!customer) throw new Error(`No customer is called "${name}". Load the demo business with: npm run demo`);

// An equal request that already waits for a person is answered with that job. To make every retry safe, send a header
// `idempotency-key`: the same key always answers the same job.
let job = await call<Job>("POST", "/api/actions", {
  headers: { prefer: "wait=20" },
  body: JSON.stringify({
    domain: "contact",
    action: "delete",
    data: { id: customer.id },
    reasoning: `${name} moved out of state.`,
  }),
});
print(`${job.job_id}: ${job.status}`);

if (job.authorization) {
  print(`Reason: ${job.reason}`);
  print(`Decide here: ${job.authorization.approval_url}`);
}
// One request waits for at most 25 seconds. Ctrl-C ends this program, not the request.
while (!job.finished_at) job = await call<Job>("GET", `/api/jobs/${job.job_id}?wait=25`);
print(`${job.job_id}: ${job.status}${job.authorization?.note ? `, "${job.authorization.note}"` : ""}`);
if (job.error) print(job.error.message);
