/** What lies below the numbers, against the references: the grid's slots, its quantiles by time of day, the list of episodes, the pieces of MAGE. */
import { describe, expect, it } from "vitest";
import { findEpisodes, type EpisodeKind, type EpisodeLists } from "#glucose/episodes/all-episodes.ts";
import { timeGrid, wallGrid } from "#glucose/grid.ts";
import { fineProfile } from "#glucose/patterns/fine-profile.ts";
import { quantiles } from "#glucose/statistics.ts";
import { magePieces } from "#glucose/variability/mage.ts";
import { formatWithOffset, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import { isEqual } from "./compare.ts";
import { numberOf, rowsOf } from "./references.ts";
import { COMMITTED, goldenSeries, isSharedThere, SHARED, type GoldenPlace } from "./series.ts";

const why = isSharedThere ? "" : " (skipped: ../shared/golden is not here)";
/** Doubled rows, and the clock on the wall where the reference measures time by it: see exceptions.ts. */
const isExcepted = (id: string): boolean => id === "syn_dups_a@raw" || id.endsWith("@local");

function byId(rows: readonly Record<string, string>[]): [string, Record<string, string>[]][] {
  const groups = new Map<string, Record<string, string>[]>();
  for (const row of rows) {
    const of = groups.get(row["id"]!) ?? [];
    of.push(row);
    groups.set(row["id"]!, of);
  }
  return [...groups].filter(([id]) => !isExcepted(id));
}

const local = (zone: string, ms: number): string => formatWithOffset(ms, offsetMinutesAt(zone, ms)).slice(0, 19);

const IGLU_LEVELS: Readonly<Record<string, EpisodeKind>> = {
  lv1_hypo: "hypoLevel1", lv2_hypo: "hypoLevel2", ext_hypo: "hypoExtended", lv1_hypo_excl: "hypoLevel1Exclusive",
  lv1_hyper: "hyperLevel1", lv2_hyper: "hyperLevel2", lv1_hyper_excl: "hyperLevel1Exclusive",
};
const CGMGURU_KINDS: Readonly<Record<string, EpisodeKind>> = {
  "hypo lv1": "hypoLevel1", "hypo lv2": "hypoLevel2", "hypo extended": "hypoExtended", "hypo lv1_excl": "hypoLevel1Exclusive",
  "hyper lv1": "hyperLevel1", "hyper lv2": "hyperLevel2", "hyper extended": "hyperExtended", "hyper lv1_excl": "hyperLevel1Exclusive",
};

function listsOf(place: GoldenPlace, id: string): { readonly lists: EpisodeLists; readonly zone: string } {
  const { series, zone } = goldenSeries(place, id);
  return { lists: findEpisodes(timeGrid(series, zone, { kind: "iglu" })!, { unit: "mg/dL" }), zone };
}

describe.each([["committed series", COMMITTED, 1_000], ["all series", SHARED, 1_400]] as const)("episodes of %s", (_title, place, least) => {
  const isThere = place === COMMITTED || isSharedThere;

  it.skipIf(!isThere)(`[D5] begin and end where iglu's do, with its mean and extremes${why}`, () => {
    const rows = rowsOf(place, "iglu/episode_events.csv").filter(({ id }) => !isExcepted(id!));
    const ids = [...new Set(rows.map(({ id }) => id!))];
    const ours = ids.flatMap((id) => {
      const { lists, zone } = listsOf(place, id);
      return Object.entries(IGLU_LEVELS).flatMap(([level, kind]) => lists[kind].map((each) => ({ id, level, start: local(zone, each.startMs), last: local(zone, each.endMs), each })));
    });
    const keyOf = (row: { id?: string; level?: string; start?: string; last?: string }): string => [row.id, row.level, row.start, row.last].join(" ");
    expect(ours.map(keyOf).toSorted()).toEqual(rows.map(keyOf).toSorted());
    expect(rows.length).toBeGreaterThanOrEqual(least);
    const reference = new Map(rows.map((row) => [keyOf(row), row]));
    for (const one of ours) {
      const row = reference.get(keyOf(one))!;
      expect(isEqual(one.each.mean, numberOf(row["mean_gl"])), keyOf(one)).toBe(true);
      expect(isEqual(one.each.extreme, numberOf(one.level.includes("hypo") ? row["min_gl"] : row["max_gl"])), keyOf(one)).toBe(true);
    }
  });

  it.skipIf(!isThere)(`[D5] begin and end where cgmguru's do; what a gap cuts goes on to the gap${why}`, () => {
    let [compared, cut] = [0, 0];
    for (const [id, rows] of byId(rowsOf(place, "cgmguru/events_detailed.csv"))) {
      const { lists, zone } = listsOf(place, id);
      for (const [name, kind] of Object.entries(CGMGURU_KINDS)) {
        const reference = rows.filter(({ type, level }) => `${type} ${level}` === name);
        expect(lists[kind].map(({ startMs }) => local(zone, startMs)), `${id} ${name}`).toEqual(reference.map((row) => row["start_time"]));
        for (const [index, row] of reference.entries()) {
          const one = lists[kind][index]!;
          compared += 1;
          // This reference ends an episode that never recovered at its last slot beyond the threshold, or where 90 minutes have come together; iglu at the gap.
          if (one.isEndCut && local(zone, one.endMs) !== row["end_time"]) cut += 1;
          else expect(local(zone, one.endMs), `${id} ${name}`).toBe(row["end_time"]);
        }
      }
    }
    expect(compared).toBeGreaterThan(1_000);
    expect(cut).toBeGreaterThan(0);
    expect(cut).toBeLessThan(compared / 20);
  });
});

describe("MAGE's pieces", () => {
  it.skipIf(!isSharedThere)(`[D5] are iglu's${why}`, () => {
    let compared = 0;
    for (const [id, rows] of byId(rowsOf(SHARED, "iglu/mage_segments.csv"))) {
      const { series, zone } = goldenSeries(SHARED, id);
      const grid = timeGrid(series, zone, { kind: "iglu", stepMinutes: 5 })!;
      const ours = magePieces(grid.values).map((piece) => ({
        start: local(zone, grid.startMs + piece.from * 5 * MINUTE_MS), end: local(zone, grid.startMs + piece.to * 5 * MINUTE_MS), direction: piece.direction?.toUpperCase() ?? "NA",
        first: piece.isFirst === null ? "NA" : String(piece.isFirst).toUpperCase(), mage: piece.mage,
      }));
      const named = rows.filter(({ start }) => start !== "NA");
      // Under 32 slots the reference tells a piece without value, and we none.
      if (ours.length === 0 && named.every(({ mage }) => mage === "NA")) continue;
      expect(ours.map(({ start, end, direction, first }) => [start, end, direction, first].join(" ")), id)
        .toEqual(named.map((row) => [row["start"], row["end"], row["plus_or_minus"], row["first_excursion"]].join(" ")));
      for (const [index, row] of named.entries()) expect(isEqual(ours[index]!.mage, numberOf(row["mage"])), `${id} ${row["start"]}`).toBe(true);
      compared += named.length;
    }
    expect(compared).toBeGreaterThan(150);
  });
});

describe("the profile by slots", () => {
  it.skipIf(!isSharedThere)(`[E9] has iglu's quantiles and its loess, from the readings on${why}`, () => {
    let [compared, worst] = [0, 0];
    for (const [id, of] of byId(rowsOf(SHARED, "iglu/agp_percentiles.csv"))) {
      const { series, zone } = goldenSeries(SHARED, id);
      const { slots } = fineProfile(series, zone)!;
      for (const row of of) {
        const slot = slots.find(({ minute }) => minute === Number(row["tod_min"]))!;
        for (const share of ["05", "25", "50", "75", "95"] as const) {
          expect(isEqual(slot.raw?.[`p${share}`] ?? null, numberOf(row[`p${share}`])), `${id} ${row["tod_min"]}`).toBe(true);
          // The reference did not fit where slots are empty.
          const smooth = numberOf(row[`s${share}`]);
          if (smooth === null) continue;
          worst = Math.max(worst, Math.abs(slot.smoothed![`p${share}`] - smooth));
          compared += 1;
        }
      }
    }
    expect(worst).toBeLessThan(1e-3);
    expect(compared).toBeGreaterThan(40_000);
  });
});

describe("the grid by days", () => {
  it.skipIf(!isSharedThere)(`[D5] has iglu's slots and values, on days when clocks change, too${why}`, () => {
    const rows = rowsOf(SHARED, "iglu/grid.csv");
    const groups = new Map<string, Record<string, string>[]>();
    for (const row of rows) groups.set(row["id"]!, [...(groups.get(row["id"]!) ?? [])]);
    for (const row of rows) groups.get(row["id"]!)!.push(row);
    for (const [id, of] of groups) {
      if (id === "syn_dups_a@raw") continue;
      const { series, zone } = goldenSeries(SHARED, id);
      const grid = wallGrid(series, zone, { kind: "iglu" })!;
      expect(grid.values.filter((value) => !Number.isNaN(value)).length, id).toBe(of.length);
      const differing = of.filter((row) => !isEqual(grid.values[grid.dates.indexOf(row["date"]!) * grid.slotsPerDay + Number(row["slot"]) - 1], numberOf(row["gl"])));
      expect(differing.slice(0, 3), id).toEqual([]);
    }
    expect(rows.length).toBeGreaterThan(90_000);
  });

  it.skipIf(!isSharedThere)(`[D5] has iglu's quantiles by time of day${why}`, () => {
    let compared = 0;
    for (const [id, of] of byId(rowsOf(SHARED, "iglu/agp_percentiles.csv"))) {
      const { series, zone } = goldenSeries(SHARED, id);
      const { values, slotsPerDay, firstMinute, stepMinutes } = wallGrid(series, zone, { kind: "iglu" })!;
      for (const row of of) {
        const slot = (Number(row["tod_min"]) - firstMinute) / stepMinutes;
        const column = values.filter((value, index) => index % slotsPerDay === slot && !Number.isNaN(value));
        expect(column.length, `${id} ${row["tod_min"]}`).toBe(Number(row["n"]));
        const found = quantiles(column, [0.05, 0.25, 0.5, 0.75, 0.95]);
        expect(["p05", "p25", "p50", "p75", "p95"].every((name, index) => isEqual(found[index], numberOf(row[name]))), `${id} ${row["tod_min"]}`).toBe(true);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(10_000);
  });
});
