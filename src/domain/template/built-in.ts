interface Text {
  subject: string | null;
  body: string;
}

/** A text that holds until a person writes a template of the same name for the channel. */
interface BuiltIn {
  name: string;
  email: Text;
  sms: Text;
}

/** A line that holds nothing but the end of a section leaves no line break: a blank line after it takes two. */
const PLACE = `{{#address}}Where: {{address}}
{{/address}}{{#services}}What: {{services}}
{{/services}}`;

const CHANGE = "If the time does not suit you, please tell us.";

/** How every e-mail about an appointment ends. `visit.link` is optional. */
const DETAILS = `${PLACE}Who: {{technician}}

{{#visit.link}}Confirm it, or ask for another time: {{visit.link}}{{/visit.link}}{{^visit.link}}${CHANGE}{{/visit.link}}

{{business.name}}`;

const SMS_END = `{{#visit.link}}Confirm or change it: {{visit.link}}{{/visit.link}}{{^visit.link}}${CHANGE}{{/visit.link}}`;

/** Values of those about a visit: src/domain/ticket/notice.ts. */
const ABOUT_VISITS: readonly BuiltIn[] = [
  {
    name: "appointment_confirmation",
    email: {
      subject: "Your appointment on {{when}}",
      body: `Hello {{customer.name}},

your appointment with {{business.name}}:

When: {{when}}
${DETAILS}`,
    },
    sms: {
      subject: null,
      body: `{{business.name}}: your appointment is on {{when}}{{#services}} ({{services}}){{/services}}. ${SMS_END}`,
    },
  },
  {
    name: "appointment_rescheduled",
    email: {
      subject: "Your appointment is now on {{when}}",
      body: `Hello {{customer.name}},

your appointment with {{business.name}} has moved:

New: {{when}}
Before: {{before}}
${DETAILS}`,
    },
    sms: {
      subject: null,
      body: `{{business.name}}: your appointment has moved from {{before}} to {{when}}. ${SMS_END}`,
    },
  },
  {
    name: "appointment_cancelled",
    email: {
      subject: "Cancelled: your appointment on {{when}}",
      body: `Hello {{customer.name}},

your appointment with {{business.name}} is cancelled:

When: {{when}}
${PLACE}

If you would like another time, please tell us.

{{business.name}}`,
    },
    sms: {
      subject: null,
      body: "{{business.name}}: your appointment on {{when}} is cancelled. If you would like another time, please tell us.",
    },
  },
];

/** How both about a plan end; each of the next appointments has its link. */
const NEXT = `{{#next}}

Your next appointments, with a link to confirm each or ask for another time:
{{next}}
{{/next}}

${CHANGE}

{{business.name}}`;

const SMS_NEXT = `{{#first}} The next one is on {{first}}.{{/first}} ${SMS_END}`;

/** Values of those about a plan: src/domain/plan/notice.ts. */
const ABOUT_PLANS: readonly BuiltIn[] = [
  {
    name: "plan_changed",
    email: {
      subject: "Your regular appointments have changed",
      body: `Hello {{customer.name}},

your regular appointments with {{business.name}} have changed:

Now: {{repeats}}
${NEXT}`,
    },
    sms: {
      subject: null,
      body: `{{business.name}}: your regular appointments are now {{repeats}}.${SMS_NEXT}`,
    },
  },
  {
    name: "plan_confirmation",
    email: {
      subject: "Your regular appointments",
      body: `Hello {{customer.name}},

your regular appointments with {{business.name}}:

When: {{repeats}}
${NEXT}`,
    },
    sms: {
      subject: null,
      body: `{{business.name}}: your regular appointments are {{repeats}}.${SMS_NEXT}`,
    },
  },
];

/** Values: `offer.when` (the free time), `offer.link` and, as far as known, `offer.until` and `offer.services`. */
const ABOUT_OFFERS: readonly BuiltIn[] = [
  {
    name: "waitlist_offer",
    email: {
      subject: "A time is free: {{offer.when}}",
      body: `Hello {{customer.name}},

{{business.name}} has a free time that may suit you:

When: {{offer.when}}
{{#offer.services}}What: {{offer.services}}
{{/offer.services}}

Take it or decline it here: {{offer.link}}
{{#offer.until}}The offer ends on {{offer.until}}. {{/offer.until}}The first customer who takes the time gets it.

{{business.name}}`,
    },
    sms: {
      subject: null,
      body: "{{business.name}}: {{offer.when}} is free. Take it or decline it: {{offer.link}}{{#offer.until}} The offer ends on {{offer.until}}.{{/offer.until}}",
    },
  },
  {
    name: "waitlist_gone",
    email: {
      subject: "No longer free: {{offer.when}}",
      body: `Hello {{customer.name}},

the time that we offered you is taken:

When: {{offer.when}}

You stay on the waitlist.

{{business.name}}`,
    },
    sms: {
      subject: null,
      body: "{{business.name}}: {{offer.when}} is taken. You stay on the waitlist.",
    },
  },
];

export const BUILT_IN: readonly BuiltIn[] = [...ABOUT_VISITS, ...ABOUT_PLANS, ...ABOUT_OFFERS];
