import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { challengeOf, createPkce, isVerifier } from "./pkce.ts";

describe("createPkce", () => {
  it("[P1][OA-08] gives the verifier and challenge of RFC 7636 appendix B for its random octets", () => {
    const octets = [
      116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132,
      141, 121,
    ];
    const pkce = createPkce(() => Uint8Array.from(octets));
    expect(pkce.verifier.open()).toBe("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    expect(pkce.challenge).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  });

  it("[P1][OA-08] is new for every flow, always well-formed, and S256 of its verifier", () => {
    const flows = Array.from({ length: 100 }, () => createPkce(randomBytes));
    expect(new Set(flows.map(({ verifier }) => verifier.open())).size).toBe(100);
    for (const { verifier, challenge } of flows) {
      expect(isVerifier(verifier.open())).toBe(true);
      expect(challenge).toBe(challengeOf(verifier.open()));
      expect(challenge).toMatch(/^[A-Za-z0-9_-]{43}$/);
    }
  });

  it("[E7] does not show the verifier in JSON", () => {
    expect(JSON.stringify(createPkce(randomBytes))).toContain('"verifier":"[secret]"');
  });
});

describe("isVerifier", () => {
  it.each([
    ["a".repeat(42), false],
    ["a".repeat(43), true],
    ["aA0-._~".repeat(18), true],
    ["a".repeat(128), true],
    ["a".repeat(129), false],
    [`${"a".repeat(43)}=`, false],
    [`${"a".repeat(43)}\n`, false],
    ["é".repeat(43), false],
  ])("[P1] judges %j as %j", (text, expected) => {
    expect(isVerifier(text)).toBe(expected);
  });
});
