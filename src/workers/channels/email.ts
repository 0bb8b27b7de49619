import { Readable } from "node:stream";
import nodemailer from "nodemailer";
import SMTPTransport from "nodemailer/lib/smtp-transport";
import { Unfit } from "../inspection.ts";
import { type Letter, refused, type Sending, type SendLetter } from "./sending.ts";

export interface MailSettings {
  /** smtp://user:password@host:587, or smtps:// */
  url: string;
  /** `Clear View <office@example.com>` */
  from: string;
}

const TIMEOUTS = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  dnsTimeout: 10_000,
  socketTimeout: 30_000,
};
const NOBODY_READS = { disableFileAccess: true, disableUrlAccess: true };

/** Over SMTP, one connection for each mail: nothing of an earlier one can be in the way. */
export function makeEmail({ url, from }: MailSettings): SendLetter {
  const address = addressIn(from);
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return async (letter, signal) => {
    let handedOver = false;
    const transport = nodemailer.createTransport(new SMTPTransport({ url, ...TIMEOUTS, ...NOBODY_READS }));
    // The content is asked for once the server has said that it takes it: until then nothing can have arrived.
    transport.use("stream", ({ message }, done) => {
      const open = message.createReadStream.bind(message);
      message.createReadStream = () => lazily(open, () => (handedOver = true));
      done();
    });
    try {
      const messageId = `<${letter.id}@${domain}>`;
      await transport.sendMail({ ...mailOf(letter, address), from, messageId, signal });
      return { kind: "sent", providerId: messageId };
    } catch (error) {
      return judge(error, handedOver);
    }
  };
}

function lazily(open: () => Readable, begun: () => void): Readable {
  async function* content(): AsyncGenerator<Buffer> {
    begun();
    yield* open() as AsyncIterable<Buffer>; // nodemailer's streams carry bytes.
  }
  return Readable.from(content(), { objectMode: false });
}

const mailOf = ({ to, subject, body, attachments = [] }: Letter, office: string) => ({
  to: { name: "", address: to },
  subject: subject ?? "",
  text: body,
  html: htmlOf(body),
  attachments,
  headers: { "Auto-Submitted": "auto-generated" }, // So that nobody's holiday note answers it.
  list: { unsubscribe: { url: `mailto:${office}?subject=unsubscribe` } },
});

const addressIn = (from: string): string => /<([^<>]+)>/.exec(from)?.[1] ?? from;

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Plain text as HTML: whatever it holds shows as it was written; only addresses of the web become links. */
export function htmlOf(text: string): string {
  const safe = text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
  const linked = safe.replace(/\bhttps?:\/\/(?:(?!&(?:quot|lt|gt|#39);)[^\s])+/g, (found) => {
    const url = found.replace(/[.,;:!?)]+$/, "");
    return `<a href="${url}">${url}</a>${found.slice(url.length)}`;
  });
  const paragraphs = linked.split(/\n{2,}/).map((part) => `<p>${part.replaceAll("\n", "<br>\n")}</p>`);
  return `<!doctype html>\n<html><body>\n${paragraphs.join("\n")}\n</body></html>\n`;
}

/** An answer decides; without one it is certain only that nothing arrived before the content was asked for. */
function judge(error: unknown, handedOver: boolean): Sending {
  const { responseCode, command = "" } = error as { responseCode?: number; command?: string }; // A NodemailerError.
  if (responseCode !== undefined && responseCode >= 400) {
    // A wrong password is ours to put right: the mail waits for it.
    const ours = command.startsWith("AUTH") || responseCode === 530;
    const forGood = responseCode >= 500 && !ours;
    return refused(`The mail server refused it${forGood ? "" : " for now"} (${responseCode}).`, forGood);
  }
  if (handedOver) {
    const words =
      "The connection broke after the mail was handed over: it may have arrived. Look before you send it again.";
    return { kind: "unknown", words };
  }
  return refused("The mail server did not take it: no connection, or it broke off.");
}

/** Signs in as a mail would, and sends none. Throws `Unfit`. */
export async function inspectMail({ url }: MailSettings): Promise<string> {
  const { host } = new URL(url);
  try {
    await nodemailer.createTransport(new SMTPTransport({ url, ...TIMEOUTS })).verify();
    return `${host} takes mail`;
  } catch (error) {
    const { code = "", responseCode } = error as { code?: string; responseCode?: number }; // As above.
    throw new Unfit(
      `${host} does not let us in (${responseCode ?? code})`,
      "Correct SMTP_URL, or start the mail server; until then mail waits and is tried again",
    );
  }
}
