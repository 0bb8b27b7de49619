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

/** How every e-mail about an appointment ends. */
const DETAILS = `{{#address}}Where: {{address}}
{{/address}}{{#services}}What: {{services}}
{{/services}}Who: {{technician}}

If the time does not suit you, please tell us.

{{business.name}}`;

/** Their values: confirmation.ts below workflow/. */
export const BUILT_IN: readonly BuiltIn[] = [
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
      body: "{{business.name}}: your appointment is on {{when}}{{#services}} ({{services}}){{/services}}. If the time does not suit you, please tell us.",
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
      body: "{{business.name}}: your appointment has moved from {{before}} to {{when}}. If the time does not suit you, please tell us.",
    },
  },
  {
    name: "plan_changed",
    email: {
      subject: "Your regular appointments have changed",
      body: `Hello {{customer.name}},

your regular appointments with {{business.name}} have changed:

Now: {{repeats}}
{{#next}}

Your next appointments:
{{next}}
{{/next}}

If that does not suit you, please tell us.

{{business.name}}`,
    },
    sms: {
      subject: null,
      body: "{{business.name}}: your regular appointments are now {{repeats}}.{{#first}} The next one is on {{first}}.{{/first}} If that does not suit you, please tell us.",
    },
  },
];
