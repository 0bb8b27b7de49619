import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { trackServer } from "./leftovers.ts";

/** How the mail server responds; a number is the reply code to the named command. */
export type MailBehavior =
  | "accept"
  | { rcpt: number }
  | { data: number }
  /** Receives the whole mail, then closes the connection without a reply. */
  | "cut"
  /** Receives the whole mail and never replies. */
  | "silent";

export interface TestMailServer {
  port: number;
  url: string;
  behavior: MailBehavior;
  /** Every mail whose content was received completely, in order, including mails that were refused afterwards. */
  received: ParsedMail[];
  /** Counts by Message-ID the complete mails that were not refused; with an address only those sent to it. */
  acceptedCounts(to?: string): Map<string, number>;
  /** Number of connections so far. */
  connections: number;
  stop(): Promise<void>;
  restart(): Promise<void>;
}

/** Starts an SMTP server on loopback. */
export async function startMailServer(): Promise<TestMailServer> {
  let server = open();
  const sockets = new Set<Socket>();
  const accepted: ParsedMail[] = [];
  const edge: TestMailServer = {
    port: 0,
    url: "",
    behavior: "accept",
    received: [],
    connections: 0,
    acceptedCounts(to) {
      const counts = new Map<string, number>();
      for (const { messageId = "", to: recipients } of accepted)
        if (to === undefined || [recipients].flat().some((each) => each?.text === to))
          counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
      return counts;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => server.close(closed));
    },
    async restart() {
      server = open();
      await listen();
    },
  };

  function open(): SMTPServer {
    return new SMTPServer({
      disabledCommands: ["AUTH", "STARTTLS"],
      disableReverseLookup: true,
      closeTimeout: 10,
      onRcptTo: (_address, _session, done) => {
        const { behavior: mood } = edge;
        done(typeof mood === "object" && "rcpt" in mood ? refusal(mood.rcpt) : null);
      },
      onData: (stream, _session, done) => {
        // Ignores a mail whose connection broke before its end.
        simpleParser(stream).then(
          (mail) => receive(mail, done),
          () => undefined,
        );
      },
    });
  }

  function receive(mail: ParsedMail, done: (error?: Error | null) => void): void {
    const { behavior: mood } = edge;
    edge.received.push(mail);
    if (typeof mood === "object" && "data" in mood) return done(refusal(mood.data));
    accepted.push(mail);
    if (mood === "cut") sockets.forEach((socket) => socket.destroy());
    else if (mood !== "silent") done();
  }

  async function listen(): Promise<void> {
    server.on("error", () => undefined); // Raised by connections that the test closes.
    server.server.on("connection", (socket) => {
      edge.connections += 1;
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    server.listen(edge.port, "127.0.0.1");
    await once(server.server, "listening");
    edge.port = (server.server.address() as AddressInfo).port; // A TCP server's.
    edge.url = `smtp://127.0.0.1:${edge.port}`;
  }

  trackServer(() => {
    for (const socket of sockets) socket.destroy();
    server.server.close();
  });
  await listen();
  return edge;
}

const refusal = (responseCode: number): Error => Object.assign(new Error("not today"), { responseCode });
