import { distance } from "fastest-levenshtein";
import { type Action, actionKey } from "./action.ts";
import { CrmError } from "./errors.ts";
import type { Reversal } from "./reversal.ts";
import { type RecordType, type ResolvedRecordType, resolveIncludes } from "./record-type.ts";

/** The actions and record types of one folder below domain/, as its index.ts declares them. */
export interface Domain {
  /** `contact` */
  domain: string;
  /** One line for a model. */
  description: string;
  /** What people call a record of it: `customer`. */
  noun: string;
  actions: readonly Action[];
  types: readonly RecordType[];
  /** How an undo is judged that writes these tables. */
  reversals?: readonly Reversal[];
}

/** All actions and record types. Built once, at start. */
export interface Registry {
  domains: readonly Domain[];
  actions: ReadonlyMap<string, Action>;
  types: ReadonlyMap<string, ResolvedRecordType>;
  /** By table. */
  reversals: ReadonlyMap<string, Reversal>;
  /** The action with this key (`contact.delete`). Throws a CrmError with the nearest names if there is none. */
  action(key: string): Action;
}

export function makeRegistry(domains: readonly Domain[]): Registry {
  const actions = new Map(
    domains.flatMap((domain) => domain.actions).map((action) => [actionKey(action), action]),
  );
  const types = resolveIncludes(domains.flatMap((domain) => domain.types));
  return {
    domains,
    actions,
    types,
    reversals: new Map(domains.flatMap(({ reversals = [] }) => reversals.map((each) => [each.table, each]))),
    action(key) {
      const found = actions.get(key);
      if (!found) throw unknownAction(key, [...actions.keys()]);
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

/** The three known names with the smallest edit distance. */
export function nearest(name: string, known: readonly string[]): string[] {
  const wanted = name.slice(0, 80).toLowerCase();
  return [...known].sort((a, b) => distance(wanted, a) - distance(wanted, b)).slice(0, 3);
}
