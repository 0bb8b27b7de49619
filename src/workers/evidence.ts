import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import type { Send } from "./channels/channel.ts";
import { defineSchedule, type ScheduleParts } from "./schedule.ts";

const MINUTE_MS = 60_000;
const SEND_WITHIN_MS = 60_000;

/** Seals the rows that no transaction can add to any more; `countersign verify` compares with the seals. */
export const sealEvidence = defineSchedule({
  name: "evidence-seal",
  everyMs: MINUTE_MS,
  async run({ db }) {
    while (await sealOnce(db));
  },
});

async function sealOnce(db: DataSource): Promise<boolean> {
  const [sealed] = await rows<{ more: boolean }>(db.manager, "SELECT seal_evidence() AS more");
  return sealed?.more ?? false;
}

/** Sends every owner the head of the chain once a week, so that it is also kept where nobody can rewrite it. */
export const mailHead = defineSchedule({
  name: "evidence-mail",
  everyMs: 60 * MINUTE_MS,
  async run({ db, email }: ScheduleParts) {
    if (!email) return;
    for (const due of await dueMails(db)) await mailTo(db, email, due);
  },
});

interface DueMail {
  user_id: string;
  to: string;
  /** The head, in hex. */
  hash: string;
  sealed_at: Date;
}

/** The owners without a mail for a week; none while nothing is sealed. */
const dueMails = (db: DataSource): Promise<DueMail[]> =>
  rows(
    db.manager,
    `SELECT u.id AS user_id, u.email AS to, encode(head.hash, 'hex') AS hash, head.sealed_at
     FROM "user" u, (SELECT hash, sealed_at FROM seal ORDER BY id DESC LIMIT 1) head
     WHERE u.role = 'owner' AND u.active AND NOT EXISTS (
       SELECT FROM head_mail m WHERE m.user_id = u.id AND m.sent_at > clock_timestamp() - interval '7 days')
     ORDER BY u.id`,
  );

/** A mail that was refused is sent again with the next run. One that may have arrived is not. */
async function mailTo(db: DataSource, send: Send, { user_id, to, hash, sealed_at }: DueMail): Promise<void> {
  const day = sealed_at.toISOString().slice(0, 10);
  const id = `head.${user_id}.${day}`;
  const message = { id, to, subject: `Countersign: head of the audit, ${day}`, body: bodyOf(hash, day) };
  const result = await send(message, AbortSignal.timeout(SEND_WITHIN_MS));
  if (result.kind === "refused") throw new Error("The mail server refused the mail with the head.");
  await rows(db.manager, "INSERT INTO head_mail (user_id, hash) VALUES ($1, decode($2, 'hex'))", [
    user_id,
    hash,
  ]);
}

const bodyOf = (hash: string, day: string): string =>
  `Please keep this mail. It proves later that nobody has rewritten the audit of Countersign before ${day}.

Head of the audit: ${hash}

To check, run this where Countersign is installed:

countersign verify --head ${hash}
`;
