/**
 * What finds and shows a national id: a digest under a key of ours, so that whoever reads the database cannot try all hundred million DNIs, and
 * a text sealed by the vault's ring.
 */
import { createHmac } from "node:crypto";
import type { Place, Vault } from "#vault/seal.ts";
import { InvalidInput } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import { nationalIdFault, normalizeNationalId } from "./national-id.ts";

export interface Identities {
  /** The normalized id. Throws InvalidInput, which does not repeat it. */
  check(nationalId: string, pointer?: string): string;
  /** Digest by which an id is found, of any text. */
  index(nationalId: string): Buffer;
  seal(nationalId: string, userId: string): string;
  /** Throws VaultRefused for what was not sealed for this user. */
  open(sealed: string, userId: string): string;
  /** A keyed digest for anything else that must be found again and not be read, such as what was typed as a name. */
  digest(purpose: string, text: string): Buffer;
}

/** @param pattern of ids other than Spain's; null accepts any of the usual form. */
export function createIdentities({ vault, secret, pattern }: { readonly vault: Pick<Vault, "seal" | "open">; readonly secret: string; readonly pattern: RegExp | null }): Identities {
  const digest = (purpose: string, text: string): Buffer => createHmac("sha256", secret).update(`${purpose}\0`).update(text).digest();
  return {
    check: (nationalId, pointer = "/body/nationalId") => {
      const normalized = normalizeNationalId(nationalId);
      const fault = nationalIdFault(normalized, pattern);
      if (fault === null) return normalized;
      const detail = fault === "check_letter" ? "the letter does not belong to this number: check both" : "use the letters and digits of the document";
      throw new InvalidInput("The national id is not a valid one.", { issues: [{ pointer, detail }] });
    },
    index: (nationalId) => digest("national-id", normalizeNationalId(nationalId)),
    seal: (nationalId, userId) => vault.seal(new Secret(normalizeNationalId(nationalId)), nationalIdPlace(userId)),
    open: (sealed, userId) => vault.open(sealed, nationalIdPlace(userId)).open(),
    digest,
  };
}

/** Where a user's national id is sealed for. */
export function nationalIdPlace(userId: string): Place {
  return { table: "users", rowId: userId, field: "national_id", version: 1 };
}
