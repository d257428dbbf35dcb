/** What one run stands on: a database, people with connections, a vendor's cloud, and the real processes with their supervisors. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { startCloud, type Cloud } from "./cloud.ts";
import { accountOf, PEOPLE, SIGNING_SECRET } from "./delivery.ts";
import { pause, startCluster, type Cluster } from "./postgres.ts";
import type { Control } from "./points.ts";
import { spawnIslet, supervise, type Place, type Supervised } from "./process.ts";

export interface World {
  readonly cluster: Cluster;
  readonly cloud: Cloud;
  readonly api: Supervised;
  /** Null in the controls, where nothing needs to be processed. */
  readonly worker: Supervised | null;
  readonly port: number;
  /** Asks the database as the owner of the tables, past the policies; waits while it is away. */
  ask<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<(number | null)[]>;
}

const NO_FLUSH = ["synchronous_commit=off"];
const ASK_LIMIT_MS = 60_000;

/** `control` makes the server one of the two wrong programs. */
export async function makeWorld(random: () => number, control?: Control): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "islet-crash-"));
  const cluster = await startCluster(folder, control === "no_flush" ? NO_FLUSH : []);
  try {
    return await populate({ folder, cluster, random }, control);
  } catch (error) {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function populate({ folder, cluster, random }: { folder: string; cluster: Cluster; random: () => number }, control?: Control): Promise<World> {
  await migrate(cluster.ownerUrl, cluster.appRole);
  const { ask, end } = asker(cluster.ownerUrl);
  await checkSettings(ask, control);
  await makePeople(ask);
  const cloud = await startCloud(random);
  const port = await freePort();
  const environment = {
    NODE_ENV: "development", PORT: String(port), DATABASE_URL: cluster.appUrl, DATABASE_OWNER_URL: cluster.ownerUrl, ISLET_DEMO: "off", LOG_LEVEL: "error",
    ISLET_VAULT_KEYS: `k1:${"ab".repeat(32)}`, ISLET_SESSION_SECRET: "a secret of at least thirty-two characters", TERRA_CLIENT_ID: "crash",
    NODE_COMPILE_CACHE: join(folder, "compiled"), TERRA_CLIENT_SECRET: "crash-client-secret", TERRA_SIGNING_SECRET: SIGNING_SECRET, TERRA_BASE_URL: cloud.url,
  };
  const place = { folder, environment, ...(control ? { control } : {}) };
  await warmUp(place);
  const api = await supervise("api", place);
  const worker = control ? null : await supervise("worker", place);
  await Promise.all([api.ready(), worker?.ready()]);
  return {
    cluster, cloud, api, worker, port, ask,
    close: async () => {
      const codes = await Promise.all([api.stop(), worker?.stop()]);
      await cloud.close();
      await end();
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
      return codes.filter((code) => code !== undefined);
    },
  };
}

/** A process that ends in peace leaves its compiled code to those that are killed, which then start in a third of the time. */
async function warmUp(place: Place): Promise<void> {
  const child = spawnIslet("migrate", place, "ignore");
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`Migrating ended with ${code}.`);
}

/** Asks again while the database is away, within the limit. */
function asker(url: string): { ask: World["ask"]; end: () => Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: 3, connectionTimeoutMillis: 2_000, query_timeout: ASK_LIMIT_MS });
  const ignore = (): void => undefined; // the running query rejects with the same loss
  pool.on("error", ignore);
  pool.on("connect", (client) => client.on("error", ignore));
  const ask = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> => {
    for (const deadline = Date.now() + ASK_LIMIT_MS; ; await pause(50)) {
      try {
        return (await pool.query<Row>(sql, values)).rows;
      } catch (error) {
        const isAnError = error instanceof pg.DatabaseError && !/^(57P|53|08)/.test(error.code ?? "");
        if (isAnError || Date.now() > deadline) throw error;
      }
    }
  };
  return { ask, end: () => pool.end() };
}

/** Preflight: the database of the real run flushes, and the one of the control does not, at server, database and role. */
async function checkSettings(ask: World["ask"], control?: Control): Promise<void> {
  const rows = await ask<{ name: string; setting: string }>("select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')");
  const overridden = await ask("select 1 from pg_db_role_setting where array_to_string(setconfig, ',') ~ '(fsync|full_page_writes|synchronous_commit)'");
  const off = rows.filter(({ setting }) => setting === "off").map(({ name }) => name);
  const wanted = control === "no_flush" ? ["synchronous_commit"] : [];
  if (rows.length !== 3 || overridden.length > 0 || off.join() !== wanted.join()) throw new Error(`The database is not set up as this run needs it: off are ${off.join() || "none"}.`);
}

async function makePeople(ask: World["ask"]): Promise<void> {
  const [organization] = await ask<{ id: string }>("insert into organizations (name) values ('crash') returning id");
  for (let person = 0; person < PEOPLE; person += 1) {
    await ask(
      `with p as (insert into patients (organization_id, display_name) values ($1, $2) returning id),
            c as (insert into connections (organization_id, patient_id, provider, status, vendor_user_id, slot, next_sync_at)
                  select $1, id, 'terra', 'active', $2, $2, now() from p returning patient_id, id)
       insert into provider_accounts (provider, vendor_user_id, organization_id, patient_id, connection_id) select 'terra', $2, $1, patient_id, id from c`,
      [organization!.id, accountOf(person)],
    );
  }
}
