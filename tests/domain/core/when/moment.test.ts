import { Temporal } from "temporal-polyfill";
import { instantOf } from "../../../../src/domain/core/when/index.ts";
import { moment, said } from "./in-words.ts";

type Row = [text: string, expected: string];

/** Wednesday, January 7, 2026, at 10 in the morning, which is 16:00 UTC. */
const WEDNESDAY = said("2026-01-07T10:00");

describe("a moment", () => {
  it.each<Row>([
    ["tomorrow", "2026-01-08"],
    ["in 3 days", "2026-01-10"],
    ["tomorrow at 2", "2026-01-08 14:00 = 2026-01-08T20:00Z"],
    ["at 2 tomorrow", "2026-01-08 14:00 = 2026-01-08T20:00Z"],
    ["2pm on Friday", "2026-01-09 14:00 = 2026-01-09T20:00Z"],
    ["Friday 2pm", "2026-01-09 14:00 = 2026-01-09T20:00Z"],
    ["Friday 9", "2026-01-09 09:00 = 2026-01-09T15:00Z"],
    ["Friday morning", "2026-01-09 08:00-12:00"],
    ["Friday night", "2026-01-09 17:00-20:00"],
    ["this Friday morning", "2026-01-09 08:00-12:00"],
    ["tomorrow in the late afternoon", "2026-01-08 14:30-17:00"],
    ["next Friday afternoon", "2026-01-16 12:00-17:00"],
    ["afternoon of next Friday", "2026-01-16 12:00-17:00"],
    ["Friday midnight", "2026-01-09 00:00 = 2026-01-09T06:00Z"],
    ["noon on Friday", "2026-01-09 12:00 = 2026-01-09T18:00Z"],
    ["Friday between 1 and 3pm", "2026-01-09 13:00-15:00"],
    ["from 9 to 11 on Friday", "2026-01-09 09:00-11:00"],
    ["Friday 9-11", "2026-01-09 09:00-11:00"],
    ["Friday after 2", "2026-01-09 14:00-"],
    ["Friday before noon", "2026-01-09 -12:00"],
    ["any time on Friday", "2026-01-09 any"],
    ["Friday, any time after 2", "2026-01-09 14:00-"],
    ["Friday morning at 9", "2026-01-09 09:00 = 2026-01-09T15:00Z"],
    ["tomorrow at 7 in the evening", "2026-01-08 19:00 = 2026-01-09T01:00Z"],
    ["half past two tomorrow afternoon", "2026-01-08 14:30 = 2026-01-08T20:30Z"],
    ["9am Friday morning", "2026-01-09 09:00 = 2026-01-09T15:00Z"],
    ["5 to 7 on Friday evening", "2026-01-09 17:00-19:00"],
    ["Mon 1/12 at 9am", "2026-01-12 09:00 = 2026-01-12T15:00Z"],
    ["tomorrow at half past two", "2026-01-08 14:30 = 2026-01-08T20:30Z"],
    ["quarter to nine on Jan 15", "2026-01-15 08:45 = 2026-01-15T14:45Z"],
    ["Jan 15 9am", "2026-01-15 09:00 = 2026-01-15T15:00Z"],
    ["Jan 15 at 9", "2026-01-15 09:00 = 2026-01-15T15:00Z"],
    ["January 15th 2026 1530", "2026-01-15 15:30 = 2026-01-15T21:30Z"],
    ["Jan 15 at 2030", "2026-01-15 20:30 = 2026-01-16T02:30Z"],
    ["Jan 15 2030", "2030-01-15"],
    ["1/15 9am", "2026-01-15 09:00 = 2026-01-15T15:00Z"],
    ["1/15/2026 14:00", "2026-01-15 14:00 = 2026-01-15T20:00Z"],
    ["the 15th at 3", "2026-01-15 15:00 = 2026-01-15T21:00Z"],
    ["in two weeks at 3", "2026-01-21 15:00 = 2026-01-21T21:00Z"],
    ["July 15 at 3pm", "2026-07-15 15:00 = 2026-07-15T20:00Z"],
    ["Monday, November 23, 2026 at 3:30 PM", "2026-11-23 15:30 = 2026-11-23T21:30Z"],
    ["Monday, November 23, 2026 at 3:30\u202fPM", "2026-11-23 15:30 = 2026-11-23T21:30Z"],
    ["2026-11-23", "2026-11-23"],
    ["2026-11-23T15:30", "2026-11-23 15:30 = 2026-11-23T21:30Z"],
    ["2026-11-23t15:30", "2026-11-23 15:30 = 2026-11-23T21:30Z"],
    ["2026-11-23T02:30", "2026-11-23 02:30 = 2026-11-23T08:30Z"],
    ["2026-11-23T15:30:15", "2026-11-23 15:30:15 = 2026-11-23T21:30:15Z"],
    ["2026-11-23 15:30", "2026-11-23 15:30 = 2026-11-23T21:30Z"],
    ["2026-11-23, 3:30 pm", "2026-11-23 15:30 = 2026-11-23T21:30Z"],
    ["2026-11-23 15:30-16:30", "2026-11-23 15:30-16:30"],
    ["2026-11-23T15:30:00-06:00", "2026-11-23 15:30 = 2026-11-23T21:30Z"],
    ["2026-11-23T15:30-0600", "2026-11-23 15:30 = 2026-11-23T21:30Z"],
    ["2026-11-23 15:30:00-06", "2026-11-23 15:30 = 2026-11-23T21:30Z"],
    ["2026-11-23T15:30:00+02:00", "2026-11-23 07:30 = 2026-11-23T13:30Z"],
    ["2026-11-23T15:30Z", "2026-11-23 09:30 = 2026-11-23T15:30Z"],
    ["2026-11-23T03:30:00.000Z", "2026-11-22 21:30 = 2026-11-23T03:30Z"],
    ["2026-11-23 15:30:00Z", "2026-11-23 09:30 = 2026-11-23T15:30Z"],
    ["now", "2026-01-07 10:00 = 2026-01-07T16:00Z"],
    ["in two hours", "2026-01-07 12:00 = 2026-01-07T18:00Z"],
    ["in 30 minutes", "2026-01-07 10:30 = 2026-01-07T16:30Z"],
    ["in an hour", "2026-01-07 11:00 = 2026-01-07T17:00Z"],
    ["in half an hour", "2026-01-07 10:30 = 2026-01-07T16:30Z"],
    ["in an hour and a half", "2026-01-07 11:30 = 2026-01-07T17:30Z"],
    ["20 hours from now", "2026-01-08 06:00 = 2026-01-08T12:00Z"],
    ["asap", "2026-01-07 asap"],
    ["tomorrow asap", "2026-01-08 asap"],
    ["today", "2026-01-07"],
    ["2pm", "2026-01-07 14:00 = 2026-01-07T20:00Z"],
    ["10:00", "2026-01-07 10:00 = 2026-01-07T16:00Z"],
    ["after 2", "2026-01-07 14:00-"],
    ["this morning", "2026-01-07 08:00-12:00"],
    ["this afternoon", "2026-01-07 12:00-17:00"],
    ["tonight", "2026-01-07 17:00-20:00"],
    ["tonight at 8", "2026-01-07 20:00 = 2026-01-08T02:00Z"],
    ["today tonight", "2026-01-07 17:00-20:00"],
    ["Wednesday at 11", "2026-01-07 11:00 = 2026-01-07T17:00Z"],
    ["Wednesday at 10", "2026-01-07 10:00 = 2026-01-07T16:00Z"],
    ["Wednesday at 9", "2026-01-14 09:00 = 2026-01-14T15:00Z"],
    ["Wednesday morning", "2026-01-07 08:00-12:00"],
    ["Wednesday early morning", "2026-01-14 08:00-10:00"],
    ["Wednesday", "2026-01-07"],
    ["next Wednesday at 9", "2026-01-14 09:00 = 2026-01-14T15:00Z"],
  ])("is read from %j as %s on a Wednesday at 10", (text, expected) => {
    expect(moment(text, WEDNESDAY)).toBe(expected);
  });

  it.each<Row>([
    ["today 8am", "! 2026-01-08T08:00"],
    ["8am", "! 2026-01-08T08:00"],
    ["today at 8", "! 2026-01-07T20:00 2026-01-08T08:00"],
    ["09:59", "! 2026-01-08T09:59"],
    ["early this morning", "! 2026-01-08T08:00"],
    ["today before 9", "! 2026-01-08T09:00"],
    ["today midnight", "! 2026-01-08T00:00"],
    ["this Wednesday 9am", "! 2026-01-14T09:00"],
    ["this Tuesday 9am", "! 2026-01-13T09:00"],
    ["yesterday at 2pm", "! 2026-01-07T14:00 2026-01-08T14:00"],
    ["yesterday at 8am", "! 2026-01-08T08:00"],
    ["2026-01-07T08:00", "! 2026-01-08T08:00"],
    ["2025-01-15T08:00", "! 2026-01-15T08:00"],
    ["2025-01-15T08:00:00-06:00", "! 2026-01-15T08:00"],
    ["2026-01-07T15:59:59Z", "! 2026-01-08T09:59"],
    ["two hours ago", "! 2026-01-08T08:00"],
    ["yesterday", "! 2026-01-07 2026-01-08"],
    ["2026-02-30T10:00", "! 2026-02-28T10:00 2026-03-01T10:00"],
    ["Feb 30 at 10am", "! 2026-02-28T10:00 2026-03-01T10:00"],
    ["2026-02-30T10:00Z", "! 2026-02-28 2026-03-01"],
    ["2026-11-23T10:00+99:00", "!"],
    ["2026-11-23T25:00", "!"],
    ["2031-01-08T10:00", "!"],
    ["2062-01-08T10:00Z", "!"],
    ["in 9999 weeks", "!"],
    ["next week", "! 2026-01-12 2026-01-18"],
    ["any time", "!"],
    ["Friday tonight", "!"],
    ["5 Jan 10", "!"],
    ["Friday 5pm-3pm", "!"],
    ["9am tomorrow afternoon", "!"],
    ["by Friday 5pm", "!"],
    ["Friday at 9 or 10", "!"],
    ["2pm on fooday", "!"],
    ["2pm CST tomorrow", "!"],
  ])("has these readings for %j on a Wednesday at 10", (text, expected) => {
    expect(moment(text, WEDNESDAY)).toBe(expected);
  });

  it.each<Row>([
    ["today 8am", "2026-01-07 08:00 = 2026-01-07T14:00Z"],
    ["yesterday at 2pm", "2026-01-06 14:00 = 2026-01-06T20:00Z"],
    ["yesterday morning", "2026-01-06 08:00-12:00"],
    ["two hours ago", "2026-01-07 08:00 = 2026-01-07T14:00Z"],
    ["last Friday 9am", "2026-01-02 09:00 = 2026-01-02T15:00Z"],
    ["Dec 24 at noon", "2025-12-24 12:00 = 2025-12-24T18:00Z"],
    ["2025-01-15T08:00", "2025-01-15 08:00 = 2025-01-15T14:00Z"],
    ["2025-07-15T08:00Z", "2025-07-15 03:00 = 2025-07-15T08:00Z"],
  ])("is read from %j as %s where the past is allowed", (text, expected) => {
    expect(moment(text, WEDNESDAY, true)).toBe(expected);
  });

  it.each<[now: string, zone: string, text: string, expected: string]>([
    // Friday, January 9.
    ["2026-01-09T15:00", "America/Chicago", "Friday 2pm", "2026-01-16 14:00 = 2026-01-16T20:00Z"],
    ["2026-01-09T15:00", "America/Chicago", "Friday 4pm", "2026-01-09 16:00 = 2026-01-09T22:00Z"],
    ["2026-01-09T15:00", "America/Chicago", "Friday 3pm", "2026-01-09 15:00 = 2026-01-09T21:00Z"],
    ["2026-01-09T15:00:01", "America/Chicago", "Friday 3pm", "2026-01-16 15:00 = 2026-01-16T21:00Z"],
    ["2026-01-09T15:00", "America/Chicago", "Friday afternoon", "2026-01-09 12:00-17:00"],
    ["2026-01-09T17:00", "America/Chicago", "Friday afternoon", "2026-01-16 12:00-17:00"],
    ["2026-01-09T16:59:59", "America/Chicago", "this afternoon", "2026-01-09 12:00-17:00"],
    ["2026-01-09T17:00", "America/Chicago", "this afternoon", "! 2026-01-10T12:00"],
    ["2026-01-09T23:59:59", "America/Chicago", "Friday after 2", "2026-01-09 14:00-"],
    ["2026-01-09T23:59:59", "America/Chicago", "Friday midnight", "2026-01-16 00:00 = 2026-01-16T06:00Z"],
    ["2026-01-09T00:00", "America/Chicago", "Friday midnight", "2026-01-09 00:00 = 2026-01-09T06:00Z"],
    ["2026-01-09T23:59:59", "America/Chicago", "now", "2026-01-09 23:59:59 = 2026-01-10T05:59:59Z"],
    ["2026-01-09T23:59:59", "America/Chicago", "asap", "2026-01-09 asap"],
    ["2026-01-09T23:30", "America/Chicago", "in an hour", "2026-01-10 00:30 = 2026-01-10T06:30Z"],
    // Daylight time begins in Chicago on March 8, at 2.
    ["2026-03-07T10:00", "America/Chicago", "tomorrow 02:30", "2026-03-08 02:30 = 2026-03-08T08:30Z"],
    ["2026-03-07T10:00", "America/Chicago", "2026-03-08T02:30", "2026-03-08 02:30 = 2026-03-08T08:30Z"],
    ["2026-03-07T10:00", "America/Chicago", "tomorrow 1:59 am", "2026-03-08 01:59 = 2026-03-08T07:59Z"],
    ["2026-03-07T10:00", "America/Chicago", "tomorrow 3am", "2026-03-08 03:00 = 2026-03-08T08:00Z"],
    ["2026-03-08T01:30", "America/Chicago", "in an hour", "2026-03-08 03:30 = 2026-03-08T08:30Z"],
    ["2026-03-08T01:30", "America/Chicago", "2:30 am", "2026-03-08 02:30 = 2026-03-08T08:30Z"],
    // It ends on November 1, at 2.
    ["2026-10-31T10:00", "America/Chicago", "tomorrow 1:30 am", "2026-11-01 01:30 = 2026-11-01T06:30Z"],
    ["2026-10-31T10:00", "America/Chicago", "2026-11-01T01:30-06:00", "2026-11-01 01:30 = 2026-11-01T07:30Z"],
    ["2026-10-31T10:00", "America/Chicago", "tomorrow 2am", "2026-11-01 02:00 = 2026-11-01T08:00Z"],
    ["2026-11-01T01:30", "America/Chicago", "in an hour", "2026-11-01 01:30 = 2026-11-01T07:30Z"],
    ["2026-11-01T01:30", "America/Chicago", "in two hours", "2026-11-01 02:30 = 2026-11-01T08:30Z"],
    // In Berlin on March 29, at 2, and October 25, at 3.
    ["2026-03-28T10:00", "Europe/Berlin", "tomorrow 02:30", "2026-03-29 02:30 = 2026-03-29T01:30Z"],
    ["2026-03-28T10:00", "Europe/Berlin", "29.3.2026 14:00", "2026-03-29 14:00 = 2026-03-29T12:00Z"],
    ["2026-10-24T10:00", "Europe/Berlin", "tomorrow 02:30", "2026-10-25 02:30 = 2026-10-25T00:30Z"],
    ["2026-10-24T10:00", "Europe/Berlin", "25/10 at 9", "2026-10-25 09:00 = 2026-10-25T08:00Z"],
    ["2026-07-01T10:00", "Europe/Berlin", "tomorrow at 2", "2026-07-02 14:00 = 2026-07-02T12:00Z"],
    ["2026-07-01T10:00", "Europe/Berlin", "3/7 9am", "2026-07-03 09:00 = 2026-07-03T07:00Z"],
    ["2026-07-01T10:00", "Europe/Berlin", "Friday 14-16", "2026-07-03 14:00-16:00"],
    ["2026-07-01T10:00", "Europe/Berlin", "2026-07-01T07:59Z", "! 2026-07-02T09:59"],
    ["2026-07-01T10:00", "Europe/Berlin", "2026-07-01T08:00Z", "2026-07-01 10:00 = 2026-07-01T08:00Z"],
    // In Sydney it ends on April 5, at 3, and begins on October 4, at 2.
    ["2026-04-04T10:00", "Australia/Sydney", "tomorrow 02:30", "2026-04-05 02:30 = 2026-04-04T15:30Z"],
    ["2026-04-04T10:00", "Australia/Sydney", "tomorrow 3am", "2026-04-05 03:00 = 2026-04-04T17:00Z"],
    ["2026-10-03T10:00", "Australia/Sydney", "tomorrow 02:30", "2026-10-04 02:30 = 2026-10-03T16:30Z"],
    ["2026-10-03T10:00", "Australia/Sydney", "Sunday 9am", "2026-10-04 09:00 = 2026-10-03T22:00Z"],
    ["2026-01-07T10:00", "Australia/Sydney", "tomorrow at 9", "2026-01-08 09:00 = 2026-01-07T22:00Z"],
    ["2026-01-07T10:00", "Australia/Sydney", "in two hours", "2026-01-07 12:00 = 2026-01-07T01:00Z"],
    // The ends of months and years, and the leap day.
    ["2026-12-31T23:59:59", "America/Chicago", "tomorrow at 12am", "2027-01-01 00:00 = 2027-01-01T06:00Z"],
    ["2026-12-31T23:30", "Australia/Sydney", "in an hour", "2027-01-01 00:30 = 2026-12-31T13:30Z"],
    ["2028-02-28T10:00", "Europe/Berlin", "tomorrow noon", "2028-02-29 12:00 = 2028-02-29T11:00Z"],
    ["2028-02-29T10:00", "Europe/Berlin", "Feb 29 9am", "! 2028-03-01T09:00"],
    ["2026-01-31T10:00", "America/Chicago", "the 1st at 9", "2026-02-01 09:00 = 2026-02-01T15:00Z"],
  ])("at %s in %s, %j is %s", (now, zone, text, expected) => {
    expect(moment(text, said(now, zone))).toBe(expected);
  });
});

describe("instantOf", () => {
  it.each([
    ["2026-03-08", "02:30", "America/Chicago", "2026-03-08T08:30:00.000Z"],
    ["2026-11-01", "01:30", "America/Chicago", "2026-11-01T06:30:00.000Z"],
    ["2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
    ["2026-04-05", "02:30", "Australia/Sydney", "2026-04-04T15:30:00.000Z"],
    ["2026-01-07", "00:00", "UTC", "2026-01-07T00:00:00.000Z"],
  ])("reads %s %s in %s as %s", (date, time, zone, expected) => {
    const at = instantOf(Temporal.PlainDate.from(date), Temporal.PlainTime.from(time), zone);
    expect(at.toISOString()).toBe(expected);
  });
});
