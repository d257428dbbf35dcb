/** Workouts. Pure. Source: vendors/withings.md, getworkouts. */
import type { Sport, WorkoutRecord } from "#driver/records.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { deviceOf, instantOf, measured, offsetAt, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

/** Categories by our sport: number and Withings' word. What is not here is "other", known (fitness, riding, gaming, stretching …) or not. */
const CATEGORIES: Partial<Record<Sport, string>> = {
  walking: "1:walk 306:indoor_walk 566:nordic_walking",
  running: "2:run 307:indoor_run 498:trail_run",
  hiking: "3:hiking 499:snowshoe",
  skating: "4:skating 196:ice_skating",
  cycling: "5:bmx 6:bicycling 308:indoor_cycling 523:mountain_biking 524:gravel 525:e_bike 527:handcycling 547:spinning",
  swimming: "7:swimming",
  water_sport: "8:surfing 9:kitesurfing 10:windsurfing 11:bodyboard 455:stand_up_paddle 494:kayak 495:canoe",
  racket_sport: "12:tennis 13:table_tennis 14:squash 15:badminton 456:padel 510:pickleball",
  strength: "16:weights",
  elliptical: "18:elliptical",
  pilates: "19:pilates",
  team_sport: "20:basketball 21:soccer 22:football 23:rugby 24:volleyball 25:water_polo 191:baseball 192:handball 193:hockey 194:ice_hockey",
  golf: "27:golf",
  yoga: "28:yoga",
  dance: "29:dancing 188:zumba",
  martial_arts: "30:boxing 31:fencing 32:wrestling 33:martial_arts",
  skiing: "34:skiing 530:nordic_skiing",
  snowboarding: "35:snowboard",
  rowing: "187:rowing",
  climbing: "195:climbing",
  multisport: "272:multi_sport 521:triathlon",
  stair_climbing: "491:stair_stepper",
  hiit: "546:crossfit 550:hiit",
  meditation: "551:meditation 560:breathing",
  other: "17:fitness 26:horse_riding 36:other 457:gaming 552:stretching",
};
const NO_ACTIVITY = 128;

const sports = new Map<number, { readonly sport: Sport; readonly word: string }>(
  Object.entries(CATEGORIES).flatMap(([sport, categories]) =>
    categories.split(" ").map((each) => {
      const [number = "", word = ""] = each.split(":");
      return [Number(number), { sport: sport as Sport, word }] as const;
    }),
  ),
);

const AMBIGUOUS = 1;
const TYPED: ReadonlySet<number> = new Set([2, 4]);
/** An expedition is many workouts; more is a stuck clock. */
const LONGEST_MS = 4 * DAY_MS;
/** Slower is standing still, which has no pace. */
const SLOWEST_MS = 0.1;

export function mapWorkouts(payload: unknown, job: MapJob): void {
  const { body, path } = schema.openAnswer(schema.series, payload, "Withings workouts");
  for (const [index, item] of body.series.entries()) mapWorkout(item, `${path}/series/${index}`, job);
}

function mapWorkout(item: unknown, path: string, job: MapJob): void {
  const workout = job.mapping.item(schema.workout, item, path);
  if (!workout || workout.category === NO_ACTIVITY || workout.attrib === AMBIGUOUS) return;
  const data = job.mapping.item(schema.workoutData, workout.data ?? {}, `${path}/data`);
  const startMs = instantOf(workout.startdate, `${path}/startdate`, job);
  const endMs = instantOf(workout.enddate, `${path}/enddate`, job);
  if (startMs === null || endMs === null) return;
  if (endMs <= startMs || endMs - startMs > LONGEST_MS) {
    job.mapping.problem(`${path}/enddate`, "no possible duration");
    return;
  }
  const known = sports.get(workout.category ?? 0);
  const vendorSport = known?.word ?? (typeof workout.category === "number" ? String(workout.category) : null);
  const device = deviceOf(workout);
  job.mapping.add({
    record: "workout",
    vendorId: workout.id,
    startMs,
    endMs,
    offsetMinutes: offsetAt(startMs, workout.timezone),
    sport: known?.sport ?? "other",
    ...(vendorSport === null ? {} : { vendorSport }),
    ...(data ? measuresOf(data, (endMs - startMs) / 1000, `${path}/data`, job) : {}),
    ...(typeof workout.attrib === "number" ? { isManual: TYPED.has(workout.attrib) } : {}),
    ...(device ? { device } : {}),
  });
}

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** What was measured, or typed where it was not; 0 means neither. Speed and pace go by the time without pauses. */
function measuresOf(data: schema.WorkoutData, elapsedS: number, path: string, { mapping }: MapJob): Measures {
  const known = (metric: MetricName, ...fields: readonly (keyof schema.WorkoutData)[]): number | null => {
    for (const field of fields) {
      const value = measured(data[field] as number | null | undefined);
      if (value === null) continue;
      if (value >= METRICS[metric].min && value <= METRICS[metric].max) return value;
      mapping.problem(`${path}/${field}`, "outside what it can be");
    }
    return null;
  };
  const pausedS = measured(data.pause_duration) ?? 0;
  const activeS = pausedS < elapsedS ? elapsedS - pausedS : elapsedS;
  const distanceM = known("distance", "distance", "manual_distance");
  const energyKcal = known("calories_active", "calories", "manual_calories");
  const averageHeartRate = known("heart_rate", "hr_average");
  const maxHeartRate = known("heart_rate", "hr_max");
  const steps = known("steps", "steps");
  const zones = [data.hr_zone_0, data.hr_zone_1, data.hr_zone_2, data.hr_zone_3];
  const hasZones = zones.every((seconds) => typeof seconds === "number" && seconds >= 0 && seconds <= elapsedS) && zones.some((seconds) => seconds !== 0);
  const speedMS = distanceM === null ? 0 : distanceM / activeS;
  return {
    activeS,
    ...(distanceM === null ? {} : { distanceM }),
    ...(energyKcal === null ? {} : { energyKcal }),
    ...(averageHeartRate === null ? {} : { averageHeartRate }),
    ...(maxHeartRate === null ? {} : { maxHeartRate }),
    ...(steps === null ? {} : { steps }),
    ...(speedMS < SLOWEST_MS || speedMS > METRICS.speed.max ? {} : { averageSpeedMS: speedMS, averagePaceSKm: 1000 / speedMS }),
    ...(hasZones ? { heartRateZonesS: zones as number[] } : {}),
  };
}
