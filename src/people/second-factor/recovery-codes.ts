/** Codes on paper for whoever lost the authenticator: ten, each good once (ASVS 6.4.4, 6.5.1, 6.5.2). */
import { createHash } from "node:crypto";

export const RECOVERY_CODES = 10;
/** Without letters and digits that are read for one another. */
const ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ0123456789";
/** Above the 112 bits from which a plain digest is enough (ASVS 6.5.2). */
const LENGTH = 24;

/** Ten codes of 120 bits, in six groups of four: `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`. */
export function makeRecoveryCodes(randomBytes: (size: number) => Uint8Array): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const letters = [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]!).join("");
    return letters.replace(/(.{4})(?=.)/g, "$1-");
  });
}

/** The digest under which a code rests; letters' case, spaces and hyphens do not matter. A digest suffices: nobody tries 2^120 codes. */
export function hashRecoveryCode(userId: string, code: string): Buffer {
  const plain = code.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replaceAll("I", "1").replaceAll("L", "1");
  return createHash("sha256").update(`${userId}\0${plain}`).digest();
}
