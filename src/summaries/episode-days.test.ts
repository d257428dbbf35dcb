/** Episodes counted day by day are those found in all readings at once. */
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { findEpisodes } from "#glucose/episodes/all-episodes.ts";
import { timeGrid } from "#glucose/grid.ts";
import { inMeasuredUnit } from "#glucose/measured-unit.ts";
import { cleanSeries } from "#glucose/series.ts";
import { seeded } from "#test/kit/random.ts";
import { toMgDl } from "#units/glucose.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { daysTouching, type ZoneHistory } from "#units/zones.ts";
import { countEpisodes, episodesOfDay, type EpisodeCounts, type PartOfEpisodes } from "./episode-days.ts";

interface Given {
  readonly timesMs: number[];
  readonly values: number[];
}

/** Days by themselves, put together after a rest as JSON. */
function byDays({ timesMs, values }: Given, history: ZoneHistory): EpisodeCounts | "unknown" | null {
  const parts = daysTouching(history, { fromMs: timesMs[0]!, toMs: timesMs.at(-1)! + 1 }).flatMap((day): PartOfEpisodes[] => {
    const places = timesMs.flatMap((ms, place) => (ms >= day.fromMs && ms < day.toMs ? [place] : []));
    if (places.length === 0) return [];
    const [times, own] = [Float64Array.from(places, (place) => timesMs[place]!), Float64Array.from(places, (place) => values[place]!)];
    return [{ firstMs: times[0]!, lastMs: times.at(-1)!, episodes: episodesOfDay(day.fromMs, times, own) }];
  });
  return countEpisodes(JSON.parse(JSON.stringify(parts)) as PartOfEpisodes[], cleanSeries({ timesMs, values }).cadenceMinutes);
}

function atOnce(given: Given, history: ZoneHistory): EpisodeCounts | null {
  const series = inMeasuredUnit(cleanSeries(given));
  const grid = timeGrid(series, history, { kind: "iglu" });
  if (!grid) return null;
  const { hypoLevel1, hypoLevel2, hyperLevel1, hyperLevel2 } = findEpisodes(grid, { unit: series.unit });
  return { lowLevel1: hypoLevel1.length, lowLevel2: hypoLevel2.length, highLevel1: hyperLevel1.length, highLevel2: hyperLevel2.length };
}

const ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "UTC"] as const;
/** Clocks change in one of these weeks in each zone but the last two. */
const STARTS = [Date.UTC(2026, 2, 5), Date.UTC(2026, 2, 26), Date.UTC(2026, 3, 2), Date.UTC(2026, 8, 2), Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 22), Date.UTC(2026, 9, 29)] as const;

interface Life {
  readonly seed: number;
  readonly start: number;
  readonly stepMinutes: number;
  readonly days: number;
  readonly jitterMs: number;
  readonly isMmolL: boolean;
  /** Of a reading, that a gap follows. */
  readonly gaps: number;
}

/** A walk that often crosses thresholds by little, with gaps of minutes and of days. */
function lifeOf({ seed, start, stepMinutes, days, jitterMs, isMmolL, gaps }: Life): Given {
  const random = seeded(seed);
  const [timesMs, values]: [number[], number[]] = [[], []];
  let glucose = 60 + 200 * random();
  for (let ms = start; ms < start + days * DAY_MS; ms += stepMinutes * MINUTE_MS) {
    if (random() < gaps) ms += Math.floor(random() < 0.8 ? random() * 90 : random() * 3_000) * MINUTE_MS;
    glucose += 30 * (random() - 0.5) * Math.sqrt(stepMinutes / 5);
    if (random() < 0.02) glucose = [50, 54, 70, 66, 180, 190, 250, 260][Math.floor(random() * 8)]!;
    glucose = Math.min(300, Math.max(45, glucose));
    timesMs.push(ms + Math.floor(random() * jitterMs));
    values.push(isMmolL ? toMgDl(Math.round(glucose / 1.801559) / 10) : Math.round(glucose));
  }
  return { timesMs, values };
}

const life = fc.record({
  seed: fc.integer(), start: fc.constantFrom(...STARTS).chain((start) => fc.integer({ min: 0, max: 288 * 4 }).map((fives) => start + fives * 5 * MINUTE_MS)), stepMinutes: fc.constantFrom(5, 5, 15, 1, 3, 10),
  days: fc.integer({ min: 1, max: 9 }), jitterMs: fc.constantFrom(0, 0, 20_000, 60_000), isMmolL: fc.boolean(), gaps: fc.constantFrom(0, 0.003, 0.02),
});

describe("episodes of days together", () => {
  it("[D5] are those of all readings at once, in any zone, over midnights, gaps and changes of the clock", () => {
    let [told, untold, most] = [0, 0, 0];
    fc.assert(fc.property(life, fc.constantFrom(...ZONES), (each, home) => {
      const [given, history] = [lifeOf(each), { home, entries: [] }];
      if (given.timesMs.length === 0) return;
      const counts = byDays(given, history);
      if (counts === "unknown") {
        untold += 1;
        return;
      }
      told += 1;
      most = Math.max(most, counts?.lowLevel1 ?? 0);
      expect(counts).toEqual(atOnce(given, history));
    }), { seed: 20261121, numRuns: 600 });
    // Hardly any life has days of several rhythms.
    expect(told).toBeGreaterThan(20 * untold);
    expect(most).toBeGreaterThan(10);
  });

  it("[D5] are those of all readings at once where somebody travels", () => {
    fc.assert(fc.property(life, fc.constantFrom(...ZONES), fc.constantFrom(...ZONES), fc.integer({ min: 0, max: 9 * 24 }), (each, home, zone, hours) => {
      const [given, history] = [lifeOf(each), { home, entries: [{ fromMs: each.start + hours * HOUR_MS, zone }] }];
      if (given.timesMs.length === 0) return;
      const counts = byDays(given, history);
      if (counts !== "unknown") expect(counts).toEqual(atOnce(given, history));
    }), { seed: 20261122, numRuns: 200 });
  });

  it("[D5] that go on over midnights are counted once, where they begin", () => {
    const start = Date.UTC(2026, 2, 2, 20);
    const timesMs = Array.from({ length: 3 * 288 }, (_, index) => start + index * 5 * MINUTE_MS);
    const values = timesMs.map((_, index) => (index >= 40 && index < 700 ? 300 : 120));
    expect(byDays({ timesMs, values }, { home: "UTC", entries: [] })).toEqual({ lowLevel1: 0, lowLevel2: 0, highLevel1: 1, highLevel2: 1 });
    // The last slot that makes it an episode comes after midnight; and one reading too few makes none.
    for (const [last, counted] of [[49, 1], [48, 0]] as const) {
      const low = timesMs.map((_, index) => (index >= 47 && index <= last ? 60 : 120));
      expect(byDays({ timesMs, values: low }, { home: "UTC", entries: [] })).toMatchObject({ lowLevel1: counted, highLevel1: 0 });
    }
  });

  it("[D5] are found through days of a single reading, and of readings hours apart", () => {
    const start = Date.UTC(2026, 2, 2);
    const few = [start + 40 * HOUR_MS, start + 43 * HOUR_MS];
    const timesMs = [...Array.from({ length: 288 }, (_, index) => start + index * 5 * MINUTE_MS), start + DAY_MS, ...few, ...Array.from({ length: 288 }, (_, index) => start + 2 * DAY_MS + index * 5 * MINUTE_MS)];
    const values = timesMs.map((ms) => (ms >= start + DAY_MS - 10 * MINUTE_MS && ms <= start + DAY_MS ? 60 : ms >= start + 3 * DAY_MS - 15 * MINUTE_MS ? 200 : 120));
    const history = { home: "UTC", entries: [] };
    expect(byDays({ timesMs, values }, history)).toEqual({ lowLevel1: 1, lowLevel2: 0, highLevel1: 1, highLevel2: 0 });
    expect(atOnce({ timesMs, values }, history)).toEqual({ lowLevel1: 1, lowLevel2: 0, highLevel1: 1, highLevel2: 0 });
  });

  it("[D5] are not told by days of another rhythm, and of none where readings are hours apart", () => {
    const start = Date.UTC(2026, 2, 2);
    const stretch = (fromMs: number, count: number, minutes: number): number[] => Array.from({ length: count }, (_, index) => fromMs + index * minutes * MINUTE_MS);
    const of = (timesMs: number[]): ReturnType<typeof byDays> => byDays({ timesMs, values: timesMs.map(() => 100) }, { home: "UTC", entries: [] });
    expect(of([...stretch(start, 288, 5), ...stretch(start + DAY_MS, 96, 15)])).toBe("unknown");
    expect(of(stretch(start, 24, 60))).toBeNull();
    expect(countEpisodes([], 5)).toBeNull();
  });
});
