/** Sensor readings, finger-sticks and ketones. Source: vendors/tidepool.md, Datum types. */
import type { Mapping } from "#driver/payload.ts";
import type { SampleFlag } from "#driver/records.ts";
import { MG_DL_PER_MMOL_L } from "#units/glucose.ts";
import type { Item } from "./map.ts";
import { glucose } from "./schema.ts";

/** Tidepool divides by the factor without rounding: a whole number of mg/dL comes back as one. */
const WHOLE_WITHIN = 0.02;

export function mapGlucose(mapping: Mapping, { datum, path, base }: Item): void {
  const item = mapping.item(glucose, datum, path);
  if (!item) return;
  const factor = mgDlFactor(item.units);
  if (factor === null) return mapping.problem(`${path}/units`, "not a unit of glucose");
  if (item.value === null) return mapping.problem(`${path}/value`, "missing or no number");
  const flags = flagsOf(item);
  const place = { startMs: base.atMs, offsetMinutes: base.offsetMinutes, ...(base.device ? { device: base.device } : {}) };
  const isMeter = datum.type === "smbg";
  if (isMeter && item.subType === "manual") flags.push("manual");
  mapping.sample(isMeter ? "glucose_meter" : "glucose", wholeIfNear(item.value * factor), { ...place, ...(flags.length > 0 ? { flags } : {}) }, `${path}/value`);
  if (isMeter || item.trendRate === null) return;
  const rateFactor = mgDlFactor((item.trendRateUnits ?? "").replace(/\/min(ute)?$/i, ""));
  if (rateFactor === null) return mapping.problem(`${path}/trendRateUnits`, "not a unit of change of glucose");
  mapping.sample("glucose_trend_rate", item.trendRate * rateFactor, place, `${path}/trendRate`);
}

/** Ketones are in mmol/L always. */
export function mapKetone(mapping: Mapping, { datum, path, base }: Item): void {
  const item = mapping.item(glucose, datum, path);
  if (!item) return;
  if (item.value === null) return mapping.problem(`${path}/value`, "missing or no number");
  const flags = flagsOf(item);
  mapping.sample("ketone", item.value, { startMs: base.atMs, offsetMinutes: base.offsetMinutes, ...(base.device ? { device: base.device } : {}), ...(flags.length > 0 ? { flags } : {}) }, `${path}/value`);
}

/** Beyond the device's range: the value stands one step past the threshold. */
function flagsOf({ annotations }: { annotations?: readonly { code: string; value: unknown }[] | null | undefined }): SampleFlag[] {
  const range = annotations?.find(({ code }) => code === "bg/out-of-range" || code === "ketone/out-of-range");
  if (!range) return [];
  return range.value === "low" ? ["below_range"] : range.value === "high" ? ["above_range"] : [];
}

/** The unit's spelling varies within one list; none at all is Tidepool's own. */
function mgDlFactor(units: string | null | undefined): number | null {
  const plain = (units ?? "").replace(/[\s/]/g, "").toLowerCase();
  if (plain === "mgdl") return 1;
  return plain === "mmoll" || plain === "mmol" || plain === "" ? MG_DL_PER_MMOL_L : null;
}

function wholeIfNear(mgDl: number): number {
  return Math.abs(mgDl - Math.round(mgDl)) < WHOLE_WITHIN ? Math.round(mgDl) : mgDl;
}
