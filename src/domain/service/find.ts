import { type EntityManager, IsNull } from "typeorm";
import { Service } from "../../entities/service.ts";
import { CrmError, validationFailed } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import { formatMoney } from "../core/money.ts";
import { readById } from "../core/records.ts";
import { nearest } from "../core/registry.ts";
import { settingsOf } from "../settings/current.ts";

/**
 * The service that an id, a name or a part of a name means; `path` is where that stands in the request. Refuses with
 * the nearest names where nothing fits, and with the candidates where several do.
 */
export async function findService(db: EntityManager, named: string, path: string): Promise<Service> {
  const service = prefixOf(named) === "service" ? await readById(db, Service, named) : undefined;
  if (service?.active && !service.archived_at) return service;
  const offered = await db.find(Service, {
    where: { archived_at: IsNull(), active: true },
    order: { name: "ASC", id: "ASC" },
  });
  if (prefixOf(named) === "service") throw unknown(offered, path, `${named} is no service that is offered`);
  const wanted = named.toLowerCase();
  const same = offered.filter(({ name }) => name.toLowerCase() === wanted);
  const fitting = same.length > 0 ? same : offered.filter(({ name }) => name.toLowerCase().includes(wanted));
  const [only, ...others] = fitting;
  if (!only) throw unknown(near(named, offered), path, `there is no service ${JSON.stringify(named)}`);
  if (others.length === 0) return only;
  throw await ambiguous(db, named, fitting);
}

const near = (named: string, offered: readonly Service[]): Service[] => {
  const names = nearest(
    named,
    offered.map(({ name }) => name),
  );
  return offered.filter(({ name }) => names.includes(name));
};

const MOST_NAMED = 5;

const unknown = (services: readonly Service[], path: string, message: string) =>
  validationFailed(
    [{ path, message }],
    services.length > 0
      ? `Nearest: ${services
          .slice(0, MOST_NAMED)
          .map(({ id, name }) => `${name} (${id})`)
          .join(", ")}. Or give description and unit_price_cents.`
      : "No services are offered yet; service.create adds one, or give description and unit_price_cents.",
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
    hint: `Ask which one is meant, then name it by service_id: ${candidates.map(({ id, summary }) => `${id} (${summary})`).join("; ")}.`,
    extra: { candidates },
  });
}
