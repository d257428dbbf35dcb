/**
 * A whole Islet in this process, on a cloned database, with the simulated clouds behind a real port: everything but pg-boss, whose place
 * takes a queue that runs when it is told to.
 */
import type { AddressInfo } from "node:net";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { buildApp, type App } from "../../src/app.ts";
import { parseConfig, type Config } from "../../src/config.ts";
import { createDemo } from "../../src/demo.ts";
import { silentLog, type Log } from "../../src/log.ts";
import type { Patience } from "#api/server.ts";
import { freePort } from "#db/embedded.ts";
import { DRIVERS } from "#drivers/index.ts";
import type { Driver } from "#driver/types.ts";
import type { JobData } from "#jobs/queue.ts";
import type { SessionLives } from "#people/sessions/lives.ts";
import { createUser } from "#people/accounts/accounts.ts";
import { drainInbox } from "#sync/process.ts";
import { refreshNow } from "#sync/refresh-sweep.ts";
import { sayFarewell } from "#sync/farewell.ts";
import { runSubscription } from "#sync/schedule.ts";
import { syncConnection } from "#sync/sync-connection.ts";
import { QUEUES } from "#sync/context.ts";
import type { Telemetry } from "#telemetry/telemetry.ts";
import type { Sim } from "#sim/sim.ts";
import { consentToAll } from "./consent.ts";
import { DAY_MS } from "#units/time.ts";
import { createTestClock, type TestClock } from "./clock.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

export interface TestApp {
  readonly app: App;
  readonly server: FastifyInstance;
  readonly clock: TestClock;
  readonly config: Config;
  readonly db: TestDatabase;
  readonly sim: Sim;
  /** Where the server listens, e.g. http://127.0.0.1:41234 */
  readonly origin: string;
  /** Jobs sent and not run yet. */
  readonly jobs: { queue: string; data: JobData }[];
  /** Runs what was sent, and what that sends, until there is nothing. */
  runJobs(): Promise<void>;
  /** One organization with a patient, a clinician who may view that patient, and a stranger patient. */
  readonly people: People;
  request(options: InjectOptions & { as?: Person }): Promise<LightMyRequestResponse>;
  /** A bearer token of a fresh session, by password. */
  readonly signIn: (email: string) => Promise<string>;
  close(): Promise<void>;
}

export interface Person {
  readonly email: string;
  readonly userId: string;
  readonly patientId: string | null;
  readonly token: string;
}

export interface People {
  readonly organizationId: string;
  readonly patient: Person;
  readonly stranger: Person;
  readonly clinician: Person;
  /** A patient of another organization. */
  readonly foreigner: Person;
}

const PASSWORD = "correct horse battery";
/** Most tests move the clock by days and have no business with tokens that end meanwhile. */
const LONG_LIVES: Partial<SessionLives> = { accessMs: 400 * DAY_MS, refreshIdleMs: 400 * DAY_MS, refreshMs: 400 * DAY_MS };

export async function startTestApp(options: { env?: Record<string, string>; log?: Log; zone?: string; moreDrivers?: readonly Driver[]; telemetry?: Telemetry; patience?: Patience; sessionLives?: Partial<SessionLives> } = {}): Promise<TestApp> {
  const db = await createTestDatabase();
  const clock = createTestClock();
  const log = options.log ?? silentLog;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const drivers = [...DRIVERS, ...(options.moreDrivers ?? [])];
  const config = parseConfig({ PORT: String(port), PUBLIC_URL: origin, ISLET_DATA_DIR: "unused", ISLET_SENSITIVE_LIMIT: "1000000", ISLET_REQUEST_LIMIT: "1000000", ...options.env }, drivers);
  const demo = createDemo(config, { clock, secret: "test-simulator", localUrl: origin, seed: 7, stateFile: null });
  const jobs: TestApp["jobs"] = [];
  const app = await buildApp({
    config, clock, log, database: db.database, drivers, providers: demo.providers, vaultKeys: `k1:${"ab".repeat(32)}`,
    sessionSecret: "a secret of at least thirty-two characters", random: () => 0.5, sessionLives: options.sessionLives ?? LONG_LIVES, ...(options.telemetry ? { telemetry: options.telemetry } : {}),
    queue: {
      send: (queue, data) => {
        jobs.push({ queue, data });
        return Promise.resolve();
      },
    },
  });
  const server = await app.server({ isReady: () => true, simulator: demo.sim.plugin, ...(options.patience ? { patience: options.patience } : {}) });
  await server.listen({ port, host: "127.0.0.1" });
  if ((server.server.address() as AddressInfo).port !== port) throw new Error("the test server listens elsewhere");
  await app.subscriptions.ensure(origin);
  const people = await makePeople(app, db, options.zone ?? "Europe/Madrid");

  const runJobs = async (): Promise<void> => {
    const signal = AbortSignal.timeout(60_000);
    do {
      for (let job = jobs.shift(); job; job = jobs.shift()) {
        const { organizationId = "", patientId = "", connectionId = "" } = job.data;
        if (job.queue === QUEUES.healthSync) await syncConnection(app.sync, { organizationId, patientId, connectionId }, { signal });
        if (job.queue === QUEUES.tokenRefresh) await refreshNow(app.sync, { organizationId, patientId, connectionId });
        if (job.queue === QUEUES.farewell) await sayFarewell(app.sync, { organizationId, patientId, connectionId });
        if (job.queue === QUEUES.webhookSubscription) await runSubscription(app.sync, job.data, signal);
      }
      // What it follows may send jobs of its own.
      await drainInbox(app.sync, signal);
    } while (jobs.length > 0);
  };

  return {
    app, server, clock, config, db, sim: demo.sim, origin, jobs, runJobs, people,
    signIn: async (email) => (await app.api.sessions.open(await app.api.signIn.withPassword({ identifier: email, password: PASSWORD, address: "127.0.0.1" }), "bearer")).token,
    request: ({ as, headers, ...rest }) => server.inject({ ...rest, headers: { ...headers, ...(as ? { authorization: `Bearer ${as.token}` } : {}) } }),
    close: async () => {
      await demo.sim.stop();
      await app.live.stop();
      server.server.closeAllConnections();
      await server.close();
      await db.close();
    },
  };
}

async function makePeople(app: App, db: TestDatabase, zone: string): Promise<People> {
  const organization = async (name: string): Promise<string> =>
    (await db.asOwner<{ id: string }>("insert into organizations (name) values ($1) returning id", [name]))[0]!.id;
  const organizationId = await organization("A clinic");
  const elsewhere = await organization("Another clinic");
  const person = async (name: string, role: "patient" | "clinician", where: string): Promise<Person> => {
    const email = `${name}@example.org`;
    const { userId, patientId } = await createUser(db.database, { organizationId: where, email, password: PASSWORD, displayName: name, roles: [role], zone });
    if (patientId !== null) await consentToAll(db, { organizationId: where, patientId, userId }, app.sync.providers.drivers.map(({ id }) => id));
    const { token } = await app.api.sessions.open({ userId, organizationId: where }, "bearer");
    return { email, userId, patientId, token };
  };
  const patient = await person("patient", "patient", organizationId);
  const clinician = await person("clinician", "clinician", organizationId);
  await db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view')", [organizationId, patient.patientId, clinician.userId]);
  return {
    organizationId, patient, clinician, stranger: await person("stranger", "patient", organizationId), foreigner: await person("foreigner", "patient", elsewhere),
  };
}

export const TEST_PASSWORD = PASSWORD;
