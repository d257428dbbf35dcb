/** Invented data for tests of the pages: one person's glucose, nights and days, always the same for the same moment. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { Sleep, Source, Treatment, Workout } from "#web/client/types.ts";

const ids = (last: number): string => `00000000-0000-4000-8000-${String(last).padStart(12, "0")}`;

export const IDS = {
  organization: ids(1), user: ids(2), patient: ids(3), dexcom: ids(11), garmin: ids(12), strava: ids(13), otherPatient: ids(4),
};

export const SOURCES = {
  sensor: { id: "s1", provider: "dexcom", connectionId: IDS.dexcom, device: "G7", attribution: null },
  watch: { id: "s2", provider: "garmin", connectionId: IDS.garmin, device: "Forerunner 965", attribution: null },
  activities: { id: "s3", provider: "strava", connectionId: IDS.strava, device: null, attribution: "Powered by Strava" },
} satisfies Record<string, Source>;

/** A number in 0–1 that depends on nothing but its argument. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}

const MEALS = [{ hour: 7.5, grams: 45, units: 4.5 }, { hour: 13, grams: 70, units: 6.5 }, { hour: 20, grams: 60, units: 6 }] as const;

/** Glucose in mg/dL at an instant: meals, a morning rise, slow drift and a little noise. */
export function glucoseAt(ms: number): number {
  const day = Math.floor(ms / DAY_MS);
  const hour = (ms % DAY_MS) / HOUR_MS;
  let value = 108 + 14 * Math.sin((hour - 3) / 3.8) + 18 * (noise(day) - 0.5);
  for (const [index, meal] of MEALS.entries()) {
    const since = (hour - meal.hour + 24) % 24;
    const size = 50 + 95 * noise(day * 7 + index);
    value += size * since * Math.exp(1 - since / 1.1) * 0.8 - 26 * Math.exp(-((since - 4) ** 2) / 1.6) * (0.5 + noise(day * 3 + index));
  }
  return Math.round(Math.min(Math.max(value + 5 * (noise(Math.floor(ms / (5 * MINUTE_MS))) - 0.5), 41), 390));
}

/** Readings every five minutes in `[fromMs, toMs)`, with a two-hour gap every third day. */
export function readings(fromMs: number, toMs: number): { times: number[]; values: number[] } {
  const times: number[] = [];
  const values: number[] = [];
  for (let ms = Math.ceil(fromMs / (5 * MINUTE_MS)) * 5 * MINUTE_MS; ms < toMs; ms += 5 * MINUTE_MS) {
    const hour = (ms % DAY_MS) / HOUR_MS;
    if (Math.floor(ms / DAY_MS) % 3 === 0 && hour >= 9.5 && hour < 11.5) continue;
    times.push(ms);
    values.push(glucoseAt(ms));
  }
  return { times, values };
}

const iso = (ms: number): string => new Date(ms).toISOString();

export function treatments(fromMs: number, toMs: number): Treatment[] {
  const found: Treatment[] = [];
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS < toMs; day += 1) {
    for (const meal of MEALS) {
      const at = day * DAY_MS + meal.hour * HOUR_MS;
      const common = { offsetMinutes: 60, end: null, text: null, meal: null, mealRelation: null, sampleType: null, sampleLocation: null, isManual: false, source: SOURCES.sensor, deliveryId: "d1" };
      found.push({ id: `c${at}`, at: iso(at), kind: "carbohydrates", amount: meal.grams, unit: "g", ...common });
      found.push({ id: `i${at}`, at: iso(at - 10 * MINUTE_MS), kind: "insulin_rapid", amount: meal.units, unit: "U", ...common });
    }
  }
  return found.filter(({ at }) => Date.parse(at) >= fromMs && Date.parse(at) < toMs).toReversed();
}

const NIGHT = ["light", "deep", "light", "rem", "awake", "light", "deep", "light", "rem", "light", "awake", "light", "rem"] as const;
const NIGHT_MINUTES = [28, 52, 40, 18, 6, 55, 38, 44, 30, 35, 9, 48, 41] as const;

/** The night that ends on the UTC day `day` (days since 1970). */
export function nightOf(day: number): Sleep {
  const start = day * DAY_MS - 1.4 * HOUR_MS + noise(day) * 0.6 * HOUR_MS;
  let at = start;
  const stages = NIGHT.map((stage, index) => {
    const from = at;
    at += (NIGHT_MINUTES[index] ?? 30) * MINUTE_MS * (0.85 + 0.3 * noise(day * 31 + index));
    return { stage: stage as string, start: iso(from), end: iso(at) };
  });
  const secondsOf = (name: string): number =>
    Math.round(stages.filter(({ stage }) => stage === name).reduce((sum, { start: from, end }) => sum + (Date.parse(end) - Date.parse(from)) / 1000, 0));
  const awakeS = secondsOf("awake");
  return {
    id: `night-${day}`, start: iso(start), end: iso(at), offsetMinutes: 60, isNap: false,
    asleepS: Math.round((at - start) / 1000) - awakeS, inBedS: Math.round((at - start) / 1000), deepS: secondsOf("deep"),
    lightS: secondsOf("light"), remS: secondsOf("rem"), awakeS, efficiencyPercent: 96, score: 74 + Math.round(noise(day) * 20),
    stages, source: SOURCES.watch, deliveryId: "d2",
  };
}

/** A ride or a run on every other day, newest first. */
export function workouts(fromMs: number, toMs: number): Workout[] {
  const found: Workout[] = [];
  for (let day = Math.floor(toMs / DAY_MS); day * DAY_MS >= fromMs - DAY_MS; day -= 2) {
    const start = day * DAY_MS + 6 * HOUR_MS;
    if (start < fromMs || start + HOUR_MS > toMs) continue;
    const isRun = day % 4 < 2;
    found.push({
      id: `workout-${day}`, start: iso(start), end: iso(start + 52 * MINUTE_MS), offsetMinutes: 60, sport: isRun ? "running" : "cycling",
      vendorSport: isRun ? "Run" : "Ride", title: isRun ? "Morning run by the river" : null, activeS: 51 * 60,
      distanceM: isRun ? 9_240 : 24_100, energyKcal: 612, averageHeartRate: 148, maxHeartRate: 171, averagePaceSKm: isRun ? 331 : null,
      averagePowerW: isRun ? null : 187, maxPowerW: null, isPowerEstimated: !isRun, averageCadence: null, elevationGainM: 86,
      link: { text: "View on Strava", url: `https://www.strava.com/activities/${1_000_000 + day}` }, source: SOURCES.activities, deliveryId: "d3",
    });
  }
  return found;
}

/** Steps, resting heart rate and VO2max of a day. */
export function dayNumbers(day: number): { readonly steps: number; readonly restingHeartRate: number; readonly vo2max: number } {
  return { steps: 4_200 + Math.round(noise(day) * 9_000), restingHeartRate: 52 + Math.round(noise(day * 5) * 6), vo2max: 47 + ((day % 90) / 90) * 2.4 };
}

/** Stress every 15 minutes of a stretch, 0–100. */
export function stress(fromMs: number, toMs: number): { times: number[]; values: number[] } {
  const times: number[] = [];
  for (let ms = Math.ceil(fromMs / (15 * MINUTE_MS)) * 15 * MINUTE_MS; ms < toMs; ms += 15 * MINUTE_MS) times.push(ms);
  return { times, values: times.map((ms) => Math.round(22 + 38 * noise(ms / MINUTE_MS) * Math.max(0.2, Math.sin(((ms % DAY_MS) / DAY_MS) * Math.PI)))) };
}
