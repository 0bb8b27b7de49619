import { Readable } from "node:stream";
import nodemailer from "nodemailer";
import SMTPTransport from "nodemailer/lib/smtp-transport";
import type { Mailbox } from "../../domain/ticket/calendar-file.ts";
import { PreflightError } from "../../queue/preflight.ts";
import { type OutgoingMessage, refused, type SendResult, type Send } from "./channel.ts";

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
const NO_FILE_OR_URL_ACCESS = { disableFileAccess: true, disableUrlAccess: true };

/** Sends through SMTP, with a new connection for each mail: a pooled connection could be stale. */
export function makeEmail({ url, from }: MailSettings): Send {
  const office = mailboxIn(from);
  const { address } = office;
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return async (message, signal) => {
    let handedOver = false;
    const transport = nodemailer.createTransport(
      new SMTPTransport({ url, ...TIMEOUTS, ...NO_FILE_OR_URL_ACCESS }),
    );
    // nodemailer reads the content only after the server has accepted DATA: before that, nothing can have arrived.
    transport.use("stream", ({ message }, done) => {
      const open = message.createReadStream.bind(message);
      message.createReadStream = () => lazily(open, () => (handedOver = true));
      done();
    });
    try {
      const messageId = `<${message.id}@${domain}>`;
      await transport.sendMail({ ...mailOf(message, office), from, messageId, signal });
      return { kind: "sent", providerId: messageId };
    } catch (error) {
      return resultOf(error, handedOver);
    }
  };
}

function lazily(open: () => Readable, onRead: () => void): Readable {
  async function* content(): AsyncGenerator<Buffer> {
    onRead();
    yield* open() as AsyncIterable<Buffer>; // nodemailer's streams carry bytes.
  }
  return Readable.from(content(), { objectMode: false });
}

const mailOf = ({ to, subject, body, attachments = [], calendar }: OutgoingMessage, office: Mailbox) => ({
  to: { name: "", address: to },
  subject: subject ?? "",
  text: body,
  html: htmlOf(body),
  attachments,
  ...(calendar && { icalEvent: { filename: calendar.filename, ...calendar.fileBy(office) } }),
  headers: { "Auto-Submitted": "auto-generated" }, // Vacation responders do not reply to it.
  list: { unsubscribe: { url: `mailto:${office.address}?subject=unsubscribe` } },
});

/** `Clear View <office@example.com>`, or the address alone. */
function mailboxIn(from: string): Mailbox {
  const [, name = "", address = from] = /^([^<>]*)<([^<>]+)>/.exec(from) ?? [];
  return { name: name.trim().replace(/^"(.*)"$/, "$1"), address };
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Plain text as HTML: all of it is escaped, and only web addresses become links. */
export function htmlOf(text: string): string {
  const safe = text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
  const linked = safe.replace(/\bhttps?:\/\/(?:(?!&(?:quot|lt|gt|#39);)[^\s])+/g, (found) => {
    const url = found.replace(/(?<![.,;:!?)])[.,;:!?)]+$/, "");
    return `<a href="${url}">${url}</a>${found.slice(url.length)}`;
  });
  const paragraphs = linked.split(/\n{2,}/).map((part) => `<p>${part.replaceAll("\n", "<br>\n")}</p>`);
  return `<!doctype html>\n<html><body>\n${paragraphs.join("\n")}\n</body></html>\n`;
}

/** Classifies by the server's reply. Without a reply, only a mail whose content was not read is certainly not sent. */
function resultOf(error: unknown, handedOver: boolean): SendResult {
  const { responseCode, command = "" } = error as { responseCode?: number; command?: string }; // A NodemailerError.
  if (responseCode !== undefined && responseCode >= 400) {
    // Retry failed logins: the operator can correct the password.
    const ours = command.startsWith("AUTH") || responseCode === 530;
    const permanent = responseCode >= 500 && !ours;
    return refused(`The mail server refused it${permanent ? "" : " for now"} (${responseCode}).`, permanent);
  }
  if (handedOver) {
    const words =
      "The connection broke after the mail was handed over: it may have arrived. Check before you send it again.";
    return { kind: "unknown", words };
  }
  return refused("No connection to the mail server, or it broke off.");
}

/** Signs in and sends nothing. Throws a PreflightError. */
export async function inspectMail({ url }: MailSettings): Promise<string> {
  const { host } = new URL(url);
  try {
    await nodemailer.createTransport(new SMTPTransport({ url, ...TIMEOUTS })).verify();
    return `${host} accepts mail`;
  } catch (error) {
    const { code = "", responseCode } = error as { code?: string; responseCode?: number }; // As above.
    throw new PreflightError(
      `${host} refuses the connection (${responseCode ?? code})`,
      "Correct SMTP_URL, or start the mail server; until then mail waits and is tried again",
    );
  }
}
