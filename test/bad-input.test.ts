/** What strangers may send in place of a payload, to every driver: refused or repaired with a report, never a crash, never a wrong number. [R1] */
import { describe, expect, it } from "vitest";
import type { Driver } from "#driver/types.ts";
import type { VendorRecord } from "#driver/records.ts";
import { DRIVERS } from "#drivers/index.ts";
import { ProviderContractBroken } from "#errors.ts";
import { faultOfRecord } from "./fuzz/record-fault.ts";

const CONTEXT = { receivedMs: Date.UTC(2026, 10, 21), zone: "Europe/Madrid" };
const SLOWEST_MS = 5_000;

const deep = (open: string, close: string, levels: number): string => open.repeat(levels) + close.repeat(levels);
/** JSON texts that a parser takes and nobody should send. */
const NASTY: readonly (readonly [string, string])[] = [
  ["lists a hundred levels deep", deep("[", "]", 100)],
  ["objects two thousand levels deep", `${'{"data":'.repeat(2_000)}1${"}".repeat(2_000)}`],
  ["twenty thousand nulls", `[${Array.from({ length: 20_000 }, () => "null").join(",")}]`],
  ["twenty thousand empty objects", `{"data":[${Array.from({ length: 20_000 }, () => "{}").join(",")}]}`],
  ["names that reach for prototypes", '{"__proto__":{"data":[{"value":1}]},"constructor":{"prototype":{"value":1}},"data":[{"__proto__":{"value":9}}]}'],
  ["numbers beyond all bounds", '{"data":[{"value":1e400,"time":-1e400,"start":123456789012345678901234567890,"id":18446744073709551615}]}'],
  ["a text of a megabyte", JSON.stringify({ data: [{ value: "9".repeat(1_000_000), time: "x".repeat(1_000_000) }] })],
  ["dates that are none", '{"data":[{"value":1,"time":"0001-01-01T00:00:00Z"},{"value":1,"time":"9999-12-31T23:59:59Z"},{"value":1,"time":"2026-02-30T00:00:00Z"},{"value":1,"time":"+275760-09-13T00:00:00.001Z"}]}'],
  ["nothing at all", "null"],
];

function resultOf(driver: Driver, resource: string, payload: unknown): readonly VendorRecord[] {
  try {
    return driver.map(resource, payload, CONTEXT).records;
  } catch (error) {
    // What is unusable as a whole is said so; any other error would take a worker down.
    expect(error, `${driver.id} ${resource}`).toBeInstanceOf(ProviderContractBroken);
    return [];
  }
}

describe.each(DRIVERS.map((driver) => ({ name: driver.id, driver })))("$name", ({ driver }) => {
  it.each(NASTY)("survives %s in every payload [DA-08] [WH-15]", (_, text) => {
    for (const { name, format } of driver.resources) {
      const startedMs = performance.now();
      const records = resultOf(driver, name, format === "json" ? (JSON.parse(text) as unknown) : text);
      expect(performance.now() - startedMs, name).toBeLessThan(SLOWEST_MS);
      expect(records.map(faultOfRecord).filter((fault) => fault !== null), name).toEqual([]);
    }
  });

  const { webhook } = driver;
  if (webhook) it("survives the same in a webhook [WH-15]", () => {
    for (const [, text] of NASTY) {
      try {
        webhook.parse(webhook.bodyFormat === "form" ? { data: text } : JSON.parse(text));
      } catch (error) {
        expect(error).toBeInstanceOf(ProviderContractBroken);
      }
    }
  });
});
