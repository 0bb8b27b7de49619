import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import { actionKey } from "../domain/core/action.ts";
import { digestOf } from "../domain/core/canonical.ts";
import { CrmError } from "../domain/core/errors.ts";
import { type Principal, principalKey } from "../domain/core/principal.ts";
import type { Submission } from "./contract.ts";

/** A request in words, as it was sent. */
export interface Sent {
  principal: string;
  idempotency_key: string | null;
  sent_digest: string;
}

export function sentAs(
  actor: Principal,
  { domain, action: name, data, dry_run, idempotency_key }: Submission,
): Sent {
  return {
    principal: principalKey(actor),
    idempotency_key: idempotency_key ?? null,
    sent_digest: digestOf({
      action: actionKey({ domain, name }),
      input: data ?? {},
      dry_run: dry_run ?? false,
    }),
  };
}

/** A request that was not written, as its idempotency key is known. */
interface Keyed {
  principal: string;
  idempotency_key: string | null;
  digest: string;
  sent_digest: string | null;
}

interface KnownJob {
  id: string;
  digest: string;
  sent_digest: string | null;
  costly: boolean;
}

/** The job that was first asked for under this idempotency key, if any. */
async function findKnown(
  db: DataSource,
  { principal, idempotency_key }: Pick<Sent, "principal" | "idempotency_key">,
): Promise<KnownJob | undefined> {
  const [known] = await rows<KnownJob>(
    db.manager,
    `SELECT id, digest, sent_digest, costly FROM job WHERE principal = $1 AND idempotency_key = $2
     UNION ALL SELECT job.id, job.digest, job_key.sent_digest, job.costly
     FROM job_key JOIN job ON job.id = job_key.job_id
     WHERE job_key.principal = $1 AND job_key.idempotency_key = $2`,
    [principal, idempotency_key],
  );
  return known;
}

/** The job that the same words under the same key have asked for, on whatever day. */
export async function findBySentWords(
  db: DataSource,
  sent: Sent,
): Promise<{ id: string; fresh: boolean; costly: boolean } | undefined> {
  const known = await findKnown(db, sent);
  return known?.sent_digest === sent.sent_digest
    ? { id: known.id, fresh: false, costly: known.costly }
    : undefined;
}

/** The job that has this idempotency key already, if any. Throws where it belongs to another request. */
export async function findByKey(
  db: DataSource,
  job: Keyed,
): Promise<{ id: string; fresh: boolean } | undefined> {
  const earlier = await findKnown(db, job);
  if (!earlier) return undefined;
  const isSame =
    earlier.digest === job.digest || (job.sent_digest !== null && earlier.sent_digest === job.sent_digest);
  if (isSame) return { id: earlier.id, fresh: false };
  throw new CrmError("idempotency_conflict", "This idempotency key was used before for another request.", {
    fields: [{ path: "idempotency_key", message: "belongs to another request" }],
    hint: "Use a new key for a new request; use the old key only to repeat the same request.",
    extra: { job_id: earlier.id },
  });
}
