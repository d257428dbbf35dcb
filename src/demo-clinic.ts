/**
 * The demo's clinic: invented patients besides the demo's own, so that whoever opens the office has somebody to look after. Their glucose is that of the
 * simulated people, and comes in as files do, every few minutes.
 */
import type { Clock } from "./clock.ts";
import { ensureDemoHistory } from "./demo-history.ts";
import type { Log } from "./log.ts";
import type { Database } from "#db/database.ts";
import { ensureDemoQueue } from "#clinic/appointments/demo.ts";
import { consentOnce, demoClinicOf } from "#people/demo.ts";
import { insertUser } from "#people/accounts/accounts.ts";
import { readNewest } from "#samples/read.ts";
import { CHARACTERS } from "#sim/people/characters.ts";
import { createPerson, type Person } from "#sim/people/person.ts";
import type { SyncContext } from "#sync/context.ts";
import { importFile } from "#sync/import-file.ts";
import { DAY_MS, formatInstant, HOUR_MS, MINUTE_MS } from "#units/time.ts";

interface Invented {
  readonly name: string;
  /** Whose body it is among the simulated people; each with chance of its own. */
  readonly character: number;
  /** What the sensor says beside the model's value, mg/dL, so that a clinic's groups all have somebody. */
  readonly shift?: number;
  readonly scale?: number;
  /** The same, of the last two weeks alone: somebody for whom something has changed. */
  readonly lately?: number;
  /** Share of the time that the sensor is worn; all of it by default. */
  readonly wear?: number;
  /** So long ago the sensor ended. */
  readonly silentDays?: number;
}

const PATIENTS: readonly Invented[] = [
  { name: "Berta Muestra", character: 0 }, { name: "Carlos Ejemplo", character: 1, shift: -13 }, { name: "Diana Prueba", character: 2 },
  { name: "Elena Maqueta", character: 0, wear: 0.55 }, { name: "Fabio Boceto", character: 3, scale: 1.35 }, { name: "Gema Ensayo", character: 0, lately: 1.35 },
  { name: "Hugo Modelo", character: 1, silentDays: 9 }, { name: "Irene Ficción", character: 5 }, { name: "Jonas Sample", character: 2, scale: 1.2 },
  { name: "Kaya Example", character: 1 }, { name: "Lucía Supuesta", character: 4, shift: -15 }, { name: "Marco Inventado", character: 0, scale: 0.92 },
];

const HISTORY_MS = 35 * DAY_MS;
const LATELY_MS = 14 * DAY_MS;
const EVERY_MS = 5 * MINUTE_MS;
const SEED = 20_260_301;
/** A sensor says nothing outside. */
const SENSOR = { low: 40, high: 400 };

export interface DemoClinicParts {
  readonly sync: SyncContext;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly zone: string;
  /** How many of them. */
  readonly count: number;
}

/** Makes whoever is missing and a queue of requests, brings their glucose up to now, and goes on so until it is stopped. */
export function runDemoClinic(parts: DemoClinicParts): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const tell = async (): Promise<void> => {
    const patientIds: string[] = [];
    for (const [index, invented] of PATIENTS.slice(0, parts.count).entries()) {
      const patientId = isStopped ? null : await bringUp(parts, invented, index);
      if (patientId !== null) patientIds.push(patientId);
    }
    const clinic = isStopped ? null : await demoClinicOf(parts.database);
    if (clinic) await ensureDemoQueue(parts.database, { ...clinic, patientIds, nowMs: parts.clock.now() });
  };
  const turn = async (): Promise<void> => {
    try {
      await tell();
    } catch (error) {
      parts.log.warn({ error }, "the demo's clinic could not be brought up to date; it goes on with the next turn");
    }
    if (!isStopped) timer = setTimeout(() => void (running = turn()), EVERY_MS);
  };
  let running = turn();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

async function bringUp({ sync, database, clock, zone }: DemoClinicParts, invented: Invented, index: number): Promise<string | null> {
  const patient = await ensurePatient(database, invented, index, zone);
  if (patient === null) return null;
  const toMs = clock.now() - (invented.silentDays ?? 0) * DAY_MS;
  const { samples } = await database.withOrganization(patient.organizationId, (tx) => readNewest(tx, { patientId: patient.patientId, metric: "glucose", toMs: clock.now(), count: 1, withinMs: DAY_MS }));
  const fromMs = Math.max(toMs - HISTORY_MS, (samples.startMs.at(-1) ?? 0) + 1);
  const rows = rowsOf(createPerson(SEED + index, CHARACTERS[invented.character % CHARACTERS.length]!), invented, { fromMs, toMs, index });
  if (index === 0) await ensureDemoHistory({ sync, database, clock, zone }, patient);
  if (rows.length > 0) await importFile(sync, patient, Buffer.from(`id,time,gl\n${rows.join("\n")}\n`), { zone, unit: "mg/dL" });
  return patient.patientId;
}

/** Null where the demo's own people are gone: then nobody could look after them. */
async function ensurePatient(database: Database, { name }: Invented, index: number, zone: string): Promise<{ organizationId: string; patientId: string } | null> {
  const clinic = await demoClinicOf(database);
  if (!clinic) return null;
  const { organizationId, clinicianId } = clinic;
  const email = `patient${index + 2}@demo.islet`;
  const known = await database.asSystem((tx) => tx.query<{ id: string }>("select p.id from patients p join users u on u.id = p.user_id where u.email = $1", [email]));
  if (known[0]) return { organizationId, patientId: known[0].id };
  const patientId = await database.asSystem(async (tx) => {
    const made = await insertUser(tx, { organizationId, email, emailVerifiedMs: "now", password: null, displayName: name, roles: ["patient"], zone });
    await tx.query("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'manage')", [organizationId, made.patientId, clinicianId]);
    return made.patientId!;
  });
  await consentOnce(database, organizationId, patientId);
  return { organizationId, patientId };
}

/** Lines of a file of readings. Whoever wears the sensor for a part of the time takes it off for whole hours. */
function rowsOf(person: Person, { shift = 0, scale = 1, lately = 1, wear = 1 }: Invented, { fromMs, toMs, index }: { fromMs: number; toMs: number; index: number }): string[] {
  const isWorn = (atMs: number): boolean => ((Math.floor(atMs / (6 * HOUR_MS)) * 7 + index * 3) % 20) / 20 < wear;
  const sensed = (atMs: number, mgDl: number): number => Math.round(Math.min(Math.max(mgDl * scale * (atMs > toMs - LATELY_MS ? lately : 1) + shift, SENSOR.low), SENSOR.high));
  return person.readings(fromMs, toMs).filter(({ atMs }) => isWorn(atMs)).map(({ atMs, mgDl }) => `${index},${formatInstant(atMs)},${sensed(atMs, mgDl)}`);
}
