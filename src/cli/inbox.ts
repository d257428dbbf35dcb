/** `islet inbox`: what came in, what waits, what could not be processed, and how to have it tried or made once more. */
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config.ts";
import { InvalidInput, NotFound } from "../errors.ts";
import { createLog } from "../log.ts";
import type { Tx } from "#db/database.ts";
import { DRIVERS } from "#drivers/index.ts";
import type { DeliveryState } from "#inbox/inbox.ts";
import { countOpen, listDeliveries, orderReplay, replayProgress, retryDeliveries, showDelivery, type DeliveryFilter, type DeliveryLine } from "#inbox/operate.ts";
import { audit } from "#people/audit/audit.ts";
import { formatInstant, parseInstant } from "#units/time.ts";
import type { CommandIo } from "./io.ts";
import { findPatient, openPlace, type Place } from "./place.ts";

export interface InboxOptions {
  readonly vendor?: string;
  readonly patient?: string;
  readonly state?: readonly DeliveryState[];
  readonly from?: string;
  readonly to?: string;
  readonly mappingBefore?: string;
  readonly limit?: string;
  readonly reason?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** What a command works with. */
interface Desk {
  readonly place: Place;
  readonly options: InboxOptions;
  readonly io: CommandIo;
}

/** Runs `work` at the inbox of the Islet that is set up here. Throws ConfigError where there is none, InvalidInput, NotFound. */
async function atInbox(options: InboxOptions, io: CommandIo, work: (desk: Desk) => Promise<void>): Promise<number> {
  const place = await openPlace(loadConfig(DRIVERS), createLog("error"));
  try {
    await work({ place, options, io });
    return 0;
  } finally {
    await place.close();
  }
}

const asSystem = <T>({ place }: Desk, work: (tx: Tx) => Promise<T>): Promise<T> => place.database.asSystem(work);

async function filterOf({ place, options }: Desk): Promise<DeliveryFilter> {
  const instant = (name: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const parsed = parseInstant(text);
    if (!parsed) throw new InvalidInput(`--${name} must be an instant with an offset, e.g. 2026-03-02T06:30:00Z.`);
    return parsed.ms;
  };
  const [fromMs, toMs] = [instant("from", options.from), instant("to", options.to)];
  const mappingBefore = options.mappingBefore === undefined ? undefined : whole("mapping-before", options.mappingBefore);
  return {
    ...(options.vendor === undefined ? {} : { provider: options.vendor }), ...(options.state ? { states: options.state } : {}),
    ...(options.patient === undefined ? {} : { patientId: (await findPatient(place.database, options.patient)).patientId }),
    ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }), ...(mappingBefore === undefined ? {} : { mappingBefore }),
  };
}

function whole(name: string, text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidInput(`--${name} must be a whole number from 1.`);
  return value;
}

/** Deliveries, the newest first; `--state dead` shows those that nobody will try again by himself. */
export async function runInboxList(options: InboxOptions, io: CommandIo): Promise<number> {
  return atInbox(options, io, async (desk) => {
    const filter = await filterOf(desk);
    const lines = await asSystem(desk, (tx) => listDeliveries(tx, filter, { limit: whole("limit", options.limit ?? "50"), beforeId: null }));
    if (options.json) return io.stdout(lines.map((line) => `${JSON.stringify(shown(line))}\n`).join(""));
    if (lines.length === 0) return io.stdout("There is no such delivery.\n");
    io.stdout(lines.map((line) => `${told(line)}\n`).join(""));
  });
}

/** How much waits, by vendor and state, and since when. */
export async function runInboxCounts(options: InboxOptions, io: CommandIo): Promise<number> {
  return atInbox(options, io, async (desk) => {
    const counts = await asSystem(desk, countOpen);
    if (options.json) return io.stdout(`${JSON.stringify(counts.map(({ oldestMs, ...rest }) => ({ ...rest, oldest: formatInstant(oldestMs) })))}\n`);
    if (counts.length === 0) return io.stdout("Nothing waits, nothing is dead.\n");
    io.stdout(counts.map(({ provider, state, count, oldestMs }) => `${String(count).padStart(8)}  ${state.padEnd(10)}  ${provider.padEnd(16)}  oldest ${formatInstant(oldestMs)}\n`).join(""));
  });
}

export async function runInboxShow(id: string, options: InboxOptions, io: CommandIo): Promise<number> {
  return atInbox(options, io, async (desk) => {
    const found = await asSystem(desk, (tx) => showDelivery(tx, idOf(id)));
    if (!found) throw new NotFound("There is no such delivery.");
    if (options.json) return io.stdout(`${JSON.stringify({ ...shown(found), problems: found.problems, causedBy: found.causedBy })}\n`);
    io.stdout(`${told(found)}\n`);
    if (found.causedBy !== null) io.stdout(`part of, or asked for by, delivery ${found.causedBy}\n`);
    for (const { path, reason } of found.problems) io.stdout(`  ${path || "/"}: ${reason}\n`);
  });
}

/** Lets failed and dead deliveries be tried from the first attempt: one by id, or all that match. */
export async function runInboxRetry(id: string | undefined, options: InboxOptions, io: CommandIo): Promise<number> {
  return atInbox(options, io, async (desk) => {
    const filter = await filterOf(desk);
    if (id === undefined && Object.keys(filter).length === 0) throw new InvalidInput("Name a delivery, or say which: --vendor, --patient, --state, --from, --to.");
    const count = await asSystem(desk, async (tx) => {
      const revived = await retryDeliveries(tx, { ...filter, ...(id === undefined ? {} : { id: idOf(id) }) });
      await audit(tx, null, { action: "inbox.retry", objectType: "deliveries", objectId: id ?? String(revived) });
      return revived;
    });
    if (id !== undefined && count === 0) throw new NotFound("There is no such delivery that failed or is dead.");
    io.stdout(`${count} ${count === 1 ? "delivery is" : "deliveries are"} tried again; a running Islet takes ${count === 1 ? "it" : "them"} up within a minute.\n`);
  });
}

/** Has deliveries that are done mapped and stored once more. With `--wait`, shows how far it has come. */
export async function runInboxReplay(options: InboxOptions, io: CommandIo): Promise<number> {
  return atInbox(options, io, async (desk) => {
    const filter = await filterOf(desk);
    if (Object.keys(filter).length === 0) throw new InvalidInput("Say what: --vendor, --patient, --from and --to, or --mapping-before.");
    if (!options.reason?.trim()) throw new InvalidInput("Say why: --reason \"the mapping of naps was mended\" stands in the audit log.");
    const id = await orderReplay(desk.place.database, { organizationId: null, askedBy: null, reason: options.reason.trim().slice(0, 200), filter });
    await asSystem(desk, (tx) => audit(tx, null, { action: "inbox.replay", objectType: "replay", objectId: id }));
    await followReplay(desk, id);
  });
}

const LOOK_EVERY_MS = 1_000;

async function followReplay(desk: Desk, id: string): Promise<void> {
  const { options, io } = desk;
  for (;;) {
    const progress = (await asSystem(desk, (tx) => replayProgress(tx, id)))!;
    const line = options.json
      ? JSON.stringify({ replay: progress.id, total: progress.total, waiting: progress.waiting, done: progress.done, dead: progress.dead })
      : `Replay ${progress.id}: ${progress.done} of ${progress.total} done${progress.dead > 0 ? `, ${progress.dead} dead` : ""}.`;
    io.stdout(`${line}\n`);
    if (progress.waiting === 0 || !options.wait) break;
    await systemClock.sleep(LOOK_EVERY_MS);
  }
}

function idOf(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidInput("A delivery's id is a number.");
  return text;
}

function shown(line: DeliveryLine): object {
  const { receivedMs, processedMs, availableMs, id, provider, via, resource, state, attempts, lastError, bytes, patientId, problemCount, mappingVersion } = line;
  return {
    id, provider, via, resource, state, attempts, lastError, received: formatInstant(receivedMs), processed: processedMs === null ? null : formatInstant(processedMs),
    nextTry: availableMs === null ? null : formatInstant(availableMs), bytes, patientId, problemCount, mappingVersion,
  };
}

function told(line: DeliveryLine): string {
  const parts = [
    line.id.padStart(8), formatInstant(line.receivedMs), line.state.padEnd(10), line.provider.padEnd(16), line.via.padEnd(7), line.resource ?? "", `${line.bytes} B`,
    line.attempts > 1 ? `${line.attempts} tries` : "", line.lastError ?? "", line.problemCount > 0 ? `${line.problemCount} problems` : "",
  ];
  return parts.filter(Boolean).join("  ");
}
