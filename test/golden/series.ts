/** The golden series and where they lie: the synthetic ones in the repository, all of them in ../shared/golden. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cleanSeries, type CleaningOptions, type Series } from "#glucose/series.ts";
import { readGlucoseFile } from "#imports/read-file.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** A folder of series and one of reference values. */
export interface GoldenPlace {
  readonly series: string;
  readonly reference: string;
}

export const COMMITTED: GoldenPlace = { series: join(ROOT, "test/fixtures/golden/series"), reference: join(ROOT, "test/fixtures/golden/reference") };
const sharedRoot = resolve(ROOT, "../shared/golden");
export const SHARED: GoldenPlace = { series: join(sharedRoot, "data"), reference: sharedRoot };
export const isSharedThere = existsSync(join(sharedRoot, "iglu"));

/** mg/dL per mmol/L in iglu; ours is 18.01559. */
export const IGLU_FACTOR = 18;

/** Cleaning that a variant of the reference asks for. */
const VARIANTS: Readonly<Record<string, CleaningOptions>> = { last: { duplicates: "last" }, na: { sentinels: "drop" }, na_rows_kept: { sentinels: "drop" } };

export interface GoldenSeries {
  readonly series: Series;
  /** Zone that the reference was given. */
  readonly zone: string;
}

/**
 * A series as the reference saw it. mmol/L is multiplied by iglu's factor, so that algorithms are compared and not factors; `native` leaves it as measured.
 * @param id with its variant, e.g. `syn_dups_a@last`.
 */
export function goldenSeries(place: GoldenPlace, id: string, native = false): GoldenSeries {
  const [name = "", variant = ""] = id.split("@");
  const isDst = name.startsWith("syn_dst");
  const { readings, unit } = readGlucoseFile(readFileSync(join(place.series, `${name}.csv`)), { zone: isDst ? "America/New_York" : "UTC" });
  const series = cleanSeries(readings[0]!, { unit, ...VARIANTS[variant] });
  const zone = variant === "local" ? "America/New_York" : "UTC";
  if (unit === "mg/dL" || native) return { series, zone };
  return { series: { ...series, unit: "mg/dL", values: series.values.map((value) => value * IGLU_FACTOR) }, zone };
}
