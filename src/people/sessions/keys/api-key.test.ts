import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makeApiKey, readApiKey } from "./api-key.ts";
import { KEY_SCOPES, keyMayCall, type KeyScope } from "./key-scopes.ts";

describe("a key of an app", () => {
  it("is known by its beginning, and read as it was made", () => {
    for (let turn = 0; turn < 200; turn += 1) {
      const { key, publicId, hash } = makeApiKey(randomBytes);
      expect(key).toMatch(/^islet_[0-9a-z]{8}_[0-9A-Za-z]{49}$/);
      expect(readApiKey(key)).toEqual({ publicId, hash });
    }
  });

  it("keeps all 256 bits of its secret", () => {
    const of = (byte: number) => makeApiKey((size) => Buffer.alloc(size, byte)).key;
    expect(new Set([0x00, 0x01, 0x7f, 0x80, 0xff].map(of)).size).toBe(5);
    const flipped = Buffer.alloc(32, 0xff);
    flipped[0] = 0x7f;
    expect(makeApiKey((size) => (size === 32 ? flipped : Buffer.alloc(size))).key).not.toBe(makeApiKey((size) => Buffer.alloc(size, size === 32 ? 0xff : 0)).key);
  });

  it("with any one character changed, cut off or added is none, and nobody need be asked", () => {
    const { key } = makeApiKey(randomBytes);
    for (let place = 0; place < key.length; place += 1) {
      const other = key[place] === "a" ? "b" : "a";
      expect(readApiKey(key.slice(0, place) + other + key.slice(place + 1)), `place ${place}`).toBeNull();
      expect(readApiKey(key.slice(0, place))).toBeNull();
    }
    for (const text of [`${key}x`, ` ${key}`, `${key}\n`, key.toUpperCase(), "", "islet_", "' or 1=1 --"]) expect(readApiKey(text)).toBeNull();
  });
});

describe("what a key may call", () => {
  const patient = (scope: "view" | "upload" | "manage") => ({ access: { who: "patient", scope }, route: "/api/v1/patients/:patientId/x" });
  const table: readonly (readonly [KeyScope, "view" | "upload" | "manage"])[] = [["data:read", "view"], ["data:write", "upload"], ["data:manage", "manage"]];

  it.each(table)("with %s is what needs %s of a patient, and no more", (scope, needs) => {
    for (const [, other] of table) expect(keyMayCall([scope], "POST", patient(other))).toBe(other === needs);
  });

  it("is no account, session, key, factor or token, whatever its scopes", () => {
    for (const route of ["/api/v1/session", "/api/v1/session/proof", "/api/v1/tokens", "/api/v1/api-keys", "/api/v1/api-keys/:keyId", "/api/v1/me/sessions", "/api/v1/users", "/api/v1/me/password", "/api/v1/me/passkeys", "/api/v1/erasures"]) {
      for (const access of [{ who: "user" }, { who: "user", roles: ["admin"] }, { who: "anyone" }, undefined]) {
        for (const method of ["GET", "POST", "DELETE"]) expect(keyMayCall(KEY_SCOPES, method, { access, route }), `${method} ${route}`).toBe(false);
      }
    }
  });

  it("is who it works for, by reading alone; lists by their scope", () => {
    expect(keyMayCall(["data:write"], "GET", { access: { who: "user" }, route: "/api/v1/me" })).toBe(true);
    expect(keyMayCall(KEY_SCOPES, "PATCH", { access: { who: "user" }, route: "/api/v1/me" })).toBe(false);
    expect(keyMayCall(["data:read"], "GET", { access: { who: "user" }, route: "/api/v1/patients" })).toBe(false);
    expect(keyMayCall(["patients:read"], "GET", { access: { who: "user" }, route: "/api/v1/patients" })).toBe(true);
    expect(keyMayCall(["admin"], "GET", { access: { who: "user", roles: ["admin"] }, route: "/api/v1/inbox/deliveries" })).toBe(true);
    expect(keyMayCall(["data:read"], "GET", { access: { who: "user", roles: ["admin"] }, route: "/api/v1/inbox/deliveries" })).toBe(false);
  });
});
