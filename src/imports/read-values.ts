/** Glucose cells → numbers in a known unit. */
import type { SampleFlag } from "#driver/records.ts";
import { type GlucoseUnit, inUnit, toMgDl, toMmolL } from "#units/glucose.ts";
import { METRICS } from "#units/metrics.ts";
import { decideUnit, type FileUnit, OVER_ANY_MMOL_L } from "./file-unit.ts";
import { type GlucoseCell, readGlucose } from "./numbers.ts";
import type { PlacedRow } from "./place-rows.ts";
import type { Problems } from "./problems.ts";
import type { GlucoseEntry } from "./types.ts";

/** What a sensor's LOW and HIGH are stored as, mg/dL: one beside its limits 40 and 400 (cgm-metrics §1). */
const CLAMPED_MG_DL = { low: 39, high: 401 } as const;

export interface GlucoseValue {
  readonly placed: PlacedRow;
  readonly entry: GlucoseEntry;
  readonly mgDl: number;
  /** As the row wrote it. */
  readonly unit: GlucoseUnit;
  /** In the file's unit, as written where the row is in that unit. */
  readonly inFileUnit: number;
  readonly outOfRange: -1 | 0 | 1;
  readonly flags: readonly SampleFlag[];
}

/**
 * Settles the file's unit and reads every glucose cell; cells that hold no glucose become problems. `values[i]` belongs to
 * `placed[i]`, null where there is none. Throws InvalidInput when the unit cannot be settled (see `decideUnit`).
 */
export function readValues(
  placed: readonly PlacedRow[], said: { readonly header: GlucoseUnit | null; readonly option: GlucoseUnit | undefined }, problems: Problems,
): { readonly fileUnit: FileUnit; readonly values: readonly (GlucoseValue | null)[] } {
  const cells = placed.map(({ row }): UnitCell | null => {
    if (row.content.entry !== "glucose") return null;
    const cell = readGlucose(row.content.text);
    if (cell.cell === "empty") problems.add(row.line, "the glucose value is empty");
    else if (cell.cell === "bad") problems.add(row.line, "the glucose value is no number");
    else return { cell, unit: cell.unit ?? row.content.unit };
    return null;
  });
  const fileUnit = unitOfFile(cells, said);
  const values = cells.map((found, index): GlucoseValue | null => {
    const row = placed[index]!;
    const entry = row.row.content;
    if (!found || entry.entry !== "glucose") return null;
    const unit = found.unit ?? fileUnit.unit;
    const value = valueOf(found.cell, unit, entry.limits);
    if (value === null) {
      problems.add(row.row.line, `the value is outside what glucose can be in ${unit}`);
      return null;
    }
    const isAsWritten = unit === fileUnit.unit && found.cell.cell === "number";
    return {
      placed: row,
      entry,
      mgDl: value.mgDl,
      unit,
      inFileUnit: isAsWritten ? found.cell.value : inUnit(value.mgDl, fileUnit.unit),
      outOfRange: value.outOfRange,
      flags: flagsOf(entry.flags, value.outOfRange),
    };
  });
  return { fileUnit, values };
}

type ReadableCell = Exclude<GlucoseCell, { cell: "empty" | "bad" }>;

/** A cell that holds something, and the unit its row states. */
interface UnitCell {
  readonly cell: ReadableCell;
  readonly unit: GlucoseUnit | null;
}

/** A file whose rows name their units is in the one they share, or in mg/dL when they differ. */
function unitOfFile(
  cells: readonly (UnitCell | null)[],
  said: { readonly header: GlucoseUnit | null; readonly option: GlucoseUnit | undefined },
): FileUnit {
  const ofRows = new Set<GlucoseUnit>();
  const numbers: number[] = [];
  for (const found of cells) {
    if (found?.unit) ofRows.add(found.unit);
    else if (found?.cell.cell === "number") numbers.push(found.cell.value);
  }
  if (ofRows.size === 0 || numbers.length > 0) return decideUnit(numbers, said);
  const [first] = ofRows;
  return { unit: ofRows.size === 1 ? first! : "mg/dL", source: "header" };
}

function valueOf(cell: ReadableCell, unit: GlucoseUnit, limits: GlucoseEntry["limits"]): { mgDl: number; outOfRange: -1 | 0 | 1 } | null {
  if (cell.cell === "number") {
    const mgDl = unit === "mg/dL" ? cell.value : toMgDl(cell.value);
    const { min, max } = METRICS.glucose;
    const isPossible = mgDl >= min && mgDl <= max && !(unit === "mmol/L" && cell.value > OVER_ANY_MMOL_L);
    return isPossible ? { mgDl, outOfRange: limits ? beyond(cell.value, unit, limits) : 0 } : null;
  }
  const outOfRange = cell.cell === "low" ? -1 : 1;
  if (cell.limit === null) {
    const ofDevice = limits && (outOfRange < 0 ? limits.lowMgDl : limits.highMgDl) + outOfRange;
    return { mgDl: ofDevice ?? CLAMPED_MG_DL[cell.cell], outOfRange };
  }
  const limitMgDl = Math.round(unit === "mg/dL" ? cell.limit : toMgDl(cell.limit));
  // A limit on the wrong side of any sensor's middle is in another unit than it should be.
  const isPlausible = cell.cell === "low" ? limitMgDl > METRICS.glucose.min && limitMgDl < 100 : limitMgDl > 200 && limitMgDl < METRICS.glucose.max;
  return isPlausible ? { mgDl: limitMgDl + outOfRange, outOfRange } : null;
}

/** Whether a number is one of the limits that a device writes for what lies beyond them. */
function beyond(value: number, unit: GlucoseUnit, { lowMgDl, highMgDl }: NonNullable<GlucoseEntry["limits"]>): -1 | 0 | 1 {
  // In mmol/L a device shows one decimal, so its limits are 2.2 and not 2.2203 for 40 mg/dL.
  const shown = (mgDl: number): number => (unit === "mg/dL" ? mgDl : Math.round(toMmolL(mgDl) * 10) / 10);
  if (value <= shown(lowMgDl)) return -1;
  return value >= shown(highMgDl) ? 1 : 0;
}

function flagsOf(flags: readonly SampleFlag[], outOfRange: -1 | 0 | 1): readonly SampleFlag[] {
  if (outOfRange === 0) return flags;
  return [...flags, outOfRange < 0 ? "below_range" : "above_range"];
}
