/** The summary types of Garmin's cloud. vendors/garmin.md, Data endpoints and Backfill. */

export type GarminFamily = "health" | "activity";

export interface GarminType {
  /** Key in notifications. */
  readonly key: string;
  /** Last part of the pull path and of the back-fill path. */
  readonly pull: string;
  readonly family: GarminFamily;
  /** Permission that lets it out. */
  readonly permission: "HEALTH_EXPORT" | "ACTIVITY_EXPORT" | "MCT_EXPORT";
  /** Longest back-fill window by the documents. */
  readonly windowDays: number;
  /** How far back a back-fill reaches; the documents conflict, these are the older guidance. */
  readonly historyDays: number;
  /** Where its delivery can stand: first how it stands until somebody turns it. */
  readonly modes: readonly [GarminMode, ...GarminMode[]];
  /** Not asked for by itself: comes with another type's, or never from the past. */
  readonly hasBackfill: boolean;
}

/** In the body, as an address to call, or not at all. */
export type GarminMode = "push" | "ping" | "off";

const health = (key: string, pull = key): GarminType => ({
  key, pull, family: "health", permission: "HEALTH_EXPORT", windowDays: 90, historyDays: 2 * 365, modes: ["push", "ping", "off"], hasBackfill: true,
});
const activity = (key: string, pull = key): GarminType => ({
  key, pull, family: "activity", permission: "ACTIVITY_EXPORT", windowDays: 30, historyDays: 5 * 365, modes: ["push", "ping", "off"], hasBackfill: true,
});

export const GARMIN_TYPES: readonly GarminType[] = [
  health("dailies"), health("epochs"), health("sleeps"), health("bodyComps"), health("stressDetails"), health("userMetrics"),
  health("pulseox", "pulseOx"), health("allDayRespiration", "respiration"), health("healthSnapshot"), health("hrv"),
  health("bloodPressures"), health("skinTemp"), { ...health("mct"), permission: "MCT_EXPORT" },
  activity("activities"), { ...activity("manuallyUpdatedActivities"), hasBackfill: false }, { ...activity("activityDetails"), modes: ["push", "off"] },
  // Bulky, and no application has to take them: off until somebody wants them.
  { ...activity("activityFiles", "activityFile"), modes: ["off", "ping"], hasBackfill: false },
  activity("moveIQActivities", "moveiq"),
];

/** The type with the notification key or pull path, in any case; null for none. */
export function garminType(name: string): GarminType | null {
  const wanted = name.toLowerCase();
  return GARMIN_TYPES.find((type) => type.key.toLowerCase() === wanted || type.pull.toLowerCase() === wanted) ?? null;
}

/** Field of a summary that holds a file: never sent, but served to whoever calls the address. */
export const FILE_CONTENT = "content";

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
