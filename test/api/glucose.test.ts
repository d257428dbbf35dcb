/** Glucose: the current value, the curve, the summary, in both units, always with the notice. [E10] */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "../../src/api/notice.ts";
import type { GlucoseLatest, GlucoseSeries, GlucoseSummary } from "../../src/api/schemas.ts";
import type { VendorRecord } from "#driver/records.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { DAY, give, HOUR, iso, makeConnection, MINUTE, NOW_MS, problemOf, read, readings } from "./kit.ts";

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
const latest = async (): Promise<GlucoseLatest["reading"]> => (await read<GlucoseLatest>(test, test.people.patient, "/glucose/latest")).reading;
const series = (query = ""): Promise<GlucoseSeries> => read<GlucoseSeries>(test, test.people.patient, `/glucose/series${query}`);
const summary = (query = ""): Promise<GlucoseSummary> => read<GlucoseSummary>(test, test.people.patient, `/glucose/summary${query}`);

describe("the current value", () => {
  it("is none before there is any", async () => {
    expect(await latest()).toBeNull();
  });

  it("is told in both units with its trend, change, age and source", async () => {
    await mine(readings([100, 104, 108, 112], NOW_MS - 2 * MINUTE, { device: "G7" }), dexcom);
    expect(await latest()).toEqual({
      at: iso(NOW_MS - 2 * MINUTE), valueMgDl: 112, valueMmolL: 6.22, trend: "flat", rateMgDlMin: expect.closeTo(0.8, 6) as number, deltaMgDl: 4, flags: [],
      source: { id: expect.stringMatching(/^\d+$/) as string, provider: "dexcom", connectionId: dexcom, device: "G7", attribution: null },
      ageSeconds: 120, isStale: false,
    });
  });

  it("takes the vendor's own rate where it was sent for this very reading, and no older one", async () => {
    const rate = (atMs: number, value: number): VendorRecord => ({ record: "sample", metric: "glucose_trend_rate", startMs: atMs, value, offsetMinutes: 120 });
    await mine([...readings([100, 104, 108, 112], NOW_MS), rate(NOW_MS - 5 * MINUTE, -3)], dexcom);
    expect(await latest()).toMatchObject({ trend: "flat" });
    await mine([rate(NOW_MS, -2.5)], dexcom);
    expect(await latest()).toMatchObject({ rateMgDlMin: -2.5, trend: "single_down" });
  });

  it("has no trend of its own beside readings at the sensor's limit, nor from a single reading", async () => {
    const limit: VendorRecord[] = readings([60, 50, 42, 39], NOW_MS).map((record, index) => (index === 3 ? ({ ...record, flags: ["below_range"] } as VendorRecord) : record));
    await mine(limit);
    expect(await latest()).toMatchObject({ valueMgDl: 39, flags: ["below_range"], trend: "unknown", rateMgDlMin: null });
    await test.db.asOwner("truncate samples, day_blocks, series");
    await mine(readings([100], NOW_MS));
    expect(await latest()).toMatchObject({ trend: "unknown", rateMgDlMin: null, deltaMgDl: null });
  });

  it("is stale when it is older than fifteen minutes, to the millisecond", async () => {
    for (const [ageMs, isStale] of [[0, false], [15 * MINUTE, false], [15 * MINUTE + 1, true], [3 * DAY, true]] as const) {
      await test.db.asOwner("truncate samples, day_blocks, series");
      await mine(readings([100], NOW_MS - ageMs));
      expect(await latest(), `${ageMs} ms`).toMatchObject({ isStale, ageSeconds: Math.round(ageMs / 1000) });
    }
  });

  it("is never one of a clock that runs ahead, which hides none that is right [DA-10]", async () => {
    await mine(readings([100, 105], NOW_MS - MINUTE));
    await mine([...readings([300], NOW_MS + 6 * MINUTE), ...readings([310], NOW_MS + 40 * DAY)]);
    expect(await latest()).toMatchObject({ valueMgDl: 105, ageSeconds: 60 });
    await mine(readings([120], NOW_MS + 4 * MINUTE));
    expect(await latest()).toMatchObject({ valueMgDl: 120, ageSeconds: 0, isStale: false });
  });

  it("comes from whichever source measured last", async () => {
    await mine(readings([100, 100, 100], NOW_MS - 2 * HOUR), dexcom);
    await mine(readings([150, 150], NOW_MS - MINUTE));
    expect(await latest()).toMatchObject({ valueMgDl: 150, source: { provider: "import" } });
  });
});

describe("the curve", () => {
  it("has equal columns and the target band of its unit", async () => {
    await mine(readings([70, 180, 250], NOW_MS - MINUTE));
    expect(await series()).toMatchObject({ unit: "mg/dL", values: [70, 180, 250], target: { veryLow: 54, low: 70, high: 180, veryHigh: 250 }, flags: null, sourceIndexes: [0, 0, 0], from: iso(NOW_MS - DAY), to: iso(NOW_MS), notice: GLUCOSE_NOTICE });
    const mmol = await series("?unit=mmol/L");
    expect(mmol).toMatchObject({ unit: "mmol/L", values: [3.89, 9.99, 13.88], target: { veryLow: 3, low: 3.9, high: 10, veryHigh: 13.9 } });
    expect(mmol.times).toHaveLength(3);
  });

  it("is shown once where two ways brought the same reading [VA-11]", async () => {
    await mine(readings([100, 110, 120], NOW_MS - MINUTE), dexcom);
    await mine(readings([100, 110, 120], NOW_MS - MINUTE + 20_000));
    expect((await series()).values).toEqual([100, 110, 120]);
  });

  it("refuses more than a year at once, and units and times that there are not [AU-24]", async () => {
    await mine(readings([100], NOW_MS));
    for (const [query, pointer] of [
      [`?from=2025-10-14T00:00:00Z`, "/querystring/from"], ["?from=1970-01-01T00:00:00Z&to=2100-01-01T00:00:00Z", "/querystring/from"], ["?unit=mg", "/querystring/unit"],
      ["?unit=mmol", "/querystring/unit"], ["?from=now", "/querystring/from"], ["?to=2026-10-15", "/querystring/to"],
    ] as const) {
      for (const path of ["series", "summary"]) {
        const answer = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/glucose/${path}${query}` });
        expect(answer.statusCode, path + query).toBe(400);
        expect(problemOf(answer).errors?.[0]?.pointer).toBe(pointer);
      }
    }
    expect((await series(`?from=${iso(NOW_MS - 366 * DAY)}&to=${iso(NOW_MS + 1)}`).catch((error: Error) => error.message))).toContain("400");
    expect((await series(`?from=${iso(NOW_MS + 1 - 366 * DAY)}&to=${iso(NOW_MS + 1)}`)).values).toEqual([100]);
  });
});

describe("the summary", () => {
  /** Fourteen whole days of five-minute readings: half of each hour in target, a quarter high, a quarter low. */
  const pattern = Array.from({ length: 14 * 288 }, (_, index) => [100, 100, 200, 60][index % 4]!);

  it("tells the share of each range, mean, GMI, CV and wear", async () => {
    await mine(readings(pattern, NOW_MS - 5 * MINUTE));
    const told = await summary("?days=14");
    expect(told).toMatchObject({
      unit: "mg/dL", zone: "Europe/Madrid", readings: 4032, days: 15, median: 100, min: 60, max: 200, isSufficient: true, reasons: [],
      rangesPercent: { veryLow: 0, low: 25, target: 50, high: 25, veryHigh: 0 }, thresholds: { veryLow: 54, low: 70, high: 180, veryHigh: 250, tightHigh: 140 }, from: iso(NOW_MS - 14 * DAY), to: iso(NOW_MS), notice: GLUCOSE_NOTICE,
    });
    expect(told.mean).toBeCloseTo(115, 6);
    expect(told.gmiPercent).toBeCloseTo(3.31 + 0.02392 * 115, 6);
    expect(told.wearPercent).toBeCloseTo(100, 6);
    expect(told.daily).toHaveLength(15);
    expect(told.daily.reduce((sum, day) => sum + day.readings, 0)).toBe(4032);
  });

  it("is the same person in mmol/L: shares stay, values are converted", async () => {
    await mine(readings(pattern, NOW_MS - 5 * MINUTE));
    const [mgdl, mmol] = [await summary(), await summary("?unit=mmol/L")];
    expect(mmol.rangesPercent).toEqual(mgdl.rangesPercent);
    expect(mmol.gmiPercent).toBe(mgdl.gmiPercent);
    expect(mmol.cvPercent).toBe(mgdl.cvPercent);
    for (const name of ["mean", "sd", "median", "min", "max"] as const) expect(mmol[name]! * 18.01559, name).toBeCloseTo(mgdl[name]!, 9);
    expect(mmol.thresholds).toEqual({ veryLow: 3, low: 3.9, high: 10, veryHigh: 13.9, tightHigh: 7.8 });
    expect(mmol.daily[3]!.mean * 18.01559).toBeCloseTo(mgdl.daily[3]!.mean, 9);
  });

  it("is preliminary with its reasons where there is too little, and empty where there is nothing", async () => {
    expect(await summary()).toMatchObject({ readings: 0, mean: null, gmiPercent: null, rangesPercent: null, isSufficient: false, daily: [] });
    await mine(readings([100, 110], NOW_MS));
    const told = await summary();
    expect(told.isSufficient).toBe(false);
    expect(told.reasons.length).toBeGreaterThan(0);
  });

  it("counts days in the patient's zone, or in the one asked for", async () => {
    // 23:30 in Madrid is 21:30 UTC, and the next day in Tokyo.
    await mine([...readings([100], Date.UTC(2026, 9, 14, 21, 30)), ...readings([120], Date.UTC(2026, 9, 14, 22, 30))]);
    expect((await summary("?days=2")).daily.map(({ date }) => date)).toEqual(["2026-10-14", "2026-10-15"]);
    expect((await summary("?days=2&zone=Asia/Tokyo")).daily.map(({ date, readings: count }) => [date, count])).toEqual([["2026-10-15", 2]]);
    const answer = await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/patients/me/glucose/summary?zone=Mars/Olympus" });
    expect(problemOf(answer).errors?.[0]?.pointer).toBe("/querystring/zone");
    for (const days of ["0", "366", "-1", "1.5", "x"]) {
      expect((await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/glucose/summary?days=${days}` })).statusCode, days).toBe(400);
    }
  });
});

describe("the notice [E10]", () => {
  it("stands in the header and the body of every glucose reply, also where there is nothing yet", async () => {
    for (const path of ["latest", "series", "summary"]) {
      const answer = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/glucose/${path}` });
      expect(answer.headers[NOTICE_HEADER]).toBe(GLUCOSE_NOTICE);
      expect(answer.json<{ notice: string }>().notice).toBe(GLUCOSE_NOTICE);
    }
  });

  it("may be read by other web applications", async () => {
    const open = await startTestApp({ env: { ISLET_CORS_ORIGINS: "https://app.example.org" } });
    const answer = await open.request({ as: open.people.patient, method: "GET", url: "/api/v1/patients/me/glucose/latest", headers: { origin: "https://app.example.org" } });
    await open.close();
    expect(answer.headers["access-control-allow-origin"]).toBe("https://app.example.org");
    expect(answer.headers["access-control-expose-headers"]).toContain(NOTICE_HEADER);
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
  });
});
