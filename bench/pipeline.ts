import type { TestApp } from "../tests/support/app.ts";
import { call, type Call } from "./load.ts";

export interface Job {
  job_id: string;
  status: string;
  queue_id?: string;
}

/** Submits actions over HTTP as an agent and waits for the result. */
export const submitter =
  ({ url, token }: TestApp) =>
  async (action: string, data: object): Promise<Job | undefined> => {
    const { text } = await call("POST", `${url}/api/actions`, {
      body: { domain: "contact", action, data, reasoning: "The bench asks for it." },
      headers: { authorization: `Bearer ${token}`, prefer: "wait=20" },
    });
    return (JSON.parse(text) as { data?: Job }).data;
  };

/** Calls `contact.update` and waits for the completed job. */
export function updates(app: TestApp, contacts: readonly string[]): Call {
  const submit = submitter(app);
  return async (nth) => {
    const data = { id: contacts[nth % contacts.length], notes: `Note ${nth}` };
    return (await submit("update", data))?.status === "completed";
  };
}
