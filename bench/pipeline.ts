import type { House } from "../tests/support/house.ts";
import { call, type Call } from "./load.ts";

export interface Job {
  job_id: string;
  status: string;
  queue_id?: string;
}

/** An agent of the product: asks over HTTP and waits until it is told what became of it. */
export const asker =
  ({ url, token }: House) =>
  async (action: string, data: object): Promise<Job | undefined> => {
    const { text } = await call(
      "POST",
      `${url}/api/actions`,
      { domain: "contact", action, data, reasoning: "The bench asks for it." },
      { authorization: `Bearer ${token}`, prefer: "wait=20" },
    );
    return (JSON.parse(text) as { data?: Job }).data;
  };

/** `contact.update`: accepted, judged, done, recorded, committed, told. */
export function updates(house: House, contacts: readonly string[]): Call {
  const ask = asker(house);
  return async (nth) => {
    const data = { id: contacts[nth % contacts.length], notes: `Note ${nth}` };
    return (await ask("update", data))?.status === "completed";
  };
}
