/** Stands between a driver and its simulated cloud on the loopback interface, and misbehaves where a test asks for it. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SeenCall {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly isToken: boolean;
}

type Kind = "api" | "token";
/** Changes what the cloud answered, told the call and the answer. */
export type Rewrite = (body: Buffer, call: SeenCall) => Buffer | string;

export interface FaultProxy {
  /** To be given as base_url: the cloud's own path on this proxy's host. */
  readonly baseUrl: string;
  /** Calls since the last reset, in order. */
  readonly seen: SeenCall[];
  /** The next calls of this kind get these answers, one each, and do not reach the cloud. */
  answerNext(kind: Kind, ...answers: readonly CannedAnswer[]): void;
  /** Every call of this kind gets this answer until the next reset. */
  answerAlways(kind: Kind, answer: CannedAnswer): void;
  /** Every answer of the cloud to a call of this kind passes through this until the next reset. */
  rewrite(kind: Kind, rewrite: Rewrite): void;
  reset(): void;
  close(): Promise<void>;
}

/** Starts the proxy. `tokenPaths` tell calls to the token endpoint from calls to the API. */
export async function startFaultProxy(cloudUrl: string, tokenPaths: readonly string[]): Promise<FaultProxy> {
  const cloud = new URL(cloudUrl);
  const queued: Record<Kind, CannedAnswer[]> = { api: [], token: [] };
  const always = new Map<Kind, CannedAnswer>();
  const rewrites = new Map<Kind, Rewrite>();
  const seen: SeenCall[] = [];

  const server = createServer((incoming, outgoing) => {
    const target = incoming.url ?? "/";
    const isToken = tokenPaths.includes(target.split("?")[0] ?? "");
    const kind: Kind = isToken ? "token" : "api";
    const call: SeenCall = { method: incoming.method ?? "GET", target, isToken };
    seen.push(call);
    const canned = queued[kind].shift() ?? always.get(kind);
    if (canned) {
      incoming.resume();
      outgoing.writeHead(canned.status, { "content-type": "application/json", ...canned.headers }).end(canned.body ?? "");
      return;
    }
    passOn({ incoming, outgoing, cloud, rewrite: rewrites.get(kind), call });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${cloud.pathname.replace(/\/$/, "")}`,
    seen,
    answerNext: (kind, ...answers) => void queued[kind].push(...answers),
    answerAlways: (kind, answer) => void always.set(kind, answer),
    rewrite: (kind, rewrite) => void rewrites.set(kind, rewrite),
    reset: () => {
      queued.api.length = 0;
      queued.token.length = 0;
      always.clear();
      rewrites.clear();
      seen.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly cloud: URL;
  readonly rewrite: Rewrite | undefined;
  readonly call: SeenCall;
}

function passOn({ incoming, outgoing, cloud, rewrite, call }: Passage): void {
  const toCloud = forward(
    { host: cloud.hostname, port: cloud.port, method: call.method, path: call.target, headers: { ...incoming.headers, host: cloud.host } },
    (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const given = Buffer.concat(chunks);
        const body = rewrite && answer.statusCode === 200 ? Buffer.from(rewrite(given, call)) : given;
        const { "transfer-encoding": _, ...headers } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, { ...headers, "content-length": String(body.length) }).end(body);
      });
    },
  );
  toCloud.on("error", () => outgoing.destroy());
  incoming.pipe(toCloud);
}
