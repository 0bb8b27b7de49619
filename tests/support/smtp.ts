import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

/** How a mail server behaves; a number is the answer to the named command. */
export type Mood =
  | "accept"
  | { rcpt: number }
  | { data: number }
  /** Takes the mail whole, and breaks the connection instead of answering. */
  | "cut"
  /** Takes the mail whole, and never answers. */
  | "silent";

export interface MailEdge {
  port: number;
  url: string;
  mood: Mood;
  /** Every mail whose content came whole, in the order it came; one that was refused after it counts too. */
  came: ParsedMail[];
  /** How many came whole that were taken, or of which nothing was said, by Message-ID. */
  kept(): Map<string, number>;
  /** How often somebody connected. */
  knocks: number;
  down(): Promise<void>;
  up(): Promise<void>;
}

/** A stranger's mail server on loopback. */
export async function aMailEdge(): Promise<MailEdge> {
  let server = open();
  const sockets = new Set<Socket>();
  const kept: string[] = [];
  const edge: MailEdge = {
    port: 0,
    url: "",
    mood: "accept",
    came: [],
    knocks: 0,
    kept: () =>
      kept.reduce((count, id) => count.set(id, (count.get(id) ?? 0) + 1), new Map<string, number>()),
    async down() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => server.close(closed));
    },
    async up() {
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
        const { mood } = edge;
        done(typeof mood === "object" && "rcpt" in mood ? refusal(mood.rcpt) : null);
      },
      onData: (stream, _session, done) => {
        // Who dies halfway has handed over nothing.
        simpleParser(stream).then(
          (mail) => receive(mail, done),
          () => undefined,
        );
      },
    });
  }

  function receive(mail: ParsedMail, done: (error?: Error | null) => void): void {
    const { mood } = edge;
    edge.came.push(mail);
    if (typeof mood === "object" && "data" in mood) return done(refusal(mood.data));
    kept.push(mail.messageId ?? "");
    if (mood === "cut") sockets.forEach((socket) => socket.destroy());
    else if (mood !== "silent") done();
  }

  async function listen(): Promise<void> {
    server.on("error", () => undefined); // A connection that was cut.
    server.server.on("connection", (socket) => {
      edge.knocks += 1;
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    server.listen(edge.port, "127.0.0.1");
    await once(server.server, "listening");
    edge.port = (server.server.address() as AddressInfo).port; // A TCP server's.
    edge.url = `smtp://127.0.0.1:${edge.port}`;
  }

  await listen();
  return edge;
}

const refusal = (responseCode: number): Error => Object.assign(new Error("not today"), { responseCode });
