/** Which unit a file's glucose is in, and whether what it says fits what it holds. */
import type { GlucoseUnit } from "#units/glucose.ts";
import { InvalidInput } from "../errors.ts";

/** Nobody lives with this many mmol/L; sensors end at 22 to 33. (exports-imports §5: any value of 40 means mg/dL) */
export const OVER_ANY_MMOL_L = 40;
/** Sensors begin at 40 mg/dL, meters at 20: a file with many lower numbers is not in mg/dL. */
const UNDER_ANY_MG_DL = 25;

/** So many numbers, and this share, of the other unit are no slip of a single row. */
const MIXED_COUNT = 3;
const MIXED_SHARE = 0.1;

export interface FileUnit {
  readonly unit: GlucoseUnit;
  readonly source: "header" | "values" | "option";
}

/**
 * The unit of a file's numbers: as its header says, else as asked, else by their size.
 * @param values numbers of rows without a unit of their own.
 * Throws InvalidInput when header and question differ, when header or question contradict the values, when the file mixes units
 * without saying so per row, or when nothing tells the unit.
 */
export function decideUnit(
  values: readonly number[], said: { readonly header: GlucoseUnit | null; readonly option: GlucoseUnit | undefined },
): FileUnit {
  const { header, option } = said;
  if (header && option && header !== option) {
    throw refusal(`The file's header says ${header}, but ${option} was given as its unit.`);
  }
  const over = values.filter((value) => value > OVER_ANY_MMOL_L).length;
  const under = values.filter((value) => value > 0 && value < UNDER_ANY_MG_DL).length;
  const declared = header ?? option ?? null;
  if (declared) {
    const contrary = declared === "mmol/L" ? over : under;
    if (contrary > values.length / 2) {
      throw refusal(`${header ? "The file's header says" : "The unit given is"} ${declared}, but most of its values cannot be ${declared}.`);
    }
    if (isMixed(contrary, values.length)) throw refusal(mixed);
    return { unit: declared, source: header ? "header" : "option" };
  }
  if (values.length === 0) return { unit: "mg/dL", source: "values" };
  if (isMixed(Math.min(over, under), values.length)) throw refusal(mixed);
  if (over === under) {
    throw refusal("Neither the header nor the values tell whether the file is in mg/dL or mmol/L; give its unit.", "file_unit_unknown");
  }
  return { unit: over > under ? "mg/dL" : "mmol/L", source: "values" };
}

const mixed = "The file mixes mg/dL and mmol/L; give each row its unit in a column named unit, or make it one unit.";

function isMixed(contrary: number, all: number): boolean {
  return contrary >= MIXED_COUNT && contrary >= MIXED_SHARE * all;
}

function refusal(message: string, code = "file_unit"): InvalidInput {
  return new InvalidInput(message, { code, httpStatus: 422 });
}
