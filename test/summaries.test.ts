/** Kept summaries: what is told of a day is what its samples say, whatever happened in whatever order and whoever died on the way. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { silentLog } from "../src/log.ts";
import type { Database, Tx } from "#db/database.ts";
import type { SampleRecord } from "#driver/records.ts";
import { announce } from "#ingest/changes.ts";
import { ingest, type IngestContext } from "#ingest/ingest.ts";
import { addZone, changeHome, readZones, replaceZones } from "#people/zones.ts";
import { foldSettled } from "#samples/store/fold.ts";
import { readMetric } from "#samples/read.ts";
import { eraseConnectionSamples } from "#samples/store/write.ts";
import { analyze } from "#glucose/analyze.ts";
import { inMeasuredUnit } from "#glucose/measured-unit.ts";
import { cleanSeries } from "#glucose/series.ts";
import { summarize } from "#glucose/summary.ts";
import { readDaySummaries, summarizeAnew } from "#summaries/days.ts";
import { followChanges, keepPatient, keepSummaries, watchChanges } from "#summaries/keep.ts";
import { overviewsOf } from "#summaries/overview.ts";
import { recomputePatient, verifyPatient } from "#summaries/recompute.ts";
import { forgetProvider, readKept, type Owner } from "#summaries/store.ts";
import { readParts, writePart } from "#summaries/glucose-day.ts";
import { glucosePeriod } from "#summaries/glucose-period.ts";
import { summarizeDay, type DaySummary } from "#summaries/summarize.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { localDays, type ZoneHistory } from "#units/zones.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";
import { keepAll } from "./kit/keep.ts";
import { seeded } from "./kit/random.ts";

let db: TestDatabase;
let organizationId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  organizationId = (await db.asOwner<{ id: string }>("insert into organizations (name) values ('A clinic') returning id"))[0]!.id;
});
afterAll(() => db.close());

let deliveries = 0;
const START_MS = Date.UTC(2026, 2, 20);
const as = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => db.database.withOrganization(organizationId, work);

async function patient(zone = "Europe/Madrid"): Promise<Owner> {
  const rows = await db.asOwner<{ id: string }>("insert into patients (organization_id, display_name, zone) values ($1, 'P', $2) returning id", [organizationId, zone]);
  return { organizationId, patientId: rows[0]!.id };
}

async function connection(owner: Owner, provider: string): Promise<{ provider: string; connectionId: string }> {
  const rows = await db.asOwner<{ id: string }>(
    "insert into connections (organization_id, patient_id, provider, status, vendor_user_id) values ($1, $2, $3, 'active', $4) returning id", [organizationId, owner.patientId, provider, `${provider} ${owner.patientId}`],
  );
  return { provider, connectionId: rows[0]!.id };
}

type Source = Pick<IngestContext, "provider" | "connectionId">;
const IMPORT: Source = { provider: "import", connectionId: null };
const of = (owner: Owner, source: Source): IngestContext => ({ ...owner, ...source, deliveryId: String((deliveries += 1)) });
const sample = (metric: SampleRecord["metric"], startMs: number, value: number, more: Partial<SampleRecord> = {}): SampleRecord => ({ record: "sample", metric, startMs, value, offsetMinutes: 60, ...more });
const give = (owner: Owner, source: Source, records: readonly SampleRecord[]) => as((tx) => ingest(tx, of(owner, source), records));
const glucoseOf = (owner: Owner, dates: { fromDate: string; toDate: string }) => as((tx) => readKept(tx, owner.patientId, dates)).then((kept) => kept.get("glucose") ?? []);

/** Whose data may have a part in a day is a guess on the safe side, made when the day was summarized. */
const withoutProviders = ({ providers: _providers, ...rest }: DaySummary): object => rest;
const tell = (kept: Map<string, DaySummary[]>): [string, object[]][] => [...kept].map(([metric, days]) => [metric, days.map(withoutProviders)]);

async function expectTrue(owner: Owner): Promise<void> {
  await as(async (tx) => {
    const history = await readZones(tx, owner.patientId);
    const asked = { patientId: owner.patientId, history, days: localDays(history, "2026-03-10", "2026-05-05") };
    const [told, anew] = [await readDaySummaries(tx, asked), await summarizeAnew(tx, asked)];
    expect([...told.keys()]).toEqual([...anew.keys()]);
    for (const [metric, summaries] of told) expect(summaries.map(withoutProviders), metric).toEqual(anew.get(metric)!.map(withoutProviders));
  });
}

/** A database whose process is killed in its n-th statement: the transaction is gone, with all that it did. */
function dying(database: Database, statements: number): Database {
  let left = statements;
  const mortal = (tx: Tx): Tx => {
    const step = (): void => {
      left -= 1;
      if (left < 0) throw new Error("killed");
    };
    return {
      query: (...args) => (step(), tx.query(...args)) as never,
      prepared: (...args) => (step(), tx.prepared(...args)) as never,
    };
  };
  return { ...database, withOrganization: (id, work) => database.withOrganization(id, (tx) => work(mortal(tx))), asSystem: (work) => database.asSystem((tx) => work(mortal(tx))) };
}

const ZONES = ["Europe/Madrid", "America/New_York", "Asia/Tokyo", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Pago_Pago"];

/** One thing after another, as chance has it. */
async function liveOn(owner: Owner, seed: number, turns: number): Promise<void> {
  const random = seeded(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  let sources: Source[] = [await connection(owner, "dexcom"), await connection(owner, "garmin"), await connection(owner, "strava"), IMPORT];
  const somewhere = (): number => START_MS + below(25 * 24 * 12) * 5 * MINUTE_MS;
  const records = (): SampleRecord[] => {
    const at = somewhere();
    const more = random() < 0.3 ? { device: { id: `device ${below(2)}` } } : {};
    const count = 5 + below(60);
    switch (below(5)) {
      case 0: return Array.from({ length: count }, (_, index) => sample("glucose", at + index * 5 * MINUTE_MS + below(3) * MINUTE_MS, 50 + below(250), more));
      case 1: return Array.from({ length: count }, (_, index) => sample("steps", at + index * 15 * MINUTE_MS, below(500), { endMs: at + (index + 1) * 15 * MINUTE_MS, ...more }));
      case 2: return Array.from({ length: 3 }, (_, index) => sample("steps", at + index * DAY_MS, 5_000 + below(9_000), { endMs: at + (index + 1) * DAY_MS, flags: ["day_total"] }));
      case 3: return [sample("resting_heart_rate", at, 50 + below(20), { endMs: at + DAY_MS }), sample("weight", at + HOUR_MS, 70 + below(10))];
      default: return Array.from({ length: count }, (_, index) => sample("heart_rate", at + index * MINUTE_MS, 50 + below(90), more));
    }
  };
  const turn: Readonly<Record<string, () => Promise<unknown>>> = {
    write: () => give(owner, pick(sources), records()),
    replace: () => {
      const fromMs = somewhere();
      return as((tx) => ingest(tx, of(owner, pick(sources)), [], { fromMs, toMs: fromMs + below(48) * HOUR_MS, metrics: [pick(["glucose", "steps", "heart_rate"] as const)], of: [] }));
    },
    zone: () => as((tx) => addZone(tx, owner, { fromMs: somewhere(), zone: pick(ZONES) })),
    zones: () => as((tx) => replaceZones(tx, owner, [...new Set([somewhere(), somewhere()])].toSorted((a, b) => a - b).map((fromMs) => ({ fromMs, zone: pick(ZONES) })))),
    home: () => as((tx) => changeHome(tx, owner, pick(ZONES))),
    sources: () => as((tx) => announce(tx, { ...owner, connectionId: null, deliveryId: null }, [{ kind: "sources", metric: random() < 0.5 ? 1 : null, count: 1, fromMs: null, toMs: null }])),
    erase: async () => {
      const gone = pick(sources);
      if (gone.connectionId === null) return;
      await as(async (tx) => {
        await eraseConnectionSamples(tx, owner.patientId, gone.connectionId!);
        await forgetProvider(tx, owner.patientId, gone.provider);
        await announce(tx, { ...owner, connectionId: gone.connectionId, deliveryId: null }, [{ kind: "samples", metric: null, count: 1, fromMs: null, toMs: null }]);
      });
      sources = [...sources.filter((source) => source !== gone), await connection(owner, `${gone.provider}x`)];
    },
    fold: () => foldSettled(db.database, { nowMs: START_MS + 90 * DAY_MS }),
    follow: () => followChanges(db.database),
    keepSome: () => keepPatient(db.database, owner),
    keep: () => keepSummaries(db.database),
    die: () => keepSummaries(dying(db.database, below(40))).catch((error: unknown) => expect(error).toMatchObject({ message: "killed" })),
  };
  const often = [...Array<string>(10).fill("write"), "replace", "replace", "zone", "follow", "keepSome", "keepSome", "keep", "die", "die", "sources", "fold"];
  for (let at = 0; at < turns; at += 1) {
    const name = random() < 0.06 ? pick(["zones", "home", "erase"]) : pick(often);
    await turn[name]!();
    if (at % 4 === 0) await expectTrue(owner);
  }
}

describe("kept summaries", () => {
  it.each([1, 2, 3, 4, 5, 6])("[R4] are what the samples say after any sequence of writes, corrections, deletions, moves and deaths (seed %i)", { timeout: 120_000 }, async (seed) => {
    const owner = await patient();
    await liveOn(owner, seed, 60);
    await expectTrue(owner);
    await keepAll(db);
    const verdict = await verifyPatient(db.database, owner);
    expect(verdict.differences).toEqual([]);
    expect(verdict.isBehind).toBe(false);
    expect(verdict.days).toBeGreaterThan(20);
    const dates = { fromDate: "2026-01-01", toDate: "2026-12-31" };
    const kept = await as((tx) => readKept(tx, owner.patientId, dates));
    await recomputePatient(db.database, owner);
    expect(tell(await as((tx) => readKept(tx, owner.patientId, dates)))).toEqual(tell(kept));
  });

  it("are kept once by several workers at a time, and a back-fill is done in pieces that any of them goes on with", { timeout: 60_000 }, async () => {
    const owner = await patient();
    const dexcom = await connection(owner, "dexcom");
    const days = 300;
    await give(owner, dexcom, Array.from({ length: days * 24 }, (_, index) => sample("glucose", START_MS + index * HOUR_MS, 80 + (index % 100))));
    await vi.waitUntil(async () => {
      await followChanges(db.database);
      // One piece is not all of it.
      return keepPatient(db.database, owner);
    }, 20_000);
    const begun = await glucoseOf(owner, { fromDate: "2026-01-01", toDate: "2027-12-31" });
    expect(begun.length).toBeGreaterThan(50);
    expect(begun.length).toBeLessThan(days);
    await expectTrue(owner);
    await Promise.all([1, 2, 3, 4].map(() => keepSummaries(db.database)));
    await keepAll(db);
    expect((await verifyPatient(db.database, owner)).differences).toEqual([]);
    expect(await db.asOwner("select 1 from summary_work where patient_id = $1", [owner.patientId])).toEqual([]);
  });

  it("wait for a transaction that is slow to end, and never overtake it", async () => {
    const owner = await patient();
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    const { promise: begun, resolve: isBegun } = Promise.withResolvers<void>();
    const slow = as(async (tx) => {
      await ingest(tx, of(owner, IMPORT), [sample("glucose", START_MS, 100)]);
      isBegun();
      await hold;
    });
    await begun;
    await give(owner, await connection(owner, "dexcom"), [sample("glucose", START_MS + DAY_MS, 120)]);
    await keepSummaries(db.database);
    await expectTrue(owner);
    release();
    await slow;
    await expectTrue(owner);
    await keepAll(db);
    expect((await glucoseOf(owner, { fromDate: "2026-03-01", toDate: "2026-03-31" })).map(({ date, value }) => [date, value])).toEqual([["2026-03-20", 100], ["2026-03-21", 120]]);
  });

  it("of past days follow the order of the sources, which a newer sample of another one changes", async () => {
    const owner = await patient();
    const [one, other] = [await connection(owner, "dexcom"), await connection(owner, "libre")];
    const hourly = (value: number): SampleRecord[] => Array.from({ length: 5 * 24 }, (_, index) => sample("glucose", START_MS + index * HOUR_MS, value));
    await give(owner, other, hourly(200));
    await give(owner, one, [...hourly(100), sample("glucose", START_MS + 20 * DAY_MS, 100)]);
    await keepAll(db);
    const values = async (): Promise<number[]> => (await glucoseOf(owner, { fromDate: "2026-03-20", toDate: "2026-03-23" })).map(({ value }) => value);
    expect(await values()).toEqual([100, 100, 100, 100]);
    await give(owner, other, [sample("glucose", START_MS + 30 * DAY_MS, 200)]);
    await expectTrue(owner);
    await keepAll(db);
    expect(await values()).toEqual([200, 200, 200, 200]);
    expect((await verifyPatient(db.database, owner)).differences).toEqual([]);
  });

  it("are kept by a worker that watches, until it is stopped", async () => {
    const owner = await patient();
    const watch = watchChanges({ database: db.database, log: silentLog }, 5);
    try {
      await give(owner, IMPORT, [sample("glucose", START_MS, 100)]);
      await vi.waitUntil(async () => (await glucoseOf(owner, { fromDate: "2026-03-20", toDate: "2026-03-20" })).length === 1, 15_000);
    } finally {
      await watch.stop();
    }
    // A look that began before it was stopped may still end.
    await keepAll(db);
    expect((await verifyPatient(db.database, owner)).differences).toEqual([]);
  });

  it("[R4] that an older version kept are made anew, and told from the samples until then", async () => {
    const owner = await patient();
    await give(owner, await connection(owner, "dexcom"), Array.from({ length: 3 * 288 }, (_, index) => sample("glucose", START_MS + index * 5 * MINUTE_MS, 60 + (index % 200))));
    await keepAll(db);
    const options = { days: 14, nowMs: START_MS + 4 * DAY_MS };
    const overview = async (): Promise<unknown> => (await as((tx) => overviewsOf(tx, [owner.patientId], options))).get(owner.patientId);
    const before = await overview();
    expect(before).toMatchObject({ period: { readings: 3 * 288, risk: { griZone: expect.any(String) as string } } });
    // As the version before left it, and as the migration then finds it.
    await db.asOwner("alter table day_summaries drop column glucose_part");
    await db.asOwner("alter table day_summaries add column part text");
    await db.asOwner(await readFile(new URL("../migrations/0012-glucose-of-days.sql", import.meta.url), "utf8"));
    expect(rounded(await overview())).toEqual(rounded(before));
    await keepAll(db);
    expect(await db.asOwner("select 1 from day_summaries where metric = 1 and glucose_part is null")).toEqual([]);
    expect(rounded(await overview())).toEqual(rounded(before));
    expect((await verifyPatient(db.database, owner)).differences).toEqual([]);
  });

  it("are gone with the data that they were made of", async () => {
    const owner = await patient();
    const dexcom = await connection(owner, "dexcom");
    await give(owner, dexcom, [sample("glucose", START_MS, 100)]);
    await keepAll(db);
    await as((tx) => forgetProvider(tx, owner.patientId, "dexcom"));
    expect(await glucoseOf(owner, { fromDate: "2026-03-01", toDate: "2026-03-31" })).toEqual([]);
  });

  it("[E10] made with what is for the person alone are not there for others", async () => {
    const owner = await patient();
    await give(owner, await connection(owner, "strava"), [sample("heart_rate", START_MS, 100)]);
    await give(owner, await connection(owner, "garmin"), [sample("heart_rate", START_MS + HOUR_MS, 60)]);
    await keepAll(db);
    const history: ZoneHistory = { home: "Europe/Madrid", entries: [] };
    const told = async (hidden: string): Promise<number | undefined> => as(async (tx) => {
      await tx.query("select set_config('app.hidden_providers', $1, true)", [hidden]);
      return (await readDaySummaries(tx, { patientId: owner.patientId, history, days: localDays(history, "2026-03-20", "2026-03-20") })).get("heart_rate")?.[0]?.value;
    });
    expect(await told("")).toBe(80);
    expect(await told("strava")).toBe(60);
  });
});

/** Ten digits: kept days rest with twelve. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === "number" ? Number(each.toPrecision(10)) : each)));
}

describe("glucose of several days", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("has the numbers of its readings, within 1e-9 (seed %i)", (seed) => {
    const random = seeded(seed);
    const history: ZoneHistory = { home: seed % 2 ? "Europe/Madrid" : "America/New_York", entries: [] };
    const days = localDays(history, "2026-03-21", "2026-04-03");
    const period = { fromMs: days[0]!.fromMs, toMs: days.at(-1)!.toMs };
    const timesMs: number[] = [];
    const everyMs = seed % 3 === 0 ? 15 * MINUTE_MS : 5 * MINUTE_MS;
    // With gaps, with seconds of jitter, in both units.
    for (let ms = period.fromMs + random() * HOUR_MS; ms < period.toMs; ms += everyMs * (random() < 0.02 ? 1 + Math.floor(random() * 200) : 1)) timesMs.push(Math.round(ms + (seed > 4 ? random() * 40_000 : 0)));
    while (timesMs.at(-1)! >= period.toMs) timesMs.pop();
    const valuesMgDl = timesMs.map(() => (random() < 0.2 ? (Math.round(random() * 2_000) / 100 + 2) * 18.01559 : 40 + Math.floor(random() * 300)));
    const parts = days.flatMap((day) => {
      const places = timesMs.flatMap((ms, place) => (ms >= day.fromMs && ms < day.toMs ? [place] : []));
      if (places.length === 0) return [];
      const summary = summarizeDay("glucose", day, { startMs: places.map((place) => timesMs[place]!), values: places.map((place) => valuesMgDl[place]!), seriesId: "1", providers: new Set(["dexcom"]) });
      // As they come back from their rest.
      return readParts(writePart(summary));
    });
    const [kept, raw] = [glucosePeriod(parts, period), summarize({ timesMs, valuesMgDl }, { zone: history.home, ...period })];
    expect([kept.readings, kept.days]).toEqual([raw.readings, raw.days]);
    for (const name of ["mean", "sd", "cvPercent", "gmiPercent", "gmiMmolMol", "wearPercent"] as const) expect(Math.abs(kept[name]! - raw[name]!), name).toBeLessThan(1e-9);
    const analysis = analyze(inMeasuredUnit(cleanSeries({ timesMs, values: valuesMgDl })), { zone: history.home, unit: "mg/dL" });
    for (const name of ["gri", "griHypo", "griHyper", "lbgi", "hbgi", "bgri", "adrr", "jIndex"] as const) expect(Math.abs(kept.risk![name]! - analysis[name]!), name).toBeLessThan(1e-9);
    for (const name of ["tbr", "tar"] as const) expect(Math.abs(kept[name]! - analysis[name]!), name).toBeLessThan(1e-9);
    expect(kept.risk!.griZone).toBe(analysis.griZone);
    const { hypoLevel1, hypoLevel2, hyperLevel1, hyperLevel2 } = analysis.episodes!;
    expect(kept.episodes).toEqual({ lowLevel1: hypoLevel1.count, lowLevel2: hypoLevel2.count, highLevel1: hyperLevel1.count, highLevel2: hyperLevel2.count });
    for (const name of ["veryLow", "low", "target", "high", "veryHigh", "tight"] as const) expect(Math.abs(kept.rangesPercent![name] - raw.rangesPercent![name]), name).toBeLessThan(1e-9);
  });

  it("of none and of one reading has nulls where there is no number", () => {
    const period = { fromMs: START_MS, toMs: START_MS + DAY_MS };
    expect(glucosePeriod([], period)).toMatchObject({ readings: 0, mean: null, rangesPercent: null, wearPercent: null });
    const one = summarizeDay("glucose", { date: "2026-03-20", ...period }, { startMs: [START_MS], values: [100], seriesId: "1", providers: new Set() });
    expect(glucosePeriod([{ ...one, ...one.glucose! }], period)).toMatchObject({ readings: 1, mean: 100, sd: null, cvPercent: null, wearPercent: null });
  });

  it("[R7] kept and merged is what the raw samples of the store give", async () => {
    const owner = await patient();
    const [one, other] = [await connection(owner, "dexcom"), await connection(owner, "nightscout")];
    const random = seeded(9);
    for (const source of [one, other]) {
      await give(owner, source, Array.from({ length: 14 * 288 }, (_, index) => sample("glucose", START_MS + DAY_MS + index * 5 * MINUTE_MS + Math.floor(random() * 60_000), 60 + Math.floor(random() * 200))).filter(() => random() < 0.8));
    }
    await keepAll(db);
    const history: ZoneHistory = { home: "Europe/Madrid", entries: [] };
    const days = localDays(history, "2026-03-22", "2026-04-04");
    const period = { fromMs: days[0]!.fromMs, toMs: days.at(-1)!.toMs };
    const parts = (await glucoseOf(owner, { fromDate: "2026-03-22", toDate: "2026-04-04" })).map(({ glucose, ...rest }) => ({ ...rest, ...glucose! }));
    const raw = await as((tx) => readMetric(tx, { patientId: owner.patientId, metric: "glucose", fromMs: period.fromMs - HOUR_MS, toMs: period.toMs + HOUR_MS, resolution: "raw", zone: "Europe/Madrid", limit: 100_000 }));
    const summary = summarize({ timesMs: raw.samples.startMs, valuesMgDl: raw.samples.values }, { zone: "Europe/Madrid", ...period });
    const kept = glucosePeriod(parts, period);
    expect([kept.readings, kept.days]).toEqual([summary.readings, 14]);
    for (const name of ["mean", "sd", "cvPercent", "gmiPercent", "wearPercent"] as const) expect(Math.abs(kept[name]! - summary[name]!), name).toBeLessThan(1e-9);
  });
});
