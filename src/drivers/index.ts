/** Every vendor that Islet knows, by hand: a driver is one folder and one line here. */
import type { Driver } from "#driver/types.ts";
import { appleHealth } from "./apple-health/index.ts";
import { coros } from "./coros/index.ts";
import { dexcom } from "./dexcom/index.ts";
import { dexcomShare } from "./dexcom-share/index.ts";
import { fitbit } from "./fitbit/index.ts";
import { garmin } from "./garmin/index.ts";
import { google } from "./google/index.ts";
import { healthConnect } from "./health-connect/index.ts";
import { libre } from "./libre/index.ts";
import { manual } from "./manual/index.ts";
import { nightscout } from "./nightscout/index.ts";
import { oura } from "./oura/index.ts";
import { polar } from "./polar/index.ts";
import { samsungHealth } from "./samsung-health/index.ts";
import { strava } from "./strava/index.ts";
import { suunto } from "./suunto/index.ts";
import { terra } from "./terra/index.ts";
import { tidepool } from "./tidepool/index.ts";
import { ultrahuman } from "./ultrahuman/index.ts";
import { wahoo } from "./wahoo/index.ts";
import { whoop } from "./whoop/index.ts";
import { withings } from "./withings/index.ts";

export const DRIVERS: readonly Driver[] = [
  appleHealth, coros, dexcom, dexcomShare, fitbit, garmin, google, healthConnect, libre, manual, nightscout, oura, polar, samsungHealth, strava, suunto, terra, tidepool, ultrahuman, wahoo, whoop, withings,
];

const byId: ReadonlyMap<string, Driver> = new Map(DRIVERS.map((driver) => [driver.id, driver]));

/** The driver of a provider id; null for a vendor that Islet does not know. */
export function driverById(id: string): Driver | null {
  return byId.get(id) ?? null;
}
