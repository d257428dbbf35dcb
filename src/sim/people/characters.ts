/** Who lives in the simulated clouds: six invented people with different bodies, habits, devices and time zones. */

export type Sport = "run" | "trail_run" | "ride" | "indoor_ride" | "walk" | "hike" | "swim" | "strength" | "yoga";

export interface MealHabit {
  readonly name: "breakfast" | "lunch" | "dinner" | "snack";
  /** Local hour it is usually eaten at. */
  readonly hour: number;
  readonly spreadMinutes: number;
  readonly carbsGrams: number;
  readonly spreadGrams: number;
  /** How often it happens at all. */
  readonly chance: number;
}

export interface WorkoutHabit {
  readonly sport: Sport;
  /** 0 Sunday … 6 Saturday. */
  readonly weekdays: readonly number[];
  readonly hour: number;
  readonly minutes: number;
  readonly chance: number;
}

/** How sugar behaves in this body, and how well it is looked after. */
export interface Metabolism {
  /** "none" has a working pancreas; "type2" half of one; "type1" none. */
  readonly diabetes: "none" | "type2" | "type1";
  /** Where glucose drifts to without food, mg/dL. */
  readonly restingMgDl: number;
  /** How fast it drifts there. */
  readonly returnMinutes: number;
  /** Rise before waking, mg/dL. */
  readonly dawnMgDl: number;
  /** Spread of good and bad days, mg/dL. */
  readonly dayDeviationMgDl: number;
  /** mg/dL for one gram of carbohydrate when nothing counters it. */
  readonly riseMgDlPerGram: number;
  /** mg/dL for one unit of rapid insulin. */
  readonly dropMgDlPerUnit: number;
  readonly carbRatioGramsPerUnit: number;
  readonly targetMgDl: number;
  /** Corrections are given above this, and how fully (1 = by the book). */
  readonly correctAboveMgDl: number;
  readonly correctionZeal: number;
  /** Relative error of carbohydrate counting. */
  readonly countingError: number;
  readonly missedBolusChance: number;
  /** Minutes after the first bite; negative is before. */
  readonly bolusDelayMinutes: number;
  readonly bolusStep: number;
  /** Units of long-acting insulin a day; null on a pump or without insulin. */
  readonly basalUnits: number | null;
  readonly basalHour: number;
  /** Chance in five minutes of noticing a low while asleep. */
  readonly wakesOnLow: number;
}

export interface GlucoseDevice {
  readonly generation: "g6" | "g7" | "g715day";
  readonly displayDevice: "iOS" | "android" | "receiver";
  readonly displayApp: "G6" | "G7" | "receiver";
  /** Dexcom ONE and ONE+ keep no events. */
  readonly hasEvents: boolean;
  /** Leaves seconds out of a time now and then, or puts some into an offset. */
  readonly hasOddTimes: boolean;
  readonly sessionDays: number;
  readonly warmUpMinutes: number;
  /** First day of use, `YYYY-MM-DD`. */
  readonly since: string;
}

export interface Watch {
  readonly name: string;
  readonly hasPulseOx: boolean;
  readonly hasHrv: boolean;
  readonly hasSkinTemperature: boolean;
}

export interface Character {
  readonly id: string;
  readonly index: number;
  readonly name: string;
  /** One line for the people page. */
  readonly about: string;
  readonly zone: string;
  readonly sex: "F" | "M";
  readonly bornYear: number;
  readonly weightKg: number;
  readonly heightM: number;
  /** Where outings start: a public park. */
  readonly home: readonly [latitude: number, longitude: number];
  readonly metabolism: Metabolism;
  readonly cgm: GlucoseDevice;
  readonly watch: Watch;
  readonly bodyFatPercent: number;
  readonly hasCuff: boolean;
  readonly restingHr: number;
  readonly vo2Running: number;
  readonly vo2Cycling: number | null;
  readonly hrvMs: number;
  readonly stressBase: number;
  readonly stepsPerDay: number;
  readonly bedHour: number;
  readonly sleepHours: number;
  readonly meals: readonly MealHabit[];
  readonly workouts: readonly WorkoutHabit[];
}

const G7: GlucoseDevice = {
  generation: "g7", displayDevice: "iOS", displayApp: "G7", hasEvents: true, hasOddTimes: false,
  sessionDays: 10, warmUpMinutes: 30, since: "2024-03-01",
};

const TYPE_1: Metabolism = {
  diabetes: "type1", restingMgDl: 145, returnMinutes: 330, dawnMgDl: 26, dayDeviationMgDl: 27,
  riseMgDlPerGram: 4.4, dropMgDlPerUnit: 46, carbRatioGramsPerUnit: 10.5, targetMgDl: 112,
  correctAboveMgDl: 195, correctionZeal: 0.85, countingError: 0.29, missedBolusChance: 0.05,
  bolusDelayMinutes: 3, bolusStep: 0.5, basalUnits: 18, basalHour: 22, wakesOnLow: 0.12,
};

const MEALS: readonly MealHabit[] = [
  { name: "breakfast", hour: 7.75, spreadMinutes: 25, carbsGrams: 42, spreadGrams: 10, chance: 0.97 },
  { name: "snack", hour: 11, spreadMinutes: 30, carbsGrams: 15, spreadGrams: 6, chance: 0.35 },
  { name: "lunch", hour: 13.5, spreadMinutes: 35, carbsGrams: 62, spreadGrams: 16, chance: 0.99 },
  { name: "snack", hour: 17.5, spreadMinutes: 40, carbsGrams: 20, spreadGrams: 8, chance: 0.5 },
  { name: "dinner", hour: 20.5, spreadMinutes: 35, carbsGrams: 58, spreadGrams: 18, chance: 0.99 },
];

const shifted = (hours: number, carbs: number): MealHabit[] =>
  MEALS.map((meal) => ({ ...meal, hour: meal.hour + (meal.name === "breakfast" ? 0 : hours), carbsGrams: meal.carbsGrams * carbs }));

/** The first is the one a newcomer meets first. */
export const CHARACTERS: readonly [Character, ...Character[]] = [
  {
    id: "ana", index: 0, name: "Ana Ficticia", zone: "Europe/Madrid", sex: "F", bornYear: 1988, weightKg: 63, heightM: 1.67,
    about: "Type 1, well managed, runs three times a week", home: [40.4153, -3.6845],
    metabolism: TYPE_1, cgm: G7,
    watch: { name: "Forerunner 265", hasPulseOx: true, hasHrv: true, hasSkinTemperature: false },
    bodyFatPercent: 24.5, hasCuff: false, restingHr: 54, vo2Running: 46, vo2Cycling: null, hrvMs: 52, stressBase: 30,
    stepsPerDay: 7800, bedHour: 23.6, sleepHours: 7.3, meals: MEALS,
    workouts: [
      { sport: "run", weekdays: [2, 4], hour: 19, minutes: 42, chance: 0.85 },
      { sport: "run", weekdays: [6], hour: 10.5, minutes: 68, chance: 0.8 },
      { sport: "strength", weekdays: [1], hour: 18.75, minutes: 45, chance: 0.6 },
      { sport: "yoga", weekdays: [0], hour: 11, minutes: 40, chance: 0.4 },
    ],
  },
  {
    id: "liam", index: 1, name: "Liam Example", zone: "Europe/London", sex: "M", bornYear: 1995, weightKg: 71, heightM: 1.82,
    about: "Type 1, many lows, cycles a lot", home: [51.5313, -0.157],
    metabolism: {
      ...TYPE_1, restingMgDl: 93, dayDeviationMgDl: 27, dawnMgDl: 14, dropMgDlPerUnit: 52, carbRatioGramsPerUnit: 11, targetMgDl: 92,
      correctAboveMgDl: 150, correctionZeal: 1.2, countingError: 0.34, missedBolusChance: 0.02, basalUnits: 21, wakesOnLow: 0.06,
    },
    cgm: G7, watch: { name: "Edge 840 / fenix 7", hasPulseOx: true, hasHrv: true, hasSkinTemperature: true },
    bodyFatPercent: 14, hasCuff: false, restingHr: 47, vo2Running: 52, vo2Cycling: 58, hrvMs: 71, stressBase: 24,
    stepsPerDay: 6400, bedHour: 23, sleepHours: 7.6, meals: shifted(-1, 1.15),
    workouts: [
      { sport: "ride", weekdays: [2, 6], hour: 9, minutes: 115, chance: 0.75 },
      { sport: "indoor_ride", weekdays: [4], hour: 18.5, minutes: 55, chance: 0.8 },
      { sport: "run", weekdays: [0], hour: 10, minutes: 35, chance: 0.5 },
    ],
  },
  {
    id: "grace", index: 2, name: "Grace Sample", zone: "America/New_York", sex: "F", bornYear: 2004, weightKg: 68, heightM: 1.64,
    about: "Type 1, often high, forgets boluses", home: [40.7713, -73.9742],
    metabolism: {
      ...TYPE_1, restingMgDl: 186, dayDeviationMgDl: 42, dawnMgDl: 30, correctAboveMgDl: 260, correctionZeal: 0.55, countingError: 0.36,
      missedBolusChance: 0.22, bolusDelayMinutes: 14, carbRatioGramsPerUnit: 12, basalUnits: 22, targetMgDl: 130, bolusStep: 1,
    },
    cgm: { ...G7, since: "2025-01-10" },
    watch: { name: "Venu 3S", hasPulseOx: true, hasHrv: true, hasSkinTemperature: true },
    bodyFatPercent: 29, hasCuff: false, restingHr: 66, vo2Running: 36, vo2Cycling: null, hrvMs: 44, stressBase: 38,
    stepsPerDay: 6100, bedHour: 25, sleepHours: 6.7, meals: shifted(-1, 1.2),
    workouts: [
      { sport: "walk", weekdays: [1, 3, 5], hour: 17, minutes: 35, chance: 0.6 },
      { sport: "strength", weekdays: [6], hour: 15, minutes: 50, chance: 0.4 },
    ],
  },
  {
    id: "tomas", index: 3, name: "Tomás Modelo", zone: "America/Argentina/Buenos_Aires", sex: "M", bornYear: 1961, weightKg: 92, heightM: 1.74,
    about: "Type 2 on basal insulin, Dexcom ONE+ (no events)", home: [-34.5707, -58.4163],
    metabolism: {
      ...TYPE_1, diabetes: "type2", restingMgDl: 134, returnMinutes: 120, dawnMgDl: 26, dayDeviationMgDl: 22, riseMgDlPerGram: 3.2, basalUnits: 26,
    },
    cgm: { ...G7, displayDevice: "android", hasEvents: false, since: "2025-02-01" },
    watch: { name: "Vivosmart 5", hasPulseOx: false, hasHrv: false, hasSkinTemperature: false },
    bodyFatPercent: 31, hasCuff: true, restingHr: 70, vo2Running: 30, vo2Cycling: null, hrvMs: 27, stressBase: 34,
    stepsPerDay: 4700, bedHour: 23.9, sleepHours: 6.9, meals: shifted(0.5, 0.95),
    workouts: [{ sport: "walk", weekdays: [0, 2, 4, 6], hour: 9.5, minutes: 40, chance: 0.55 }],
  },
  {
    id: "aroha", index: 4, name: "Aroha Invented", zone: "Pacific/Auckland", sex: "F", bornYear: 1979, weightKg: 74, heightM: 1.7,
    about: "Type 1 on a pump, reads with a receiver (times without offset)", home: [-36.8605, 174.777],
    metabolism: {
      ...TYPE_1, restingMgDl: 138, dayDeviationMgDl: 26, basalUnits: null, bolusStep: 0.1, bolusDelayMinutes: -8, missedBolusChance: 0.07,
      countingError: 0.25, wakesOnLow: 0.25, carbRatioGramsPerUnit: 11,
    },
    cgm: {
      generation: "g6", displayDevice: "receiver", displayApp: "receiver", hasEvents: true, hasOddTimes: false,
      sessionDays: 10, warmUpMinutes: 120, since: "2024-01-05",
    },
    watch: { name: "Forerunner 965", hasPulseOx: true, hasHrv: true, hasSkinTemperature: false },
    bodyFatPercent: 27, hasCuff: false, restingHr: 57, vo2Running: 43, vo2Cycling: 45, hrvMs: 46, stressBase: 29,
    stepsPerDay: 8600, bedHour: 22.4, sleepHours: 7.8, meals: shifted(-1.5, 0.9),
    workouts: [
      { sport: "trail_run", weekdays: [3], hour: 6.5, minutes: 50, chance: 0.7 },
      { sport: "hike", weekdays: [0], hour: 13, minutes: 150, chance: 0.55 },
      { sport: "swim", weekdays: [1, 5], hour: 6.4, minutes: 38, chance: 0.65 },
    ],
  },
  {
    id: "priya", index: 5, name: "Priya Specimen", zone: "Asia/Kolkata", sex: "F", bornYear: 1970, weightKg: 66, heightM: 1.58,
    about: "Prediabetes without medicine, 15-day sensor, odd times now and then", home: [12.9763, 77.5929],
    metabolism: {
      ...TYPE_1, diabetes: "none", restingMgDl: 102, returnMinutes: 80, dawnMgDl: 9, dayDeviationMgDl: 7, riseMgDlPerGram: 3.6,
      basalUnits: null, wakesOnLow: 0,
    },
    cgm: { ...G7, generation: "g715day", displayDevice: "android", sessionDays: 15, hasOddTimes: true, since: "2025-06-01" },
    watch: { name: "Lily 2", hasPulseOx: true, hasHrv: false, hasSkinTemperature: false },
    bodyFatPercent: 33, hasCuff: true, restingHr: 68, vo2Running: 31, vo2Cycling: null, hrvMs: 33, stressBase: 33,
    stepsPerDay: 6900, bedHour: 22.8, sleepHours: 6.9, meals: shifted(0, 1.05),
    workouts: [
      { sport: "walk", weekdays: [1, 2, 3, 4, 5], hour: 6.6, minutes: 45, chance: 0.6 },
      { sport: "yoga", weekdays: [6, 0], hour: 7, minutes: 50, chance: 0.7 },
    ],
  },
];
