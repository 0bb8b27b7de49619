import type { DataSource } from "typeorm";
import { newId } from "../../../src/domain/core/ids.ts";
import type { AttributeEntity } from "../../../src/entities/attribute.ts";
import { aHoliday, anAttribute, anAttributeValue, aService, aTemplate } from "../../support/definitions.ts";
import {
  aContact,
  aLead,
  aMessage,
  anInvoice,
  aPlan,
  aTechnician,
  aTicket,
  aWaitlistEntry,
} from "../../support/factories.ts";

export type Values = Record<string, unknown>;
type Maker = (db: DataSource, values: Values) => Promise<{ id: string }>;

/** Writes a row of each record type. */
export const MAKERS: Record<string, Maker> = {
  contacts: withAttributes("contact", aContact),
  tickets: withAttributes("ticket", aTicket),
  invoices: (db, values) => anInvoice(db, values),
  leads: withAttributes("lead", aLead),
  messages: (db, values) => aMessage(db, values),
  services: withAttributes("service", aService),
  attributes: (db, values) => anAttribute(db, { key: newId("attribute"), ...values }),
  plans: (db, values) => aPlan(db, values),
  waitlist: (db, values) => aWaitlistEntry(db, values),
  technicians: (db, values) => aTechnician(db, values),
  templates: (db, values) => aTemplate(db, values),
  holidays: (db, values) => aHoliday(db, { date: nextHoliday(), ...values }),
};

/** `windows` is the value of an attribute with that key. */
function withAttributes(entity: AttributeEntity, make: Maker): Maker {
  return async (db, { windows, ...values }) => {
    const made = await make(db, values);
    if (windows === undefined) return made;
    const known = (await db.query("SELECT id FROM attribute WHERE entity = $1 AND key = 'windows'", [
      entity,
    ])) as [{ id: string } | undefined];
    const attribute = known[0] ?? (await anAttribute(db, { entity, key: "windows" }));
    await anAttributeValue(db, {
      [`${entity}_id`]: made.id,
      attribute_id: attribute.id,
      value: Number(windows),
    });
    return made;
  };
}

let holidays = 0;
const nextHoliday = () => new Date(Date.UTC(2030, 0, 1 + holidays++)).toISOString().slice(0, 10);

/** Ids that the rows refer to. */
export interface References {
  contact: [string, string];
  ticket: [string, string];
  technician: [string, string];
  service: [string, string];
  plan: [string, string];
}

export async function references(db: DataSource): Promise<References> {
  const two = async (make: () => Promise<{ id: string }>): Promise<[string, string]> => [
    (await make()).id,
    (await make()).id,
  ];
  return {
    contact: await two(() => aContact(db)),
    ticket: await two(() => aTicket(db)),
    technician: await two(() => aTechnician(db)),
    service: await two(() => aService(db)),
    plan: await two(() => aPlan(db)),
  };
}
