import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { InvalidInput } from "../errors.ts";
import { parseCallback } from "./callback.ts";

const CANARY = "canary-77";

describe("parseCallback", () => {
  it("[E5] reads code and state, and keeps the code out of sight", () => {
    const callback = parseCallback({ code: "US_1f0.2e1.3d2", state: "s1" });
    expect(callback).toMatchObject({ kind: "code", state: "s1", scopes: null, issuer: null });
    expect(callback.kind === "code" && callback.code.open()).toBe("US_1f0.2e1.3d2");
    expect(inspect(callback) + JSON.stringify(callback)).not.toContain("US_1f0");
  });

  it("[OA-14] reads what was really granted where the vendor says so on the way back", () => {
    expect(parseCallback({ code: "c", state: "s", scope: "read,activity:read" })).toMatchObject({ scopes: ["read", "activity:read"] });
    expect(parseCallback({ code: "c", state: "s", scope: "read  profile" })).toMatchObject({ scopes: ["read", "profile"] });
    expect(parseCallback({ code: "c", state: "s", scope: "read\u0000" })).toMatchObject({ scopes: null });
  });

  it("[OA-05] gives the issuer for comparison", () => {
    expect(parseCallback({ code: "c", state: "s", iss: "https://vendor.example" })).toMatchObject({ issuer: "https://vendor.example" });
  });

  it.each([
    ["access_denied", "access_denied"],
    ["server_error", "temporarily_unavailable"],
    ["temporarily_unavailable", "temporarily_unavailable"],
    [`<script>${CANARY}</script>`, "other"],
  ])("[OA-11] tells %j as %s, keeps the state and drops the vendor's words", (error, reason) => {
    const callback = parseCallback({ error, error_description: `<img src=x onerror=${CANARY}>`, error_uri: "https://evil.example", state: "s1" });
    expect(callback).toEqual({ kind: "refused", reason, state: "s1" });
  });

  it("takes a parameter without value for absent", () => {
    expect(parseCallback({ code: "", error: "access_denied", state: "s" }).kind).toBe("refused");
    expect(parseCallback({ code: "c", error: "", state: "s" }).kind).toBe("code");
    expect(parseCallback({ code: "c", error: undefined, state: "s" }).kind).toBe("code");
  });

  it.each([
    ["both code and error", { code: CANARY, error: "access_denied", state: "s" }],
    ["neither code nor error", { state: "s" }],
    ["only empty ones", { code: "", error: "", state: "s" }],
    ["a repeated code", { code: [CANARY, "b"], state: "s" }],
    ["a repeated state", { code: CANARY, state: ["s", "t"] }],
    ["a repeated unknown parameter", { code: CANARY, state: "s", x: ["1", "2"] }],
    ["a nested parameter", { code: CANARY, state: { a: "b" } }],
    ["no state", { code: CANARY }],
    ["an empty state", { code: CANARY, state: "" }],
    ["an overlong state", { code: CANARY, state: "s".repeat(513) }],
    ["a state with NUL", { code: CANARY, state: "s\u0000" }],
    ["an overlong code", { code: CANARY.repeat(1_000), state: "s" }],
    ["a code with a line break", { code: `${CANARY}\r\n`, state: "s" }],
    ["a state that is inherited", Object.create({ code: CANARY, state: "s" }) as Record<string, unknown>],
  ])("[OA-01][OA-12] refuses %s without repeating it", (_, query) => {
    expect(() => parseCallback(query)).toThrow(InvalidInput);
    expect(() => parseCallback(query)).not.toThrow(new RegExp(CANARY));
  });
});
