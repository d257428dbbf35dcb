import { describe, expect, it } from "vitest";
import { DRIVERS } from "#drivers/index.ts";
import { allowedResources, missingScopes, withoutRefusals, workingStatus } from "./permissions.ts";

const authOf = (id: string) => DRIVERS.find((driver) => driver.id === id)!.auth;
const cursor = { fromMs: 1, throughMs: 2, askedMs: 2 };

describe("permissions", () => {
  it.each([
    ["dexcom", ["offline_access"]],
    ["strava", ["read", "activity:read_all"]],
    ["garmin", ["HEALTH_EXPORT", "ACTIVITY_EXPORT", "HISTORICAL_DATA_EXPORT"]],
  ])("[OA-14] finds nothing missing in a whole consent to %s", (id, granted) => {
    expect(workingStatus(authOf(id), {}, granted, {})).toEqual({ status: "active", code: null });
  });

  it("[OA-14] names what Garmin's person left unticked, though no scope was sent", () => {
    expect(missingScopes(authOf("garmin"), {}, ["HEALTH_EXPORT", "ACTIVITY_EXPORT"])).toEqual(["HISTORICAL_DATA_EXPORT"]);
    expect(workingStatus(authOf("garmin"), {}, ["HEALTH_EXPORT"], {}).status).toBe("limited");
  });

  it("misses nothing where the vendor does not tell", () => {
    expect(missingScopes(authOf("garmin"), {}, null)).toEqual([]);
  });

  describe("with scopes that the operator chooses", () => {
    const auth = { kind: "oauth2" as const, scopes: ["steps"], scopesSetting: "scopes", optionalScopes: [{ scope: "food", setting: "nutrition" }] };
    const resource = (name: string, needsScope?: string) => ({ name, format: "json", metrics: [], records: [], ...(needsScope ? { needsScope } : {}) }) as const;
    const resources = [resource("steps"), resource("meals", "food")];
    const names = (settings: Record<string, string>, granted: string[] | null) => allowedResources(resources, auth, settings, granted).map(({ name }) => name);

    it("[OA-14] misses an optional one only while it is asked for, and what the operator wrote in place of the vendor's", () => {
      expect(missingScopes(auth, { nutrition: "off" }, ["steps"])).toEqual([]);
      expect(missingScopes(auth, { nutrition: "on" }, ["steps"])).toEqual(["food"]);
      expect(missingScopes(auth, { scopes: "steps sleep" }, ["steps"])).toEqual(["sleep"]);
      expect(workingStatus(auth, { nutrition: "on" }, ["steps"], {}).status).toBe("limited");
    });

    it("[OA-14] leaves out a resource whose scope was not granted or, where the vendor does not tell, not asked for", () => {
      expect(names({ nutrition: "on" }, ["steps"])).toEqual(["steps"]);
      expect(names({ nutrition: "off" }, ["steps", "food"])).toEqual(["steps", "meals"]);
      expect(names({ nutrition: "off" }, null)).toEqual(["steps"]);
      expect(names({ nutrition: "on" }, null)).toEqual(["steps", "meals"]);
    });
  });

  it("is limited while a resource is refused, and no longer once that is forgotten", () => {
    const refused = { activities: { ...cursor, isRefused: true as const }, athlete: cursor };
    expect(workingStatus(authOf("strava"), {}, null, refused)).toEqual({ status: "limited", code: "missing_scopes" });
    expect(withoutRefusals(refused)).toEqual({ activities: cursor, athlete: cursor });
    expect(workingStatus(authOf("strava"), {}, null, withoutRefusals(refused)).status).toBe("active");
  });
});
