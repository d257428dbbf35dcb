import { inspect, format } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "./secret.ts";

describe("a secret", () => {
  const secret = new Secret("sesame-4711");

  it("opens to whoever asks for it by name", () => {
    expect(secret.open()).toBe("sesame-4711");
  });

  it("shows itself nowhere else [OA-15]", () => {
    const byAccident: unknown = secret;
    const shown = [
      String(secret), `a ${byAccident as string}`, JSON.stringify({ secret, list: [secret] }), inspect(secret), inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
      format("%s %o %j", secret, secret, secret), JSON.stringify({ ...(byAccident as object) }), Object.values(secret).join(), new Error(`refused ${byAccident as string}`).message,
      JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
    ];
    for (const text of shown) expect(text).not.toContain("sesame");
    expect(String(secret)).toBe("[secret]");
  });

  it("cannot be copied out by a structured clone", () => {
    expect(JSON.stringify(structuredClone(secret))).not.toContain("sesame");
  });
});
