/**
 * The refresh race: several processes with several callers each want one token that has ended, of a vendor whose refresh tokens work once and
 * whose old one is dead at once. The vendor counts how often it is asked. Goals G8 and G9; faults OA-16, §5.3.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { createUser } from "#people/accounts/accounts.ts";
import type { ConnectionRef } from "#sync/connections.ts";
import { linkAccount } from "#sync/link.ts";
import { silentLog } from "../../src/log.ts";
import { Secret } from "../../src/secret.ts";
import { CLIENT_SECRET, openRacePlace } from "./place.ts";
import type { Order, Report } from "./racer.ts";

const RACER = fileURLToPath(new URL("racer.ts", import.meta.url));

/** A token endpoint whose refresh tokens work once; whatever else is asked for is an empty object. */
export interface StrictVendor {
  readonly baseUrl: string;
  calls: number;
  refusals: number;
  /** The refresh token that works. */
  current: string;
  /** Before, too: a vendor with grace takes the one before as well. */
  isStrict: boolean;
  /** Between the vendor's change of mind and its answer; `process` is the first part of the address that was called. */
  meanwhile: (process: string) => Promise<unknown>;
  close(): Promise<void>;
}

export async function startStrictVendor(): Promise<StrictVendor> {
  let previous = "";
  const server = createServer((request, reply) => {
    const answer = async (form: URLSearchParams): Promise<void> => {
      vendor.calls += 1;
      const send = (status: number, body: object): unknown => reply.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      const offered = form.get("refresh_token") ?? "";
      if (form.get("client_secret") !== CLIENT_SECRET) return void send(401, { error: "invalid_client" });
      if (offered !== vendor.current && (vendor.isStrict || offered !== previous)) {
        vendor.refusals += 1;
        return void send(400, { error: "invalid_grant" });
      }
      previous = offered;
      vendor.current = `refresh-${vendor.calls}`;
      const body = { access_token: `access-${vendor.calls}`, expires_in: 7_200, refresh_token: vendor.current };
      await vendor.meanwhile(request.url?.split("/")[1] ?? "");
      send(200, body);
    };
    if (request.method === "GET") {
      reply.writeHead(200, { "content-type": "application/json" }).end("{}");
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer(new URLSearchParams(Buffer.concat(chunks).toString())));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const vendor: StrictVendor = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls: 0, refusals: 0, current: "refresh-0", isStrict: true,
    meanwhile: () => Promise.resolve(),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return vendor;
}

export interface Racer {
  readonly name: string;
  readonly child: ChildProcess;
  go(callers: readonly (string | null)[]): Promise<Extract<Report, { kind: "done" }>>;
  end(): Promise<void>;
}

/** One more process. Its calls to the vendor begin with its name. */
export async function startRacer(name: string, at: { appUrl: string; baseUrl: string; ref: ConnectionRef; isNaive?: boolean }): Promise<Racer> {
  const child = fork(RACER, [], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const told = async (order: Order): Promise<Report> => {
    const reported = once(child, "message").then(([report]) => report as Report);
    child.send(order);
    return Promise.race([reported, exited.then(() => Promise.reject(new Error(`The racer ${name} ended.`)))]);
  };
  await told({ kind: "begin", appUrl: at.appUrl, baseUrl: `${at.baseUrl}/${name}`, ref: at.ref, isNaive: at.isNaive ?? false });
  return {
    name, child,
    go: async (callers) => (await told({ kind: "go", callers })) as Extract<Report, { kind: "done" }>,
    end: async () => {
      if (child.connected) child.send({ kind: "end" } satisfies Order);
      await exited;
    },
  };
}

/** A person with a connection whose refresh token the vendor takes. Each call is another person. */
export async function linkSomebody(appUrl: string, ownerUrl: string, vendor: StrictVendor): Promise<ConnectionRef> {
  const { context, database } = await openRacePlace(appUrl, vendor.baseUrl, silentLog);
  try {
    const [row] = await asOwner<{ id: string }>(ownerUrl, "insert into organizations (name) values ('A clinic') returning id");
    const name = `racer-${row!.id}`;
    const { userId, patientId } = await createUser(database, {
      organizationId: row!.id, email: `${name}@example.org`, password: "correct horse battery", displayName: name, roles: ["patient"], zone: "Europe/Madrid",
    });
    return await linkAccount(context, context.providers.require("fake"), {
      organizationId: row!.id, patientId: patientId!, userId, settings: {}, account: { vendorUserId: name, grantedScopes: null },
      tokens: { accessToken: new Secret("access-0"), refreshToken: new Secret(vendor.current), expiresAtMs: 0, scopes: null },
    });
  } finally {
    await database.close();
  }
}

export async function asOwner<Row extends object>(ownerUrl: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

export interface RaceOptions {
  readonly appUrl: string;
  readonly ownerUrl: string;
  readonly rounds: number;
  readonly processes?: number;
  readonly callers?: number;
  readonly seed?: number;
  /** The control: processes that look, call and store without more. */
  readonly isNaive?: boolean;
}

export interface RaceResult {
  readonly vendorCalls: number;
  /** Calls that the vendor refused with invalid_grant. */
  readonly refusals: number;
  /** Rounds in which the vendor was not asked exactly once. */
  readonly wrongRounds: number;
  /** Callers who got a token other than the round's, or none. */
  readonly wrongTokens: number;
  /** Errors that callers got, by name; ReauthorizationRequired is a false demand for the person. */
  readonly errors: Readonly<Record<string, number>>;
  /** Rounds after which the row held a refusal, a failure or a cut-off, or the connection was not active. */
  readonly hurtRounds: number;
  /** From the vendor's answer to our commit, each refresh. */
  readonly lossWindowsMs: readonly number[];
  readonly seconds: number;
}

const VENDOR_THINKS_MS = 30;

/** Runs the rounds one after another; each begins with a token that has ended. A quarter of the callers come with the old token and a 401. */
export async function raceRefresh({ appUrl, ownerUrl, rounds, processes = 6, callers = 8, seed = 1, isNaive = false }: RaceOptions): Promise<RaceResult> {
  let state = seed;
  const next = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
  const vendor = await startStrictVendor();
  vendor.meanwhile = () => new Promise((resolve) => setTimeout(resolve, next(VENDOR_THINKS_MS)));
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const racers: Racer[] = [];
  const count = { wrongRounds: 0, wrongTokens: 0, hurtRounds: 0 };
  const errors: Record<string, number> = {};
  const lossWindowsMs: number[] = [];
  const startedMs = Date.now();
  try {
    const ref = await linkSomebody(appUrl, ownerUrl, vendor);
    const starting = Array.from({ length: processes }, (_, index) => startRacer(`p${index}`, { appUrl, baseUrl: vendor.baseUrl, ref, isNaive }));
    const settled = await Promise.allSettled(starting);
    racers.push(...settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
    await Promise.all(starting);
    let token = "access-0";
    for (let round = 1; round <= rounds; round += 1) {
      await owner.query("update credentials set expires_at = to_timestamp(0) where connection_id = $1", [ref.connectionId]);
      const callsBefore = vendor.calls;
      const old = token;
      const done = await Promise.all(racers.map((racer) => racer.go(Array.from({ length: callers }, () => (next(4) === 0 ? old : null)))));
      token = `access-${vendor.calls}`;
      if (vendor.calls - callsBefore !== 1) count.wrongRounds += 1;
      const tokens = done.flatMap((report) => report.tokens);
      count.wrongTokens += processes * callers - tokens.filter((each) => each === token).length;
      for (const name of done.flatMap((report) => report.errors)) errors[name] = (errors[name] ?? 0) + 1;
      lossWindowsMs.push(...done.flatMap((report) => report.lossWindowsMs));
      const { rows } = await owner.query(
        `select 1 from credentials k join connections c on c.patient_id = k.patient_id and c.id = k.connection_id
         where c.id = $1 and c.status = 'active' and k.refused_at is null and k.refresh_failures = 0 and k.refresh_cut_off = 0 and k.refresh_lease_id is null`, [ref.connectionId],
      );
      if (rows.length !== 1) count.hurtRounds += 1;
    }
  } finally {
    await Promise.all(racers.map((racer) => racer.end()));
    await owner.end();
    await vendor.close();
  }
  return { vendorCalls: vendor.calls, refusals: vendor.refusals, ...count, errors, lossWindowsMs, seconds: (Date.now() - startedMs) / 1000 };
}

/** The value below which that share lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
