import { distance } from "fastest-levenshtein";
import { type EntityManager, IsNull } from "typeorm";
import { Service } from "../../entities/service.ts";
import { CrmError, validationFailed } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import { formatMoney } from "../core/money.ts";
import { readById } from "../core/records.ts";
import { nearest } from "../core/registry.ts";
import { settingsOf } from "../settings/current.ts";

/** Where a request names a service. */
export interface AskedAt {
  path: string;
  /** What a caller can do there without a service: `give description and unit_price_cents`. */
  instead: string;
}

/**
 * Finds the offered service with this id, name or part of a name, or with a slip in its name where only one is near.
 * Throws an error for the path: without a match it lists the nearest names, with several matches the candidates.
 */
export async function findService(db: EntityManager, named: string, at: AskedAt): Promise<Service> {
  const service = prefixOf(named) === "service" ? await readById(db, Service, { id: named }) : undefined;
  if (service?.active && !service.archived_at) return service;
  const offered = await db.find(Service, {
    where: { archived_at: IsNull(), active: true },
    order: { name: "ASC", id: "ASC" },
  });
  if (prefixOf(named) === "service") throw unknownService(offered, at, `${named} is not an offered service`);
  const query = named.toLowerCase();
  const exact = offered.filter(({ name }) => name.toLowerCase() === query);
  const part = exact.length > 0 ? exact : offered.filter(({ name }) => name.toLowerCase().includes(query));
  const matching = part.length > 0 ? part : misspelled(query, offered);
  const [only, ...others] = matching;
  if (!only)
    throw unknownService(
      nearestServices(named, offered),
      at,
      `no service is called ${JSON.stringify(named)}`,
    );
  if (others.length === 0) return only;
  throw await ambiguous(db, named, matching);
}

/** The services whose name differs by a slip of one or two letters; one letter in a short name. */
function misspelled(query: string, offered: readonly Service[]): Service[] {
  const slips = query.length < SHORT_NAME ? 1 : 2;
  return query.length < SHORTEST_NAME
    ? []
    : offered.filter(({ name }) => distance(name.toLowerCase(), query) <= slips);
}

const SHORTEST_NAME = 4;
const SHORT_NAME = 7;

const nearestServices = (named: string, offered: readonly Service[]): Service[] => {
  const names = nearest(
    named,
    offered.map(({ name }) => name),
  );
  return offered.filter(({ name }) => names.includes(name));
};

const MOST_NAMED = 5;

const unknownService = (services: readonly Service[], { path, instead }: AskedAt, message: string) =>
  validationFailed(
    [{ path, message }],
    services.length > 0
      ? `Nearest: ${services
          .slice(0, MOST_NAMED)
          .map(({ id, name }) => `${name} (${id})`)
          .join(", ")}. Or ${instead}.`
      : `No services are offered yet. Add one with service.create, or ${instead}.`,
  );

async function ambiguous(db: EntityManager, named: string, fitting: readonly Service[]): Promise<CrmError> {
  const { currency } = await settingsOf(db);
  const candidates = fitting.slice(0, MOST_NAMED).map(({ id, name, unit_price_cents }) => ({
    id,
    name,
    summary: `${name}, ${formatMoney(unit_price_cents, currency)}`,
    matched_on: ["name"],
  }));
  return new CrmError("ambiguous", `${fitting.length} services match ${JSON.stringify(named)}.`, {
    hint: `Ask which one is meant, then send its id: ${candidates.map(({ id, summary }) => `${id} (${summary})`).join("; ")}.`,
    extra: { candidates },
  });
}
