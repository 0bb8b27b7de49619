import { z } from "zod";
import type { Action } from "./action.ts";
import { type CrmError, validationFailed } from "./errors.ts";
import type { Level } from "./permission.ts";
import type { RecordType } from "./record-type.ts";
import { type Domain, nearest, type Registry } from "./registry.ts";
import { fieldsOf } from "./shape.ts";

export interface CapabilitiesQuery {
  /** Only this domain and its record types. */
  domain?: string;
  /** With `domain`: only this action. */
  action?: string;
  /** Without schemas, examples and details. */
  brief?: boolean;
  /** Agents do not see actions that are for people only. */
  audience: "agent" | "people";
}

interface ActionCapability {
  name: string;
  description: string;
  permission: Level;
  raised_when?: string;
  /** JSON Schema 2020-12, made from the schema that validates. */
  parameters?: Record<string, unknown>;
  example?: unknown;
}

export interface AttributeCapability {
  key: string;
  type: string;
  required: boolean;
  /** The options of a select. */
  options?: string[];
  description?: string;
}

/** Attributes by the table of their records. */
export type AttributesByTable = ReadonlyMap<string, readonly AttributeCapability[]>;

interface TypeCapability {
  type: string;
  description: string;
  filters: string[];
  includes: string[];
  sort: string[];
  /** The business's own fields, for the filter `attributes`; omitted if there are none. */
  attributes?: AttributeCapability[];
  fields?: string[];
  filter_details?: Record<string, string>;
}

export interface Capabilities {
  version: "1.0";
  domains: { domain: string; description: string; actions: ActionCapability[] }[];
  data_types: TypeCapability[];
}

/**
 * All actions and record types of the registry, with the business's own attributes. Throws validation_failed for a name
 * that does not exist.
 */
export function capabilities(
  registry: Registry,
  query: CapabilitiesQuery,
  attributes: AttributesByTable = new Map(),
): Capabilities {
  const { domain, action, brief = false, audience } = query;
  const visible = registry.domains
    .map((each) => ({ ...each, actions: each.actions.filter((one) => mayBeShown(one, audience)) }))
    .filter((each) => each.actions.length > 0 || each.types.length > 0);
  const selected = selectDomains(visible, domain, action);
  return {
    version: "1.0",
    domains: selected.map((each) => ({
      domain: each.domain,
      description: each.description,
      actions: each.actions.map((one) => describeAction(one, brief)),
    })),
    data_types: selected.flatMap((each) =>
      each.types.map((type) => describeType(type, brief, attributes.get(type.shape.table))),
    ),
  };
}

const mayBeShown = (action: Action, audience: CapabilitiesQuery["audience"]): boolean =>
  action.audience === undefined || action.audience === audience;

function selectDomains(domains: Domain[], domain?: string, action?: string): Domain[] {
  if (domain === undefined) {
    if (action === undefined) return domains;
    throw validationFailed([{ path: "domain", message: "is required with action" }]);
  }
  const found = domains.find((one) => one.domain === domain);
  if (!found)
    throw unknown(
      "domain",
      domain,
      domains.map((one) => one.domain),
    );
  if (action === undefined) return [found];
  const actions = found.actions.filter((one) => one.name === action);
  if (actions.length === 0)
    throw unknown(
      "action",
      action,
      found.actions.map((one) => one.name),
    );
  return [{ ...found, actions }];
}

function unknown(path: "domain" | "action", name: string, known: string[]): CrmError {
  const near = nearest(name, known);
  return validationFailed(
    [{ path, message: `${JSON.stringify(name.slice(0, 80))} is unknown; nearest: ${near.join(", ")}` }],
    `Did you mean ${near.join(" or ")}? crm_capabilities without arguments lists every name.`,
  );
}

const describeAction = (action: Action, brief: boolean): ActionCapability => ({
  name: action.name,
  description: action.summary,
  permission: action.permission,
  ...(action.raisedWhen !== undefined && { raised_when: action.raisedWhen }),
  ...(!brief && { parameters: z.toJSONSchema(action.input, { io: "input" }), example: action.example }),
});

const describeType = (
  { type, description, shape, filters, includes, sorts }: RecordType,
  brief: boolean,
  attributes: readonly AttributeCapability[] = [],
): TypeCapability => ({
  type,
  description,
  filters: Object.keys(filters),
  includes: Object.keys(includes),
  sort: Object.keys(sorts).flatMap((name) => [name, `-${name}`]),
  ...(attributes.length > 0 && { attributes: [...attributes] }),
  ...(!brief && {
    fields: fieldsOf(shape),
    filter_details: Object.fromEntries(
      Object.entries(filters).map(([name, filter]) => [name, filter.description]),
    ),
  }),
});
