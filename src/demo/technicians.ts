import type { WorkingHours } from "../entities/technician.ts";

export interface Slot {
  /** Local time: `08:00` */
  time: string;
  minutes: number;
}

export interface DemoTechnician {
  /** Prefix of the job keys. */
  key: string;
  name: string;
  skills: readonly string[];
  hours: WorkingHours;
  /** Start times on each working day, with half an hour of travel between visits. */
  slots: readonly Slot[];
}

const from8: [string, string] = ["08:00", "17:00"];
const from7: [string, string] = ["07:00", "16:30"];
const from9: [string, string] = ["09:00", "18:00"];
const weekend = { saturday: null, sunday: null };

/** Technicians of the generated year. Today's four appointments belong to the technician of the first start. */
export const demoTechnicians: readonly DemoTechnician[] = [
  {
    key: "rosa",
    name: "Rosa Lindgrove",
    skills: ["windows", "screens"],
    hours: { monday: from8, tuesday: from8, wednesday: from8, thursday: from8, friday: from8, ...weekend },
    slots: [
      { time: "08:00", minutes: 150 },
      { time: "11:00", minutes: 120 },
      { time: "13:30", minutes: 180 },
    ],
  },
  {
    key: "theo",
    name: "Theo Ambleside",
    skills: ["windows", "heights", "gutters"],
    hours: { monday: from7, tuesday: from7, wednesday: from7, thursday: from7, friday: null, ...weekend },
    slots: [
      { time: "07:00", minutes: 180 },
      { time: "10:30", minutes: 120 },
      { time: "13:00", minutes: 180 },
    ],
  },
  {
    key: "june",
    name: "June Okonwell",
    skills: ["windows", "screens", "solar"],
    hours: {
      monday: null,
      tuesday: from9,
      wednesday: from9,
      thursday: from9,
      friday: from9,
      saturday: from9,
      sunday: null,
    },
    slots: [
      { time: "09:00", minutes: 120 },
      { time: "11:30", minutes: 90 },
      { time: "13:30", minutes: 120 },
      { time: "16:00", minutes: 120 },
    ],
  },
];

export interface Offer {
  key: string;
  /** Input of service.create. */
  service: {
    name: string;
    description: string;
    unit_price_cents: number;
    duration_minutes: number;
    required_skill?: string;
  };
  /** Usual quantity per visit, least and most. */
  usual: readonly [number, number];
  /** Offered to companies only. */
  companies?: true;
}

/** Services with their prices. */
export const offers: readonly Offer[] = [
  {
    key: "inside-outside",
    service: {
      name: "Windows inside and outside",
      description: "Per pane, frames wiped; sills where they are clear.",
      unit_price_cents: 1_000,
      duration_minutes: 150,
    },
    usual: [12, 32],
  },
  {
    key: "outside",
    service: {
      name: "Windows outside only",
      description: "Per pane; nobody need be at home.",
      unit_price_cents: 700,
      duration_minutes: 90,
    },
    usual: [10, 30],
  },
  {
    key: "screens",
    service: {
      name: "Screens washed and refitted",
      description: "Per screen, taken out, washed, dried.",
      unit_price_cents: 500,
      duration_minutes: 60,
      required_skill: "screens",
    },
    usual: [6, 18],
  },
  {
    key: "tracks",
    service: {
      name: "Tracks and sills",
      description: "Per window: brushed, vacuumed, wiped.",
      unit_price_cents: 350,
      duration_minutes: 45,
    },
    usual: [8, 20],
  },
  {
    key: "skylights",
    service: {
      name: "Skylights",
      description: "Per skylight, from the roof where it is safe.",
      unit_price_cents: 2_500,
      duration_minutes: 30,
      required_skill: "heights",
    },
    usual: [1, 4],
  },
  {
    key: "gutters",
    service: {
      name: "Gutters cleared",
      description: "Whole house, leaves removed.",
      unit_price_cents: 18_000,
      duration_minutes: 120,
      required_skill: "gutters",
    },
    usual: [1, 1],
  },
  {
    key: "solar",
    service: {
      name: "Solar panels rinsed",
      description: "Per panel, pure water, no soap.",
      unit_price_cents: 900,
      duration_minutes: 60,
      required_skill: "solar",
    },
    usual: [8, 24],
  },
  {
    key: "storefront",
    service: {
      name: "Storefront glass",
      description: "Per front, door included, before the shop opens where wanted.",
      unit_price_cents: 4_500,
      duration_minutes: 60,
    },
    usual: [1, 3],
    companies: true,
  },
];
