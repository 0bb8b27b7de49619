import type { Request, Response } from "express";
import type { Crm } from "../../domain/core/ports.ts";
import { mayDecide, type Principal } from "../../domain/core/principal.ts";
import type { Registry } from "../../domain/core/registry.ts";
import type { WebhookDesk } from "../../domain/webhook/endpoint.ts";
import type { DecisionFields } from "./decision-form.ts";
import type { Frame, Session } from "./layout.tsx";
import type { Setting } from "./time.tsx";

export interface PageParts {
  crm: Crm;
  registry: Registry;
  webhook: WebhookDesk;
  now: () => Date;
  /** The business zone: what times on pages are said in. */
  zone: () => Promise<string>;
  /** ISO 4217; dollars where it is left out. */
  currency?: () => Promise<string>;
}

/** The sign-in puts it there before any page runs. */
export const sessionOf = (response: Response): Session => response.locals["session"] as Session;

export async function settingOf({ now, zone, currency }: PageParts): Promise<Setting> {
  const [named, code] = await Promise.all([zone(), currency?.() ?? "USD"]);
  return { now: now(), zone: named, currency: code };
}

export async function frameOf(parts: PageParts, response: Response): Promise<Frame> {
  const session = sessionOf(response);
  const [pending, setting] = await Promise.all([pendingFor(parts.crm, session.principal), settingOf(parts)]);
  return { ...setting, session, pending };
}

/** How many authorizations wait for this person; null where they decide none. */
export async function pendingFor(crm: Crm, principal: Principal): Promise<number | null> {
  if (!mayDecide(principal)) return null;
  return (await crm.authorizations(principal, { status: "pending", limit: 1 })).total;
}

export const idIn = (request: Request): string => String(request.params["id"]);

/** A form's fields; one that was sent twice is nobody's decision and counts as missing. */
export const textFields = (body: unknown): DecisionFields =>
  Object.fromEntries(
    Object.entries(body ?? {}).filter((field): field is [string, string] => typeof field[1] === "string"),
  );
