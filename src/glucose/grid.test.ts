import { describe, expect, it } from "vitest";
import { gridStepMinutes, timeGrid, wallGrid } from "./grid.ts";
import { cleanSeries, type Series } from "./series.ts";
import { MINUTE_MS, startOfLocal } from "./test-kit.ts";

const START = Date.UTC(2026, 2, 2);
/** Readings at minutes after the start. */
const at = (...readings: readonly (readonly [number, number])[]): Series =>
  cleanSeries({ timesMs: readings.map(([minute]) => START + minute * MINUTE_MS), values: readings.map(([, value]) => value) });
const told = (values: Float64Array | undefined): (number | null)[] => Array.from(values ?? [], (value) => (Number.isNaN(value) ? null : value));

describe("the step of a grid", () => {
  it("is the cadence, or the next one that divides a day", () => {
    expect([1, 2, 3, 5, 7, 11, 14, 15, 16, 17, 23, 45].map(gridStepMinutes)).toEqual([1, 2, 3, 5, 5, 10, 15, 15, 16, 15, 20, 45]);
    expect([46, 60, null].map(gridStepMinutes)).toEqual([null, null, null]);
  });
});

describe("the grid in time", () => {
  it("joins readings up to 45 minutes apart and no farther", () => {
    const bridged = timeGrid(at([5, 100], [10, 110], [55, 155], [60, 160]), "UTC", { kind: "iglu" })!;
    expect(told(bridged.values)).toEqual([100, 110, 115, 120, 125, 130, 135, 140, 145, 150, 155, 160]);
    const torn = timeGrid(at([5, 100], [10, 110], [56, 156], [61, 160]), "UTC", { kind: "iglu" })!;
    expect(told(torn.values).slice(0, 4)).toEqual([100, 110, null, null]);
    expect(torn.values.at(-1)).toBeCloseTo(159.2, 9);
  });

  it("begins a step after midnight like the reference's, or at midnight", () => {
    const series = at([0, 90], [5, 100], [10, 110]);
    expect(told(timeGrid(series, "UTC", { kind: "iglu" })!.values)).toEqual([100, 110]);
    expect(told(timeGrid(series, "UTC", { kind: "islet" })!.values)).toEqual([90, 100, 110]);
  });

  it("has nothing before the first reading and after the last", () => {
    expect(told(timeGrid(at([12, 100], [17, 105], [22, 110]), "UTC", { kind: "islet" })!.values)).toEqual([null, null, null, 103, 108]);
    expect(timeGrid(at([12, 100]), "UTC", { kind: "islet" })).toBeNull();
    expect(timeGrid(at([0, 100], [60, 105], [120, 110]), "UTC", { kind: "islet" })).toBeNull();
  });
});

describe("the grid by the clock on the wall", () => {
  it("counts a slot at 24:00 to the day that ends, like the reference, or to the day it lies in", () => {
    const series = at([1435, 100], [1440, 110], [1445, 120]);
    const iglu = wallGrid(series, "UTC", { kind: "iglu" })!;
    expect([iglu.values[286], iglu.values[287], iglu.values[288]]).toEqual([100, 110, 120]);
    const islet = wallGrid(series, "UTC", { kind: "islet" })!;
    expect(islet.dates).toEqual(["2026-03-02", "2026-03-03"]);
    expect([islet.values[287], islet.values[288], islet.values[289]]).toEqual([100, 110, 120]);
  });

  it("leaves out the hour that clocks skip, and tells the one that comes twice by its first pass", () => {
    const day = (zone: string, wallMs: number, hours: number): Series => {
      const fromMs = startOfLocal(zone, wallMs);
      const count = hours * 12;
      return cleanSeries({ timesMs: Array.from({ length: count }, (_, i) => fromMs + i * 5 * MINUTE_MS), values: Array.from({ length: count }, (_, i) => 100 + i) });
    };
    const spring = wallGrid(day("Europe/Madrid", Date.UTC(2026, 2, 29), 23), "Europe/Madrid", { kind: "islet" })!;
    expect(told(spring.values).slice(22, 38)).toEqual([122, 123, ...Array.from({ length: 12 }, () => null), 124, 125]);
    const autumn = wallGrid(day("Europe/Madrid", Date.UTC(2026, 9, 25), 25), "Europe/Madrid", { kind: "islet" })!;
    // 02:00–02:55 of the first pass, then 03:00, an hour of instants later.
    expect(told(autumn.values).slice(34, 38)).toEqual([134, 135, 148, 149]);
    const halfHour = wallGrid(day("Australia/Lord_Howe", Date.UTC(2026, 9, 4), 23), "Australia/Lord_Howe", { kind: "islet" })!;
    expect(told(halfHour.values).slice(22, 32)).toEqual([122, 123, null, null, null, null, null, null, 124, 125]);
  });
});
