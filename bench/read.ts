/** Reading over HTTP as apps do: 90 days of glucose, 14 days of heart rate thinned for a chart, the newest of 20 metrics, and all of it as a stream. */
import { request } from "undici";
import type { SampleRecord } from "#driver/records.ts";
import { ingest } from "#ingest/ingest.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { atMost, percentile, told, type Figure } from "./figure.ts";
import type { Ground } from "./ground.ts";
import { openHouse } from "./house.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const ROUNDS = 100;
/** The first answers pay for statements and code that are prepared once. */
const WARM_UP = 20;
/** How far above its rest a server may go while it streams, whatever the number of rows. */
const MOST_STREAM_MB = 150;

export const LATEST_METRICS: readonly MetricName[] = [
  "glucose", "glucose_trend_rate", "heart_rate", "resting_heart_rate", "hrv_rmssd", "spo2", "respiration_rate", "body_temperature", "steps", "distance", "calories_active",
  "calories_total", "weight", "body_fat", "blood_pressure_systolic", "blood_pressure_diastolic", "vo2max", "stress", "readiness", "sleep_score",
];

export interface ReadOptions {
  /** Where the server listens, e.g. http://127.0.0.1:8080 */
  readonly origin: string;
  /** A bearer token of somebody who may see the patient. */
  readonly token: string;
  readonly patientId: string;
  /** End of the windows: the newest data lie before it. */
  readonly toMs: number;
  /** Metrics of the stream. */
  readonly streamed: readonly MetricName[];
  /** Resident memory of the server's process, in bytes. */
  readonly memory?: () => Promise<number>;
}

/** Times from the request to the last byte of the answer, one request at a time over one connection. */
export async function measureReads(options: ReadOptions): Promise<Figure[]> {
  const { toMs } = options;
  const window = (days: number): string => `from=${new Date(toMs - days * DAY_MS).toISOString()}&to=${new Date(toMs).toISOString()}`;
  const glucose = await timesOf(options, `/glucose/series?${window(90)}`);
  const columns = await timesOf(options, `/metrics?metrics=glucose&${window(90)}`);
  const heart = await timesOf(options, `/metrics?metrics=heart_rate&points=1000&${window(14)}`);
  const latest = await timesOf(options, `/latest?metrics=${LATEST_METRICS.join(",")}`);
  const unchanged = await timesOf(options, `/glucose/series?${window(90)}`, true);
  return [
    told("read: bytes of the 90-day glucose series", glucose.bytes, "bytes"),
    atMost("read: 90-day glucose series, p50", percentile(glucose.ms, 0.5), "ms", 5), told("read: 90-day glucose series, p99", percentile(glucose.ms, 0.99), "ms"),
    told("read: the same by metrics, with offsets, p50", percentile(columns.ms, 0.5), "ms"),
    atMost("read: 14 days of heart rate in 1,000 points, p50", percentile(heart.ms, 0.5), "ms", 10), told("read: 14 days of heart rate, p99", percentile(heart.ms, 0.99), "ms"),
    atMost("read: latest of 20 metrics, p50", percentile(latest.ms, 0.5), "ms", 3), told("read: latest of 20 metrics, p99", percentile(latest.ms, 0.99), "ms"),
    told("read: 90-day glucose series unchanged (304), p50", percentile(unchanged.ms, 0.5), "ms"),
    ...(await measureStream(options)),
  ];
}

async function timesOf({ origin, token, patientId }: ReadOptions, path: string, isKnown = false): Promise<{ readonly ms: number[]; readonly bytes: number }> {
  const ms: number[] = [];
  let bytes = 0;
  let etag: string | undefined;
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const begun = performance.now();
    const answer = await request(`${origin}/api/v1/patients/${patientId}${path}`, {
      headers: { authorization: `Bearer ${token}`, ...(isKnown && etag !== undefined ? { "if-none-match": etag } : {}) },
    });
    bytes = (await answer.body.arrayBuffer()).byteLength;
    if (round >= WARM_UP) ms.push(performance.now() - begun);
    if (answer.statusCode !== (isKnown && etag !== undefined ? 304 : 200)) throw new Error(`${path} was answered ${answer.statusCode}.`);
    etag = String(answer.headers["etag"]);
  }
  return { ms, bytes };
}

async function measureStream({ origin, token, patientId, streamed, memory }: ReadOptions): Promise<Figure[]> {
  const before = await memory?.();
  const begun = performance.now();
  const answer = await request(`${origin}/api/v1/patients/${patientId}/metrics/stream?metrics=${streamed.join(",")}`, { headers: { authorization: `Bearer ${token}` } });
  let [rows, most, looked] = [0, before ?? 0, begun];
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows += 1;
    if (!memory || performance.now() - looked < 200) continue;
    most = Math.max(most, await memory());
    looked = performance.now();
  }
  const seconds = (performance.now() - begun) / 1_000;
  const figures = [told("read: rows of the stream", rows - 1, "rows"), told("read: stream, rows a second", (rows - 1) / seconds, "/s")];
  return before === undefined ? figures : [...figures, atMost("read: memory that the stream takes at most", (most - before) / 2 ** 20, "MB", MOST_STREAM_MB)];
}

/** A patient with all that `measureReads` asks for, read from a server in a process of its own. */
export async function benchRead(): Promise<Figure[]> {
  const house = await openHouse(["api"], 0);
  try {
    const { ground, origin } = house;
    const toMs = Math.floor(Date.now() / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
    await fill(ground, toMs);
    const signIn = await request(`${origin}/api/v1/tokens`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: ground.email, password: ground.password }),
    });
    const { accessToken } = (await signIn.body.json()) as { accessToken: string };
    return await measureReads({ origin, token: accessToken, patientId: ground.connection.patientId, toMs, streamed: ["glucose", "heart_rate"], memory: () => house.memory() });
  } finally {
    await house.close();
  }
}

const HEART_DAYS = 100;

async function fill({ database, connection }: Ground, toMs: number): Promise<void> {
  const give = (records: readonly SampleRecord[]): Promise<unknown> =>
    database.withOrganization(connection.organizationId, (tx) => ingest(tx, { ...connection, provider: "dexcom", deliveryId: "1" }, records));
  const wave = (metric: MetricName, fromMs: number, count: number, everyMs: number): SampleRecord[] => Array.from({ length: count }, (_, index) => ({
    record: "sample", metric, startMs: fromMs + index * everyMs, value: Math.round(100 + 40 * Math.sin(index / 40) + 12 * Math.sin(index / 7)), offsetMinutes: 60,
    device: { id: "bench" },
  }));
  for (let day = 90; day > 0; day -= 10) await give(wave("glucose", toMs - day * DAY_MS, 2_880, 5 * MINUTE_MS));
  for (let day = HEART_DAYS; day > 0; day -= 5) await give(wave("heart_rate", toMs - day * DAY_MS, 7_200, MINUTE_MS));
  await give(LATEST_METRICS.filter((metric) => metric !== "glucose" && metric !== "heart_rate").map((metric): SampleRecord => ({
    record: "sample", metric, startMs: toMs - 10 * MINUTE_MS, ...(METRICS[metric].form === "interval" ? { endMs: toMs - 5 * MINUTE_MS } : {}),
    value: Math.max(METRICS[metric].min, 1), offsetMinutes: 60,
  })));
}
