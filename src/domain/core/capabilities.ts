import { z } from "zod";
import type { Action } from "./action.ts";
import { type CrmError, validationFailed } from "./errors.ts";
import type { Level } from "./permission.ts";
import { fieldsOf } from "./query-sql.ts";
import type { RecordType } from "./record-type.ts";
import { type Domain, nearest, type Registry } from "./registry.ts";

export interface CapabilitiesQuery {
  /** Only this domain and its types of records. */
  domain?: string;
  /** With `domain`: only this action. */
  action?: string;
  /** Without schemas, examples and details. */
  brief?: boolean;
  /** Agents are not shown what is for people only. */
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
  /** Of a select. */
  options?: string[];
  description?: string;
}

/** Attributes of records, by the table that holds them. */
export type AttributesByTable = ReadonlyMap<string, readonly AttributeCapability[]>;

interface TypeCapability {
  type: string;
  description: string;
  filters: string[];
  includes: string[];
  sort: string[];
  /** The business's own fields, for the filter `attributes`; left out where there are none. */
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
 * All that can be done and asked, from the registry alone but for the business's own attributes. Throws
 * validation_failed for a name that does not exist.
 */
export function capabilities(
  registry: Registry,
  query: CapabilitiesQuery,
  attributes: AttributesByTable = new Map(),
): Capabilities {
  const { domain, action, brief = false, audience } = query;
  const visible = registry.domains
    .map((room) => ({ ...room, actions: room.actions.filter((one) => mayBeShown(one, audience)) }))
    .filter((room) => room.actions.length > 0 || room.types.length > 0);
  const rooms = chosenRooms(visible, domain, action);
  return {
    version: "1.0",
    domains: rooms.map((room) => ({
      domain: room.domain,
      description: room.description,
      actions: room.actions.map((one) => describeAction(one, brief)),
    })),
    data_types: rooms.flatMap((room) =>
      room.types.map((type) => describeType(type, brief, attributes.get(type.shape.table))),
    ),
  };
}

const mayBeShown = (action: Action, audience: CapabilitiesQuery["audience"]): boolean =>
  action.audience === undefined || action.audience === audience;

function chosenRooms(rooms: Domain[], domain?: string, action?: string): Domain[] {
  if (domain === undefined) {
    if (action === undefined) return rooms;
    throw validationFailed([{ path: "domain", message: "is needed beside action" }]);
  }
  const room = rooms.find((one) => one.domain === domain);
  if (!room)
    throw unknown(
      "domain",
      domain,
      rooms.map((one) => one.domain),
    );
  if (action === undefined) return [room];
  const actions = room.actions.filter((one) => one.name === action);
  if (actions.length === 0)
    throw unknown(
      "action",
      action,
      room.actions.map((one) => one.name),
    );
  return [{ ...room, actions }];
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
