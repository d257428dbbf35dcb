/** What periods of glucose amount to: every metric, profile, episodes, days and comparisons, as the library computes them of the stored readings. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "../../src/api/notice.ts";
import type { GlucoseComparison, GlucoseDaily, GlucoseEpisodes, GlucoseProfile, GlucoseStatistics, GlucoseSummary } from "../../src/api/schemas.ts";
import type { VendorRecord } from "#driver/records.ts";
import { analyze } from "#glucose/analyze.ts";
import { ambulatoryProfile } from "#glucose/patterns/agp.ts";
import { fineProfile } from "#glucose/patterns/fine-profile.ts";
import { smoothPercentiles } from "#glucose/patterns/loess.ts";
import { RANGE_PRESETS } from "#glucose/range-presets.ts";
import { cleanSeries, type Series } from "#glucose/series.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { seeded } from "#test/kit/random.ts";
import { toMgDl, toMmolL } from "#units/glucose.ts";
import { DAY, give, HOUR, iso, makeConnection, MINUTE, NOW_MS, problemOf, read, readings } from "./kit.ts";

const ZONE = "Europe/Madrid";
const PATHS = ["statistics", "agp", "episodes", "daily", "compare"] as const;

let test: TestApp;
let dexcom: string;
beforeAll(async () => {
  test = await startTestApp();
  dexcom = await makeConnection(test, test.people.patient, "dexcom");
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate samples, day_blocks, series, sleeps, workouts, treatments"));

const mine = (records: readonly VendorRecord[], connectionId: string | null = null): Promise<string> =>
  give(test, test.people.patient, { records, connectionId, provider: connectionId ? "dexcom" : "import" });
const ask = <T>(path: string): Promise<T> => read<T>(test, test.people.patient, `/glucose/${path}`);
const statistics = (query = ""): Promise<GlucoseStatistics> => ask(`statistics${query}`);
const refused = async (path: string, pointer: string): Promise<void> => {
  const answer = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/glucose/${path}` });
  expect(answer.statusCode, path).toBe(400);
  expect(problemOf(answer).errors?.[0]?.pointer, path).toBe(`/querystring/${pointer}`);
};

/** A person's readings up to `lastMs`: swings, noise, some lows, some gaps. */
function life(days: number, lastMs = NOW_MS - MINUTE): { timesMs: number[]; values: number[] } {
  const random = seeded(7);
  const [timesMs, values]: [number[], number[]] = [[], []];
  for (let ms = lastMs - days * DAY + 5 * MINUTE; ms <= lastMs; ms += 5 * MINUTE * (random() < 0.004 ? 2 + Math.floor(random() * 30) : 1)) {
    timesMs.push(ms);
    values.push(Math.round(Math.max(40, 130 + 60 * Math.sin(ms / (2.7 * HOUR)) + 30 * Math.sin(ms / (0.9 * HOUR)) + 12 * random() - (random() < 0.01 ? 40 : 0))));
  }
  return { timesMs, values };
}
const recordsOf = ({ timesMs, values }: { timesMs: readonly number[]; values: readonly number[] }): VendorRecord[] =>
  timesMs.map((startMs, index) => ({ record: "sample", metric: "glucose", startMs, value: values[index]!, offsetMinutes: 120 }));
const seriesOf = (given: { timesMs: number[]; values: number[] }): Series => cleanSeries(given);
/** As it comes over the wire. */
const told = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("statistics", () => {
  it("[D5] tell every metric of the library, under its name, on either grid and in either unit", async () => {
    const given = life(14);
    await mine(recordsOf(given), dexcom);
    for (const unit of ["mg/dL", "mmol/L"] as const) {
      for (const grid of ["iglu", "islet"] as const) {
        const reply = await statistics(`?unit=${unit}&grid=${grid}`);
        expect(reply).toMatchObject(told(analyze(seriesOf(given), { zone: ZONE, grid, unit })) as object);
        expect(reply.mage.average).toBeGreaterThan(0);
        expect(reply.basis.grid).toBe(grid);
      }
    }
    expect((await statistics()).basis.grid).toBe("iglu");
  });

  it("[D5] agree with the summary of the same period, and say what they were made of", async () => {
    const given = life(20);
    await mine(recordsOf(given), dexcom);
    const [reply, summary] = [await statistics("?days=14"), await ask<GlucoseSummary>("summary?days=14")];
    for (const [name, other] of [["mean", "mean"], ["sd", "sd"], ["cv", "cvPercent"], ["gmi", "gmiPercent"], ["median", "median"]] as const) expect(reply[name]).toBeCloseTo(summary[other]!, 9);
    expect(reply).toMatchObject({
      unit: "mg/dL", period: { from: iso(NOW_MS - 14 * DAY), to: iso(NOW_MS), zone: ZONE, days: 14 }, readings: summary.readings, wearPercent: expect.closeTo(summary.wearPercent!, 6) as number,
      isSufficient: true, insufficiency: null, cleaning: { given: summary.readings, kept: summary.readings, clampedLow: 0 }, notice: GLUCOSE_NOTICE,
      sources: [{ provider: "dexcom", connectionId: dexcom }],
      preset: { name: "standard", thresholds: { veryLow: 54, low: 70, high: 180, veryHigh: 250, tightHigh: 140 }, goals: { target: 70, below: 4, veryLow: 1, above: 25, veryHigh: 5 } },
    });
    expect(reply.quality.filter(({ kind }) => kind === "gap").length).toBeGreaterThan(0);
    expect(reply.parts.night.readings + reply.parts.day.readings).toBe(reply.readings);
    expect(reply.parts.weekdays.readings + reply.parts.weekend.readings).toBe(reply.readings);
    expect(reply.parts.weekend.gmiReason).toBe("under_14_days");
  });

  it("[D5] go by the ranges asked for, each preset's and one's own", async () => {
    const given = life(14);
    await mine(recordsOf(given));
    for (const preset of ["older", "pregnancy", "pregnancyType2", "tight"] as const) {
      const reply = await statistics(`?preset=${preset}`);
      const direct = analyze(seriesOf(given), { zone: ZONE, bounds: RANGE_PRESETS[preset].bounds });
      expect(reply.ranges, preset).toEqual(direct.ranges);
      expect(reply.episodes!.hyperLevel1.count, preset).toBe(direct.episodes!.hyperLevel1.count);
      expect(reply.preset).toEqual({ name: preset, thresholds: RANGE_PRESETS[preset].bounds["mg/dL"], goals: RANGE_PRESETS[preset].goals });
      expect(reply.parts.day.tar).not.toBeNull();
    }
    const own = await statistics("?preset=custom&bounds=60,80,150,200");
    expect(own.preset).toMatchObject({ name: "custom", thresholds: { veryLow: 60, low: 80, high: 150, veryHigh: 200, tightHigh: 140 }, goals: { target: null } });
    expect(own.ranges!.veryLow).toBeCloseTo((100 * given.values.filter((value) => value < 60).length) / given.values.length, 9);
    expect((await statistics("?preset=custom&bounds=54,70,180,250")).ranges).toEqual((await statistics()).ranges);
  });

  it("[D5] of readings in mmol/L go by the mmol/L thresholds, printed and one's own alike", async () => {
    // Two hours at 10.0, which is no high reading, though 180.16 mg/dL would be one.
    const mmolL = [...Array<number>(24).fill(6), ...Array<number>(24).fill(10), ...Array<number>(24).fill(6)];
    await mine(readings(mmolL.map(toMgDl), NOW_MS - MINUTE));
    for (const query of ["?days=1", "?days=1&unit=mmol/L", "?days=1&preset=custom&bounds=54,70,180,250", "?days=1&unit=mmol/L&preset=custom&bounds=3.0,3.9,10.0,13.9"]) {
      const reply = await statistics(query);
      expect(reply.basis.measuredUnit).toBe("mmol/L");
      expect(reply.episodes!.hyperLevel1.count, query).toBe(0);
      expect(reply.tar, query).toBe(0);
    }
    expect((await statistics("?days=1&unit=mmol/L")).max).toBeCloseTo(10, 9);
    expect((await statistics("?days=1")).max).toBeCloseTo(toMgDl(10), 9);
    expect((await ask<GlucoseEpisodes>("episodes?days=1")).episodes!.hyperLevel1).toEqual([]);
    // One reading in mg/dL among them, and the series is told as it is stored.
    await mine(readings([100], NOW_MS - 3 * MINUTE));
    expect((await statistics("?days=1")).basis.measuredUnit).toBe("mg/dL");
    expect((await statistics("?days=1")).episodes!.hyperLevel1.count).toBe(1);
  });

  it("[D5] count readings at the sensor's limits, which keep the vendor's number", async () => {
    const flagged = readings([60, 50, 42, 39, 120, 400], NOW_MS - MINUTE).map((record, index): VendorRecord => (index === 3 ? { ...record, flags: ["below_range"] } as VendorRecord : index === 5 ? { ...record, flags: ["above_range"] } as VendorRecord : record));
    await mine(flagged);
    expect(await statistics("?days=1")).toMatchObject({ min: 39, max: 400, cleaning: { given: 6, kept: 6, clampedLow: 1, clampedHigh: 1 } });
  });

  it("[D5] are null with their reasons where there is too little, and count nothing that is still to come as missing", async () => {
    expect(await statistics()).toMatchObject({ readings: 0, mean: null, episodes: null, griZone: null, isSufficient: false, insufficiency: "under_70_percent", wearPercent: null, sources: [], reasons: { mean: "no_readings", "mage.average": "no_readings" } });
    await mine(readings([100], NOW_MS - MINUTE));
    expect(await statistics()).toMatchObject({ readings: 1, mean: 100, sd: null, reasons: { sd: "single_reading" } });
    await mine(recordsOf(life(2)));
    const ahead = await statistics(`?from=${iso(NOW_MS - DAY)}&to=${iso(NOW_MS + DAY)}`);
    expect(ahead.wearPercent).toBeGreaterThan(90);
    expect(ahead).toMatchObject({ isSufficient: false, insufficiency: "under_14_days" });
  });

  it("[E10] are not sent again while nothing has changed", async () => {
    await mine(recordsOf(life(2)));
    for (const path of PATHS) {
      const url = `/api/v1/patients/me/glucose/${path}?from=${iso(NOW_MS - 2 * DAY)}&to=${iso(NOW_MS)}`;
      const first = await test.request({ as: test.people.patient, method: "GET", url });
      const again = await test.request({ as: test.people.patient, method: "GET", url, headers: { "if-none-match": String(first.headers["etag"]) } });
      expect([first.statusCode, again.statusCode], path).toEqual([200, 304]);
      expect(again.headers[NOTICE_HEADER], path).toBe(GLUCOSE_NOTICE);
    }
  });

  it("[D5] refuse what cannot be asked, saying where", async () => {
    for (const path of PATHS) {
      for (const [query, pointer] of [
        ["from=now", "from"], ["to=2026-10-15", "to"], [`from=${iso(NOW_MS)}&to=${iso(NOW_MS)}`, "from"], ["from=2025-10-01T00:00:00Z", "from"], ["days=0", "days"], ["days=366", "days"], ["unit=mmol", "unit"],
        ["zone=Mars/Olympus", "zone"], ["preset=gestational", "preset"], ["bounds=54,70,180,250", "bounds"], ["preset=custom", "bounds"], ["preset=custom&bounds=70,54,180,250", "bounds"],
        ["preset=custom&bounds=54,70,180", "bounds"], ["preset=custom&bounds=54,70,70,250", "bounds"], ["preset=custom&bounds=54,70,180,x", "bounds"], ["preset=custom&bounds=0,70,180,250", "bounds"],
      ] as const) await refused(`${path}?${query}`, pointer);
    }
    for (const [query, pointer] of [
      ["statistics?grid=hourly", "grid"], ["agp?binMinutes=7", "binMinutes"], ["agp?smoothing=spline", "smoothing"], ["episodes?kinds=hypo", "kinds"], ["episodes?startMinutes=4", "startMinutes"],
      ["episodes?endMinutes=121", "endMinutes"], [`compare?againstFrom=${iso(NOW_MS - DAY)}`, "againstTo"], [`compare?againstTo=${iso(NOW_MS - DAY)}`, "againstFrom"],
      [`compare?againstFrom=${iso(NOW_MS)}&againstTo=${iso(NOW_MS - DAY)}`, "againstFrom"], [`compare?againstFrom=yesterday&againstTo=${iso(NOW_MS)}`, "againstFrom"],
    ] as const) await refused(query, pointer);
  });
});

describe("the profile", () => {
  it("[D5] [E9] has the percentiles of each bin in columns, smoothed as asked", async () => {
    const given = life(14);
    await mine(recordsOf(given));
    for (const binMinutes of [15, 30, 60]) {
      const direct = ambulatoryProfile(seriesOf(given), ZONE, { binMinutes });
      const minutes = direct.bins.map(({ minute }) => minute);
      const expected = { "1-4-1": direct.bins.map(({ smoothed }) => smoothed), none: direct.bins.map(({ raw }) => raw), loess: smoothPercentiles(minutes, direct.bins.map(({ raw }) => raw)) };
      for (const smoothing of ["1-4-1", "none", "loess"] as const) {
        const reply = await ask<GlucoseProfile>(`agp?binMinutes=${binMinutes}&smoothing=${smoothing}`);
        expect(reply).toMatchObject({ binMinutes, smoothing, minutes, isSufficient: true, reason: null, readings: given.values.length, counts: direct.bins.map(({ count }) => count), days: direct.bins.map(({ days }) => days) });
        for (const key of ["p05", "p25", "p50", "p75", "p95"] as const) expect(reply[key]).toEqual(expected[smoothing].map((row) => row![key]));
      }
    }
    // Five minutes through loess are the slots of the grid, as the reference draws them.
    const { slots } = fineProfile(seriesOf(given), ZONE)!;
    const fine = await ask<GlucoseProfile>("agp?binMinutes=5&smoothing=loess");
    expect(fine).toMatchObject({ binMinutes: 5, smoothing: "loess", minutes: slots.map(({ minute }) => minute), counts: slots.map(({ days }) => days) });
    expect(fine.p50).toEqual(slots.map(({ smoothed }) => smoothed!.p50));
    expect((await ask<GlucoseProfile>("agp?binMinutes=5")).minutes.slice(0, 2)).toEqual([2.5, 7.5]);
    const [mgDl, mmolL] = [await ask<GlucoseProfile>("agp"), await ask<GlucoseProfile>("agp?unit=mmol/L")];
    for (const [index, value] of mmolL.p50.entries()) expect(value).toBeCloseTo(toMmolL(mgDl.p50[index]!), 9);
  });

  it("[E9] says why it should not be drawn, and has nulls where nothing was read", async () => {
    expect(await ask<GlucoseProfile>("agp")).toMatchObject({ readings: 0, isSufficient: false, reason: "no_readings", p50: Array(24).fill(null) as null[] });
    await mine(recordsOf(life(3)));
    expect(await ask<GlucoseProfile>("agp")).toMatchObject({ isSufficient: false, reason: "under_7_days" });
  });
});

describe("episodes", () => {
  /** 24 hours of five-minute readings at 120, but for the given stretches `[slot, slots, value]`. */
  const dayWith = (...stretches: readonly (readonly [number, number, number])[]): VendorRecord[] => {
    const values = Array<number>(288).fill(120);
    for (const [from, count, value] of stretches) values.fill(value, from, from + count);
    return readings(values, NOW_MS);
  };

  it("[D5] are told one by one, with when, how long, how far and on which local date", async () => {
    await mine(dayWith([100, 6, 65], [103, 1, 60], [150, 4, 50], [200, 30, 260]));
    const at = (slot: number): string => iso(NOW_MS - (287 - slot) * 5 * MINUTE);
    const reply = await ask<GlucoseEpisodes>(`episodes?from=${iso(NOW_MS - DAY)}&to=${iso(NOW_MS + 1)}`);
    expect(reply.episodes!.hypoLevel1).toEqual([
      { start: at(100), end: at(105), date: "2026-10-14", durationMinutes: 30, mean: expect.closeTo((65 * 5 + 60) / 6, 9) as number, extreme: 60, extremeAt: at(103), isStartCut: false, isEndCut: false },
      { start: at(150), end: at(153), date: "2026-10-15", durationMinutes: 20, mean: 50, extreme: 50, extremeAt: at(150), isStartCut: false, isEndCut: false },
    ]);
    expect(reply.episodes!.hypoLevel2).toHaveLength(1);
    expect(reply.episodes!.hypoLevel1Exclusive).toHaveLength(1);
    expect(reply.episodes!.hyperExtended).toMatchObject([{ durationMinutes: 150, extreme: 260 }]);
    expect(reply.summaries!.hypoLevel1).toMatchObject({ count: 2, meanDurationMinutes: 25 });
    expect(reply).toMatchObject({ startMinutes: 15, endMinutes: 15, measuredUnit: "mg/dL", gridStepMinutes: 5, reason: null, notice: GLUCOSE_NOTICE });
    expect((await ask<GlucoseEpisodes>(`episodes?from=${iso(NOW_MS - DAY)}&to=${iso(NOW_MS + 1)}&unit=mmol/L`)).episodes!.hypoLevel1![0]!.extreme).toBeCloseTo(toMmolL(60), 9);
  });

  it("[D5] are those of the statistics of the same period", async () => {
    await mine(recordsOf(life(14)));
    const [reply, all] = [await ask<GlucoseEpisodes>("episodes"), await statistics()];
    expect(reply.summaries).toEqual(all.episodes);
    for (const [kind, list] of Object.entries(reply.episodes!)) expect(list.length, kind).toBe(all.episodes![kind as "hypoLevel1"].count);
    expect(reply.episodes!.hyperLevel1!.length).toBeGreaterThan(3);
  });

  it("[D5] of some kinds alone, and by other times, as asked", async () => {
    await mine(dayWith([100, 6, 65]));
    const some = await ask<GlucoseEpisodes>("episodes?days=1&kinds=hyperLevel2,hypoLevel1");
    expect(Object.keys(some.episodes!)).toEqual(["hypoLevel1", "hyperLevel2"]);
    expect(Object.keys(some.summaries!)).toEqual(["hypoLevel1", "hyperLevel2"]);
    const count = async (query: string): Promise<number> => (await ask<GlucoseEpisodes>(`episodes?days=1&${query}`)).episodes!.hypoLevel1!.length;
    expect([await count("startMinutes=30"), await count("startMinutes=31")]).toEqual([1, 0]);
  });

  it("[D5] that readings cut are marked, and none can be told of readings too far apart", async () => {
    expect(await ask<GlucoseEpisodes>("episodes")).toMatchObject({ episodes: null, summaries: null, reason: "no_readings" });
    await mine(readings([60, 60, 60, 60], NOW_MS));
    expect((await ask<GlucoseEpisodes>("episodes?days=1")).episodes!.hypoLevel1).toMatchObject([{ isStartCut: true, isEndCut: true }]);
    await test.db.asOwner("truncate samples, day_blocks, series");
    await mine(readings([60, 60, 60, 60], NOW_MS, { everyMinutes: 60 }));
    expect(await ask<GlucoseEpisodes>("episodes?days=1")).toMatchObject({ episodes: null, gridStepMinutes: null, reason: "too_sparse" });
  });
});

describe("days", () => {
  it("[D5] are told each, those without readings too, those of 25 hours as they are", async () => {
    const lastMs = Date.UTC(2026, 9, 25, 22, 55);
    // Clocks go back in Madrid on 25 October 2026; nothing was read on the 24th.
    const given = life(3, lastMs);
    await mine(recordsOf(given).filter((record) => record.record === "sample" && (record.startMs < Date.UTC(2026, 9, 23, 22) || record.startMs >= Date.UTC(2026, 9, 24, 22))));
    const { days, parts } = await ask<GlucoseDaily>(`daily?from=2026-10-22T22:00:00Z&to=2026-10-25T23:00:00Z`);
    expect(days.map(({ date, hoursInDay, weekday }) => [date, hoursInDay, weekday])).toEqual([["2026-10-23", 24, 5], ["2026-10-24", 24, 6], ["2026-10-25", 25, 7]]);
    expect(days[1]).toMatchObject({ readings: 0, mean: null, sd: null, cv: null, ranges: null, tbr: null, reason: "no_readings" });
    const ofFirst = given.values.filter((_, index) => given.timesMs[index]! < Date.UTC(2026, 9, 23, 22));
    expect(days[0]).toMatchObject({ readings: ofFirst.length, mean: expect.closeTo(ofFirst.reduce((sum, value) => sum + value, 0) / ofFirst.length, 9) as number, min: Math.min(...ofFirst), max: Math.max(...ofFirst), reason: null });
    expect(days[0]!.ranges!.target + days[0]!.tbr! + days[0]!.tar!).toBeCloseTo(100, 9);
    expect(parts.weekend.days).toBe(1);
  });

  it("[D5] expect readings from the part of a day that lies in the period and has passed", async () => {
    await mine(readings(Array<number>(288).fill(100), NOW_MS - MINUTE));
    const { days } = await ask<GlucoseDaily>(`daily?from=${iso(NOW_MS - DAY)}&to=${iso(NOW_MS + 2 * DAY)}`);
    expect(days.map(({ date, readings: count, expected }) => [date, count, expected])).toEqual([
      ["2026-10-14", expect.any(Number), expect.any(Number)], ["2026-10-15", expect.any(Number), expect.any(Number)], ["2026-10-16", 0, 0], ["2026-10-17", 0, 0],
    ]);
    expect(days[0]!.expected! + days[1]!.expected!).toBe(288);
    expect(days[0]!.readings + days[1]!.readings).toBe(288);
    for (const day of days.slice(0, 2)) expect(day.presentPercent).toBeGreaterThan(98);
    expect(days[3]).toMatchObject({ presentPercent: null, reason: "no_readings" });
  });
});

describe("two periods", () => {
  it("[D5] stand beside each other with their differences, the one just before by default", async () => {
    const given = life(28);
    await mine(recordsOf(given));
    const reply = await ask<GlucoseComparison>("compare");
    expect([reply.against.from, reply.against.to, reply.current.from, reply.current.to]).toEqual([iso(NOW_MS - 28 * DAY), iso(NOW_MS - 14 * DAY), iso(NOW_MS - 14 * DAY), iso(NOW_MS)]);
    const [now, before] = [await statistics(), await statistics(`?from=${iso(NOW_MS - 28 * DAY)}&to=${iso(NOW_MS - 14 * DAY)}`)];
    for (const [side, whole] of [[reply.current, now], [reply.against, before]] as const) {
      for (const name of ["mean", "sd", "cv", "gmi", "tbr", "tar", "wearPercent", "readings", "days"] as const) expect(side[name], name).toBeCloseTo(whole[name]!, 9);
      expect(side.thinReason).toBeNull();
    }
    for (const name of ["mean", "sd", "cv", "gmi", "tbr", "tar", "wearPercent"] as const) expect(reply.differences![name], name).toBeCloseTo(now[name]! - before[name]!, 9);
    expect(reply.differences!.ranges.target).toBeCloseTo(now.ranges!.target - before.ranges!.target, 9);
    const mmolL = await ask<GlucoseComparison>("compare?unit=mmol/L");
    expect(mmolL.differences!.mean).toBeCloseTo(toMmolL(reply.differences!.mean!), 9);
    expect(mmolL.differences!.ranges).toEqual(reply.differences!.ranges);
  });

  it("[D5] may lie anywhere, and are not compared where one says too little, with the reason", async () => {
    await mine([...recordsOf(life(14)), ...recordsOf(life(14, NOW_MS - 200 * DAY))]);
    const far = await ask<GlucoseComparison>(`compare?againstFrom=${iso(NOW_MS - 214 * DAY)}&againstTo=${iso(NOW_MS - 200 * DAY)}`);
    expect(far.differences).not.toBeNull();
    expect(far.against.readings).toBeGreaterThan(3_000);
    const thin = await ask<GlucoseComparison>("compare");
    expect(thin).toMatchObject({ differences: null, against: { readings: 0, mean: null, thinReason: "no_readings", gmiReason: "no_readings" }, current: { thinReason: null } });
    expect(await ask<GlucoseComparison>("compare?days=7")).toMatchObject({ differences: null, current: { thinReason: "window_too_short" } });
  });
});

describe("the notice [E10]", () => {
  it("stands in the header and the body of every analysis, also where there is nothing yet", async () => {
    for (const path of PATHS) {
      const answer = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/glucose/${path}` });
      expect(answer.headers[NOTICE_HEADER], path).toBe(GLUCOSE_NOTICE);
      expect(answer.json<{ notice: string }>().notice, path).toBe(GLUCOSE_NOTICE);
    }
  });
});
