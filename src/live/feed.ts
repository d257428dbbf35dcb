/**
 * The live feed: followers of a patient, or of a clinic's appointments, hear of every committed change, in order, once. One reader for the whole process asks the
 * change feed while anybody listens; a follower that was away goes on where it left.
 */
import type { Database } from "#db/database.ts";
import type { Log } from "../log.ts";

export interface FeedEvent {
  /** Place in the feed; give it back to go on after it. */
  readonly position: string;
  readonly patientId: string;
  readonly kind: "samples" | "sleep" | "workout" | "treatment" | "connection" | "sources" | "zone" | "appointment" | "clinical";
  readonly metric: number | null;
  readonly connectionId: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly count: number;
}

export interface LiveFeed {
  /**
   * Calls `listener` for each change of the patient; resolves when no later change can be missed (a few earlier ones may be told, too:
   * compare positions). The result ends it.
   */
  follow(patientId: string, listener: (event: FeedEvent) => void): Promise<() => void>;
  /** Where the feed stands: all before it can be read, all after it is still to be told. */
  position(): Promise<string>;
  /** Changes of a patient after a position; null when there are more than can be told singly, the position is none of this feed, or what came after it is no longer kept. */
  since(patientId: string, position: string): Promise<FeedEvent[] | null>;
  /** The same of what a whole clinic hears of: `CLINIC_KINDS` of every patient of the organization. */
  followClinic(organizationId: string, listener: (event: FeedEvent) => void): Promise<() => void>;
  sinceOfClinic(organizationId: string, position: string): Promise<FeedEvent[] | null>;
  stop(): Promise<void>;
}

/** What staff may know of patients who have granted them nothing: whoever asks the clinic for something tells the clinic. */
export const CLINIC_KINDS: readonly FeedEvent["kind"][] = ["appointment"];

/** Committed changes in an order that never changes: by transaction, then by number. */
interface Place {
  readonly transactionId: bigint;
  readonly id: bigint;
}

interface ChangeRow {
  transaction_id: string; id: string; organization_id: string; patient_id: string; kind: FeedEvent["kind"]; metric: number | null; connection_id: string | null;
  from_at: number | null; to_at: number | null; count: number;
}

// An order must name the table: a bare name means these texts, by which 1000 comes before 999.
const COLUMNS = "transaction_id::text, id::text, organization_id, patient_id, kind, metric, connection_id, from_at, to_at, count";
/** How often the feed is asked while somebody listens. */
const EVERY_MS = 250;
const MOST_AT_ONCE = 1_000;
/** Beyond this a returning follower is told to ask anew for everything. */
const MOST_MISSED = 500;
const LARGEST_TRANSACTION = 2n ** 64n - 1n;
const LARGEST_ID = 2n ** 63n - 1n;

/** Whether a position comes after another; false when either is none. */
export function isAfter(position: string, other: string): boolean {
  const [one, two] = [placeOf(position), placeOf(other)];
  if (!one || !two) return false;
  return one.transactionId === two.transactionId ? one.id > two.id : one.transactionId > two.transactionId;
}

export function createLiveFeed(database: Database, log: Log, everyMs = EVERY_MS): LiveFeed {
  /** By the random id of whom they follow: a patient, or an organization. */
  const followers = new Map<string, Set<(event: FeedEvent) => void>>();
  /** Up to where the followers were told; null while there are none. */
  let told: Place | null = null;
  let beginning: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();
  let isStopped = false;

  const begin = (): Promise<void> =>
    (beginning ??= endOf(database).then(
      (place) => void (told = place),
      (error: unknown) => {
        beginning = null;
        throw error;
      },
    ));
  const read = async (): Promise<void> => {
    const from = told;
    if (!from) return;
    // Only what is older than every running transaction: a slow one cannot slip in behind us.
    const rows = await database.asSystem((tx) =>
      tx.query<ChangeRow>(
        `select ${COLUMNS} from changes where (transaction_id, id) > ($1::xid8, $2::bigint)
           and transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by changes.transaction_id, changes.id limit ${MOST_AT_ONCE}`,
        [String(from.transactionId), String(from.id)],
      ),
    );
    const last = rows.at(-1);
    // Meanwhile all followers may have gone and others come, who began at a place of their own.
    if (last && told === from) told = { transactionId: BigInt(last.transaction_id), id: BigInt(last.id) };
    for (const row of rows) {
      const clinic = CLINIC_KINDS.includes(row.kind) ? (followers.get(row.organization_id) ?? []) : [];
      for (const listener of [...(followers.get(row.patient_id) ?? []), ...clinic]) listener(eventOf(row));
    }
  };
  const schedule = (): void => {
    if (timer || isStopped || followers.size === 0) return;
    timer = setTimeout(() => {
      reading = read()
        .catch((error: unknown) => log.warn({ error }, "the live feed could not be read; it goes on with the next try"))
        .finally(() => {
          timer = undefined;
          schedule();
        });
    }, everyMs);
  };

  const follow = async (id: string, listener: (event: FeedEvent) => void): Promise<() => void> => {
    const listeners = followers.get(id) ?? new Set();
    followers.set(id, listeners.add(listener));
    const unfollow = (): void => {
      listeners.delete(listener);
      if (listeners.size === 0 && followers.get(id) === listeners) followers.delete(id);
      if (followers.size === 0) told = beginning = null;
    };
    try {
      await begin();
    } catch (error) {
      unfollow();
      throw error;
    }
    schedule();
    return unfollow;
  };
  const since = async (of: { readonly patientId: string } | { readonly organizationId: string }, text: string): Promise<FeedEvent[] | null> => {
    const place = placeOf(text);
    if (!place) return null;
    return database.asSystem(async (tx) => {
      // A place ahead of the feed was given by another database: a restored backup, a new data folder.
      if (place.transactionId > (await oldestRunning(tx))) return null;
      if (place.transactionId <= (await forgottenTo(tx))) return null;
      const rows = await tx.query<ChangeRow>(
        `select ${COLUMNS} from changes where ($3::uuid is null or patient_id = $3) and ($4::uuid is null or (organization_id = $4 and kind = any($5))) and (transaction_id, id) > ($1::xid8, $2::bigint)
           and transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by changes.transaction_id, changes.id limit ${MOST_MISSED + 1}`,
        [String(place.transactionId), String(place.id), "patientId" in of ? of.patientId : null, "organizationId" in of ? of.organizationId : null, CLINIC_KINDS],
      );
      return rows.length > MOST_MISSED ? null : rows.map(eventOf);
    });
  };

  return {
    follow,
    followClinic: follow,
    position: async () => textOf(await endOf(database)),
    since: (patientId, text) => since({ patientId }, text),
    sinceOfClinic: (organizationId, text) => since({ organizationId }, text),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await reading;
    },
  };
}

type System = Parameters<Parameters<Database["asSystem"]>[0]>[0];

/** All transactions before this one have ended. */
async function oldestRunning(tx: System): Promise<bigint> {
  const rows = await tx.query<{ xmin: string }>("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin");
  return BigInt(rows[0]!.xmin);
}

/** All up to this transaction may be gone. */
async function forgottenTo(tx: System): Promise<bigint> {
  const rows = await tx.query<{ xid: string }>("select forgotten_to::text as xid from change_mark");
  return BigInt(rows[0]?.xid ?? 0);
}

async function endOf(database: Database): Promise<Place> {
  return { transactionId: await database.asSystem(oldestRunning), id: 0n };
}

/** The place that a position names; null when it names none. */
export function placeOf(text: string): Place | null {
  const match = /^(\d{1,20})-(\d{1,19})$/.exec(text);
  if (!match) return null;
  const place = { transactionId: BigInt(match[1]!), id: BigInt(match[2]!) };
  return place.transactionId <= LARGEST_TRANSACTION && place.id <= LARGEST_ID ? place : null;
}

function textOf(place: Place): string {
  return `${place.transactionId}-${place.id}`;
}

function eventOf(row: ChangeRow): FeedEvent {
  return {
    position: `${row.transaction_id}-${row.id}`, patientId: row.patient_id, kind: row.kind, metric: row.metric, connectionId: row.connection_id,
    fromMs: row.from_at, toMs: row.to_at, count: row.count,
  };
}
