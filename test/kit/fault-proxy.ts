/**
 * A TCP proxy on loopback that misbehaves when told to: slow, throttled, in slices, cut, closed on one side, or silent while the connection
 * stays open. Stands between Islet and PostgreSQL, or between a vendor and Islet (faults §4.3).
 */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What happens to the bytes of one direction. All of it may be combined. */
export interface Toxic {
  /** Each piece waits so long. */
  readonly latencyMs?: number;
  /** … and a random part of this on top. */
  readonly jitterMs?: number;
  /** Pieces of this many bytes at most. */
  readonly sliceBytes?: number;
  readonly bytesPerSecond?: number;
  /** After so many bytes (0: from the first) all is swallowed; the sender hears nothing of it. */
  readonly silentAfterBytes?: number;
}

export interface FaultProxy {
  readonly port: number;
  /** Connections open now, and all that were made. */
  readonly open: number;
  readonly made: number;
  /** What the clients ask, from here on, on old connections too; {} is health. */
  asks(toxic: Toxic): void;
  /** What the server answers. */
  answers(toxic: Toxic): void;
  /** Half-open: both directions fall silent, nobody is told. */
  halfOpen(): void;
  /** Ends all connections at once with a reset. */
  reset(): void;
  /** Tells the clients that the server has said all (FIN), while what they send still goes through. */
  closeAnswers(): void;
  /** New connections are refused (reset at once) until healed. */
  refuse(): void;
  /** Takes every fault away; connections whose bytes were swallowed are cut, for they could never be made whole. */
  heal(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  hasLost: boolean;
}

interface State {
  asks: Toxic;
  answers: Toxic;
  isRefusing: boolean;
}

/** Starts the proxy in front of `target` on 127.0.0.1. `random` decides the jitter. */
export async function startFaultProxy(target: { readonly port: number; readonly host?: string }, random: () => number = Math.random): Promise<FaultProxy> {
  const state: State = { asks: {}, answers: {}, isRefusing: false };
  const pairs = new Set<Pair>();
  let made = 0;
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on("error", () => undefined); // its end is seen as "close"
    if (state.isRefusing) {
      client.resetAndDestroy();
      return;
    }
    made += 1;
    const server = connect({ port: target.port, host: target.host ?? "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const pair: Pair = { client, server, hasLost: false };
    pairs.add(pair);
    server.on("error", () => client.resetAndDestroy());
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on("close", end);
    server.on("close", end);
    void carry(pair, "asks", { state, random });
    void carry(pair, "answers", { state, random });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const cut = (chosen: Iterable<Pair>): void => {
    for (const { client, server } of chosen) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  };
  return {
    port: (listener.address() as AddressInfo).port,
    get open() {
      return pairs.size;
    },
    get made() {
      return made;
    },
    asks: (toxic) => void (state.asks = toxic),
    answers: (toxic) => void (state.answers = toxic),
    halfOpen: () => {
      state.asks = state.answers = { silentAfterBytes: 0 };
    },
    reset: () => cut([...pairs]),
    closeAnswers: () => {
      for (const { client } of pairs) client.end();
    },
    refuse: () => void (state.isRefusing = true),
    heal: () => {
      Object.assign(state, { asks: {}, answers: {}, isRefusing: false });
      cut([...pairs].filter((pair) => pair.hasLost));
    },
    close: async () => {
      cut([...pairs]);
      listener.close();
      await once(listener, "close");
    },
  };
}

/** Carries one direction, piece by piece and in order, as the toxic of the moment says. */
async function carry(pair: Pair, direction: "asks" | "answers", { state, random }: { state: State; random: () => number }): Promise<void> {
  const [from, to] = direction === "asks" ? [pair.client, pair.server] : [pair.server, pair.client];
  let passed = 0;
  try {
    for await (const chunk of from) {
      for (const piece of slices(chunk as Buffer, state[direction].sliceBytes)) {
        const { latencyMs = 0, jitterMs = 0, bytesPerSecond, silentAfterBytes } = state[direction];
        const pauseMs = latencyMs + jitterMs * random() + (bytesPerSecond === undefined ? 0 : (piece.length / bytesPerSecond) * 1_000);
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
        const room = silentAfterBytes === undefined ? piece.length : Math.max(0, Math.min(piece.length, silentAfterBytes - passed));
        if (room < piece.length) pair.hasLost = true;
        passed += room;
        if (room > 0 && to.writable && !to.write(piece.subarray(0, room))) await Promise.race([once(to, "drain"), once(to, "close")]);
      }
    }
    // Who is silent says no good-bye either.
    if (state[direction].silentAfterBytes === undefined && !pair.hasLost && to.writable) to.end();
  } catch {
    to.destroy(); // the other side broke off
  }
}

function* slices(chunk: Buffer, size: number | undefined): Generator<Buffer> {
  const step = size ?? chunk.length;
  for (let at = 0; at < chunk.length; at += step) yield chunk.subarray(at, at + step);
}
