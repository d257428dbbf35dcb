import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkDrivers } from "#driver/check.ts";
import { driverById, DRIVERS } from "./index.ts";

const here = new URL(".", import.meta.url);

describe("the registry of drivers", () => {
  it("lists exactly the folders, in alphabetical order", () => {
    const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect(DRIVERS.map((driver) => driver.id)).toEqual(folders.toSorted());
  });

  it("holds no driver that contradicts itself", () => {
    expect(() => checkDrivers(DRIVERS)).not.toThrow();
  });

  it("has a README and an operator's page for every driver", () => {
    for (const { id } of DRIVERS) {
      expect(existsSync(new URL(`${id}/README.md`, here)), `${id}/README.md`).toBe(true);
      expect(existsSync(new URL(`../../docs/drivers/${id}.md`, here)), `docs/drivers/${id}.md`).toBe(true);
    }
  });

  it("finds a driver by its id, and nothing for a vendor it does not know", () => {
    expect(driverById("garmin")?.displayName).toBe("Garmin");
    expect(driverById("strava")?.displayName).toBe("Strava");
    expect(driverById("__proto__")).toBeNull();
  });
});
