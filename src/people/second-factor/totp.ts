/** One-time codes by time: RFC 6238 with SHA-1, six digits and thirty seconds, which is what authenticator apps know. A code works once (ASVS 6.5.1, faults AU-17). */
import { Secret as OtpSecret, TOTP } from "otpauth";

export const STEP_SECONDS = 30;
/** A clock may be one step off. */
const WINDOW = 1;

/** A new secret: 160 bits, as RFC 4226 recommends, in Base32. */
export function makeTotpSecret(randomBytes: (size: number) => Uint8Array): string {
  const bytes = Uint8Array.from(randomBytes(20));
  return new OtpSecret({ buffer: bytes.buffer }).base32;
}

/** What the authenticator app reads from the picture. */
export function totpUri(secret: string, account: string): string {
  return totp(secret, account).toString();
}

/** The time step whose code this is; null for a wrong code. Codes are compared in constant time. */
export function stepOfCode(secret: string, code: string, nowMs: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totp(secret, "").validate({ token: code, timestamp: nowMs, window: WINDOW });
  return delta === null ? null : Math.floor(nowMs / 1000 / STEP_SECONDS) + delta;
}

/** The code of a moment: for tests, and nothing else. */
export function codeAt(secret: string, nowMs: number): string {
  return totp(secret, "").generate({ timestamp: nowMs });
}

function totp(secret: string, account: string): TOTP {
  return new TOTP({ issuer: "Islet", label: account === "" ? "Islet" : account, algorithm: "SHA1", digits: 6, period: STEP_SECONDS, secret: OtpSecret.fromBase32(secret) });
}
