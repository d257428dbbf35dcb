/** The list of collections: path, webhook type, scope, and who tells their documents. vendors/oura.md, Data endpoints and OAuth. */

import type { CloudContext } from "../cloud.ts";
import { dailyActivities, dailyStresses } from "./days.ts";
import type { Teller } from "./documents.ts";
import { cardiovascularAges, dailyReadinesses, dailyResiliences, dailySleeps, dailySpo2s, sleepTimes, vo2Maxes } from "./mornings.ts";
import { enhancedTags, restModePeriods, sessions, tags, workouts } from "./outings.ts";
import type { SeriesTeller } from "./series.ts";
import { batteryLevels, heartRates, interbeatIntervals } from "./series.ts";
import { sleeps } from "./sleep.ts";

export interface Scoped {
  /** Last part of the path. */
  readonly name: string;
  readonly scope: string;
  /** The scope of its own that newer documents name; it counts only with the switch `scopes` at "fine". */
  readonly fineScope?: string;
}

/** The scopes of which one opens it. Older documents write that of oxygen otherwise. */
export function scopesOf(context: Pick<CloudContext, "position">, { scope, fineScope }: Scoped): string[] {
  const wanted = context.position("scopes") === "fine" ? (fineScope ?? scope) : scope;
  return wanted === "spo2" ? ["spo2", "spo2Daily"] : [wanted];
}

export interface Collection extends Scoped {
  /** In webhooks. */
  readonly dataType: string;
  readonly tell: Teller;
  /** Documents of `end_date` itself are left out. */
  readonly excludesEnd?: true;
}

export const COLLECTIONS: readonly Collection[] = [
  { name: "daily_sleep", dataType: "daily_sleep", scope: "daily", tell: dailySleeps },
  { name: "daily_activity", dataType: "daily_activity", scope: "daily", tell: dailyActivities, excludesEnd: true },
  { name: "daily_readiness", dataType: "daily_readiness", scope: "daily", tell: dailyReadinesses },
  { name: "daily_spo2", dataType: "daily_spo2", scope: "spo2", tell: dailySpo2s },
  { name: "daily_stress", dataType: "daily_stress", scope: "daily", fineScope: "stress", tell: dailyStresses },
  { name: "daily_resilience", dataType: "daily_resilience", scope: "daily", fineScope: "stress", tell: dailyResiliences },
  { name: "daily_cardiovascular_age", dataType: "daily_cardiovascular_age", scope: "daily", fineScope: "heart_health", tell: cardiovascularAges },
  // The path has a capital, the webhook's type has none.
  { name: "vO2_max", dataType: "vo2_max", scope: "daily", fineScope: "heart_health", tell: vo2Maxes },
  { name: "sleep", dataType: "sleep", scope: "daily", tell: sleeps, excludesEnd: true },
  { name: "sleep_time", dataType: "sleep_time", scope: "daily", tell: sleepTimes },
  { name: "rest_mode_period", dataType: "rest_mode_period", scope: "daily", tell: restModePeriods },
  { name: "tag", dataType: "tag", scope: "tag", tell: tags },
  { name: "enhanced_tag", dataType: "enhanced_tag", scope: "tag", tell: enhancedTags },
  { name: "workout", dataType: "workout", scope: "workout", tell: workouts, excludesEnd: true },
  { name: "session", dataType: "session", scope: "session", tell: sessions, excludesEnd: true },
];

export const RING: Scoped = { name: "ring_configuration", scope: "personal", fineScope: "ring_configuration" };

export interface Series extends Scoped {
  readonly tell: SeriesTeller;
}

export const SERIES: readonly Series[] = [
  { name: "heartrate", scope: "heartrate", tell: heartRates },
  { name: "interbeat_interval", scope: "heartrate", fineScope: "heart_health", tell: interbeatIntervals },
  { name: "ring_battery_level", scope: "personal", fineScope: "ring_configuration", tell: batteryLevels },
];

/** All that can be subscribed to. Of rings and of what the newest documents list besides nothing happens here. */
export const DATA_TYPES: readonly string[] = [
  ...COLLECTIONS.map(({ dataType }) => dataType), "ring_configuration", "daily_cycle_phases", "activation_status", "period_start", "pregnancy",
  "fertile_window", "ovulation_confirmed", "blood_glucose",
];
