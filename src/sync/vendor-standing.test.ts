import { describe, expect, it } from "vitest";
import { DRIVERS } from "#drivers/index.ts";
import { createProviders } from "./providers.ts";
import { Secret } from "../secret.ts";
import { standingOf, type VendorRows } from "./vendor-standing.ts";

const NOW = Date.UTC(2026, 9, 15, 12, 0, 0);
const NOTHING: VendorRows = { states: [], budgets: [], subscriptions: [], connections: [] };
const providers = createProviders(DRIVERS, new Map([["strava", { clientId: "an-id", clientSecret: new Secret("a-secret"), settings: {}, isSimulated: false }]]));
const standing = (id: string, rows: Partial<VendorRows> = {}) => standingOf({ driver: DRIVERS.find((driver) => driver.id === id)!, provider: providers.find(id), rows: { ...NOTHING, ...rows }, nowMs: NOW });

describe("a vendor's standing", () => {
  it("names the settings that are missing, and where it stands how", () => {
    expect(standing("oura")).toMatchObject({ isConfigured: false, missingSettings: ["OURA_CLIENT_ID", "OURA_CLIENT_SECRET"], documentation: "docs/drivers/oura.md", health: "unknown", lastCalls: null });
    expect(standing("libre")).toMatchObject({ isConfigured: false, missingSettings: ["LIBRE_ENABLED"] });
    expect(standing("strava")).toMatchObject({ isConfigured: true, missingSettings: [], subscription: { kind: "of_app", isMade: false, sinceMs: null } });
  });

  it("is the organization's own connections, and what brought news last", () => {
    const connections = [{ provider: "strava", status: "active", count: 3, lastMs: NOW - 5 }, { provider: "strava", status: "error", count: 1, lastMs: null }, { provider: "oura", status: "active", count: 9, lastMs: NOW }];
    expect(standing("strava", { connections })).toMatchObject({ connections: { active: 3, error: 1 }, lastSyncMs: NOW - 5 });
  });

  it("is no more than twenty calls deep, and unknown once those are an hour old", () => {
    const state = (outcomes: string, agoMs: number) => ({ states: [{ provider: "strava", heldMs: null, outcomes, opened: 0, retryMs: null, atMs: NOW - agoMs }] });
    expect(standing("strava", state("11110", 0)).health).toBe("failing");
    expect(standing("strava", state("111110", 0)).health).toBe("good");
    expect(standing("strava", state("111110", 3_600_001)).health).toBe("unknown");
  });
});
