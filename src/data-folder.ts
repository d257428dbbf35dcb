/** The data folder: who uses it, of which version it is, and the secrets that Islet makes for itself on the first start. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "./errors.ts";
import { isAlive } from "#db/leftover.ts";

/** Counts up when the folder's layout changes in a way that an older Islet cannot use. */
const DATA_VERSION = 1;

/** Generated once; file mode 600. */
export interface FolderSecrets {
  readonly vaultKeys: string;
  readonly sessionSecret: string;
  readonly databaseOwnerPassword: string;
  readonly databaseAppPassword: string;
  readonly demoPassword: string;
  /** Secret of our client at each simulated cloud. */
  readonly simulatorSecret: string;
}

export interface DataFolder {
  readonly path: string;
  readonly postgresFolder: string;
  readonly secrets: FolderSecrets;
  /** Gives the folder free for another Islet. */
  release(): Promise<void>;
}

/**
 * Opens the folder for a server: makes it if needed, checks its version, and takes it so that no second server uses it. Throws
 * ConfigError with the sentence that says what to change.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const lock = join(path, "islet.pid");
  const release = (): Promise<void> => rm(lock, { force: true });
  try {
    await mkdir(path, { recursive: true, mode: 0o755 });
    await checkVersion(path);
    await take(lock, path);
    try {
      const secrets = (await readSecrets(path)) ?? (await makeSecrets(path));
      return { path, postgresFolder: join(path, "postgres"), secrets, release };
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      `The data folder ${path} cannot be used (${(error as NodeJS.ErrnoException).code ?? "unknown reason"}): choose another with ISLET_DATA_DIR, or give this user the right to write there.`,
      { cause: error },
    );
  }
}

/** So long a process may need between making the lock and signing it. */
const HOLDER_WRITES_MS = 200;

const SECRETS = ["vaultKeys", "sessionSecret", "databaseOwnerPassword", "databaseAppPassword", "demoPassword", "simulatorSecret"] as const;

/** Secrets of an existing folder, for the command line; null when there is none yet. */
export async function readSecrets(path: string): Promise<FolderSecrets | null> {
  const text = await readOptional(join(path, "secrets.json"));
  if (text === null) return null;
  const secrets = parsed(text);
  if (!secrets || SECRETS.some((name) => typeof secrets[name] !== "string" || secrets[name] === "")) {
    throw new ConfigError(`The file secrets.json in ${path} is damaged: restore it from a backup; without it the sealed vendor tokens cannot be opened.`);
  }
  return secrets;
}

/** Null for what is no JSON; the parser's complaint would repeat a secret. */
function parsed(text: string): FolderSecrets | null {
  try {
    return JSON.parse(text) as FolderSecrets | null;
  } catch {
    return null;
  }
}

async function checkVersion(path: string): Promise<void> {
  const file = join(path, "version.json");
  const text = await readOptional(file);
  if (text === null) {
    await writeFile(file, `${JSON.stringify({ dataVersion: DATA_VERSION })}\n`);
    return;
  }
  const version = Number(/"dataVersion":\s*(\d+)/.exec(text)?.[1]);
  if (!(version <= DATA_VERSION)) {
    throw new ConfigError(
      `The data folder ${path} was written by a newer version of Islet (data version ${Number.isNaN(version) ? "unreadable" : version}, this one knows ${DATA_VERSION}): start that version, or choose another folder with ISLET_DATA_DIR.`,
    );
  }
}

/** Two that start at the same moment must not both believe the folder free: the one that makes the file has it. */
async function take(lock: string, path: string): Promise<void> {
  while (!(await makeLock(lock))) {
    const holder = Number(await readHolder(lock));
    if (holder !== process.pid && isAlive(holder) && (await isIslet(holder))) {
      throw new ConfigError(`The data folder ${path} is in use by another Islet (process ${holder}): stop that one, or choose another folder with ISLET_DATA_DIR.`);
    }
    await rm(lock, { force: true });
  }
}

/** Who made the file a moment ago has not written into it yet. */
async function readHolder(lock: string): Promise<string | null> {
  const text = await readOptional(lock);
  if (text !== "") return text;
  await new Promise((resolve) => setTimeout(resolve, HOLDER_WRITES_MS));
  return readOptional(lock);
}

async function makeLock(lock: string): Promise<boolean> {
  return writeFile(lock, `${process.pid}\n`, { flag: "wx" }).then(() => true, (error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") return false;
    throw error;
  });
}

/**
 * Process ids are used again after a restart of the machine: the holder must look like the server or the command. Where /proc is
 * missing, believe the id.
 */
async function isIslet(pid: number): Promise<boolean> {
  const command = await readOptional(`/proc/${pid}/cmdline`);
  return command === null || /\b(?:main|cli)\.ts\b/.test(command);
}

async function makeSecrets(path: string): Promise<FolderSecrets> {
  const secrets: FolderSecrets = {
    vaultKeys: `k1:${randomBytes(32).toString("hex")}`,
    sessionSecret: randomBytes(32).toString("base64url"),
    databaseOwnerPassword: randomBytes(24).toString("base64url"),
    databaseAppPassword: randomBytes(24).toString("base64url"),
    demoPassword: `demo-${randomBytes(4).toString("hex")}-${randomBytes(4).toString("hex")}`,
    simulatorSecret: randomBytes(24).toString("base64url"),
  };
  const file = join(path, "secrets.json");
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
  return secrets;
}

async function readOptional(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}
