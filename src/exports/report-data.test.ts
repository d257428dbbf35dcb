import { describe, expect, it } from "vitest";
import { cleanSeries } from "#glucose/series.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { reportEpisodes } from "./episodes.ts";
import { type Preset, presetOf, sharesOf } from "./presets.ts";
import { madeUpData, madeUpSeries, START_MS } from "./report-test-kit.ts";

/** The one band that a single reading is in. */
function bandOf(value: number, unit: GlucoseUnit, preset: Preset): string {
  const { shares } = sharesOf(Float64Array.of(value), unit, preset)!;
  expect(Object.values(shares).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 100]);
  return Object.entries(shares).find(([, share]) => share === 100)![0];
}

describe("bands of a report", () => {
  it.each([[53.9, "veryLow"], [54, "low"], [69.9, "low"], [70, "target"], [180, "target"], [180.1, "high"], [250, "high"], [250.1, "veryHigh"]] as const)("puts %s mg/dL into %s", (value, band) => {
    expect(bandOf(value, "mg/dL", presetOf("standard"))).toBe(band);
  });

  it("classifies mmol/L in mmol/L, also where only its conversion is stored", () => {
    expect(bandOf(10.0, "mmol/L", presetOf("standard"))).toBe("target");
    expect(bandOf(10.0 * 18.01559, "mg/dL", presetOf("standard"))).toBe("target");
    expect(bandOf(10.1, "mmol/L", presetOf("standard"))).toBe("high");
  });

  it("knows no very high in pregnancy, and 63–140 as the target", () => {
    const { shares, tightPercent } = sharesOf(Float64Array.of(53, 62, 63, 140, 141, 300), "mg/dL", presetOf("pregnancy"))!;
    expect(Object.values(shares).map((share) => Math.round(share * 6) / 100)).toEqual([1, 1, 2, 2, 0]);
    expect(tightPercent).toBeNull();
    expect(sharesOf(new Float64Array(), "mg/dL", presetOf("pregnancy"))).toBeNull();
  });
});

describe("what a report shows of a series [D5]", () => {
  it("takes the last days with readings, whole local days, and no day before the first reading", () => {
    expect(madeUpData(30).days.map(({ date }) => date).slice(0, 1)).toEqual(["2026-03-18"]);
    expect(madeUpData(3).days.map(({ date }) => date)).toEqual(["2026-03-02", "2026-03-03", "2026-03-04"]);
    expect(madeUpData(3, { days: 1 }).numbers.readings).toBe(288);
  });

  it("keeps days without readings between", () => {
    const data = madeUpData(10, {}, madeUpSeries(10, { valueAt: (ms) => (ms < DAY_MS || ms >= 9 * DAY_MS ? 100 : null) }));
    expect(data.days.map(({ numbers }) => numbers.readings)).toEqual([288, ...Array.from({ length: 8 }, () => 0), 288]);
    expect(data.days[4]!.numbers).toMatchObject({ mean: null, sd: null, shares: null, tightPercent: null });
    expect(data.activePercent).toBeCloseTo(20, 9);
  });

  it("counts days of 23 and 25 hours by the zone, with all their readings", () => {
    const madrid = madeUpData(31, { zone: "Europe/Madrid", days: 31 });
    const change = madrid.days.find(({ date }) => date === "2026-03-29")!;
    expect([(change.toMs - change.fromMs) / HOUR_MS, change.numbers.readings, change.activePercent]).toEqual([23, 276, 100]);
  });

  it("computes in mg/dL what was measured in mmol/L, and classifies it in mmol/L", () => {
    const data = madeUpData(14, {}, madeUpSeries(14, { unit: "mmol/L", valueAt: () => 10.0 }));
    expect(data.numbers.shares).toEqual({ veryLow: 0, low: 0, target: 100, high: 0, veryHigh: 0 });
    expect(data.numbers.mean).toBeCloseTo(180.1559, 9);
    expect(data.gmi).toMatchObject({ percent: expect.closeTo(3.31 + 0.02392 * 180.1559, 9) as number });
  });

  it("splits night and day at six, and adds up", () => {
    const data = madeUpData(14, {}, madeUpSeries(14, { valueAt: (ms) => (ms % DAY_MS < 6 * HOUR_MS ? 100 : 200) }));
    expect([data.night.mean, data.daytime.mean]).toEqual([100, 200]);
    expect(data.night.readings + data.daytime.readings).toBe(data.numbers.readings);
    expect(data.hours.map(({ numbers }) => numbers.readings)).toEqual(Array.from({ length: 24 }, () => 168));
  });

  it("withholds CV under thirty readings, and refuses a series without any", () => {
    expect(madeUpData(1, {}, madeUpSeries(1, { valueAt: (ms) => (ms < 29 * 5 * MINUTE_MS ? 100 + (ms % 7) : null) })).variability).toEqual({ lack: "under_30_readings" });
    expect(() => madeUpData(1, {}, cleanSeries({ timesMs: [], values: [] }))).toThrow("There are no glucose readings to report on.");
  });
});

describe("episodes of a report", () => {
  const find = (values: readonly (number | null)[]): string[] => {
    const series = madeUpSeries(1, { valueAt: (ms) => values[ms / (5 * MINUTE_MS)] ?? null });
    return reportEpisodes(series, { zone: "UTC", preset: presetOf("standard") }).map(
      ({ startMs, endMs, band, extreme, isCut }) => `${band} ${(startMs - START_MS) / MINUTE_MS}–${(endMs - START_MS) / MINUTE_MS} ${extreme}${isCut ? " cut" : ""}`,
    );
  };
  const normal = [100, 100, 100, 100];

  it("begin with fifteen minutes and end with fifteen minutes back", () => {
    expect(find([...normal, 69, 69, ...normal])).toEqual([]);
    expect(find([...normal, 69, 65, 69, ...normal])).toEqual(["low 20–35 65"]);
    expect(find([...normal, 69, 65, 69, 100, 100, 60, ...normal])).toEqual(["low 20–50 60"]);
  });

  it("say how far they went for fifteen minutes", () => {
    expect(find([...normal, 60, 50, 50, 60, ...normal])).toEqual(["low 20–40 50"]);
    expect(find([...normal, 60, 50, 50, 50, 60, ...normal])).toEqual(["veryLow 20–45 50"]);
    expect(find([...normal, 200, 251, 252, 253, ...normal])).toEqual(["veryHigh 20–40 253"]);
    expect(find([...normal, 180, 180, 180, 180, 70, 70, 70, ...normal])).toEqual([]);
  });

  it("end at a long gap and at the end of the readings, and say so", () => {
    expect(find([...normal, 60, 60, 60, ...Array.from({ length: 10 }, () => null), 60, 60, ...normal])).toEqual(["low 20–35 60 cut"]);
    expect(find([...normal, 200, 200, 200, 100])).toEqual(["high 20–40 200 cut"]);
  });
});
