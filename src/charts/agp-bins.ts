/** The ambulatory profile as its picture draws it. */
import type { Agp } from "#glucose/patterns/agp.ts";
import { type GlucoseUnit, toMgDl } from "#units/glucose.ts";

/** One hour of the day over all days, smoothed, mg/dL; `minute` is its centre after midnight. */
export interface AgpBin {
  readonly minute: number;
  readonly count: number;
  readonly p05: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
}

/** Bins of a profile in mg/dL, in the order of the day; null where no day has readings. */
export function agpBins({ bins, unit }: Pick<Agp, "bins"> & { readonly unit: GlucoseUnit }): (AgpBin | null)[] {
  const tell = unit === "mg/dL" ? (value: number): number => value : toMgDl;
  return bins.map(({ minute, count, smoothed }) =>
    smoothed && { minute, count, p05: tell(smoothed.p05), p25: tell(smoothed.p25), p50: tell(smoothed.p50), p75: tell(smoothed.p75), p95: tell(smoothed.p95) },
  );
}
