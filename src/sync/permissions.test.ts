import { describe, expect, it } from "vitest";
import { DRIVERS } from "#drivers/index.ts";
import { missingScopes, withoutRefusals, workingStatus } from "./permissions.ts";

const authOf = (id: string) => DRIVERS.find((driver) => driver.id === id)!.auth;
const cursor = { fromMs: 1, throughMs: 2, askedMs: 2 };

describe("permissions", () => {
  it.each([
    ["dexcom", ["offline_access"]],
    ["strava", ["read", "activity:read_all"]],
    ["garmin", ["HEALTH_EXPORT", "ACTIVITY_EXPORT", "HISTORICAL_DATA_EXPORT"]],
  ])("[OA-14] finds nothing missing in a whole consent to %s", (id, granted) => {
    expect(workingStatus(authOf(id), granted, {})).toEqual({ status: "active", code: null });
  });

  it("[OA-14] names what Garmin's person left unticked, though no scope was sent", () => {
    expect(missingScopes(authOf("garmin"), ["HEALTH_EXPORT", "ACTIVITY_EXPORT"])).toEqual(["HISTORICAL_DATA_EXPORT"]);
    expect(workingStatus(authOf("garmin"), ["HEALTH_EXPORT"], {}).status).toBe("limited");
  });

  it("misses nothing where the vendor does not tell", () => {
    expect(missingScopes(authOf("garmin"), null)).toEqual([]);
  });

  it("is limited while a resource is refused, and no longer once that is forgotten", () => {
    const refused = { activities: { ...cursor, isRefused: true as const }, athlete: cursor };
    expect(workingStatus(authOf("strava"), null, refused)).toEqual({ status: "limited", code: "missing_scopes" });
    expect(withoutRefusals(refused)).toEqual({ activities: cursor, athlete: cursor });
    expect(workingStatus(authOf("strava"), null, withoutRefusals(refused)).status).toBe("active");
  });
});
