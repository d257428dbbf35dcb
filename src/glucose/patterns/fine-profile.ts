/** The ambulatory profile slot by slot: quantiles of the day-by-day grid, drawn through loess. Source: cgm-metrics §10 (iglu's plot_agp). */
import type { GlucoseUnit } from "#units/glucose.ts";
import { type GridKind, wallGrid } from "../grid.ts";
import type { Zone } from "../local-times.ts";
import type { Series } from "../series.ts";
import { type Percentiles, percentilesOf } from "./agp.ts";
import { smoothPercentiles } from "./loess.ts";

export interface FineSlot {
  /** Minutes after midnight on the wall; 1440 is the end of the day. */
  readonly minute: number;
  /** Days that have a value in the slot. */
  readonly days: number;
  readonly raw: Percentiles | null;
  /** Null where `raw` is, and everywhere where too few slots have values for a curve. */
  readonly smoothed: Percentiles | null;
}

export interface FineProfile {
  readonly unit: GlucoseUnit;
  readonly stepMinutes: number;
  readonly slots: readonly FineSlot[];
}

/** Profile by the grid's slots, five minutes for most sensors; null where readings are too far apart for a grid. Throws RangeError for an unknown zone. */
export function fineProfile(series: Series, zone: Zone, kind: GridKind = "iglu"): FineProfile | null {
  const grid = wallGrid(series, zone, { kind });
  if (!grid) return null;
  const { slotsPerDay, stepMinutes, firstMinute } = grid;
  const columns = Array.from({ length: slotsPerDay }, (_, slot) => columnOf(grid.values, slot, slotsPerDay));
  const raw = columns.map(percentilesOf);
  const minutes = columns.map((_, slot) => firstMinute + slot * stepMinutes);
  const smoothed = smoothPercentiles(minutes, raw);
  return {
    unit: series.unit, stepMinutes,
    slots: columns.map((column, slot) => ({ minute: minutes[slot]!, days: column.length, raw: raw[slot]!, smoothed: smoothed[slot] ?? null })),
  };
}

function columnOf(values: Float64Array, slot: number, slotsPerDay: number): Float64Array {
  const column = new Float64Array(Math.ceil(values.length / slotsPerDay));
  let count = 0;
  for (let i = slot; i < values.length; i += slotsPerDay) if (values[i] === values[i]) column[count++] = values[i]!;
  return column.subarray(0, count);
}
