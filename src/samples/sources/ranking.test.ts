import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { explainSources, fits, pathOf, rankSources, type Ranking, type RuleScope, type SourceRule } from "./ranking.ts";
import type { Series } from "../store/series.ts";
import { spacingOf } from "./source-facts.ts";

interface Given extends Partial<Series> {
  readonly spacing?: number | null;
  readonly first?: number;
  readonly newest?: number;
}

const NOW = Date.UTC(2026, 9, 15);

/** Sources of one metric with what is known of each; the first id is 1. */
function sources(given: readonly Given[], metric: MetricName = "heart_rate", rules: Partial<Record<RuleScope, SourceRule>> = {}): { series: Series[]; ranking: Ranking } {
  const series = given.map((each, index): Series => ({
    id: each.id ?? String(index + 1), metric, provider: each.provider ?? "garmin", connectionId: each.connectionId === undefined ? `c${index + 1}` : each.connectionId,
    deviceId: each.deviceId ?? `d${index + 1}`, deviceName: null, isDayTotal: each.isDayTotal ?? false,
  }));
  return {
    series,
    ranking: {
      rules: new Map(Object.entries(rules) as [RuleScope, SourceRule][]),
      newest: new Map(series.map(({ id }, index) => [id, given[index]!.newest ?? NOW])),
      facts: new Map(series.map(({ id }, index) => [id, { spacingMs: given[index]!.spacing === undefined ? MINUTE_MS : given[index]!.spacing, firstMs: given[index]!.first ?? 0 }])),
    },
  };
}
const explained = (...asked: Parameters<typeof sources>): string[] => {
  const { series, ranking } = sources(...asked);
  return explainSources(series, ranking).map((each) => `${each.series.id} ${each.reason}`);
};

describe("the order of sources", () => {
  it("puts the maker's own connection before a hub, that before what was typed, and imports last", () => {
    expect(explained([{ provider: "import", connectionId: null }, { provider: "manual", connectionId: null }, { provider: "nightscout" }, { provider: "dexcom" }], "glucose"))
      .toEqual(["4 direct", "3 direct", "2 direct", "1 direct"]);
    expect(["apple-health", "terra", "tidepool", "strava", "dexcom-share", "samsung-health", "health-connect"].map((provider) => pathOf({ provider, connectionId: "c" }))).toEqual(Array(7).fill("hub"));
    expect(pathOf({ provider: "dexcom", connectionId: null })).toBe("import");
  });

  it("puts more detailed before less, and calls a few seconds' difference none", () => {
    expect(explained([{ spacing: 15 * MINUTE_MS }, { spacing: MINUTE_MS }, { spacing: null }])).toEqual(["2 more_detailed", "1 more_detailed", "3 more_detailed"]);
    expect(explained([{ spacing: 301_000, deviceId: "a" }, { spacing: 299_000, deviceId: "b" }])).toEqual(["1 by_name", "2 by_name"]);
    // A hub's finer copy is a copy.
    expect(explained([{ provider: "terra", spacing: 1_000 }, { provider: "dexcom", spacing: 5 * MINUTE_MS }])).toEqual(["2 direct", "1 direct"]);
    // How often somebody steps on them is no detail of the scales.
    expect(explained([{ spacing: 7 * DAY_MS, first: 5 }, { spacing: DAY_MS, first: 1 }], "weight")).toEqual(["1 newer_device", "2 newer_device"]);
  });

  it("puts what still measures before what has ended, and the newer device before the older", () => {
    expect(explained([{ newest: NOW - 8 * DAY_MS, first: 9 }, { newest: NOW - 6 * DAY_MS, first: 1 }, { first: 5 }])).toEqual(["3 newer_device", "2 still_measuring", "1 still_measuring"]);
  });

  it("follows the person before everything else; a metric's own rule replaces the one of all", () => {
    const given: Given[] = [{ provider: "dexcom" }, { provider: "nightscout", connectionId: "mine" }, { provider: "import", connectionId: null, deviceId: "libre" }];
    const all: SourceRule = { order: [{ deviceId: "libre" }, { connectionId: "mine" }], exclude: [] };
    expect(explained(given, "glucose", { all })).toEqual(["3 own_order", "2 own_order", "1 own_order"]);
    expect(explained(given, "glucose", { all, glucose: { order: [], exclude: [{ provider: "dexcom" }] } })).toEqual(["2 direct", "3 direct"]);
    expect(explained(given, "glucose", { all: { order: [], exclude: [{ provider: "dexcom" }, { provider: "nightscout" }, { deviceId: "libre" }] } })).toEqual([]);
    expect(explained(given.slice(0, 1), "glucose", { all })).toEqual(["1 only_source"]);
  });

  it("reads a selector as all of its fields", () => {
    const source = { provider: "garmin", connectionId: "c", deviceId: "d" };
    expect([{ provider: "garmin" }, { provider: "garmin", deviceId: "d" }, { provider: "garmin", deviceId: "e" }, { connectionId: "c", deviceId: "d" }].map((selector) => fits(selector, source))).toEqual([true, true, false, true]);
  });

  it("keeps totals of days out of anything finer, unless there is nothing else", () => {
    const { series, ranking } = sources([{ isDayTotal: true, provider: "garmin" }, { provider: "terra" }], "steps");
    const ids = (resolution: string, some = series): string[] => rankSources(some, ranking, resolution).map(({ id }) => id);
    expect([ids("raw"), ids("1h"), ids("1d"), ids("raw", series.slice(0, 1))]).toEqual([["2"], ["2"], ["2", "1"], ["1"]]);
  });

  it("is the same whoever wrote first", () => {
    const one: fc.Arbitrary<Given> = fc.record({
      provider: fc.constantFrom("garmin", "dexcom", "terra", "import"), deviceId: fc.constantFrom("a", "b", "c", "d", "e", "f"), spacing: fc.constantFrom(1_000, 60_000, 900_000, null),
      first: fc.integer({ min: 0, max: 3 }), newest: fc.constantFrom(NOW, NOW - 9 * DAY_MS), isDayTotal: fc.boolean(),
    });
    const several = fc.uniqueArray(one, { minLength: 1, maxLength: 6, selector: ({ provider, deviceId }) => `${provider} ${deviceId}` }).chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })));
    const named = (given: readonly Given[]): string[] => {
      const { series, ranking } = sources(given.map((each) => ({ ...each, connectionId: each.provider === "import" ? null : "c" })));
      return explainSources(series, ranking).map((each) => `${each.series.provider} ${each.series.deviceId} ${each.reason}`);
    };
    fc.assert(fc.property(several, ([given, shuffled]) => {
      expect(named(shuffled)).toEqual(named(given));
    }), { numRuns: 200, seed: 20_261_015 });
  });
});

describe("the spacing of a source", () => {
  it("is the typical length of its intervals, else the typical pause between its instants, of four at least", () => {
    expect(spacingOf([40, 30, 20, 10], [50, 40, 30, 20])).toBe(10);
    expect(spacingOf([400, 30, 20, 10], [410, 40, 30, 20])).toBe(10);
    expect(spacingOf([100, 30, 20, 10], [NaN, NaN, NaN, NaN])).toBe(10);
    expect(spacingOf([30, 20, 10], [NaN, NaN, NaN])).toBeNull();
  });
});
