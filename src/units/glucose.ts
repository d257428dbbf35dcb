/** Glucose units. Inside Islet glucose is mg/dL; both units stand at every edge. */

/**
 * mg/dL per mmol/L: the molar mass of glucose, 180.1559 g/mol, over 10.
 * References differ (18, 18.01559, 18.0182); this is the factor of Tidepool and Nightscout.
 */
export const MG_DL_PER_MMOL_L = 18.01559;

export type GlucoseUnit = "mg/dL" | "mmol/L";

/** mg/dL → mmol/L, unrounded. */
export function toMmolL(mgDl: number): number {
  return mgDl / MG_DL_PER_MMOL_L;
}

/** mmol/L → mg/dL, unrounded. */
export function toMgDl(mmolL: number): number {
  return mmolL * MG_DL_PER_MMOL_L;
}

/** A mg/dL value in the asked unit, unrounded. */
export function inUnit(mgDl: number, unit: GlucoseUnit): number {
  return unit === "mg/dL" ? mgDl : toMmolL(mgDl);
}

/**
 * Which unit a vendor's or file's spelling means; null when it says nothing usable.
 * Accepts `mg/dL`, `mgdl`, `mg_dl`, `mmol/L`, `mmol`, `mmoll` in any case.
 */
export function parseGlucoseUnit(text: string | null | undefined): GlucoseUnit | null {
  const letters = (text ?? "").toLowerCase().replace(/[^a-z]/g, "");
  if (letters === "mgdl" || letters === "mg") return "mg/dL";
  if (letters === "mmoll" || letters === "mmol") return "mmol/L";
  return null;
}
