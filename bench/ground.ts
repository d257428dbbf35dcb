/** What a bench stands on: a fresh embedded PostgreSQL that is durable like a real one, and a whole app on it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApp, type App } from "../src/app.ts";
import { systemClock } from "../src/clock.ts";
import { parseConfig } from "../src/config.ts";
import { silentLog } from "../src/log.ts";
import { Secret } from "../src/secret.ts";
import { openDatabase, type Database } from "#db/database.ts";
import { freePort, startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { DRIVERS } from "#drivers/index.ts";
import { createUser } from "#people/accounts/accounts.ts";
import type { ConnectionRef } from "#sync/connections.ts";

export interface Ground {
  readonly folder: string;
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly database: Database;
  readonly app: App;
  readonly port: number;
  readonly email: string;
  readonly password: string;
  /** A patient's connection to Dexcom, without tokens: nothing is asked of any cloud. */
  readonly connection: ConnectionRef;
  close(): Promise<void>;
}

export async function layGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), "islet-bench-"));
  const server = await startEmbedded({ folder: join(folder, "postgres"), ownerPassword: "bench-owner", appPassword: "bench-app", log: silentLog });
  await migrate(server.ownerUrl, server.appRole);
  const database = openDatabase({ url: server.appUrl, log: silentLog });
  const port = await freePort();
  const config = parseConfig({ PORT: String(port), ISLET_DEMO: "off", ISLET_DATA_DIR: folder, ISLET_SENSITIVE_LIMIT: "1000000", ISLET_REQUEST_LIMIT: "10000000" }, DRIVERS);
  const client = { clientId: "bench", clientSecret: new Secret("bench-secret"), settings: {}, isSimulated: false };
  const app = await buildApp({
    config, clock: systemClock, log: silentLog, database, drivers: DRIVERS, providers: new Map([["dexcom", client], ["garmin", client]]),
    vaultKeys: `k1:${"ab".repeat(32)}`, sessionSecret: "a secret of at least thirty-two characters", queue: { send: () => Promise.resolve() },
  });
  const organizationId = (await database.asSystem((tx) => tx.query<{ id: string }>("insert into organizations (name) values ('bench') returning id")))[0]!.id;
  const person = { email: "bench@example.org", password: "correct horse battery" };
  const { patientId } = await createUser(database, { organizationId, ...person, displayName: "Bench", roles: ["patient"], zone: "Europe/Madrid" });
  const connectionId = await database.withOrganization(organizationId, async (tx) =>
    (await tx.query<{ id: string }>(
      "insert into connections (organization_id, patient_id, provider, status, vendor_user_id) values ($1, $2, 'dexcom', 'active', 'bench') returning id",
      [organizationId, patientId],
    ))[0]!.id);
  return {
    folder, ownerUrl: server.ownerUrl, appUrl: server.appUrl, database, app, port, ...person, connection: { organizationId, patientId: patientId!, connectionId },
    close: async () => {
      await app.live.stop();
      await database.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A Dexcom answer of 5-minute readings, as the vendor's documents have it. Deterministic. */
export function dexcomPage(fromMs: number, count: number): Uint8Array {
  const records = Array.from({ length: count }, (_, index) => {
    const atMs = fromMs + index * 300_000;
    const iso = new Date(atMs).toISOString().slice(0, 19);
    return {
      recordId: `00000000-0000-4000-8000-${String(atMs).padStart(12, "0").slice(-12)}`, systemTime: `${iso}+00:00`, displayTime: `${iso}+00:00`, transmitterId: "d5".repeat(32),
      transmitterTicks: Math.floor(atMs / 1000) % 10_000_000, value: Math.round(140 + 60 * Math.sin(index / 40) + 15 * Math.sin(index / 7)), status: "ok", trend: "flat",
      trendRate: 0.1, unit: "mg/dL", rateUnit: "mg/dL/min", displayDevice: "iOS", transmitterGeneration: "g7",
    };
  });
  return Buffer.from(JSON.stringify({ recordType: "egv", recordVersion: "3.0", userId: "bench", records }));
}
