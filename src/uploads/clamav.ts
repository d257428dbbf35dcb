/** Asks a ClamAV daemon whether a file is known to be malicious. Source: clamd(8), INSTREAM; ASVS 5.4.3. */
import { connect } from "node:net";
import { Unavailable } from "../errors.ts";

export type Verdict = "clean" | "infected";

/** Looks a file through for known malware. Throws Unavailable where it could not: nothing is taken unseen. */
export type Scan = (bytes: Uint8Array) => Promise<Verdict>;

export interface ClamAvAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, an IPv6 address in brackets; null for anything else. */
export function parseClamAv(text: string): ClamAvAddress | null {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const number = Number(port);
  return number >= 1 && number <= 65_535 ? { host: (bracketed ?? plain)!, port: number } : null;
}

const PIECE_BYTES = 64 * 1024;
const TIME_OUT_MS = 30_000;
/** The daemon answers with one line that ends in a zero. */
const MOST_ANSWER = 4_096;

/** @param timeOutMs without a word from the daemon. */
export function createClamAv({ host, port }: ClamAvAddress, timeOutMs = TIME_OUT_MS): Scan {
  return async (bytes) => {
    const answer = await ask({ host, port }, bytes, timeOutMs).catch((error: unknown) => {
      throw new Unavailable("Files cannot be looked through for malware now: try again later.", { cause: error, retryAfterSeconds: 60 });
    });
    if (answer === "stream: OK") return "clean";
    if (/^stream: .+ FOUND$/.test(answer)) return "infected";
    // Larger than its StreamMaxLength, or a fault of its own.
    throw new Unavailable("The virus scanner did not judge the file: ask who runs this Islet to look at its settings.", { retryAfterSeconds: 60 });
  };
}

/** `zINSTREAM\0`, then pieces with their length before them, and a length of zero. */
async function ask(address: ClamAvAddress, bytes: Uint8Array, timeOutMs: number): Promise<string> {
  const socket = connect(address);
  socket.setTimeout(timeOutMs, () => socket.destroy(new Error("The virus scanner is silent.")));
  const { promise: answered, resolve, reject } = Promise.withResolvers<string>();
  let answer = "";
  socket.on("data", (piece: Buffer) => {
    answer = (answer + piece.toString("latin1")).slice(0, MOST_ANSWER);
    if (answer.includes("\0")) resolve(answer.slice(0, answer.indexOf("\0")));
  });
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("The virus scanner ended the connection.")));
  const write = (data: Uint8Array): Promise<void> => new Promise((done) => (socket.write(data) ? done() : socket.once("drain", done)));
  const sent = (async () => {
    await write(Buffer.from("zINSTREAM\0"));
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      const piece = bytes.subarray(from, from + PIECE_BYTES);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(piece.length);
      await write(length);
      await write(piece);
    }
    await write(Buffer.alloc(4));
  })();
  try {
    // A daemon that has had enough answers before all is sent.
    return await Promise.race([answered, sent.then(() => answered)]);
  } finally {
    socket.destroy();
  }
}
