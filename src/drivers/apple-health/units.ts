/** Units as HealthKit and its bridges spell them → ours. They follow the phone's settings and language, so none is ever assumed. Pure. */
import { MG_DL_PER_MMOL_L, parseGlucoseUnit } from "#units/glucose.ts";

export type Dimension =
  | "count" | "length" | "energy" | "duration" | "milliseconds" | "rate" | "share" | "mass" | "body mass index" | "temperature" | "pressure"
  | "oxygen uptake" | "power" | "speed" | "effort" | "volume" | "glucose" | "insulin" | "grams";

/** Factor, and what is added after it. */
type Conversion = number | readonly [factor: number, offset: number];

const MILE_M = 1_609.344;
const FOOT_M = 0.3048;
const LB_KG = 0.453_592_37;
const KCAL_PER_KJ = 1 / 4.184;

/** By spelling: lower case, without spaces, dots and brackets. Each in the metric's unit. */
const UNITS: Readonly<Record<Exclude<Dimension, "energy" | "glucose">, Readonly<Record<string, Conversion>>>> = {
  count: { count: 1, "": 1, steps: 1, flights: 1 },
  length: { m: 1, km: 1_000, cm: 0.01, mm: 0.001, mi: MILE_M, ft: FOOT_M, in: FOOT_M / 12, yd: 3 * FOOT_M },
  duration: { s: 1, sec: 1, min: 60, hr: 3_600, h: 3_600, ms: 0.001, d: 86_400 },
  milliseconds: { ms: 1, s: 1_000 },
  rate: { "count/min": 1, bpm: 1, "/min": 1, "beats/min": 1, "breaths/min": 1, "br/min": 1, rpm: 1, "rev/min": 1, "count/s": 60, hz: 60 },
  share: { "%": 1 },
  mass: { kg: 1, g: 0.001, lb: LB_KG, lbs: LB_KG, st: 14 * LB_KG, oz: LB_KG / 16 },
  "body mass index": { count: 1, "": 1, "kg/m²": 1, "kg/m2": 1, "kg/m^2": 1 },
  temperature: { degc: 1, "°c": 1, ºc: 1, c: 1, degf: [5 / 9, -160 / 9], "°f": [5 / 9, -160 / 9], ºf: [5 / 9, -160 / 9], f: [5 / 9, -160 / 9], k: [1, -273.15] },
  pressure: { mmhg: 1, kpa: 7.500_617 },
  "oxygen uptake": { "ml/minkg": 1, "ml/kgmin": 1, "ml/kg/min": 1, "ml/min/kg": 1 },
  power: { w: 1, kw: 1_000 },
  speed: {
    "m/s": 1, "km/hr": 1 / 3.6, "km/h": 1 / 3.6, "mi/hr": MILE_M / 3_600, "mi/h": MILE_M / 3_600, mph: MILE_M / 3_600, "ft/s": FOOT_M, "cm/s": 0.01,
  },
  // One MET is one kilocalorie a kilogram and hour.
  effort: { "kcal/hrkg": 1, "kcal/kghr": 1, "kcal/kg/hr": 1, "kcal/hr/kg": 1, met: 1, mets: 1 },
  volume: {
    ml: 1, l: 1_000, dl: 100, cl: 10, fl_oz_us: 29.573_529_562_5, "floz": 29.573_529_562_5, fl_oz_imp: 28.413_062_5, cup_us: 236.588_236_5, cup_imp: 284.130_625,
    pt_us: 473.176_473, pt_imp: 568.261_25,
  },
  insulin: { iu: 1, u: 1 },
  grams: { g: 1, mg: 0.001, kg: 1_000, oz: LB_KG * 62.5, lb: LB_KG * 1_000 },
};

/** The large calorie is written Cal or kcal, the small one cal: here alone capitals count. */
const ENERGY: Readonly<Record<string, number>> = { Cal: 1, kcal: 1, Kcal: 1, KCAL: 1, kJ: KCAL_PER_KJ, KJ: KCAL_PER_KJ, kj: KCAL_PER_KJ, J: KCAL_PER_KJ / 1_000, cal: 0.001 };

/**
 * The value in our unit: m, kcal, s, ms, /min, %, kg, kg/m2, °C, mmHg, mL/kg/min, W, m/s, MET, mL, mg/dL, U or g; null for a unit that is none of
 * the dimension. A share of at most 1 is a fraction, whatever wrote it: bridges multiply some of them and not others.
 * Sources: Apple Health facts, mapping and SDK quirks.
 */
export function inOurUnit(value: number, unit: string | null | undefined, dimension: Dimension): number | null {
  if (dimension === "energy") return scaled(value, ENERGY[(unit ?? "").trim()]);
  if (dimension === "glucose") {
    // HealthKit writes mmol with its molar mass: mmol<180.1558800000541>/L.
    const parsed = parseGlucoseUnit(unit);
    return parsed === null ? null : parsed === "mg/dL" ? value : value * MG_DL_PER_MMOL_L;
  }
  const spelling = (unit ?? "").toLowerCase().replace(/[\s·⋅().]/g, "");
  const table = UNITS[dimension];
  const converted = scaled(value, Object.hasOwn(table, spelling) ? table[spelling] : undefined);
  return dimension === "share" && converted !== null && converted >= 0 && converted <= 1 ? converted * 100 : converted;
}

function scaled(value: number, conversion: Conversion | undefined): number | null {
  if (conversion === undefined) return null;
  return typeof conversion === "number" ? value * conversion : value * conversion[0] + conversion[1];
}

/** `"1234 cm"` of a metadata entry in our unit; null when it is no such thing. */
export function writtenQuantity(text: string | undefined, dimension: Dimension): number | null {
  const match = /^\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(\S.*)?$/i.exec(text?.slice(0, 100) ?? "");
  return match ? inOurUnit(Number(match[1]), match[2], dimension) : null;
}
