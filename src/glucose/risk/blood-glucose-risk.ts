/**
 * Risk of low and of high glucose, on Kovatchev's symmetrical scale; mg/dL. The mmol/L spelling of the scale is not identical and is not used: mmol/L data is
 * converted. Source: Kovatchev 1997, 2006; cgm-metrics §7.
 */
import { meanOf, type Distribution } from "../distribution.ts";
import type { LocalTimes } from "../local-times.ts";

/** 10·1.509² is 22.77081; the published tables and iglu round it to this. */
const SCALE = 22.77;
/** Where the scale is zero, as iglu cuts it: a reading of just this adds to neither side. */
const NEUTRAL_MG_DL = 112.5;

export interface RiskIndexes {
  readonly lbgi: number;
  readonly hbgi: number;
  /** Both together. */
  readonly bgri: number;
}

/** Low and high blood glucose index: mean risk of all readings on either side. Null without readings. @param readings in mg/dL. */
export function riskIndexes(readings: Distribution): RiskIndexes | null {
  const lbgi = meanOf(readings, lowRisk);
  const hbgi = meanOf(readings, highRisk);
  return lbgi === null || hbgi === null ? null : { lbgi, hbgi, bgri: lbgi + hbgi };
}

/** Risk of a low reading, mg/dL; 0 for others. */
export function lowRisk(mgDl: number): number {
  return mgDl < NEUTRAL_MG_DL ? risk(mgDl) : 0;
}

/** Risk of a high reading, mg/dL; 0 for others. */
export function highRisk(mgDl: number): number {
  return mgDl > NEUTRAL_MG_DL ? risk(mgDl) : 0;
}

function risk(mgDl: number): number {
  const position = Math.log(mgDl) ** 1.084 - 5.381;
  // ln of a value up to 1 has no real power; such readings are as low as the scale goes.
  return SCALE * (Number.isNaN(position) ? -5.381 : position) ** 2;
}

/**
 * Average daily risk range (ADRR): mean over local days of the day's highest low risk and highest high risk together. Under 20 low, to 40 moderate, above
 * high. Null without readings. The original asks for 14 days with three readings each; the caller says so where they are not there.
 * @param values readings in mg/dL, as `times` has them.
 */
export function averageDailyRiskRange(values: Float64Array, { starts, dates }: Pick<LocalTimes, "starts" | "dates">): number | null {
  if (dates.length === 0) return null;
  let sum = 0;
  for (let day = 0; day < dates.length; day++) {
    let [lowest, highest] = [Infinity, -Infinity];
    for (let i = starts[day]!; i < starts[day + 1]!; i++) {
      if (values[i]! < lowest) lowest = values[i]!;
      if (values[i]! > highest) highest = values[i]!;
    }
    // Risk grows with the distance on either side, so the day's extremes have the highest.
    sum += lowRisk(lowest) + highRisk(highest);
  }
  return sum / dates.length;
}
