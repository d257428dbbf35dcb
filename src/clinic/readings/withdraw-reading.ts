/**
 * Taking a reading back, and giving it back within thirty days. It is not erased: its line rests as withdrawn, its sample aside, so that curves, statistics and
 * summaries are without it, and it stays away when its meter sends it again (src/ingest/withdrawn.ts).
 */
import type { Tx } from "#db/database.ts";
import { announce, type Change } from "#ingest/changes.ts";
import { audit } from "#people/audit/audit.ts";
import type { TreatmentDetails } from "#samples/records.ts";
import { flagNames } from "#samples/store/flags.ts";
import { readSamples } from "#samples/store/store.ts";
import { takeSample } from "#samples/store/take.ts";
import { writeSamples } from "#samples/store/write.ts";
import { METRICS } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { Conflict, NotFound } from "../../errors.ts";
import { placeOfReading } from "./reading.ts";

export const RESTORABLE_DAYS = 30;

export interface ReadingOwner {
  readonly organizationId: string;
  readonly patientId: string;
  /** Who does it. */
  readonly userId: string;
}

/** Where a reading rests, in the diary, in the curve, or in both. */
interface Found {
  readonly provider: string;
  readonly connectionId: string | null;
  readonly startMs: number;
  readonly treatmentId: string | null;
  readonly seriesId: string | null;
}

/** Gives until when it can be given back. Throws NotFound for what is no reading, or is taken back already. */
export async function withdrawReading(tx: Tx, owner: ReadingOwner, readingId: string, { reason, nowMs }: { readonly reason: string | null; readonly nowMs: number }): Promise<{ restorableUntilMs: number }> {
  const { organizationId, patientId, userId } = owner;
  await holdPatient(tx, patientId);
  const found = await find(tx, patientId, readingId);
  const sample = found?.seriesId == null ? null : await takeSample(tx, owner, { seriesId: found.seriesId, startMs: found.startMs });
  if (!found || (found.treatmentId === null && sample === null)) throw new NotFound("There is no such reading.");
  if (found.treatmentId !== null) await tx.query("update treatments set withdrawn_at = to_timestamp($3::float8 / 1000) where patient_id = $1 and id = $2", [patientId, found.treatmentId, nowMs]);
  await tx.query(
    `insert into withdrawn_readings (organization_id, patient_id, provider, connection_id, treatment_id, series_id, start_at, value, offset_minutes, flags, delivery_id, reason, withdrawn_at, withdrawn_by)
     values ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), $8, $9, $10, $11, $12, to_timestamp($13::float8 / 1000), $14)`,
    [
      organizationId, patientId, found.provider, found.connectionId, found.treatmentId, sample && found.seriesId, found.startMs, sample?.value ?? null, sample?.offsetMinutes ?? null,
      sample?.flags ?? null, sample?.deliveryId ?? null, reason, nowMs, userId,
    ],
  );
  await announce(tx, { organizationId, patientId, connectionId: found.connectionId, deliveryId: null }, changesOf(found, sample !== null));
  await audit(tx, organizationId, { action: "reading.withdrawn", actorUserId: userId, patientId, objectType: "reading", objectId: readingId });
  return { restorableUntilMs: nowMs + RESTORABLE_DAYS * DAY_MS };
}

interface WithdrawnRow {
  id: string; provider: string; connection_id: string | null; treatment_id: string | null; series_id: string | null; start_at: number; value: number | null; offset_minutes: number | null;
  flags: number | null; delivery_id: string | null; withdrawn_at: number;
}

/** Throws NotFound for what was not taken back, Conflict (`restore_expired`) after thirty days. */
export async function restoreReading(tx: Tx, owner: ReadingOwner, readingId: string, nowMs: number): Promise<void> {
  const { organizationId, patientId, userId } = owner;
  await holdPatient(tx, patientId);
  const place = placeOfReading(readingId);
  const [row] = place === null ? [] : await tx.query<WithdrawnRow>(
    `select id, provider, connection_id, treatment_id::text, series_id::text, start_at, value, offset_minutes, flags, delivery_id::text, withdrawn_at from withdrawn_readings
     where patient_id = $1 and case when $2::bigint is not null then treatment_id = $2 else treatment_id is null and series_id = $3 and start_at = to_timestamp($4::float8 / 1000) end`,
    "treatmentId" in place ? [patientId, place.treatmentId, null, null] : [patientId, null, place.seriesId, place.startMs],
  );
  if (!row) throw new NotFound("There is no such reading among those that were taken back.");
  if (nowMs >= row.withdrawn_at + RESTORABLE_DAYS * DAY_MS) throw new Conflict(`A reading can be given back within ${RESTORABLE_DAYS} days: enter it anew.`, { code: "restore_expired" });
  if (row.treatment_id !== null) await tx.query("update treatments set withdrawn_at = null where patient_id = $1 and id = $2", [patientId, row.treatment_id]);
  if (row.series_id !== null) {
    await writeSamples(tx, organizationId, [{ patientId, deliveryId: row.delivery_id! }], {
      origins: [0], seriesIds: [row.series_id], startMs: [row.start_at], endMs: [null], values: [row.value!], offsetMinutes: [row.offset_minutes], flags: [row.flags ?? 0],
    });
  }
  await tx.query("delete from withdrawn_readings where patient_id = $1 and id = $2", [patientId, row.id]);
  const found: Found = { provider: row.provider, connectionId: row.connection_id, startMs: row.start_at, treatmentId: row.treatment_id, seriesId: row.series_id };
  await announce(tx, { organizationId, patientId, connectionId: row.connection_id, deliveryId: null }, changesOf(found, row.series_id !== null));
  await audit(tx, organizationId, { action: "reading.restored", actorUserId: userId, patientId, objectType: "reading", objectId: readingId });
}

/** A reading that was taken back and can be given back, by the id that it had. */
export interface WithdrawnReading {
  readonly id: string;
  readonly atMs: number;
  readonly mgDl: number;
  readonly withdrawnMs: number;
  readonly withdrawnBy: string | null;
  readonly reason: string | null;
}

/** The latest first. */
export async function listWithdrawn(tx: Tx, patientId: string, { nowMs, limit }: { readonly nowMs: number; readonly limit: number }): Promise<WithdrawnReading[]> {
  const rows = await tx.query<{ id: string; at: number; value: number | null; amount: number | null; withdrawn_at: number; withdrawn_by: string | null; reason: string | null }>(
    `select coalesce(w.treatment_id::text, 's' || w.series_id || '-' || round(extract(epoch from w.start_at) * 1000)) as id, w.start_at as at, w.value, (t.details ->> 'amount')::float8 as amount,
            w.withdrawn_at, w.withdrawn_by, w.reason
     from withdrawn_readings w left join treatments t on t.patient_id = w.patient_id and t.id = w.treatment_id
     where w.patient_id = $1 and w.withdrawn_at > to_timestamp($2::float8 / 1000) order by w.withdrawn_at desc, w.id limit $3`,
    [patientId, nowMs - RESTORABLE_DAYS * DAY_MS, limit],
  );
  return rows.flatMap(({ id, at, value, amount, withdrawn_at: withdrawnMs, withdrawn_by: withdrawnBy, reason }) => {
    const mgDl = amount ?? value;
    return mgDl === null ? [] : [{ id, atMs: at, mgDl, withdrawnMs, withdrawnBy, reason }];
  });
}

/** Against deliveries that bring readings at the same moment: they share the patient's row. */
async function holdPatient(tx: Tx, patientId: string): Promise<void> {
  await tx.query("select 1 from patients where id = $1 for no key update", [patientId]);
}

async function find(tx: Tx, patientId: string, readingId: string): Promise<Found | null> {
  const place = placeOfReading(readingId);
  if (place === null) return null;
  if ("seriesId" in place) return findInCurve(tx, patientId, place);
  const [row] = await tx.query<{ provider: string; connection_id: string | null; start_at: number; details: TreatmentDetails }>(
    "select provider, connection_id, start_at, details from treatments where patient_id = $1 and id = $2 and kind = 'meter_glucose' and withdrawn_at is null", [patientId, place.treatmentId],
  );
  if (!row) return null;
  const [series] = await tx.query<{ id: string }>(
    "select id::text from series where patient_id = $1 and metric = $2 and provider = $3 and connection_id is not distinct from $4 and device_id = $5 and not is_day_total",
    [patientId, METRICS.glucose_meter.id, row.provider, row.connection_id, row.details.device?.id ?? ""],
  );
  return { provider: row.provider, connectionId: row.connection_id, startMs: row.start_at, treatmentId: place.treatmentId, seriesId: series?.id ?? null };
}

/** Never a sensor's: only series of meters, and of those no calibration. */
async function findInCurve(tx: Tx, patientId: string, { seriesId, startMs }: { readonly seriesId: string; readonly startMs: number }): Promise<Found | null> {
  const [row] = await tx.query<{ provider: string; connection_id: string | null }>(
    "select provider, connection_id from series where patient_id = $1 and id = $2 and metric = $3", [patientId, seriesId, METRICS.glucose_meter.id],
  );
  const known = row && (await readSamples(tx, patientId, seriesId, { fromMs: startMs, toMs: startMs + 1, limit: 1 }));
  if (!row || known?.flags[0] === undefined || flagNames(known.flags[0]).includes("calibration")) return null;
  return { provider: row.provider, connectionId: row.connection_id, startMs, treatmentId: null, seriesId };
}

function changesOf({ treatmentId, startMs }: Found, hadSample: boolean): Change[] {
  const span = { count: 1, fromMs: startMs, toMs: startMs };
  return [
    ...(hadSample ? [{ kind: "samples" as const, metric: METRICS.glucose_meter.id, ...span }] : []),
    ...(treatmentId === null ? [] : [{ kind: "treatment" as const, metric: null, ...span }]),
  ];
}
