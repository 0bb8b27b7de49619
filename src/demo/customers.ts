import { Temporal } from "temporal-polyfill";
import { type Customer, type DemoJob, jobsOf, type Visit } from "./jobs.ts";

export type { DemoJob } from "./jobs.ts";

const JOHNSON_VISITS = 15;
const WEEKS_BETWEEN = 8;

/** Three alternating kinds of visit, $300 on average, so that fifteen are worth $4,500. */
const JOHNSON_KINDS: Pick<Visit, "minutes" | "lines">[] = [
  {
    minutes: 180,
    lines: [
      { description: "Window cleaning, inside and outside", quantity: 30, unit_price_cents: 1_000 },
      { description: "Screen cleaning", quantity: 12, unit_price_cents: 500 },
    ],
  },
  {
    minutes: 150,
    lines: [{ description: "Window cleaning, inside and outside", quantity: 30, unit_price_cents: 1_000 }],
  },
  {
    minutes: 120,
    lines: [{ description: "Window cleaning, outside", quantity: 30, unit_price_cents: 800 }],
  },
];

const johnsonVisits: Visit[] = Array.from(
  { length: JOHNSON_VISITS / JOHNSON_KINDS.length },
  () => JOHNSON_KINDS,
)
  .flat()
  .map((kind, index) => ({ ...kind, day: -7 * WEEKS_BETWEEN * (JOHNSON_VISITS - index), time: "09:00" }));

const madison = { city: "Madison", region: "WI" };

/** The guide's window-cleaning business: four appointments today, and the Johnsons, who moved away. */
const customers: readonly Customer[] = [
  {
    key: "johnson",
    contact: {
      name: "Johnson Family",
      phones: [{ number: "(608) 555-0115", label: "home" }],
      emails: ["johnson@example.com"],
      preferred_channel: "email",
      tags: ["residential"],
      notes: "Customers for years. They talk of moving out of state.",
      source: "referral",
    },
    addresses: [
      { label: "Home", lines: ["1812 Maple Avenue"], postal_code: "53711", ...madison },
      { label: "Lake house", lines: ["77 Shore Drive"], postal_code: "53705", ...madison },
    ],
    visits: johnsonVisits,
  },
  {
    key: "wilson",
    contact: {
      name: "Wilson",
      phones: [{ number: "(608) 555-0134" }],
      emails: ["wilson@example.com"],
      tags: ["residential"],
    },
    addresses: [{ lines: ["230 Elm Court"], postal_code: "53704", ...madison }],
    visits: [
      {
        day: -45,
        time: "13:00",
        minutes: 240,
        lines: [
          { description: "Window cleaning, inside and outside", quantity: 45, unit_price_cents: 1_000 },
        ],
      },
      {
        day: 0,
        time: "09:00",
        minutes: 180,
        lines: [{ description: "Window cleaning", quantity: 30, unit_price_cents: 1_000 }],
      },
    ],
  },
  {
    key: "smith-dental",
    contact: {
      name: "Smith Dental",
      kind: "company",
      phones: [{ number: "(608) 555-0160", label: "front desk" }],
      emails: ["office@smithdental.example.com"],
      tags: ["commercial"],
    },
    addresses: [
      {
        label: "Office",
        lines: ["900 University Row", "Suite 210"],
        postal_code: "53705",
        access_notes: "Ladders go round the back; patients use the front.",
        ...madison,
      },
    ],
    visits: [
      {
        day: 0,
        time: "13:00",
        minutes: 120,
        lines: [{ description: "Exterior windows", quantity: 22, unit_price_cents: 900 }],
      },
    ],
  },
  {
    key: "garcia",
    contact: {
      name: "Maria Garcia",
      phones: [{ number: "(608) 555-0142", label: "mobile" }],
      emails: ["maria.garcia@example.com"],
      preferred_channel: "sms",
      tags: ["residential"],
    },
    addresses: [{ label: "Home", lines: ["15 Birch Lane"], postal_code: "53713", ...madison }],
    visits: [
      {
        day: 0,
        time: "15:30",
        minutes: 60,
        lines: [{ description: "Screen cleaning", quantity: 18, unit_price_cents: 500 }],
        notes: "The screens stand in the garage.",
      },
    ],
  },
  {
    key: "park-place",
    contact: {
      name: "Park Place HOA",
      kind: "company",
      phones: [{ number: "(608) 555-0188", label: "manager" }],
      emails: ["manager@parkplace.example.com"],
      tags: ["commercial"],
    },
    addresses: [{ label: "Clubhouse", lines: ["1 Park Place"], postal_code: "53719", ...madison }],
    visits: [
      {
        day: 0,
        time: "17:00",
        minutes: 120,
        lines: [{ description: "Common areas", unit_price_cents: 24_000 }],
      },
    ],
  },
  {
    key: "thompson",
    contact: {
      name: "Mary Thompson",
      phones: [{ number: "(608) 555-0171" }],
      notes: "Wants a quote for a large home, soon.",
      source: "phone_call",
    },
    addresses: [{ label: "Home", lines: ["64 Prairie Road"], postal_code: "53717", ...madison }],
    visits: [{ minutes: 60, lines: [], notes: "Quote for a large home." }],
  },
  {
    key: "martha",
    contact: {
      name: "Martha Olsen",
      phones: [{ number: "(608) 555-0126", label: "home" }],
      preferred_channel: "phone",
      tags: ["residential"],
      notes: "Elderly woman, widowed last year. Large Victorian, more than 25 windows.",
      source: "phone_call",
    },
    addresses: [{ label: "Home", lines: ["456 Oak Street"], postal_code: "53703", ...madison }],
  },
  {
    key: "riverside",
    contact: {
      name: "Riverside Apartments",
      kind: "company",
      emails: ["leasing@riverside.example.com"],
      notes: "Asked about bulk pricing.",
      source: "website",
    },
    addresses: [],
  },
];

/** Jobs of the guide's customers in order: today's schedule is on `today`, everything else is earlier. */
export function demoJobs(today: Temporal.PlainDate | string, zone: string): DemoJob[] {
  const calendar = { today: Temporal.PlainDate.from(today), zone };
  return customers.flatMap((customer) => [...jobsOf(customer, calendar)]);
}
