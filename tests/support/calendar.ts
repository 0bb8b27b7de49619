import ICAL from "ical.js";

/** An entry as an independent parser reads it. */
export interface ReadEvent {
  uid: string;
  sequence: number;
  start: Date;
  end: Date;
  summary: string;
  location: string | null;
  status: string;
  /** Names of all its properties. */
  properties: string[];
}

export interface ReadCalendar {
  method: string;
  name: string | null;
  events: ReadEvent[];
  /** Its components and those of its events, to find what was smuggled in. */
  components: string[];
  /** `mailto:` addresses. */
  organizer: string | null;
  attendees: string[];
}

/** Reads iCalendar text with ical.js, which has nothing in common with what writes it. */
export function readCalendar(text: string): ReadCalendar {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
  const events = calendar.getAllSubcomponents("vevent");
  const [first] = events;
  const addresses = (name: string) =>
    (first?.getAllProperties(name) ?? []).map((property) => String(property.getFirstValue()).toLowerCase());
  return {
    method: String(calendar.getFirstPropertyValue("method")),
    name: valueOf(calendar, "x-wr-calname"),
    events: events.map(eventOf),
    components: [calendar, ...events].flatMap((each) => each.getAllSubcomponents().map(({ name }) => name)),
    organizer: addresses("organizer")[0] ?? null,
    attendees: addresses("attendee"),
  };
}

const valueOf = (component: ICAL.Component, name: string): string | null => {
  const value: unknown = component.getFirstPropertyValue(name);
  return value === null || value === undefined ? null : String(value as string);
};

function eventOf(component: ICAL.Component): ReadEvent {
  const at = (name: string) => (component.getFirstPropertyValue(name) as ICAL.Time).toJSDate();
  return {
    uid: valueOf(component, "uid") ?? "",
    sequence: Number(valueOf(component, "sequence")),
    start: at("dtstart"),
    end: at("dtend"),
    summary: valueOf(component, "summary") ?? "",
    location: valueOf(component, "location"),
    status: valueOf(component, "status") ?? "",
    properties: component.getAllProperties().map(({ name }) => name),
  };
}
