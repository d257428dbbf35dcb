/** The unit that a stored series was measured in. Glucose rests in mg/dL; a meter or sensor that tells mmol/L has thresholds of its own. Source: cgm-metrics §0. */
import { convertedMmolL } from "./ranges.ts";
import type { Series } from "./series.ts";

/**
 * A mg/dL series whose every reading was converted from mmol/L, in mmol/L with the hundredths it was measured in, so that ranges and episodes go by the
 * printed mmol/L thresholds: 10.0 mmol/L is no high reading, 180.16 mg/dL would be. Any other series, an empty or a mixed one included, is given back as
 * it is. Times, cadence and report stay.
 */
export function inMeasuredUnit(series: Series): Series {
  if (series.unit === "mmol/L" || series.values.length === 0) return series;
  const values = new Float64Array(series.values.length);
  for (let i = 0; i < values.length; i++) {
    const mmolL = convertedMmolL(series.values[i]!);
    // Nearly all series are mg/dL, and their first reading says so.
    if (mmolL === null) return series;
    values[i] = mmolL;
  }
  return { ...series, unit: "mmol/L", values };
}
