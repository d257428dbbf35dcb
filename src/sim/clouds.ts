/** The list of simulated clouds: the only place that names them. */

import type { Cloud } from "./cloud.ts";
import { appleHealth } from "./apple-health/cloud.ts";
import { coros } from "./coros/cloud.ts";
import { dexcom } from "./dexcom/cloud.ts";
import { dexcomShare } from "./dexcom-share/cloud.ts";
import { fitbit } from "./fitbit/cloud.ts";
import { garmin } from "./garmin/cloud.ts";
import { google } from "./google/cloud.ts";
import { healthConnect } from "./health-connect/cloud.ts";
import { libre } from "./libre/cloud.ts";
import { nightscout } from "./nightscout/cloud.ts";
import { oura } from "./oura/cloud.ts";
import { polar } from "./polar/cloud.ts";
import { samsungHealth } from "./samsung-health/cloud.ts";
import { strava } from "./strava/cloud.ts";
import { suunto } from "./suunto/cloud.ts";
import { terra } from "./terra/cloud.ts";
import { tidepool } from "./tidepool/cloud.ts";
import { ultrahuman } from "./ultrahuman/cloud.ts";
import { wahoo } from "./wahoo/cloud.ts";
import { whoop } from "./whoop/cloud.ts";
import { withings } from "./withings/cloud.ts";

export const CLOUDS: readonly Cloud[] = [
  appleHealth,
  coros,
  dexcom,
  dexcomShare,
  fitbit,
  garmin,
  google,
  healthConnect,
  libre,
  nightscout,
  oura,
  polar,
  samsungHealth,
  strava,
  suunto,
  terra,
  tidepool,
  ultrahuman,
  wahoo,
  whoop,
  withings,
];

/** Facts that have a name of their own beside `facts`: `<cloud><Fact>`. */
export interface NamedFacts {
  readonly garminUserId: string;
  readonly stravaAthleteId: number;
}
