import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { blockedPasswords, checkNewPassword } from "./blocked-passwords.ts";
import { passwordFault, passwordIssue, type PasswordFault } from "./password-rules.ts";
import { foldPassword, spreadPasswords } from "./spread-passwords.ts";

const fault = (password: string, more: { hasSecondFactor?: boolean; words?: string[] } = {}): PasswordFault | null =>
  passwordFault(password, { hasSecondFactor: false, words: [], blocked: blockedPasswords(), ...more });

describe("a new password", () => {
  it("may be any long text: words, spaces, signs, scripts, and nothing must be in it [AU-04]", () => {
    for (const good of [
      "correct horse battery", "cuatro gatos sobre un tejado", "solo letras minusculas juntas", "8319027465013 4471", "пароль из шести разных слов", "🦜🌋🥝🛶🧵🎷🪁🍇🚜🪗🧭🛖🪴🥁🦔",
      "   leading and trailing   ", "x".repeat(1) + "the quick brown fox jumps".repeat(3),
    ]) expect(fault(good), good).toBeNull();
  });

  it("has 15 characters, or 8 beside a second factor, counted as code points of one spelling [AU-04]", () => {
    expect(fault("vkqzmrtwpyxhdb")).toBe("too_short");
    expect(fault("vkqzmrtwpyxhdbj")).toBeNull();
    expect(fault("vkqzmrtw", { hasSecondFactor: true })).toBeNull();
    expect(fault("vkqzmrt", { hasSecondFactor: true })).toBe("too_short");
    // Fourteen letters, one of them written as two code points.
    expect(fault("ñandubzwkqtmvh".normalize("NFD"))).toBe("too_short");
    expect(fault("🦜🌋🥝🛶🧵🎷🪁🍇🚜🪗🧭🛖🪴🥁")).toBe("too_short");
  });

  it("has at most 256 characters, and is not read further when it has many more [AU-04]", () => {
    const long = Array.from({ length: 256 }, (_, at) => String.fromCodePoint(0x4e00 + ((at * 7_919) % 20_000))).join("");
    expect(fault(long)).toBeNull();
    expect(fault(`${long}x`)).toBe("too_long");
    const startedMs = performance.now();
    expect(fault("x".repeat(10_000_000))).toBe("too_long");
    expect(performance.now() - startedMs).toBeLessThan(100);
  });

  it("is none of those that are tried first, in whatever letters, signs and hung-on digits [AU-04]", () => {
    for (const bad of [
      "passwordpassword", "PasswordPassword", "P@ssw0rdP@ssw0rd", "password12345678", "password 1234567", "iloveyouiloveyou", "contraseña123456", "Contrasena1234567890", "qwertyuiop123456", "123456789password",
      "administrator123", "correct-horse-battery-staple", "thisismypassword!!!", "welcome123456789", "tequieromucho123", "iloveyoupassword",
    ]) expect(["common", "sequence"], bad).toContain(fault(bad));
    for (const bad of ["password", "Passw0rd!", "qwerty123", "iloveyou", "welcome1", "barcelona1", "12345678", "1q2w3e4r"]) expect(["common", "sequence"], bad).toContain(fault(bad, { hasSecondFactor: true }));
  });

  it("does not repeat a few characters or follow a row [AU-04]", () => {
    for (const bad of ["aaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "xyzzyxyzzyxyzzy", "7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7"]) expect(["repetition", "common", "sequence"], bad).toContain(fault(bad));
    for (const bad of ["abcdefghijklmnop", "qwertyuiopasdfgh", "1qaz2wsx3edc4rfv", "zyxwvutsrqponmlk", "asdfghjklzxcvbnm"]) expect(["sequence", "common"], bad).toContain(fault(bad));
    expect(fault("kkkkkkkkkkkkkkkkkw")).toBe("sequence");
  });

  it("is not made of what everybody knows of the person or of us [AU-04]", () => {
    const words = ["Guadalupe.Fernandez@example.org", "Guadalupe", "Fernández Ortiz", "lupefer", "12345678Z"];
    for (const bad of ["guadalupefernandez", "Guadalupe Fernandez 1987", "12345678z-12345678Z", "isletislet-1234567", "Gu4d4lup3 F3rn4nd3z"]) expect(fault(bad, { words }), bad).not.toBeNull();
    expect(fault("guadalupe sings under the old bridge", { words })).toBeNull();
    expect(fault("guadalupefernandez")).toBeNull();
  });

  it("is refused with what to do, and never repeated [AU-04]", () => {
    expect(passwordIssue("too_short", true, "/body/x").detail).toContain("at least 8");
    expect(() => checkNewPassword({ password: "zz top", words: [null, undefined] })).toThrow(expect.objectContaining({ code: "weak_password", httpStatus: 400, issues: [expect.objectContaining({ pointer: "/body/password" }) as unknown] }) as Error);
    try {
      checkNewPassword({ password: "passwordpassword", words: [] });
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain("passwordpassword");
    }
  });
});

describe("the block-list", () => {
  it("is fresh from its words, and has thousands that are long enough [AU-04]", () => {
    const words = readFileSync(new URL("common-passwords.txt", import.meta.url), "utf8").split(/\s+/).filter(Boolean);
    expect([...blockedPasswords()]).toEqual(spreadPasswords(words));
    const blocked = [...blockedPasswords()];
    expect(blocked.filter((password) => password.length >= 15).length).toBeGreaterThanOrEqual(3_000);
    expect(blocked.filter((password) => password.length < 15).length).toBeGreaterThanOrEqual(3_000);
    expect(blocked.every((password) => password === foldPassword(password) && password.length >= 8)).toBe(true);
  });

  it("refuses every one of its own [AU-04]", () => {
    for (const password of blockedPasswords()) {
      expect(fault(password, { hasSecondFactor: true }), password).not.toBeNull();
      if (password.length >= 15) expect(fault(password.toUpperCase()), password).not.toBeNull();
    }
  });
});
