import { distance } from "fastest-levenshtein";
import { type Action, actionKey } from "./action.ts";
import { CrmError } from "./errors.ts";
import type { RecordType } from "./query.ts";

/** A room of the domain, as its index.ts declares it. */
export interface Domain {
  /** `contact` */
  domain: string;
  /** One line for a model. */
  description: string;
  /** What people call one of its records: `customer`. */
  noun: string;
  actions: readonly Action[];
  types: readonly RecordType[];
}

/** Everything that can be done and asked: built once, at start. */
export interface Registry {
  domains: readonly Domain[];
  actions: ReadonlyMap<string, Action>;
  types: ReadonlyMap<string, RecordType>;
  /** The action `domain.name`; a CrmError with the nearest names where there is none. */
  action(domain: string, name: string): Action;
}

export function makeRegistry(domains: readonly Domain[]): Registry {
  const actions = new Map(
    domains.flatMap((room) => room.actions).map((action) => [actionKey(action), action]),
  );
  const types = new Map(domains.flatMap((room) => room.types).map((type) => [type.type, type]));
  return {
    domains,
    actions,
    types,
    action(domain, name) {
      const found = actions.get(`${domain}.${name}`);
      if (!found) throw unknownAction(`${domain}.${name}`, [...actions.keys()]);
      return found;
    },
  };
}

function unknownAction(key: string, known: string[]): CrmError {
  const near = nearest(key, known);
  return new CrmError("validation_failed", `There is no action ${key}.`, {
    fields: [{ path: "action", message: `unknown; nearest: ${near.join(", ")}` }],
    hint: `Did you mean ${near.join(" or ")}? crm_capabilities lists every action.`,
    extra: { nearest: near },
  });
}

/** The three known names with the fewest edits. */
export function nearest(name: string, known: readonly string[]): string[] {
  const wanted = name.slice(0, 80).toLowerCase();
  return [...known].sort((a, b) => distance(wanted, a) - distance(wanted, b)).slice(0, 3);
}
