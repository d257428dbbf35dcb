/**
 * National ids as people write them and as we compare them. Spain's DNI and NIE carry a check letter (Real Decreto 1553/2005: the number modulo
 * 23); of other countries' ids only the form is held, by the operator's pattern. Pure.
 */
const CHECK_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";
const LOOKS_SPANISH = /^(?:\d{8}|[XYZ]\d{7})[A-Z]$/;
const OTHER_ID = /^[A-Z0-9]{4,24}$/;

export type NationalIdFault = "form" | "check_letter";

/** Capital letters and digits alone: spaces, points, hyphens and slashes are only for the eye. */
export function normalizeNationalId(text: string): string {
  return text.normalize("NFKC").toUpperCase().replace(/[\s.\-–/]/g, "");
}

/** The check letter of a DNI's or NIE's body (eight digits, or X, Y, Z and seven). */
export function checkLetter(body: string): string {
  const digits = body.replace(/^[XYZ]/, (first) => String("XYZ".indexOf(first)));
  return CHECK_LETTERS[Number(digits) % 23]!;
}

/** Whether a normalized text has the form of a DNI or NIE and the right letter. */
export function isSpanishId(normalized: string): boolean {
  return LOOKS_SPANISH.test(normalized) && checkLetter(normalized.slice(0, -1)) === normalized.at(-1);
}

/**
 * What is wrong with a normalized id; null when nothing is. @param pattern of ids other than Spain's; null accepts four to 24 letters and digits.
 */
export function nationalIdFault(normalized: string, pattern: RegExp | null = null): NationalIdFault | null {
  if (LOOKS_SPANISH.test(normalized)) return isSpanishId(normalized) ? null : "check_letter";
  return OTHER_ID.test(normalized) && (pattern ?? OTHER_ID).test(normalized) ? null : "form";
}
