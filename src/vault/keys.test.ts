import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { parseKey, parseKeyring } from "./keys.ts";

const hex = "00ff".repeat(16);
const other = "AB12".repeat(16);

describe("parseKey", () => {
  it("[E1] reads 64 hexadecimal characters of either case as 32 bytes", () => {
    expect(Buffer.from(parseKey(hex, "ISLET_KEY")).toString("hex")).toBe(hex);
    expect(Buffer.from(parseKey(other, "ISLET_KEY")).toString("hex")).toBe(other.toLowerCase());
  });

  it.each(["", hex.slice(1), `${hex}0`, `g${hex.slice(1)}`, ` ${hex}`, `${hex}\n`, `0x${hex.slice(2)}`])("[E1] refuses %j, naming the setting and not the value", (text) => {
    expect(() => parseKey(text, "ISLET_KEY")).toThrow(ConfigError);
    expect(() => parseKey(text, "ISLET_KEY")).toThrow(/^ISLET_KEY must be/);
    expect(() => parseKey(text, "ISLET_KEY")).not.toThrow(/ff00/);
  });
});

describe("parseKeyring", () => {
  it("[E1] reads ids and keys in order", () => {
    const ring = parseKeyring(`k1:${hex}, 2026-11_b:${other} `, "ISLET_KEYS");
    expect(ring.map(({ id, key }) => [id, Buffer.from(key).toString("hex")])).toEqual([["k1", hex], ["2026-11_b", other.toLowerCase()]]);
  });

  it.each([
    ["nothing", "", "ISLET_KEYS must hold at least one key"],
    ["blanks", "  ", "ISLET_KEYS must hold at least one key"],
    ["a key without id", hex, "Entry 1 of ISLET_KEYS must be written id:key"],
    ["an empty id", `:${hex}`, "Entry 1 of ISLET_KEYS must be written id:key"],
    ["an id with a dot", `k.1:${hex}`, "Entry 1 of ISLET_KEYS must be written id:key"],
    ["an overlong id", `${"k".repeat(33)}:${hex}`, "Entry 1 of ISLET_KEYS must be written id:key"],
    ["two colons", `k1:${hex}:${other}`, "Entry 1 of ISLET_KEYS must be written id:key"],
    ["a comma too many", `k1:${hex},`, "Entry 2 of ISLET_KEYS must be written id:key"],
    ["a short key", `k1:${hex},k2:${other.slice(2)}`, "Entry 2 of ISLET_KEYS must be 32 bytes"],
    ["an id twice", `k1:${hex},k1:${other}`, "Entry 2 of ISLET_KEYS uses an id"],
  ])("[E1] refuses %s, naming the entry and no key", (_, text, message) => {
    expect(() => parseKeyring(text, "ISLET_KEYS")).toThrow(ConfigError);
    expect(() => parseKeyring(text, "ISLET_KEYS")).toThrow(message);
    expect(() => parseKeyring(text, "ISLET_KEYS")).not.toThrow(/00ff|12AB/i);
  });
});
