import { createCipheriv, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, InternalError, VaultRefused } from "../errors.ts";
import { Secret } from "../secret.ts";
import { createVault, type Place, type Vault } from "./seal.ts";

const k1 = { id: "k1", key: new Uint8Array(32).fill(1) };
const k2 = { id: "k2", key: new Uint8Array(32).fill(2) };
const place: Place = { table: "credentials", rowId: "6f9619ff-8b86-4011-b42d-00c04fc964ff", field: "refresh_token", version: 3 };
const plain = new Secret("rt-canary-ünïcode-🩸");

function vaultOf(keys = [k1], activeKeyId = "k1"): Vault {
  return createVault({ keys, activeKeyId, randomBytes });
}

function parts(sealed: string): [string, string, string, string, string] {
  return sealed.split(".") as [string, string, string, string, string];
}

describe("seal and open", () => {
  it("[E1] gives back what was sealed, in its place", () => {
    const vault = vaultOf();
    expect(vault.open(vault.seal(plain, place), place).open()).toBe(plain.open());
  });

  it("[E1] gives back any text, the empty one included", () => {
    const vault = vaultOf();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => vault.open(vault.seal(new Secret(text), place), place).open() === text),
      { seed: 7, numRuns: 300 },
    );
  });

  it("[E1] draws a new IV of 12 bytes each time and keeps the whole tag of 16", () => {
    const vault = vaultOf();
    const texts = Array.from({ length: 200 }, () => vault.seal(plain, place));
    expect(new Set(texts.map((text) => parts(text)[2])).size).toBe(200);
    const [format, keyId, iv, tag] = parts(texts[0] ?? "");
    expect([format, keyId]).toEqual(["v1", "k1"]);
    expect([iv, tag].map((text) => Buffer.from(text, "base64url").byteLength)).toEqual([12, 16]);
    expect(texts[0]).not.toContain("canary");
  });

  it("[E1] refuses a text in which any one character is changed", () => {
    const vault = vaultOf();
    const sealed = vault.seal(plain, place);
    for (let index = 0; index < sealed.length; index += 1) {
      for (const other of ["A", "B", "_", "=", "."]) {
        if (other === sealed[index]) continue;
        const changed = sealed.slice(0, index) + other + sealed.slice(index + 1);
        expect(() => vault.open(changed, place), `character ${index} as ${other}`).toThrow(VaultRefused);
      }
    }
  });

  it("[E1] refuses a text in which any one bit of IV, tag or ciphertext is flipped", () => {
    const vault = vaultOf();
    const sealed = parts(vault.seal(plain, place));
    for (const part of [2, 3, 4] as const) {
      const bytes = Buffer.from(sealed[part], "base64url");
      for (let bit = 0; bit < bytes.byteLength * 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => vault.open(sealed.with(part, flipped.toString("base64url")).join("."), place)).toThrow(VaultRefused);
      }
    }
  });

  it("[E1] refuses a text cut short anywhere, or with something behind it", () => {
    const vault = vaultOf();
    const sealed = vault.seal(plain, place);
    for (let length = 0; length < sealed.length; length += 1) expect(() => vault.open(sealed.slice(0, length), place)).toThrow(VaultRefused);
    for (const tail of ["A", "AAAA", ".", "=", "\n", ".AAAA"]) expect(() => vault.open(sealed + tail, place)).toThrow(VaultRefused);
  });

  it.each([4, 8, 12, 13, 14, 15])("[E1] refuses a tag cut down to %i bytes, though it is the true start", (bytes) => {
    const vault = vaultOf();
    const sealed = parts(vault.seal(plain, place));
    const short = Buffer.from(sealed[3], "base64url").subarray(0, bytes).toString("base64url");
    expect(() => vault.open(sealed.with(3, short).join("."), place)).toThrow(VaultRefused);
  });

  it.each(["", "plain text", "v1", "v1....", "v3.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.AA", "v1.k 1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.AA"])("refuses %j as no sealed text", (text) => {
    expect(() => vaultOf().open(text, place)).toThrow(VaultRefused);
    expect(() => vaultOf().needsRotation(text)).toThrow(VaultRefused);
  });

  it.each([
    ["another row", { rowId: "6f9619ff-8b86-4011-b42d-00c04fc96400" }],
    ["another column", { field: "access_token" }],
    ["another table", { table: "webhook_secrets" }],
    ["an older version", { version: 2 }],
  ])("[E1] does not open in %s", (_, change) => {
    const vault = vaultOf();
    const sealed = vault.seal(plain, place);
    expect(() => vault.open(sealed, { ...place, ...change })).toThrow(VaultRefused);
  });

  it("[E1] does not mix up places whose names run together", () => {
    const vault = vaultOf();
    const sealed = vault.seal(plain, { table: "ab", rowId: "c", field: "d", version: 1 });
    expect(() => vault.open(sealed, { table: "a", rowId: "bc", field: "d", version: 1 })).toThrow(VaultRefused);
    expect(() => vault.open(sealed, { table: "ab", rowId: "cd", field: "", version: 1 })).toThrow(InternalError);
  });

  it("uses a key of each place's own, never the master key", () => {
    const iv = new Uint8Array(12);
    const vault = createVault({ keys: [k1], activeKeyId: "k1", randomBytes: () => iv });
    const places = [place, { ...place, table: "t" }, { ...place, rowId: "r" }, { ...place, field: "f" }];
    const ciphertexts = places.map((each) => parts(vault.seal(plain, each))[4]);
    const underMaster = createCipheriv("aes-256-gcm", k1.key, iv).update(plain.open(), "utf8", "base64url");
    expect(new Set([...ciphertexts, underMaster]).size).toBe(5);
  });

  it("refuses a place whose names are too long for the key derivation", () => {
    expect(() => vaultOf().seal(plain, { ...place, rowId: "r".repeat(201) })).toThrow(InternalError);
  });

  it("[E7] says nothing of text or key when it refuses", () => {
    const vault = vaultOf();
    const sealed = vault.seal(plain, place);
    const errors = [sealed.slice(1), sealed.slice(0, -4), sealed.replace("v1.k1", "v1.k9")].map((text) => {
      try {
        return vault.open(text, place);
      } catch (error) {
        return error;
      }
    });
    const shown = inspect([vault, ...errors], { depth: 9, showHidden: true });
    expect(shown).toContain("VaultRefused");
    expect(shown).not.toContain(parts(sealed)[4]);
    expect(shown).not.toMatch(/canary|0101/);
  });
});

describe("a data key", () => {
  const owner = "0f9619ff-8b86-4011-b42d-00c04fc964aa";

  it("[OA-15] seals and opens in its place, under its own id and never under the ring's", () => {
    const vault = vaultOf();
    const key = vault.makeDataKey(owner);
    const sealed = vault.seal(plain, place, key);
    expect(parts(sealed).slice(0, 2)).toEqual(["v2", key.id]);
    expect(parts(key.wrapped).slice(0, 2)).toEqual(["v1", "k1"]);
    expect(vault.open(sealed, place, [vault.makeDataKey(owner), key]).open()).toBe(plain.open());
    expect(vault.needsRotation(sealed)).toBe(false);
    expect(() => vault.open(sealed, { ...place, rowId: "other" }, [key])).toThrow(VaultRefused);
    expect(() => vault.open(sealed, { ...place, version: 2 }, [key])).toThrow(VaultRefused);
  });

  it("still opens what was sealed with the ring itself, before there were data keys", () => {
    const vault = vaultOf();
    expect(vault.open(vault.seal(plain, place), place, [vault.makeDataKey(owner)]).open()).toBe(plain.open());
  });

  it("is needed: a text of somebody else's key opens for nobody, nor after the key was destroyed", () => {
    const vault = vaultOf();
    const key = vault.makeDataKey(owner);
    const sealed = vault.seal(plain, place, key);
    const foreign = vault.makeDataKey("another");
    for (const keys of [[], [foreign], [{ ...foreign, id: key.id }]]) expect(() => vault.open(sealed, place, keys)).toThrow(VaultRefused);
  });

  it.each([
    ["another owner's row", { ownerId: "another" }],
    ["another id", { id: "6f9619ff-8b86-4011-b42d-00c04fc96400" }],
    ["an older version", { version: 2 }],
    ["nonsense", { wrapped: "v1.k1.AAAA.AAAA.AAAA" }],
  ])("does not open wrapped in %s", (_, change) => {
    const vault = vaultOf();
    const key = vault.makeDataKey(owner);
    const moved = { ...key, ...change };
    const sealed = vault.seal(plain, place, key).replace(key.id, moved.id);
    expect(() => vault.open(sealed, place, [moved])).toThrow(VaultRefused);
    expect(() => vault.seal(plain, place, moved)).toThrow(VaultRefused);
    expect(() => vault.rewrap(moved)).toThrow(VaultRefused);
  });

  it("is wrapped anew without a change to what it sealed, and the old key of the ring is not needed any more", () => {
    const old = vaultOf();
    const key = old.makeDataKey(owner);
    const sealed = old.seal(plain, place, key);
    const next = vaultOf([k1, k2], "k2").rewrap(key);
    expect(next).toMatchObject({ id: key.id, ownerId: owner, version: 2 });
    expect(next.wrapped).toMatch(/^v1\.k2\./);
    expect(vaultOf([k2], "k2").open(sealed, place, [next]).open()).toBe(plain.open());
    expect(() => vaultOf([k2], "k2").open(sealed, place, [key])).toThrow(VaultRefused);
    expect(() => vaultOf([k1, k2], "k2").open(sealed, place, [{ ...key, version: 2 }])).toThrow(VaultRefused);
  });

  it("[E7] is shown by nothing: neither key nor text in an inspection, an error or JSON", () => {
    const seen: string[] = [];
    const vault = createVault({
      keys: [k1], activeKeyId: "k1",
      randomBytes: (size) => {
        const bytes = randomBytes(size);
        if (size === 32) seen.push(bytes.toString("hex"), bytes.toString("base64url"));
        return bytes;
      },
    });
    const key = vault.makeDataKey(owner);
    const sealed = vault.seal(plain, place, key);
    const errors = [[], [{ ...key, version: 9 }]].map((keys) => {
      try {
        return vault.open(sealed, place, keys);
      } catch (error) {
        return error;
      }
    });
    const opened = vault.open(sealed, place, [key]);
    const shown = `${inspect([vault, key, opened, ...errors], { depth: 9, showHidden: true, getters: true })}${JSON.stringify([vault, key, opened, ...errors])}${String(opened)}`;
    expect(seen).toHaveLength(2);
    for (const text of [...seen, plain.open(), "01".repeat(8)]) expect(shown).not.toContain(text);
    expect(shown).toContain("[secret]");
  });
});

describe("rotation", () => {
  it("[E1] seals with the active key, opens with every key of the ring, and knows what is left to do", () => {
    const old = vaultOf().seal(plain, place);
    const both = vaultOf([k1, k2], "k2");
    expect(both.needsRotation(old)).toBe(true);
    const renewed = both.seal(both.open(old, place), place);
    expect(renewed).toMatch(/^v1\.k2\./);
    expect(both.needsRotation(renewed)).toBe(false);
    expect(vaultOf([k2], "k2").open(renewed, place).open()).toBe(plain.open());
  });

  it("[E1] refuses a text whose key has left the ring, and one that names another key than its own", () => {
    const old = vaultOf().seal(plain, place);
    expect(() => vaultOf([k2], "k2").open(old, place)).toThrow(VaultRefused);
    expect(() => vaultOf([k1, k2], "k2").open(old.replace("v1.k1.", "v1.k2."), place)).toThrow(VaultRefused);
    const sameKeyTwice = vaultOf([k1, { id: "k9", key: k1.key }]);
    expect(() => sameKeyTwice.open(old.replace("v1.k1.", "v1.k9."), place)).toThrow(VaultRefused);
  });
});

describe("key check", () => {
  it("[E1] knows its key again at the next start", () => {
    const check = vaultOf([k1, k2], "k2").keyCheck("k1");
    expect(() => vaultOf([k2, k1], "k2").verifyKeyCheck("k1", check)).not.toThrow();
  });

  it("[E1] refuses to start with another key under the same id, without the id's key, or with another id's check", () => {
    const vault = vaultOf([k1, k2], "k2");
    const check = vault.keyCheck("k1");
    expect(() => vaultOf([{ id: "k1", key: k2.key }]).verifyKeyCheck("k1", check)).toThrow(ConfigError);
    expect(() => vaultOf([k2], "k2").verifyKeyCheck("k1", check)).toThrow(/k1, which is not in the ring/);
    expect(() => vault.verifyKeyCheck("k2", check)).toThrow(ConfigError);
    expect(() => vault.verifyKeyCheck("k1", "nonsense")).toThrow(ConfigError);
    expect(() => vault.keyCheck("k9")).toThrow(InternalError);
  });

  it("does not open as an ordinary secret", () => {
    const vault = vaultOf();
    expect(() => vault.open(vault.keyCheck("k1"), place)).toThrow(VaultRefused);
  });
});

describe("createVault", () => {
  it.each([
    ["no key", [], "k1"],
    ["an active key that is not there", [k1], "k2"],
    ["a key of 31 bytes", [{ id: "k1", key: new Uint8Array(31) }], "k1"],
    ["an id twice", [k1, { ...k2, id: "k1" }], "k1"],
    ["an id with a dot", [{ ...k1, id: "k.1" }], "k.1"],
  ])("[E1] refuses %s", (_, keys, activeKeyId) => {
    expect(() => vaultOf(keys, activeKeyId)).toThrow(ConfigError);
  });
});
