/** Readings newest first, from the diary and from meters' curves that stand in no diary, merged as they are asked for. */
import type { Tx } from "#db/database.ts";
import type { Meal } from "#driver/records.ts";
import { listRecords, type StoredRecord, type TreatmentDetails } from "#samples/records.ts";
import { flagNames } from "#samples/store/flags.ts";
import { listSeries, type Series } from "#samples/store/series.ts";
import { readSamples } from "#samples/store/store.ts";
import { readingOfCurve, readingOfDiary, type Reading } from "./reading.ts";

export interface ReadingsAsked {
  readonly fromMs: number;
  readonly toMs: number;
  /** Only of this meal. */
  readonly meal?: Meal | undefined;
}

const AT_ONCE = 200;

/** All readings in `[fromMs, toMs)`, the newest first; whoever has enough stops asking. */
export async function* readingsOf(tx: Tx, patientId: string, asked: ReadingsAsked): AsyncGenerator<Reading> {
  const streams = [diary(tx, patientId, asked)];
  if (asked.meal === undefined) for (const series of await listSeries(tx, patientId, ["glucose_meter"])) streams.push(curve(tx, patientId, series, asked));
  const heads: { readonly stream: AsyncGenerator<Reading>; head: Reading }[] = [];
  for (const stream of streams) {
    const first = await stream.next();
    if (!first.done) heads.push({ stream, head: first.value });
  }
  while (heads.length > 0) {
    let newest = 0;
    for (let index = 1; index < heads.length; index += 1) if (heads[index]!.head.atMs > heads[newest]!.head.atMs) newest = index;
    yield heads[newest]!.head;
    const next = await heads[newest]!.stream.next();
    if (next.done) heads.splice(newest, 1);
    else heads[newest]!.head = next.value;
  }
}

export interface ReadingPage {
  readonly readings: readonly Reading[];
  /** Where the next page goes on; null at the end. */
  readonly next: ReadingsAfter | null;
}

/** The end of a page: the instant of its last reading, and how many readings of that instant were told. */
export interface ReadingsAfter {
  readonly atMs: number;
  readonly told: number;
}

/** At most `limit` of them, after the page before. */
export async function pageOfReadings(tx: Tx, patientId: string, asked: ReadingsAsked & { readonly limit: number; readonly after: ReadingsAfter | null }): Promise<ReadingPage> {
  const { after, limit } = asked;
  const readings: Reading[] = [];
  let skip = after?.told ?? 0;
  for await (const reading of readingsOf(tx, patientId, after ? { ...asked, toMs: Math.min(asked.toMs, after.atMs + 1) } : asked)) {
    if (reading.atMs === after?.atMs && skip > 0) {
      skip -= 1;
      continue;
    }
    if (readings.length === limit) {
      const { atMs } = readings.at(-1)!;
      const here = readings.filter((each) => each.atMs === atMs).length;
      return { readings, next: { atMs, told: here + (atMs === after?.atMs ? after.told : 0) } };
    }
    readings.push(reading);
  }
  return { readings, next: null };
}

async function* diary(tx: Tx, patientId: string, { fromMs, toMs, meal }: ReadingsAsked): AsyncGenerator<Reading> {
  let after: { startMs: number; id: string } | null = null;
  for (;;) {
    const rows: StoredRecord<TreatmentDetails>[] = await listRecords(tx, "treatments", patientId, { fromMs, toMs, limit: AT_ONCE, after, kind: "meter_glucose", ...(meal ? { meal } : {}) });
    for (const row of rows) {
      const reading = readingOfDiary(row);
      if (reading) yield reading;
    }
    const last = rows.at(-1);
    if (rows.length < AT_ONCE || !last) return;
    after = { startMs: last.startMs, id: last.id };
  }
}

/** What calibrated a sensor belongs to the sensor, and is no reading of its own. */
async function* curve(tx: Tx, patientId: string, series: Series, { fromMs, toMs }: ReadingsAsked): AsyncGenerator<Reading> {
  for (let endMs = toMs; ; ) {
    const { startMs, values, flags, offsetMinutes } = await readSamples(tx, patientId, series.id, { fromMs, toMs: endMs, limit: AT_ONCE, newestFirst: true });
    const oldest = startMs[0];
    if (oldest === undefined) return;
    const told = await inDiary(tx, patientId, series, { fromMs: oldest, toMs: startMs.at(-1)! });
    for (let index = startMs.length - 1; index >= 0; index -= 1) {
      const names = flagNames(flags[index]!);
      if (told.has(startMs[index]!) || names.includes("calibration")) continue;
      yield readingOfCurve({
        seriesId: series.id, provider: series.provider, connectionId: series.connectionId, deviceId: series.deviceId, deviceName: series.deviceName, startMs: startMs[index]!,
        value: values[index]!, offsetMinutes: offsetMinutes[index] ?? null, flags: names,
      });
    }
    if (startMs.length < AT_ONCE) return;
    endMs = oldest;
  }
}

/** Instants of the readings that the same source has put into the diary. */
async function inDiary(tx: Tx, patientId: string, { provider, connectionId }: Series, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Promise<Set<number>> {
  const rows = await tx.query<{ at: number }>(
    `select start_at as at from treatments where patient_id = $1 and provider = $2 and connection_id is not distinct from $3 and kind = 'meter_glucose' and withdrawn_at is null
       and start_at >= to_timestamp($4::float8 / 1000) and start_at <= to_timestamp($5::float8 / 1000)`,
    [patientId, provider, connectionId, fromMs, toMs],
  );
  return new Set(rows.map(({ at }) => at));
}
