/** What the rooms tell of deliveries: counted when it is true, on the trail of whoever brought them. */
import { describe, expect, it } from "vitest";
import { Unavailable } from "../errors.ts";
import { currentTrail, onTrail } from "../trail.ts";
import { createTelemetry, type Telemetry, type WatchedDelivery } from "./telemetry.ts";

const NOW_MS = Date.UTC(2026, 5, 1);
const make = (): Telemetry => createTelemetry({ clock: { now: () => NOW_MS, sleep: () => Promise.resolve() } });
const delivery = (change: Partial<WatchedDelivery> = {}): WatchedDelivery => ({
  id: "7", provider: "garmin", via: "webhook", receivedMs: NOW_MS - 2_000, attempts: 1, isReplay: false, requestId: null, traceparent: null, ...change,
});
const STORED = { samples: 2, sleeps: 0, workouts: 1, treatments: 0 };

async function figures(telemetry: Telemetry, name: string): Promise<string[]> {
  const text = await telemetry.instruments.registry.getSingleMetricAsString(name);
  return text.split("\n").filter((line) => !line.startsWith("#") && !line.includes("_bucket"));
}

describe("deliveries stored together", () => {
  it("are each counted once they are committed; what is left over is not", async () => {
    const telemetry = make();
    const all = [delivery(), delivery({ id: "8", isReplay: true }), delivery({ id: "9" })];
    const done = await telemetry.together(all, () => Promise.resolve(all.slice(0, 2).map((one) => ({ delivery: one, stored: STORED }))));
    expect(done.map((one) => one.delivery.id)).toEqual(["7", "8"]);
    expect(await figures(telemetry, "islet_deliveries_processed_total")).toEqual(['islet_deliveries_processed_total{provider="garmin",via="webhook",outcome="done"} 2']);
    expect(await figures(telemetry, "islet_records_stored_total")).toEqual(['islet_records_stored_total{provider="garmin",record="sample"} 4', 'islet_records_stored_total{provider="garmin",record="workout"} 2']);
    // A replay did not wait.
    expect(await figures(telemetry, "islet_delivery_latency_seconds")).toEqual(['islet_delivery_latency_seconds_sum{provider="garmin"} 2', 'islet_delivery_latency_seconds_count{provider="garmin"} 1']);
    expect(await figures(telemetry, "islet_deliveries_together")).toEqual(["islet_deliveries_together_sum 2", "islet_deliveries_together_count 1"]);
  });

  it("are not counted where the transaction failed, and its error is the caller's", async () => {
    const telemetry = make();
    const away = new Unavailable("The database does not answer.");
    await expect(telemetry.together([delivery()], () => Promise.reject(away))).rejects.toBe(away);
    for (const name of ["islet_deliveries_processed_total", "islet_records_stored_total", "islet_delivery_latency_seconds"]) expect(await figures(telemetry, name), name).toEqual([]);
  });
});

describe("a delivery processed alone", () => {
  it("is on the trail of the request that brought it, never on that of the one that woke the worker", async () => {
    const telemetry = make();
    const seen: unknown[] = [];
    const look = () => {
      seen.push(currentTrail());
      return Promise.resolve();
    };
    await onTrail({ requestId: "request-of-the-waker", job: "webhook-processing" }, async () => {
      await telemetry.delivery(delivery({ requestId: "request-4711" }), look);
      await telemetry.delivery(delivery({ id: "8" }), look);
    });
    expect(seen).toEqual([{ requestId: "request-4711", job: "webhook-processing", delivery: "7" }, { job: "webhook-processing", delivery: "8" }]);
  });

  it("counts as its failure's code, also where the failure was kept; as interrupted where it was told to stop", async () => {
    const telemetry = make();
    await telemetry.delivery(delivery(), (failed) => Promise.resolve(failed("provider_contract")));
    await expect(telemetry.delivery(delivery({ via: "pull" }), () => Promise.reject(new Error("stop")))).rejects.toThrow("stop");
    expect(await figures(telemetry, "islet_deliveries_processed_total")).toEqual([
      'islet_deliveries_processed_total{provider="garmin",via="webhook",outcome="provider_contract"} 1', 'islet_deliveries_processed_total{provider="garmin",via="pull",outcome="interrupted"} 1',
    ]);
    expect(await figures(telemetry, "islet_delivery_latency_seconds")).toEqual([]);
  });
});
