import { newId } from "../../src/domain/core/ids.ts";
import { Attribute } from "../../src/entities/attribute.ts";
import { AttributeValue } from "../../src/entities/attribute-value.ts";
import { Holiday } from "../../src/entities/holiday.ts";
import { Service } from "../../src/entities/service.ts";
import { Template } from "../../src/entities/template.ts";
import { aContact, inTransaction, type Place } from "./factories.ts";

// What an office defines once: services, attributes, templates and holidays.

export const aService = (place: Place, values: Partial<Service> = {}): Promise<Service> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("service");
    const made = { name: "Screen cleaning", unit_price_cents: 9_000, ...values, id };
    await manager.insert(Service, manager.create(Service, made));
    return manager.findOneByOrFail(Service, { id });
  });

/** By default a number attribute of contacts. */
export const anAttribute = (place: Place, values: Partial<Attribute> = {}): Promise<Attribute> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("attribute");
    const made = { entity: "contact", key: "window_count", type: "number", ...values, id } as const;
    await manager.insert(Attribute, manager.create(Attribute, made));
    return manager.findOneByOrFail(Attribute, { id });
  });

/** Creates its own attribute and contact if none is given; the default value is 25. */
export const anAttributeValue = (
  place: Place,
  values: Partial<AttributeValue> = {},
): Promise<AttributeValue> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("attribute_value");
    const attribute_id = values.attribute_id ?? (await anAttribute(manager)).id;
    const owner = values.contact_id ?? values.ticket_id ?? values.lead_id ?? values.service_id;
    const contact_id = owner ? values.contact_id : (await aContact(manager)).id;
    const made = { type: "number", value: 25, ...values, id, attribute_id, contact_id } as const;
    await manager.insert(AttributeValue, manager.create(AttributeValue, made));
    return manager.findOneByOrFail(AttributeValue, { id });
  });

export const aTemplate = (place: Place, values: Partial<Template> = {}): Promise<Template> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("template");
    const made = { name: id, channel: "sms", body: "Hello {{customer.name}}", ...values, id } as const;
    await manager.insert(Template, manager.create(Template, made));
    return manager.findOneByOrFail(Template, { id });
  });

export const aHoliday = (place: Place, values: Partial<Holiday> = {}): Promise<Holiday> =>
  inTransaction(place, async (manager) => {
    const id = values.id ?? newId("holiday");
    const made = { date: "2026-11-26", name: "Thanksgiving", ...values, id };
    await manager.insert(Holiday, manager.create(Holiday, made));
    return manager.findOneByOrFail(Holiday, { id });
  });
