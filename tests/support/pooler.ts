import { createServer, type Socket } from "node:net";
import pg from "pg";
import { trackServer } from "./leftovers.ts";

export interface Pooler {
  /** The URL of the database, with the pooler's address. */
  url: string;
  stop(): void;
}

interface Behaviour {
  /** What happens to the startup parameter `options`: PgBouncer refuses it, or is told to ignore it. */
  options: "refused" | "ignored" | "passed on";
  /** Which free connection the next transaction gets: PgBouncer takes the last one used, others take turns. */
  next?: "last used" | "in turn";
}

/** Stands in for PgBouncer in transaction mode: between two transactions a client has no connection to the server. */
export async function startPooler(serverUrl: string, behaviour: Behaviour): Promise<Pooler> {
  const free: Socket[] = [];
  const all = new Set<Socket>();
  const take = () => (behaviour.next === "in turn" ? free.shift() : free.pop());
  const lease = async (options: string | undefined) => take() ?? (await openUpstream(serverUrl, options));
  const server = createServer((client) => {
    all.add(client.on("error", () => undefined));
    serve(client, behaviour, {
      async lease(options) {
        const upstream = await lease(behaviour.options === "passed on" ? options : undefined);
        all.add(upstream);
        return upstream;
      },
      release: (upstream) => void free.push(upstream),
    });
  });
  const stop = () => {
    server.close();
    for (const socket of all) socket.destroy();
  };
  trackServer(stop);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return { url: Object.assign(new URL(serverUrl), { port: String(address.port) }).href, stop };
}

interface Connections {
  lease(options: string | undefined): Promise<Socket>;
  release(upstream: Socket): void;
}

/** An authenticated connection to PostgreSQL, without the driver that opened it. */
async function openUpstream(url: string, options: string | undefined): Promise<Socket> {
  const client = new pg.Client({ connectionString: url, ...(options && { options }) });
  await client.connect();
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection; // pg does not declare it.
  stream.removeAllListeners();
  return stream.on("error", () => undefined);
}

/** One client: answers its startup, then lends it a connection for each transaction. */
function serve(client: Socket, behaviour: Behaviour, { lease, release }: Connections): void {
  let options: string | undefined;
  let started = false;
  let upstream: Promise<Socket> | undefined;
  client.on("data", (data) => {
    if (!started) {
      started = true;
      options = startupOption(data);
      if (options !== undefined && behaviour.options === "refused") client.end(refusal());
      else client.write(welcome());
    } else if (data[0] === "X".charCodeAt(0)) {
      void upstream?.then((socket) => socket.destroy()); // It may be in a transaction.
      client.end();
    } else {
      upstream ??= lease(options).then((socket) => {
        socket.on("data", (answer: Buffer) => {
          client.write(answer);
          if (!endsTransaction(answer)) return;
          socket.removeAllListeners("data");
          upstream = undefined;
          release(socket);
        });
        return socket;
      });
      void upstream.then((socket) => socket.write(data));
    }
  });
}

/** Startup: length, protocol, then pairs of strings that end with a zero byte. */
function startupOption(message: Buffer): string | undefined {
  const words = message.subarray(8).toString().split("\0");
  const at = words.indexOf("options");
  return at < 0 ? undefined : words[at + 1];
}

/** ReadyForQuery with the state "idle": the last message of an answer. */
const endsTransaction = (answer: Buffer): boolean =>
  answer.subarray(-6).equals(message("Z", Buffer.from("I")));

const welcome = () =>
  Buffer.concat([
    message("R", Buffer.alloc(4)),
    message("K", Buffer.alloc(8)),
    message("Z", Buffer.from("I")),
  ]);

const refusal = () => {
  const text = "unsupported startup parameter: options";
  return message("E", Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${text}\0\0`));
};

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
