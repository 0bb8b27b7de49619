import { inWords } from "../../src/domain/core/time.ts";
import { demoJobs } from "../../src/demo/customers.ts";
import { CUSTOMERS, yearJobs } from "../../src/demo/year.ts";

const ZONE = "America/Chicago";
const TODAY = "2026-11-23";

/** Generates the jobs, with the keys of earlier jobs in place of their ids. */
const generateJobs = (today: string) => {
  const ids = Object.assign(new Map<string, unknown>(), { get: (key: string) => ({ id: `<${key}>` }) });
  return yearJobs(today, ZONE).map(({ key, action, at, data }) => ({ key, action, at, data: data(ids) }));
};

const known = new Map<string, ReturnType<typeof generateJobs>>();
const jobsOn = (today: string) => {
  const jobs = known.get(today) ?? generateJobs(today);
  known.set(today, jobs);
  return jobs;
};

describe("yearJobs", () => {
  it("returns the same jobs each time, with unique keys that do not depend on the day", () => {
    expect(generateJobs(TODAY)).toEqual(jobsOn(TODAY));
    const keys = (today: string) =>
      jobsOn(today)
        .map(({ key }) => key)
        .sort();
    expect(keys("2027-03-14")).toEqual(keys(TODAY));
    const all = [...demoJobs(TODAY, ZONE), ...jobsOn(TODAY)].map(({ key }) => key);
    expect(new Set(all).size).toBe(all.length);
  });

  it("returns jobs in time order, before today, and books nothing today", () => {
    const times = jobsOn(TODAY).map(({ at }) => at.getTime());
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times.at(-1)).toBeLessThan(Date.parse("2026-11-23T00:00:00-06:00"));
    const starts = jobsOn(TODAY).flatMap(({ data }) => Object(data).window_start ?? []) as string[];
    expect(starts.filter((at) => at >= "2026-11-23T06:00" && at < "2026-11-24T06:00")).toEqual([]);
  });

  it("returns all customers and technicians and more than a thousand completed visits", () => {
    const jobs = jobsOn(TODAY);
    const count = (action: string) => jobs.filter((job) => job.action === action).length;
    expect(jobs.filter(({ key }) => /^customer-\d+$/.test(key))).toHaveLength(CUSTOMERS);
    expect(count("technician.create")).toBe(3);
    expect(count("ticket.complete")).toBeGreaterThan(1_000);
    expect(count("ticket.cancel")).toBeGreaterThan(30);
    expect(count("ticket.no_show")).toBeGreaterThan(10);
    expect(jobs.length).toBeLessThan(6_000);
  });

  it("uses each phone number and e-mail address once, all reserved for examples", () => {
    const contacts = jobsOn(TODAY)
      .filter(({ action }) => action === "contact.create" || action === "lead.create")
      .map(({ data }) => data as { customer_id?: string; phones?: { number: string }[]; emails?: string[] })
      .filter(({ customer_id }) => !customer_id); // A lead of a customer has the customer's number.
    const phones = contacts.flatMap(({ phones = [] }) => phones.map(({ number }) => number));
    expect(new Set(phones).size).toBe(phones.length);
    expect(phones.filter((number) => !/^\(\d{3}\) 555-01\d\d$/.test(number))).toEqual([]);
    const emails = contacts.flatMap(({ emails = [] }) => emails);
    expect(new Set(emails).size).toBe(emails.length);
    expect(emails.filter((email) => !email.endsWith("@example.com"))).toEqual([]);
  });
});

describe("the messages of yearJobs", () => {
  interface Said {
    key: string;
    at: Date;
    to: string;
    channel?: string;
    text: string;
  }
  const said = (today: string): Said[] =>
    jobsOn(today)
      .filter(({ action }) => action.startsWith("message."))
      .map(({ key, at, data }) => {
        const { customer_id: to, channel, body, values } = data as Record<string, string>; // Input of message.send.
        return { key, at, to: String(to), ...(channel && { channel }), text: body ?? JSON.stringify(values) };
      });

  it("are spread over all months, without equal neighbors or unfilled placeholders", () => {
    for (const today of [TODAY, "2027-03-14"]) {
      const messages = said(today);
      const months = new Map<string, number>();
      for (const { at } of messages) {
        const month = at.toISOString().slice(0, 7);
        months.set(month, (months.get(month) ?? 0) + 1);
      }
      const whole = [...months.values()].slice(1, -1);
      expect(Math.min(...whole)).toBeGreaterThan(15);
      expect(Math.max(...whole)).toBeLessThan(100);
      expect(messages.filter(({ text }, at) => text === messages[at - 1]?.text)).toEqual([]);
      expect(messages.filter(({ text }) => /[{}]\w|undefined|\u202f/.test(text.replace(/^\{"/, "")))).toEqual(
        [],
      );
    }
  });

  it("are not sent to opted-out customers or the Johnsons", () => {
    const alone = jobsOn(TODAY).filter(({ data }) => (data as { do_not_contact?: boolean }).do_not_contact);
    expect(alone.length).toBeGreaterThan(1);
    const silent = ["<johnson>", ...alone.map(({ key }) => `<${key}>`)];
    expect(said(TODAY).filter(({ to }) => silent.includes(to))).toEqual([]);
  });

  it("state each visit's local time", () => {
    const starts = new Map(
      jobsOn(TODAY).map(({ key, data }) => [key, (data as { window_start?: string }).window_start]),
    );
    const confirmed = jobsOn(TODAY).flatMap(({ key, data }) => {
      const { template, about_id, values } = data as Record<string, string> & {
        values: Record<string, string>;
      };
      const start = starts.get(String(about_id).slice(1, -1));
      return template && start ? [{ key, said: `${values["day"]} at ${values["time"]}`, start }] : [];
    });
    expect(confirmed.length).toBeGreaterThan(100);
    for (const { said, start } of confirmed)
      expect(said).toBe(inWords(new Date(start), ZONE).replace(/, \d{4}/, ""));
  });
});
