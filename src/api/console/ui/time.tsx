import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** Time of rendering, and the business's time zone and currency. */
export interface Setting {
  now: Date;
  zone: string;
  currency: string;
}
export const SettingContext = createContext<Setting>({ now: new Date(0), zone: "UTC", currency: "USD" });

const MINUTE = 60_000;
const UNITS = [
  ["day", 24 * 60 * MINUTE],
  ["hour", 60 * MINUTE],
  ["minute", MINUTE],
] as const;
const words = new Intl.RelativeTimeFormat("en-US", { numeric: "always" });

/** `2 minutes ago`, `in 3 days`, to the nearest unit: a second less than three days are three days. */
export function relativeTime(at: Date, now: Date): string {
  const distance = at.getTime() - now.getTime();
  if (Math.abs(distance) < MINUTE) return distance > 0 ? "in less than a minute" : "just now";
  const minutes = Math.round(distance / MINUTE) * MINUTE;
  const [unit, length] = UNITS.find((each) => Math.abs(minutes) >= each[1]) ?? ["minute", MINUTE];
  return words.format(Math.round(minutes / length), unit);
}

/** `Sun, Nov 22, 2026, 9:14 AM CST` */
export const localTime = (at: Date, zone: string): string =>
  new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(at);

/** `2 minutes ago`; the exact local time on hover. */
export function Ago({ at }: { at: string }) {
  const { now, zone } = useContext(SettingContext);
  const time = new Date(at);
  return (
    <time dateTime={at} title={localTime(time, zone)}>
      {relativeTime(time, now)}
    </time>
  );
}

/** `Sun, Nov 22, 2026, 9:14 AM CST` */
export function LocalTime({ at }: { at: string }) {
  const { zone } = useContext(SettingContext);
  return <time dateTime={at}>{localTime(new Date(at), zone)}</time>;
}

/** `in 3 days (Wed, Nov 25, 2026, 9:14 AM CST)` */
export const AgoAndTime = ({ at }: { at: string }) => (
  <>
    <Ago at={at} /> <span class="quiet">({<LocalTime at={at} />})</span>
  </>
);
