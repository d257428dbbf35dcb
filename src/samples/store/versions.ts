/** What a vendor said before it revised a night, a workout or a score. */
import type { Tx } from "#db/database.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import type { SleepDetails, WorkoutDetails } from "../records.ts";

/** An earlier version of a record, with the deliveries that said so and otherwise. */
export interface RecordVersion<Details> {
  readonly startMs: number;
  readonly endMs: number;
  /** `nap` or `sleep`; the sport of a workout. */
  readonly kind: string;
  readonly details: Details;
  readonly deliveryId: string;
  readonly replacedBy: string;
  readonly replacedMs: number;
}

interface DetailsOf {
  sleep: SleepDetails;
  workout: WorkoutDetails;
}

/** More than any vendor revises a record. */
const MOST_VERSIONS = 200;

/** Earlier versions of a sleep or workout, the newest first. Null when there is no such record. */
export async function recordVersions<Kind extends "sleep" | "workout">(
  tx: Tx, kind: Kind, patientId: string, recordId: string,
): Promise<RecordVersion<DetailsOf[Kind]>[] | null> {
  const present = await tx.query(`select 1 from ${kind === "sleep" ? "sleeps" : "workouts"} where patient_id = $1 and id = $2 and withdrawn_at is null`, [patientId, recordId]);
  if (present.length === 0) return null;
  const rows = await tx.query<{ start_at: number; end_at: number; class: string; details: DetailsOf[Kind]; delivery_id: string; replaced_by: string; replaced_at: number }>(
    `select start_at, end_at, class, details, delivery_id::text, replaced_by::text, replaced_at from record_versions
     where patient_id = $1 and kind = $2 and record_id = $3 order by record_versions.id desc limit ${MOST_VERSIONS}`,
    [patientId, kind, recordId],
  );
  return rows.map((row) => ({
    startMs: row.start_at, endMs: row.end_at, kind: row.class, details: row.details, deliveryId: row.delivery_id, replacedBy: row.replaced_by, replacedMs: row.replaced_at,
  }));
}

export interface SampleVersion {
  readonly seriesId: string;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly value: number;
  readonly deliveryId: string;
  readonly replacedBy: string;
  readonly replacedMs: number;
}

/** Earlier values of a score that begin in `[fromMs, toMs)`, by time, the newest version of each first; at most `limit`. */
export async function sampleVersions(
  tx: Tx, patientId: string, metric: MetricName, range: { fromMs: number; toMs: number; limit: number },
): Promise<SampleVersion[]> {
  const rows = await tx.query<{ series_id: string; start_at: number; end_at: number | null; value: number; delivery_id: string; replaced_by: string; replaced_at: number }>(
    `select v.series_id::text, v.start_at, v.end_at, v.value, v.delivery_id::text, v.replaced_by::text, v.replaced_at
     from series s join sample_versions v on v.patient_id = s.patient_id and v.series_id = s.id
     where s.patient_id = $1 and s.metric = $2 and v.start_at >= to_timestamp($3::float8 / 1000) and v.start_at < to_timestamp($4::float8 / 1000)
     order by v.start_at, v.id desc limit $5`,
    [patientId, METRICS[metric].id, range.fromMs, range.toMs, range.limit],
  );
  return rows.map((row) => ({
    seriesId: row.series_id, startMs: row.start_at, endMs: row.end_at, value: row.value, deliveryId: row.delivery_id, replacedBy: row.replaced_by, replacedMs: row.replaced_at,
  }));
}
