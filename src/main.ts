/** Process entry: `all` (default), `api`, `worker` or `migrate`. Starts, tells where things are, and stops cleanly on a signal. */
import { once } from "node:events";
import { join } from "node:path";
import { buildApp, type App } from "./app.ts";
import { systemClock } from "./clock.ts";
import { loadConfig, type Config } from "./config.ts";
import { DEFAULT_WORKER_PORT } from "./settings.ts";
import { createDemo, type Demo } from "./demo.ts";
import { runDemoClinic } from "./demo-clinic.ts";
import { openEnvironment, type Environment } from "./environment.ts";
import { ConfigError, IsletError } from "./errors.ts";
import { createLog, type Log } from "./log.ts";
import type { Looking } from "./look.ts";
import { portalIsBuilt } from "#api/portal.ts";
import { DRIVERS } from "#drivers/index.ts";
import { startWebhooksOut, WEBHOOKS_OUT_JOBS } from "#live/webhooks-out/jobs.ts";
import { startQueue, type RunningQueue } from "#jobs/queue.ts";
import { ANCHORS_FILE, watchAuditLog } from "#people/audit/anchors.ts";
import { watchMails } from "#mail/deliver.ts";
import { DEMO_EMAILS, DEMO_ZONE, ensureDemoPeople } from "#people/demo.ts";
import { eraseRestored } from "#privacy/erasure/restored.ts";
import { CLINIC_JOBS, startClinicJobs } from "#clinic/jobs.ts";
import { ownerOnlyProviders, watchPopulation } from "#clinic/population/keep.ts";
import { PRIVACY_JOBS, startPrivacyJobs } from "#privacy/jobs.ts";
import { queueDefinitions, startJobs, sweep } from "#sync/schedule.ts";
import type { Phase } from "#telemetry/readiness.ts";
import { createTelemetry, type Telemetry } from "#telemetry/telemetry.ts";
import { noTracer } from "#telemetry/tracer.ts";
import { watchDatabase, watchQueue } from "#telemetry/watch.ts";
import type { FastifyInstance } from "fastify";
import { VERSION } from "./version.ts";

const MODES = ["all", "api", "worker", "migrate"] as const;
type Mode = (typeof MODES)[number];

/** Longer than this nobody waits for requests and jobs under way. */
const STOP_LIMIT_MS = 15_000;
const DRAIN_LIMIT_MS = 3_000;
const LETTING_GO_MS = 1_000;

interface Running {
  readonly environment: Environment;
  readonly telemetry: Telemetry;
  readonly queue: RunningQueue;
  readonly app: App;
  /** Of the API, or of a worker's /health, /ready and /metrics. */
  readonly server: FastifyInstance | null;
  readonly demo: Demo | null;
  readonly watch: Looking | null;
  readonly anchoring: { stop(): Promise<void> } | null;
  readonly mails: { stop(): Promise<void> } | null;
  readonly demoClinic: { stop(): Promise<void> } | null;
  readonly population: { stop(): Promise<void> } | null;
  setPhase(phase: Phase): void;
}

async function start(mode: Exclude<Mode, "migrate">, config: Config, log: Log): Promise<Running> {
  if (mode !== "worker") await checkPort(config);
  const environment = await openEnvironment(config, log);
  const { secrets } = environment.folder;
  let queue: RunningQueue | undefined;
  let app: App | undefined;
  let server: FastifyInstance | null = null;
  let watch: Running["watch"] = null;
  let anchoring: Running["anchoring"] = null;
  let mails: Running["mails"] = null;
  let population: Running["population"] = null;
  try {
    const telemetry = await openTelemetry(mode, config);
    queue = watchQueue(await startQueue({ url: environment.appUrl, log, definitions: [...queueDefinitions(config.jobs), ...PRIVACY_JOBS, ...CLINIC_JOBS, ...WEBHOOKS_OUT_JOBS], redis: config.redis }), telemetry);
    const localUrl = `http://${config.host.includes(":") ? "[::1]" : "127.0.0.1"}:${config.port}`;
    const demo = config.isDemo ? createDemo(config, { clock: systemClock, secret: secrets.simulatorSecret, localUrl, seed: 20_260_101, stateFile: join(config.dataDir, "simulator.json") }) : null;
    app = await buildApp({
      config, clock: systemClock, log, database: environment.database, inboxDatabase: environment.inboxDatabase, drivers: DRIVERS, providers: demo?.providers ?? config.providers,
      vaultKeys: config.vaultKeys?.open() ?? secrets.vaultKeys, sessionSecret: config.sessionSecret?.open() ?? secrets.sessionSecret, queue, telemetry,
      pools: { workers: () => environment.workersDatabase.poolUse(), inbox: () => environment.inboxDatabase.poolUse() },
    });
    if (config.isDemo) await ensureDemoPeople(environment.database, secrets.demoPassword, DEMO_ZONE);
    // Before anybody can look: a backup that was restored may hold people who were erased since.
    await eraseRestored(app.privacy, new AbortController().signal);
    let phase: Phase = "starting";
    if (mode === "worker") server = await serveWorker(app, config, log, () => phase);
    else {
      server = await app.server({ isReady: () => phase === "serving", isStopping: () => phase === "stopping", runsJobs: mode !== "api", simulator: demo?.sim.plugin ?? null });
      await server.listen({ port: config.port, host: config.host }).catch((error: unknown) => {
        throw portError(error, config) ?? error;
      });
    }
    if (mode !== "api") {
      await startPrivacyJobs(app.privacy, queue);
      await startClinicJobs(app.sync, queue);
      const workersDatabase = watchDatabase(environment.workersDatabase, telemetry);
      const watches = [await startJobs({ ...app.sync, database: workersDatabase }, queue, config.jobs), await startWebhooksOut({ ...app.webhooksOut, database: workersDatabase }, queue)];
      watch = { stop: async () => void (await Promise.all(watches.map((each) => each.stop()))) };
      await sweep(app.sync);
      const { keys } = app.sync.auditKeeping;
      anchoring = watchAuditLog({ database: environment.workersDatabase, clock: systemClock, log, keys, file: join(config.dataDir, ANCHORS_FILE) });
      population = watchPopulation({ database: watchDatabase(environment.workersDatabase, telemetry), clock: systemClock, log, hiddenProviders: ownerOnlyProviders(app.sync.providers.drivers) });
      mails = watchMails({ ...app.mail, database: watchDatabase(environment.workersDatabase, telemetry) });
    }
    demo?.sim.start();
    phase = "serving";
    // Vendors call back while we subscribe, so the server must answer first; none of them may hold up the start.
    if (mode !== "worker") void app.subscriptions.ensure(config.publicOrigins[0]!).catch((error: unknown) => log.warn({ error }, "webhook subscriptions could not be checked"));
    // In the background: nobody has to wait for invented people.
    const demoClinic = demo && mode === "all" ? runDemoClinic({ sync: app.sync, database: environment.workersDatabase, clock: systemClock, log, zone: DEMO_ZONE, count: config.demoPatients }) : null;
    return { environment, telemetry, queue, app, server, demo, watch, anchoring, mails, demoClinic, population, setPhase: (next) => (phase = next) };
  } catch (error) {
    // Whatever was begun keeps a process alive that does nothing, and nobody would start it again.
    await watch?.stop();
    await anchoring?.stop();
    await mails?.stop();
    await population?.stop();
    server?.server.closeAllConnections();
    await server?.close();
    await app?.live.stop();
    await queue?.stop();
    await environment.close();
    throw error;
  }
}

/** What the process tells of itself. The code that sends traces is loaded only where there is somebody to send them to. */
async function openTelemetry(role: Mode, config: Config): Promise<Telemetry> {
  const { tracing } = config;
  const tracer = tracing === null ? noTracer : await import("#telemetry/otlp.ts").then(({ openOtlpTracer, parseHeaders }) =>
    openOtlpTracer({ ...tracing, headers: parseHeaders(tracing.headers.open()), version: VERSION }));
  return createTelemetry({ clock: systemClock, tracer, build: { version: VERSION, role }, withProcess: true });
}

/** A worker's own small port. One that nobody chose may be taken by a neighbour, who then is the one seen from outside. */
async function serveWorker(app: App, config: Config, log: Log, phase: () => Phase): Promise<FastifyInstance | null> {
  if (config.workerPort === null) return null;
  const server = await app.operationServer({ phase });
  try {
    await server.listen({ port: config.workerPort, host: config.host });
    return server;
  } catch (error) {
    await server.close();
    const sentence = portError(error, { ...config, port: config.workerPort }, "ISLET_WORKER_PORT") ?? error;
    if (config.workerPort !== DEFAULT_WORKER_PORT) throw sentence;
    log.warn({ port: config.workerPort, error: sentence }, "this worker has no port of its own for /health, /ready and /metrics: set ISLET_WORKER_PORT");
    return null;
  }
}

/** Found out before a database is started for nothing. */
async function checkPort(config: Config): Promise<void> {
  const { createServer } = await import("node:net");
  const probe = createServer();
  try {
    const listening = once(probe, "listening");
    probe.listen(config.port, config.host);
    await listening;
  } catch (error) {
    throw portError(error, config) ?? error;
  }
  probe.close();
  await once(probe, "close");
}

function portError(error: unknown, config: Config, setting = "PORT"): ConfigError | null {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EADDRINUSE") return new ConfigError(`Port ${config.port} is taken: stop what uses it, or choose another with ${setting}, e.g. ${setting}=${config.port + 1} npm start`);
  if (code === "EACCES") return new ConfigError(`Port ${config.port} needs special rights: choose one above 1023 with ${setting}.`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return new ConfigError(`This machine has no address ${config.host}: set HOST to one it has, or leave it out.`);
  return null;
}

async function stop(running: Running, log: Log): Promise<void> {
  running.setPhase("stopping");
  const limit = setTimeout(() => {
    log.error({}, "stopping took too long; what was acknowledged is safe, the rest is done again at the next start");
    void (running.environment.embedded?.stop() ?? Promise.resolve()).finally(() => process.exit(1));
  }, STOP_LIMIT_MS);
  limit.unref();
  await running.demo?.sim.stop();
  await running.app.live.stop();
  // Requests under way are answered first; who holds a connection open longer is cut.
  const cut = setTimeout(() => running.server?.server.closeAllConnections(), DRAIN_LIMIT_MS);
  await running.server?.close();
  clearTimeout(cut);
  await running.watch?.stop();
  await running.mails?.stop();
  await running.demoClinic?.stop();
  await running.population?.stop();
  await running.queue.stop();
  await running.anchoring?.stop();
  await running.telemetry.tracer.close();
  await running.environment.close();
  clearTimeout(limit);
}

async function greet(config: Config, running: Running, startedMs: number): Promise<void> {
  const address = config.publicOrigins[0]!;
  const lines = ["", `  Islet is ready (${((Date.now() - startedMs) / 1000).toFixed(1)} s).`, "", `  Open          ${address}/`, `  Back office   ${address}/office`];
  if (config.isDemo) {
    const { demoPassword } = running.environment.folder.secrets;
    lines.push(
      `  Patient       ${DEMO_EMAILS.patient}    password ${demoPassword}`,
      `  Clinician     ${DEMO_EMAILS.clinician}  password ${demoPassword}`,
      `  Admin         ${DEMO_EMAILS.admin}      password ${demoPassword}`,
    );
  }
  lines.push(
    `  API docs      ${address}/docs   (OpenAPI: ${address}/openapi.json)`,
    `  Data          ${running.environment.embedded ? config.dataDir : "in the database of DATABASE_URL"}`,
  );
  if (running.demo) lines.push(`  Vendor clouds ${running.demo.simulated.join(", ")} are SIMULATED: ${address}/sim/ shows and steers them`);
  if (!(await portalIsBuilt())) lines.push("  Pages         not built: run `npm run build`, then start again");
  lines.push("", "  Informational only, not a medical device. Stop with Ctrl-C.", "");
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function main(): Promise<void> {
  const startedMs = Date.now();
  const mode = (process.argv[2] ?? "all") as Mode;
  if (!MODES.includes(mode)) throw new ConfigError(`There is no mode ${mode}: use one of ${MODES.join(", ")}.`);
  const config = loadConfig(DRIVERS);
  const log = createLog(config.logLevel);
  if (mode === "migrate") {
    const environment = await openEnvironment(config, log);
    await environment.close();
    process.stdout.write("The database is up to date.\n");
    return;
  }
  const stopSignal = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  const running = await start(mode, config, log);
  await greet(config, running, startedMs);
  const ended = running.environment.embedded?.ended.then(() => "database" as const);
  const reason = await Promise.race([stopSignal.then(() => "signal" as const), ...(ended ? [ended] : [])]);
  if (reason === "database") log.error({}, "the embedded database is gone for good; see postgres.log in the data folder");
  else process.stdout.write("\n  Stopping …\n");
  // A second Ctrl-C must not leave a database behind: it is ignored while we stop.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
  await stop(running, log);
  process.exitCode = reason === "database" ? 1 : 0;
  // A connection whose server went away while it was closed may never say that it has ended: nobody waits for it.
  setTimeout(() => process.exit(), LETTING_GO_MS).unref();
}

try {
  await main();
} catch (error) {
  const sentence = error instanceof IsletError ? error.message : `Islet could not start: ${error instanceof Error ? (error.stack ?? error.message) : "unknown reason"}`;
  process.stderr.write(`\n${sentence}\n\n`);
  process.exitCode = 1;
  setTimeout(() => process.exit(), LETTING_GO_MS).unref();
}
