/** Codes by time against RFC 6238's own values, and what makes a code good once. */
import { describe, expect, it } from "vitest";
import { hashRecoveryCode, makeRecoveryCodes, RECOVERY_CODES } from "./recovery-codes.ts";
import { codeAt, makeTotpSecret, stepOfCode, totpUri } from "./totp.ts";

/** "12345678901234567890" in Base32: the secret of RFC 6238, appendix B, whose codes of eight digits end in these six. */
const RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const RFC_CODES: readonly (readonly [seconds: number, code: string])[] = [[59, "287082"], [1_111_111_109, "081804"], [1_111_111_111, "050471"], [1_234_567_890, "005924"], [2_000_000_000, "279037"]];

describe("a code of an authenticator app [AU-17]", () => {
  it.each(RFC_CODES)("is RFC 6238's at %i s", (seconds, code) => {
    expect(codeAt(RFC_SECRET, seconds * 1000)).toBe(code);
    expect(stepOfCode(RFC_SECRET, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  it("is good one step around its own and no further, and says which step it is of", () => {
    const nowMs = 1_234_567_890_000;
    const step = Math.floor(nowMs / 30_000);
    for (const [shift, expected] of [[-2, null], [-1, step - 1], [0, step], [1, step + 1], [2, null]] as const) {
      expect(stepOfCode(RFC_SECRET, codeAt(RFC_SECRET, nowMs + shift * 30_000), nowMs), String(shift)).toBe(expected);
    }
  });

  it("has six digits and nothing else", () => {
    for (const code of ["", "12345", "1234567", "00592４", " 005924", "005924\n", "-05924", "5924"]) expect(stepOfCode(RFC_SECRET, code, 1_234_567_890_000), code).toBeNull();
  });

  it("comes from a secret of 160 bits, which the app reads from an address with Islet's name", () => {
    const secret = makeTotpSecret((size) => new Uint8Array(size).fill(7));
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(totpUri(secret, "ana@example.org"));
    expect([uri.protocol, uri.searchParams.get("secret"), uri.searchParams.get("issuer"), uri.searchParams.get("digits")]).toEqual(["otpauth:", secret, "Islet", "6"]);
  });
});

describe("recovery codes", () => {
  it("are ten of 120 bits, different, in groups of four letters that nobody mistakes [ASVS 6.5.2, 6.5.4]", () => {
    let seed = 1;
    const codes = makeRecoveryCodes((size) => Uint8Array.from({ length: size }, () => (seed = (seed * 48_271) % 2_147_483_647) & 255));
    expect(new Set(codes).size).toBe(RECOVERY_CODES);
    for (const code of codes) expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  it("are the same in whatever way they are typed, and another's digest is another", () => {
    const digest = hashRecoveryCode("u", "ABCD-0123-EFGH-1111").toString("hex");
    for (const typed of ["abcd0123efgh1111", " ABCD 0123 EFGH 1111 ", "ABCD-O123-EFGH-IlIl"]) expect(hashRecoveryCode("u", typed).toString("hex"), typed).toBe(digest);
    expect(hashRecoveryCode("v", "ABCD-0123-EFGH-1111").toString("hex")).not.toBe(digest);
  });
});
