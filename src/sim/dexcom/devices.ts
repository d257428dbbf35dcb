/** The display device and its alarm settings. vendors/dexcom.md, devices record. */

import { formatWithOffset } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { LIMITS } from "./alerts.ts";
import { transmitterOf } from "./readings.ts";
import { timesOf } from "./times.ts";

const EVERY_DAY = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

export function deviceRecord(context: CloudContext, person: Person, visibleMs: number): object {
  const { cgm } = person.who;
  const last = context.sensed(person, visibleMs - 2 * 86_400_000, visibleMs).at(-1);
  const setting = (alertName: string, value: number, snooze: number): object => ({
    alertName, value, unit: alertName === "noReadings" ? "minutes" : "mg/dL", snooze, enabled: true,
    ...timesOf(context, person, Date.parse(`${cgm.since}T09:00:00Z`)), soundTheme: "modern", soundOutputMode: "match",
  });
  return {
    ...(last ? { lastUploadDate: formatWithOffset(last.atMs, 0) } : {}),
    transmitterGeneration: cgm.generation,
    transmitterId: transmitterOf(context, person, visibleMs),
    displayDevice: cgm.displayDevice,
    displayApp: cgm.displayApp,
    // Receivers send no schedule.
    alertSchedules: cgm.displayDevice === "receiver" ? [] : [{
      alertScheduleSettings: {
        isDefaultSchedule: true, isEnabled: true, isActive: true, alertScheduleName: "Schedule 1", startTime: "00:00", endTime: "00:00",
        daysOfWeek: EVERY_DAY, override: { isOverrideEnabled: false, mode: "unknown", endTime: null },
      },
      alertSettings: [
        setting("urgentLow", LIMITS.urgentLow, 30), setting("low", LIMITS.low, 15), setting("high", LIMITS.high, 120), setting("noReadings", 20, 30),
      ],
    }],
  };
}
