/** A store full of people: days of samples made from a seed and put in by the writer that back-fills use. */
import type { DaySamples } from "#samples/store/codec.ts";
import { resolveSeries, type OwnedKey } from "#samples/store/series.ts";
import { mergeDays, type Arrival } from "#samples/store/write.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { seeded } from "../test/kit/random.ts";
import type { Ground } from "./ground.ts";
import { LATEST_METRICS } from "./read.ts";

/** Different days; people's days are these, moved up and down by a little. */
const PATTERNS = 64;
const DAYS_AT_ONCE = 60;

export interface Person {
  readonly organizationId: string;
  readonly patientId: string;
}

interface Rhythm {
  readonly metric: MetricName;
  readonly everyMinutes: number;
  readonly patterns: readonly { readonly ms: Float64Array; readonly values: Float64Array }[];
}

/** 5-minute glucose as a sensor sends it (whole mg/dL, seconds that drift) and, where wanted, a heart rate a minute. */
export function rhythms(withHeartRate: boolean): Rhythm[] {
  const random = seeded(4_711);
  const glucose = Array.from({ length: PATTERNS }, () => pattern(random, { every: 5 * MINUTE_MS, jitterMs: 1_000, from: 60, to: 260, most: 5 }));
  const heartRate = Array.from({ length: PATTERNS }, () => pattern(random, { every: MINUTE_MS, jitterMs: 0, from: 48, to: 150, most: 4 }));
  return [
    { metric: "glucose", everyMinutes: 5, patterns: glucose },
    ...(withHeartRate ? [{ metric: "heart_rate" as const, everyMinutes: 1, patterns: heartRate }] : []),
  ];
}

function pattern(random: () => number, shape: { every: number; jitterMs: number; from: number; to: number; most: number }): { ms: Float64Array; values: Float64Array } {
  const count = DAY_MS / shape.every;
  const ms = new Float64Array(count);
  const values = new Float64Array(count);
  let value = shape.from + random() * (shape.to - shape.from);
  let drift = 0;
  for (let index = 0; index < count; index += 1) {
    // Every fifth interval is a second longer or shorter.
    if (random() < 0.2) drift += random() < 0.5 ? -shape.jitterMs : shape.jitterMs;
    drift = Math.max(0, drift);
    ms[index] = Math.min(index * shape.every + drift, DAY_MS - 1);
    value = Math.min(shape.to, Math.max(shape.from, value + (random() + random() - 1) * shape.most));
    values[index] = Math.round(value);
  }
  return { ms, values };
}

export async function makePerson(ground: Ground, name: string): Promise<Person> {
  const { organizationId } = ground.connection;
  return ground.database.withOrganization(organizationId, async (tx) => {
    const [row] = await tx.query<{ id: string }>("insert into patients (organization_id, display_name) values ($1, $2) returning id", [organizationId, name]);
    return { organizationId, patientId: row!.id };
  });
}

/** Gives a person `days` whole days up to `endMs`, of each rhythm; gives the number of samples. */
export async function giveDays(ground: Ground, person: Person, asked: { rhythms: readonly Rhythm[]; days: number; endMs: number; seed: number }): Promise<number> {
  let samples = 0;
  const ids = await seriesOf(ground, person, asked.rhythms.map(({ metric }) => metric));
  for (let at = 0; at < asked.days; at += DAYS_AT_ONCE) {
    const arrivals: Arrival[] = [];
    for (let day = at; day < Math.min(asked.days, at + DAYS_AT_ONCE); day += 1) {
      const dayMs = asked.endMs - (asked.days - day) * DAY_MS;
      for (const [place, { patterns }] of asked.rhythms.entries()) {
        const { ms, values } = patterns[(asked.seed * 31 + day * 7 + place) % PATTERNS]!;
        arrivals.push({ patientId: person.patientId, seriesId: ids[place]!, dayMs, newcomers: dayOfPattern({ ms, values }, dayMs, (asked.seed + day) % 9) });
        samples += values.length;
      }
    }
    await ground.database.withOrganization(person.organizationId, (tx) => mergeDays(tx, person.organizationId, arrivals));
  }
  return samples;
}

function dayOfPattern({ ms, values }: { ms: Float64Array; values: Float64Array }, dayMs: number, more: number): DaySamples {
  const count = values.length;
  return {
    startMs: ms.map((each) => dayMs + each), endMs: new Float64Array(count).fill(Number.NaN), values: values.map((value) => value + more),
    offsetMinutes: Array.from({ length: count }, () => 60), flags: new Uint16Array(count), deliveryIds: new Float64Array(count).fill(1),
  };
}

function seriesOf(ground: Ground, { organizationId, patientId }: Person, metrics: readonly MetricName[]): Promise<string[]> {
  const keys = metrics.map((metric): OwnedKey => ({ patientId, metric, provider: "dexcom", connectionId: null, deviceId: "bench", deviceName: null, isDayTotal: false }));
  return ground.database.withOrganization(organizationId, (tx) => resolveSeries(tx, organizationId, keys));
}

/** What `latest` is asked for: of each metric a sample a day for a month up to `endMs`. */
export async function giveManyMetrics(ground: Ground, person: Person, endMs: number): Promise<void> {
  const metrics = LATEST_METRICS.filter((name) => name !== "glucose" && name !== "heart_rate");
  const ids = await seriesOf(ground, person, metrics);
  await ground.database.withOrganization(person.organizationId, async (tx) => {
    for (const id of ids) {
      await tx.query(
        `insert into samples (organization_id, patient_id, series_id, start_at, value, delivery_id, offset_minutes)
         select $1, $2, $3, to_timestamp($4::float8 / 1000) - make_interval(days => d), 50 + d, 1, 60 from generate_series(1, 30) d`,
        [person.organizationId, person.patientId, id, endMs],
      );
    }
  });
}
