import { fieldsOf } from "../../../src/domain/core/shape.ts";
import { types } from "./asking.ts";

/** Everything that queries return. A new column appears here only by decision: add it, or hide it in type.ts. */
const EXPOSED: Record<string, string> = {
  tickets: `
    id number customer_id address_id technician_id status window_start window_end
    outside_hours duration_minutes notes cancel_reason rescheduled_from_id confirmed_at change_requested_at
    plan_id plan_date needs_time_reason actual_start actual_end created_at updated_at version
    window_local total_cents currency late requires_invoicing rescheduled_to_id attributes`,
  "tickets.address": `
    id contact_id label lines city region postal_code country access_notes kind created_at
    updated_at version`,
  "tickets.line_items": `
    id ticket_id invoice_id service_id description quantity unit_price_cents discount_cents
    tax_bp total_cents created_at updated_at version currency`,
  contacts: `
    id kind name company phones emails preferred_channel do_not_contact tags notes source
    merged_into_id archived_at created_at updated_at version attributes`,
  "contacts.addresses": `
    id contact_id label lines city region postal_code country access_notes kind created_at
    updated_at version`,
  invoices: `
    id number customer_id customer_name customer_address ticket_id status currency
    subtotal_cents tax_cents total_cents paid_cents credited_cents due_cents issue_date due_date
    notes created_at updated_at version overdue`,
  "invoices.line_items": `
    id ticket_id invoice_id service_id description quantity unit_price_cents discount_cents
    tax_bp total_cents created_at updated_at version currency`,
  leads: `
    id status name phones emails source urgency raw_notes extracted next_follow_up_at
    lost_reason customer_id converted_at created_at updated_at version next_follow_up_local
    attributes`,
  messages: `
    id direction channel customer_id about_id template subject body attachments to status scheduled_for
    sent_at provider_id error dedupe_key created_at updated_at version`,
  services: `
    id name description unit_price_cents duration_minutes required_skill taxable active
    archived_at created_at updated_at version currency attributes`,
  attributes: `
    id entity key type description options required archived_at created_at updated_at version`,
  plans: `
    id customer_id address_id technician_id state first_day local_time duration_minutes rule repeats ends_on
    exceptions line_items notes state_reason created_at updated_at version next_visit_local`,
  "plans.address": `
    id contact_id label lines city region postal_code country access_notes kind created_at
    updated_at version`,
  waitlist: `
    id customer_id address_id state service_ids duration_minutes ticket_id days times until notes offered_start
    offered_at offered_technician_id offered_outside_hours offer_ends_at booked_ticket_id removed_reason created_at updated_at version
    services minutes offered_start_local`,
  "waitlist.address": `
    id contact_id label lines city region postal_code country access_notes kind created_at
    updated_at version`,
  technicians: `
    id name skills working_hours time_off active created_at updated_at version`,
  templates: `
    id name channel subject body archived_at created_at updated_at version`,
  holidays: `
    id date name archived_at created_at updated_at version`,
};

const shapes = [...types.values()].flatMap(({ type, shape, includes }) => [
  { name: type, shape },
  ...Object.entries(includes).flatMap(([name, include]) =>
    "part" in include ? [{ name: `${type}.${name}`, shape: include.shape }] : [],
  ),
]);

describe("the fields of a record type", () => {
  it("are listed in this test for every type and every part", () => {
    expect(shapes.map(({ name }) => name).sort()).toEqual(Object.keys(EXPOSED).sort());
  });

  it.each(shapes)("are exactly the listed ones for $name", ({ name, shape }) => {
    expect(fieldsOf(shape)).toEqual(EXPOSED[name]?.trim().split(/\s+/));
  });
});
