import type { Response } from "express";
import type { DataSource } from "typeorm";
import type { Crm, Submission } from "../../crm/contract.ts";
import { CrmError, forbidden, validationFailed } from "../../domain/core/errors.ts";
import { digestOf } from "../../domain/core/canonical.ts";
import { customerOf } from "../../domain/core/principal.ts";
import type { CustomerLink } from "../../domain/workflow/customer-link.ts";
import { textParameter } from "../rest/parameters.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import { locals } from "../security/authenticate.ts";
import { refuseUnknownLink } from "../security/unknown-link.ts";
import type { SecurityLog } from "../security/security-log.ts";
import { type AttemptLimit, spendAttempt } from "../../identity/attempts.ts";
import { renderLink, shownOf } from "./page.tsx";

interface VisitParts {
  crm: Crm;
  db: DataSource;
  securityLog: SecurityLog;
}

/** Long enough for a booking; the page says what it knows then. */
const WAIT_SECONDS = 10;

const PATH = "/visit/:token";

/**
 * The customer's link to a visit or to an offered time, without a sign-in. Reading changes nothing, because scanners of
 * mail open links; the buttons submit jobs of the customer, which touch that one record.
 */
export const visitRoutes = (parts: VisitParts): Route[] => [
  defineRoute({
    method: "get",
    path: PATH,
    summary: "A customer's visit or offer",
    for: "public",
    hidden: "A page for customers.",
    params: { token: textParameter },
    answer: "html",
    async handler(call) {
      return renderLink({ link: await linkOf(parts, call), token: call.params.token });
    },
  }),
  defineRoute({
    method: "post",
    path: PATH,
    summary: "Confirm a visit, ask for another time, take or decline an offer",
    for: "public",
    hidden: "A page for customers.",
    params: { token: textParameter },
    bodyType: "form",
    answer: "html",
    handler: (call) => answerLink(parts, call),
  }),
  defineRoute({
    method: "get",
    path: `${PATH}/visit.ics`,
    id: "visit_calendar",
    tag: "Calendar",
    summary: "Download a visit for a calendar",
    description: "iCalendar. The link in the customer's message is the credential.",
    for: "public",
    params: { token: textParameter },
    answer: "text/calendar",
    refusals: ["not_found", "rate_limited"],
    async handler({ request, response, params }) {
      const link = await linkOf(parts, { request, response, params });
      const file = link.kind === "visit" ? await parts.crm.customerCalendar(link) : null;
      if (file === null) throw noCalendar();
      response.type("text/calendar").attachment("visit.ics").send(file);
    },
  }),
];

type LinkCall = Call<undefined, Record<string, string>, "token">;

/** Submits what the pressed button asks for, and shows the page again. */
async function answerLink(parts: VisitParts, call: LinkCall): Promise<string | void> {
  const { response, params, body } = call;
  const link = await linkOf(parts, call);
  await mustBeTheCustomer(parts, response);
  await spendAttempt(parts.db, { limit: ANSWERS, by: params.token });
  const refuse = (status: number, fault: string, shown = link): string => {
    response.status(status);
    return renderLink({ link: shown, token: params.token, fault });
  };
  const submission = submissionOf(link, body);
  if (submission === "answered") return response.redirect(303, `/visit/${params.token}`);
  if (body["shown"] !== undefined && body["shown"] !== shownOf(link)) return refuse(409, MOVED);
  if (typeof submission === "string") return refuse(400, submission);
  const job = await parts.crm.submit(customerOf(link.id), { ...submission, wait_seconds: WAIT_SECONDS });
  if (job.status === "completed") return response.redirect(303, `/visit/${params.token}`);
  const now = await linkOf(parts, call);
  return job.error ? refuse(409, FAILED, now) : refuse(202, STILL_RUNNING, now);
}

const ANSWERS: AttemptLimit = { most: 20, seconds: 10 * 60, name: "20 answers in 10 minutes per link" };

/** What a job of the office would be told is not for the customer. */
const FAILED = "That is not possible any more. Please write or call.";
const MOVED = "The time has changed since you opened this page. Please look at it again.";
const STILL_RUNNING = "Your answer has arrived and will be worked on. Please look here again in a moment.";

const noCalendar = (): CrmError =>
  new CrmError("not_found", "This appointment has no time yet.", { hint: "Look again once it has one." });

async function linkOf(
  parts: VisitParts,
  { request, response, params }: Pick<Call<unknown, unknown, "token">, "request" | "response" | "params">,
): Promise<CustomerLink> {
  return (
    (await parts.crm.customerLink(params.token)) ?? (await refuseUnknownLink(parts, { request, response }))
  );
}

/** A program's token or a sign-in says that somebody else presses the button. */
async function mustBeTheCustomer({ securityLog }: VisitParts, response: Response): Promise<void> {
  const { principal, badToken } = locals(response);
  if (!principal && !badToken) return;
  await securityLog.refuse(
    response,
    "not the customer, on a customer's link",
    forbidden(
      "Only the customer answers here, and you are signed in.",
      "Use the office's own pages or tools for this visit.",
    ),
  );
}

/** What the pressed button asks for, what is wrong with it, or `answered`: a button of an offer that is a visit by now. */
function submissionOf(link: CustomerLink, form: Record<string, string>): Submission | string {
  const id = { id: link.id };
  const { answer = "", message = "" } = form;
  if (link.kind === "visit" && answer === "confirm") return { domain: "ticket", action: "confirm", data: id };
  if (link.kind === "visit" && answer === "change") {
    const words = message.trim();
    if (words === "") return "Please say which other time would suit you.";
    if (words.length > LONGEST_WISH) return `Please use at most ${LONGEST_WISH} characters.`;
    const idempotency_key = digestOf([shownOf(link), words]); // Pressed twice, it is one wish.
    return { domain: "ticket", action: "request_change", data: { ...id, message: words }, idempotency_key };
  }
  if (link.kind === "offer" && (answer === "accept" || answer === "decline")) {
    const window_start = link.when?.start.toISOString();
    return { domain: "waitlist", action: answer, data: { ...id, ...(window_start && { window_start }) } };
  }
  if (link.kind === "visit" && (answer === "accept" || answer === "decline")) return "answered";
  throw validationFailed([{ path: "answer", message: "must be confirm, change, accept or decline" }]);
}

const LONGEST_WISH = 2_000;
