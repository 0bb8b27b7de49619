import type { ComponentChildren } from "preact";
import type { CustomerLink, LinkedOffer, LinkedVisit } from "../../domain/workflow/customer-link.ts";
import { Notice, toHtml } from "../console/ui/layout.tsx";
import { Untrusted, UntrustedBlock } from "../console/ui/text.tsx";

interface LinkPage {
  link: CustomerLink;
  token: string;
  /** Why the pressed button did nothing. */
  fault?: string;
}

/** What a button was pressed for: the form sends it along, so that a page that is out of date changes nothing. */
export const shownOf = ({ kind, id, when }: CustomerLink): string =>
  [kind, id, when?.start.toISOString() ?? ""].join(" ");

/** The page behind a customer's link. It works without a script. */
export const renderLink = ({ link, token, fault }: LinkPage): string =>
  toHtml(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{link.kind === "visit" ? "Your appointment" : "A free time for you"}</title>
        <link rel="stylesheet" href="/assets/countersign.css" />
      </head>
      <body>
        <main id="main">
          <div class="narrow panel">
            <p class="quiet">
              <Untrusted text={link.business} />
            </p>
            {fault && (
              <Notice>
                <UntrustedBlock text={fault} />
              </Notice>
            )}
            {link.kind === "visit" ? <VisitPart visit={link} token={token} /> : <OfferPart offer={link} />}
          </div>
        </main>
      </body>
    </html>,
  );

const VisitPart = ({ visit, token }: { visit: LinkedVisit; token: string }) => (
  <>
    <h1>{titleOf(visit)}</h1>
    {visit.isReplacement && visit.status !== "cancelled" && (
      <p>Your appointment was moved; this is the new one.</p>
    )}
    <Details {...visit} technician={visit.technician} address={visit.address} />
    {visit.confirmed_at && <p role="status">Thank you: you have confirmed this appointment.</p>}
    {visit.change_requested_at && visit.isAhead && (
      <p role="status">
        You have asked for another time. We will get back to you; until then this time stays reserved.
      </p>
    )}
    {visit.isAhead && (
      <p>
        <a href={`/visit/${token}/visit.ics`}>Add it to my calendar</a>
      </p>
    )}
    {visit.isAhead && !visit.confirmed_at && (
      <Button answer="confirm" link={visit}>
        Confirm the appointment
      </Button>
    )}
    {visit.isAhead && (
      <details open={visit.change_requested_at === null ? undefined : true}>
        <summary>Ask for another time</summary>
        <form method="post" class="stack">
          <input type="hidden" name="answer" value="change" />
          <input type="hidden" name="shown" value={shownOf(visit)} />
          <label>
            Which other time would suit you?
            <textarea name="message" rows={3} maxlength={2_000} required />
          </label>
          <button type="submit">Ask for another time</button>
        </form>
      </details>
    )}
  </>
);

function titleOf({ status, isAhead }: LinkedVisit): string {
  if (status === "cancelled") return "This appointment is cancelled";
  if (status === "completed") return "This appointment is over";
  if (status === "unscheduled") return "This appointment has no time yet";
  return isAhead || status === "in_progress" ? "Your appointment" : "This appointment is past";
}

const OfferPart = ({ offer }: { offer: LinkedOffer }) => (
  <>
    <h1>{offer.isOpen ? "A time is free for you" : "This time is no longer free"}</h1>
    <Details {...offer} />
    {offer.isOpen ? (
      <>
        {offer.instead_of && <p>It would take the place of your appointment on {offer.instead_of}.</p>}
        <p>The first one who takes it gets it. The offer ends on {offer.until}.</p>
        <div class="stack">
          <Button answer="accept" link={offer}>
            Take this time
          </Button>
          <Button answer="decline" link={offer} plain>
            No, thank you
          </Button>
        </div>
      </>
    ) : (
      <p>
        {offer.waits
          ? "You are still on our waiting list. We will write when another time is free."
          : "You are no longer on our waiting list."}
      </p>
    )}
  </>
);

type DetailProps = Pick<CustomerLink, "when" | "services"> & {
  technician?: string | null;
  address?: string | null;
};

const Details = ({ when, services, technician, address }: DetailProps) => (
  <dl class="facts">
    {when && <Fact name="When">{when.arrival ?? when.local}</Fact>}
    {services.length > 0 && (
      <Fact name="What">
        <Untrusted text={services.join(", ")} />
      </Fact>
    )}
    {technician && (
      <Fact name="Who comes">
        <Untrusted text={technician} />
      </Fact>
    )}
    {address && (
      <Fact name="Where">
        <Untrusted text={address} />
      </Fact>
    )}
  </dl>
);

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Button = ({
  answer,
  link,
  plain = false,
  children,
}: {
  answer: string;
  link: CustomerLink;
  plain?: boolean;
  children: ComponentChildren;
}) => (
  <form method="post" class="stack">
    <input type="hidden" name="answer" value={answer} />
    <input type="hidden" name="shown" value={shownOf(link)} />
    <button type="submit" class={plain ? undefined : "allow"}>
      {children}
    </button>
  </form>
);
