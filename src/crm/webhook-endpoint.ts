import type { DataSource } from "typeorm";
import { z } from "zod";
import { rows } from "../database/sql.ts";
import type { Delivery } from "../entities/delivery.ts";
import { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import { forbidden, validationFailed } from "../domain/core/errors.ts";
import type { Principal } from "../domain/core/principal.ts";

/** Standard Webhooks requires 24 to 64 bytes. */
const SECRET = /^(whsec_)?[A-Za-z0-9+/]+={0,2}$/;
const bytesOf = (secret: string): number => Buffer.from(secret.replace(/^whsec_/, ""), "base64").length;

export const webhookInput = z.strictObject({
  url: z
    .string()
    .trim()
    .max(2_000)
    .refine(
      (url) => /^https?:\/\//i.test(url) && URL.canParse(url),
      "must be a URL such as https://example.com/hook",
    )
    .refine(
      (url) => !URL.canParse(url) || !new URL(url).username,
      "must not contain a user name or a password",
    )
    .describe("URL that receives the signed POST"),
  secret: z
    .string()
    .trim()
    .max(200)
    .refine(
      (secret) => SECRET.test(secret) && bytesOf(secret) >= 24 && bytesOf(secret) <= 64,
      "must be whsec_ and 24 to 64 bytes in base64, for example from `openssl rand -base64 32`",
    )
    .optional()
    .describe("Key that signs each delivery. Never returned. If left out, the stored key stays in use"),
  allow_private: z.boolean().default(false).describe("true: the URL may be in a private network"),
});

/** Everything but the secret. */
export interface WebhookView {
  url: string | null;
  allow_private: boolean;
  updated_at: string | null;
  /** The newest first. */
  deliveries: Pick<Delivery, "id" | "status" | "attempts" | "error" | "created_at">[];
}

/** The owner's webhook. No model can read or change it. */
export interface WebhookDesk {
  read(actor: Principal): Promise<WebhookView>;
  set(actor: Principal, input: z.output<typeof webhookInput>): Promise<WebhookView>;
  remove(actor: Principal): Promise<WebhookView>;
}

const WHERE = { id: "webhook" } as const;
const SHOWN_DELIVERIES = 10;

export function makeWebhookDesk(db: DataSource, now: () => Date): WebhookDesk {
  const endpoints = db.getRepository(WebhookEndpoint);
  const desk: WebhookDesk = {
    async read(actor) {
      mustBeOwner(actor);
      const found = await endpoints.findOneBy(WHERE);
      const deliveries = await rows<WebhookView["deliveries"][number]>(
        db.manager,
        `SELECT id, status, attempts, error, created_at FROM delivery WHERE kind = 'webhook'
         ORDER BY created_at DESC LIMIT ${SHOWN_DELIVERIES}`,
      );
      return {
        url: found?.url ?? null,
        allow_private: found?.allow_private ?? false,
        updated_at: found?.updated_at.toISOString() ?? null,
        deliveries,
      };
    },
    async set(actor, { secret: given, ...rest }) {
      mustBeOwner(actor);
      const secret = given ?? (await endpoints.findOneBy(WHERE))?.secret;
      if (secret === undefined) throw validationFailed([{ path: "secret", message: "is missing" }]);
      await endpoints.upsert({ ...WHERE, ...rest, secret, updated_at: now() }, ["id"]);
      return desk.read(actor);
    },
    async remove(actor) {
      mustBeOwner(actor);
      await endpoints.delete(WHERE);
      return desk.read(actor);
    },
  };
  return desk;
}

function mustBeOwner({ kind }: Principal): void {
  if (kind !== "owner")
    throw forbidden("Only the owner can read or change the webhook.", "Ask the owner to do it.");
}
