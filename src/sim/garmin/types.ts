/** The summary types of Garmin's cloud. vendors/garmin.md, Data endpoints and Backfill. */

export type GarminFamily = "health" | "activity";

export interface GarminType {
  /** Key in notifications. */
  readonly key: string;
  /** Last part of the pull path and of the back-fill path. */
  readonly pull: string;
  readonly family: GarminFamily;
  /** Permission that lets it out. */
  readonly permission: "HEALTH_EXPORT" | "ACTIVITY_EXPORT";
  /** Longest back-fill window. */
  readonly windowDays: number;
  /** How far back a back-fill reaches; the documents conflict, these are the older guidance. */
  readonly historyDays: number;
  readonly isPushOnly: boolean;
}

const health = (key: string, pull = key): GarminType => ({
  key, pull, family: "health", permission: "HEALTH_EXPORT", windowDays: 90, historyDays: 2 * 365, isPushOnly: false,
});
const activity = (key: string, pull = key): GarminType => ({
  key, pull, family: "activity", permission: "ACTIVITY_EXPORT", windowDays: 30, historyDays: 5 * 365, isPushOnly: key === "activityDetails",
});

export const GARMIN_TYPES: readonly GarminType[] = [
  health("dailies"), health("epochs"), health("sleeps"), health("bodyComps"), health("stressDetails"), health("userMetrics"),
  health("pulseox", "pulseOx"), health("allDayRespiration", "respiration"), health("healthSnapshot"), health("hrv"),
  health("bloodPressures"), health("skinTemp"),
  activity("activities"), activity("activityDetails"), activity("moveIQActivities", "moveiq"),
];

/** The type with the notification key or pull path, in any case; null for none. */
export function garminType(name: string): GarminType | null {
  const wanted = name.toLowerCase();
  return GARMIN_TYPES.find((type) => type.key.toLowerCase() === wanted || type.pull.toLowerCase() === wanted) ?? null;
}

/** One summary before it is addressed. */
export interface Summary {
  /** Start of what it measures, or the moment of it. */
  readonly startMs: number;
  /** When the watch has it and has synced. */
  readonly readyMs: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** All that a summary of one local date is made from. */
export interface SummaryWorld {
  readonly seed: number;
  readonly nowMs: number;
}
