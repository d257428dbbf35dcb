/** Tidepool against its simulated cloud. [R1] */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tidepool } from "#drivers/tidepool/index.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import type { DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const data = JSON.parse(readFileSync(new URL("../../src/drivers/tidepool/fixtures/data.json", import.meta.url), "utf8")) as object[];

const contract: DriverContract = {
  driver: tidepool,
  startCloud: (clock) => startSimCloud("tidepool", "ana", clock),
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 40 * DAY_MS, toMs: NOW_MS - HOUR_MS },
  askedWindowMs: (url) => {
    const [from, to] = ["startDate", "endDate"].map((name) => Date.parse(url.searchParams.get(name) ?? ""));
    return from && to ? to - from : null;
  },
  vendorWindowLimitMs: 30 * DAY_MS,
  payloads: [{ resource: "data", payload: data, hasIndependentItems: false }],
};

testDriver(contract);

const map = (payload: unknown) => tidepool.map("data", payload, { receivedMs: NOW_MS, zone: "Europe/Madrid" });
const one = (datum: object) => map([datum]);
const time = "2026-11-19T08:00:00.000Z";

describe("Tidepool's datums", () => {
  it("become glucose in mg/dL, with range marks and offsets, both where two stand at one instant [W3]", () => {
    const { records, problems } = map(data);
    expect(problems).toEqual([]);
    expect(records.slice(0, 6)).toMatchObject([
      { metric: "glucose", value: 119, offsetMinutes: 60, device: { id: "DexG7_a1" } },
      { metric: "glucose_trend_rate" },
      { metric: "glucose", value: 401, flags: ["above_range"], startMs: Date.UTC(2026, 10, 19, 8, 22, 7, 385) },
      { metric: "glucose", value: 120, startMs: Date.UTC(2026, 10, 19, 8, 22, 7, 386) },
      { metric: "glucose_meter", offsetMinutes: -330, flags: ["manual"] },
      { metric: "ketone", value: 0.4 },
    ]);
  });

  it("become insulin as delivered, by bolus, segment and injection [W3]", () => {
    const insulin = map(data).records.filter((record) => record.record === "treatment" && record.kind.startsWith("insulin"));
    expect(insulin).toMatchObject([
      { vendorId: "b1", kind: "insulin_rapid", amount: 4.2, endMs: Date.UTC(2026, 10, 19, 13, 1) },
      { vendorId: "ba1", kind: "insulin_basal", amount: 1.2, endMs: Date.UTC(2026, 10, 19, 7, 30) },
      { vendorId: "ba2", kind: "insulin_basal", amount: 0 },
      { vendorId: "ba3", kind: "insulin_basal", amount: 0.4 },
      { vendorId: "i1", kind: "insulin_long", amount: 14 },
    ]);
  });

  it("are withdrawn when they are taken back [W2]", () => {
    expect(map(data).records.filter((record) => record.record === "withdrawal")).toEqual([{ record: "withdrawal", of: "treatment", vendorId: "b2" }]);
    expect(one({ type: "cbg", time, units: "mmol/L", value: 5, _active: false }).records).toEqual([]);
  });

  it.each<[string, object, string]>([
    ["a unit that is none", { type: "cbg", time, units: "furlong", value: 5 }, "/0/units"],
    ["a day that is none", { type: "cbg", time: "2026-02-29T08:00:00Z", units: "mmol/L", value: 5 }, "/0/time"],
    ["a negative bolus", { type: "bolus", time, normal: -1 }, "/0/normal"],
    ["a basal of a year", { type: "basal", time, rate: 1, duration: 3.2e10 }, "/0/duration"],
    ["exchanges", { type: "wizard", time, carbInput: 4, carbUnits: "exchanges" }, "/0/carbUnits"],
    ["an activity without an end", { type: "physicalActivity", time, activityType: "running" }, "/0/duration"],
  ])("are refused with %s, and with its place [DA-08]", (_, datum, path) => {
    const { records, problems } = one(datum);
    expect(records).toEqual([]);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
  });
});
