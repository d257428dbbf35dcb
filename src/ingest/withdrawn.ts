/**
 * Readings of meters that somebody took back (src/clinic/readings) stay away, however often and in whichever shape their source sends them again. Asked only
 * for deliveries that hold such readings.
 */
import type { Tx } from "#db/database.ts";
import type { TreatmentRecord, VendorRecord } from "#driver/records.ts";
import type { SampleColumns } from "#samples/store/hot.ts";
import type { IngestContext } from "./ingest.ts";
import { keyOf } from "./write-records.ts";

interface Given {
  readonly context: IngestContext;
  readonly records: readonly VendorRecord[];
}

export interface Withdrawn {
  /** The records of the list without the readings that were taken back, in the diary and in the curve. */
  without(context: IngestContext, records: readonly VendorRecord[]): readonly VendorRecord[];
  /** The samples without those that were taken back. */
  leave(columns: SampleColumns): SampleColumns;
}

const NOTHING: Withdrawn = { without: (_, records) => records, leave: (columns) => columns };

/** Whoever takes a reading back holds the patient meanwhile, so that none slips in between. */
export async function withdrawnAmong(tx: Tx, items: readonly Given[]): Promise<Withdrawn> {
  const patientIds = [...new Set(items.flatMap(({ context, records }) => (records.some(isOfMeter) ? [context.patientId] : [])))].toSorted();
  if (patientIds.length === 0) return NOTHING;
  await tx.query("select 1 from patients where id = any($1::uuid[]) order by id for share", [patientIds]);
  const rows = await tx.query<{ patient_id: string; provider: string; connection_id: string | null; vendor_key: string | null; series_id: string | null; start_at: number }>(
    `select w.patient_id, w.provider, w.connection_id, t.vendor_key, w.series_id::text, w.start_at
     from withdrawn_readings w left join treatments t on t.patient_id = w.patient_id and t.id = w.treatment_id where w.patient_id = any($1::uuid[])`,
    [patientIds],
  );
  if (rows.length === 0) return NOTHING;
  const samples = new Set(rows.map(({ series_id: seriesId, start_at: startMs }) => `${seriesId} ${startMs}`));
  const keys = new Set(rows.map((row) => nameOf({ patientId: row.patient_id, provider: row.provider, connectionId: row.connection_id }, row.vendor_key ?? "")));
  return {
    without: (context, records) => withoutKeys(records, (record) => keys.has(nameOf(context, keyOf(record)))),
    leave: (columns) => leave(columns, (place) => !samples.has(`${columns.seriesIds[place]!} ${columns.startMs[place]!}`)),
  };
}

function nameOf({ patientId, provider, connectionId }: Pick<IngestContext, "patientId" | "provider" | "connectionId">, vendorKey: string): string {
  return `${patientId}\n${provider}\n${connectionId ?? ""}\n${vendorKey}`;
}

function isOfMeter(record: VendorRecord): boolean {
  return (record.record === "sample" && record.metric === "glucose_meter") || isReading(record);
}

function isReading(record: VendorRecord): record is TreatmentRecord {
  return record.record === "treatment" && record.kind === "meter_glucose";
}

/** With a reading goes its sample, also where a meter whose clock was set tells another time for it now. */
function withoutKeys(records: readonly VendorRecord[], isWithdrawn: (record: TreatmentRecord) => boolean): readonly VendorRecord[] {
  const gone = new Set(records.filter((record) => isReading(record) && isWithdrawn(record)));
  if (gone.size === 0) return records;
  const placeOf = (ms: number, device: { readonly id: string } | undefined): string => `${ms} ${device?.id ?? ""}`;
  const places = new Set([...gone].map((record) => placeOf((record as TreatmentRecord).atMs, (record as TreatmentRecord).device)));
  return records.filter((record) => !gone.has(record) && !(record.record === "sample" && record.metric === "glucose_meter" && places.has(placeOf(record.startMs, record.device))));
}

function leave(columns: SampleColumns, stays: (place: number) => boolean): SampleColumns {
  const places = columns.startMs.flatMap((_, place) => (stays(place) ? [place] : []));
  if (places.length === columns.startMs.length) return columns;
  const of = <T>(column: readonly T[]): T[] => places.map((place) => column[place]!);
  return {
    origins: of(columns.origins), seriesIds: of(columns.seriesIds), startMs: of(columns.startMs), endMs: of(columns.endMs), values: of(columns.values),
    offsetMinutes: of(columns.offsetMinutes), flags: of(columns.flags),
  };
}
