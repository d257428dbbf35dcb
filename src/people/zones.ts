/** Where a person lived from when on: their zone history, kept and announced, since every local day after a change is another one. */
import type { Tx } from "#db/database.ts";
import { announce } from "#ingest/changes.ts";
import { zoneAt, type ZoneEntry, type ZoneHistory } from "#units/zones.ts";
import { InvalidInput } from "../errors.ts";

export interface ZoneOwner {
  readonly organizationId: string;
  readonly patientId: string;
}

/** More moves than anybody makes in a life. */
export const MOST_ZONE_ENTRIES = 2_000;

/** The zone histories of these patients, by patient; of each that the transaction may see. */
export async function readZoneHistories(tx: Tx, patientIds: readonly string[]): Promise<Map<string, ZoneHistory>> {
  const rows = await tx.prepared<{ id: string; home: string; at: number | null; zone: string | null }>(
    "zone_histories",
    `select p.id, p.zone as home, e.from_at as at, e.zone from patients p left join zone_entries e on e.patient_id = p.id
     where p.id = any($1::uuid[]) order by p.id, e.from_at`,
    [patientIds],
  );
  return new Map([...Map.groupBy(rows, ({ id }) => id)].map(([id, entries]) => [
    id, { home: entries[0]!.home, entries: entries.flatMap(({ at, zone }) => (at === null || zone === null ? [] : [{ fromMs: at, zone }])) },
  ]));
}

/** The zone history of one patient. Throws RangeError for a patient that is not there. */
export async function readZones(tx: Tx, patientId: string): Promise<ZoneHistory> {
  const history = (await readZoneHistories(tx, [patientId])).get(patientId);
  if (!history) throw new RangeError("There is no such patient.");
  return history;
}

/** Puts another list in the place of the person's entries, strictly ascending by `fromMs`. Throws InvalidInput for more than anybody has. */
export async function replaceZones(tx: Tx, owner: ZoneOwner, entries: readonly ZoneEntry[]): Promise<ZoneHistory> {
  if (entries.length > MOST_ZONE_ENTRIES) throw new InvalidInput(`A zone history has at most ${MOST_ZONE_ENTRIES} entries: leave out those that change nothing.`);
  // Two at once would each compare with what the other takes away.
  await tx.query("select 1 from patients where id = $1 for no key update", [owner.patientId]);
  const before = await readZones(tx, owner.patientId);
  const changedFromMs = firstDifference(before.entries, entries);
  if (changedFromMs === null) return before;
  await tx.query("delete from zone_entries where patient_id = $1 and from_at >= to_timestamp($2::float8 / 1000)", [owner.patientId, changedFromMs]);
  const fresh = entries.filter(({ fromMs }) => fromMs >= changedFromMs);
  await tx.query(
    `insert into zone_entries (organization_id, patient_id, from_at, zone)
     select $1, $2, to_timestamp(e.from_ms / 1000), e.zone from unnest($3::float8[], $4::text[]) as e (from_ms, zone)`,
    [owner.organizationId, owner.patientId, fresh.map(({ fromMs }) => fromMs), fresh.map(({ zone }) => zone)],
  );
  await announceZone(tx, owner, changedFromMs);
  return { home: before.home, entries };
}

/** Adds an entry, or replaces the one of the same instant. Changes nothing where the person lives by that zone already. */
export async function addZone(tx: Tx, owner: ZoneOwner, entry: ZoneEntry): Promise<ZoneHistory> {
  await tx.query("select 1 from patients where id = $1 for no key update", [owner.patientId]);
  const before = await readZones(tx, owner.patientId);
  if (zoneAt(before, entry.fromMs) === entry.zone) return before;
  const others = before.entries.filter(({ fromMs }) => fromMs !== entry.fromMs);
  return replaceZones(tx, owner, [...others, entry].toSorted((a, b) => a.fromMs - b.fromMs));
}

/** Another home: all days before the first entry are others. */
export async function changeHome(tx: Tx, owner: ZoneOwner, zone: string): Promise<void> {
  const changed = await tx.query("update patients set zone = $2 where id = $1 and zone <> $2 returning 1 as changed", [owner.patientId, zone]);
  if (changed.length > 0) await announceZone(tx, owner, null);
}

/** The change reaches from the instant on, or over all time. */
async function announceZone(tx: Tx, owner: ZoneOwner, fromMs: number | null): Promise<void> {
  await announce(tx, { ...owner, connectionId: null, deliveryId: null }, [{ kind: "zone", metric: null, count: 1, fromMs, toMs: null }]);
}

/** The first instant from which on the lists differ; null where they are equal. */
function firstDifference(one: readonly ZoneEntry[], other: readonly ZoneEntry[]): number | null {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const [a, b] = [one[index], other[index]];
    if (a?.fromMs !== b?.fromMs || a?.zone !== b?.zone) return Math.min(a?.fromMs ?? Number.POSITIVE_INFINITY, b?.fromMs ?? Number.POSITIVE_INFINITY);
  }
  return null;
}
