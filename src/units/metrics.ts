/**
 * The vocabulary: what a sample can measure. One table, from which the database, the API's enums and the documents are made.
 * Ids are stored in the database: never change or reuse one, only add.
 */

/** How a metric is measured: a number at one instant, or a number that belongs to a stretch of time. */
export type MetricForm = "instant" | "interval";

/** What "one number for this stretch of time" means for the metric. */
export type MetricAggregate = "mean" | "sum" | "last";

interface MetricDefinition {
  readonly id: number;
  /** Canonical unit, UCUM-like spelling. Every stored value is in it. */
  readonly unit: string;
  readonly form: MetricForm;
  readonly aggregate: MetricAggregate;
  /** Inclusive bounds of what can be a measurement of a person at all; outside is refused as a problem, never clamped. */
  readonly min: number;
  readonly max: number;
  /** Decimals shown to a person. */
  readonly decimals: number;
}

const define = <T extends Record<string, MetricDefinition>>(table: T): { readonly [K in keyof T]: MetricDefinition } => table;

export const METRICS = define({
  glucose: { id: 1, unit: "mg/dL", form: "instant", aggregate: "mean", min: 10, max: 1000, decimals: 0 },
  glucose_trend_rate: { id: 2, unit: "mg/dL/min", form: "instant", aggregate: "mean", min: -50, max: 50, decimals: 1 },
  glucose_meter: { id: 3, unit: "mg/dL", form: "instant", aggregate: "mean", min: 10, max: 1000, decimals: 0 },
  ketone: { id: 4, unit: "mmol/L", form: "instant", aggregate: "mean", min: 0, max: 30, decimals: 1 },
  heart_rate: { id: 10, unit: "/min", form: "instant", aggregate: "mean", min: 15, max: 300, decimals: 0 },
  resting_heart_rate: { id: 11, unit: "/min", form: "interval", aggregate: "mean", min: 15, max: 200, decimals: 0 },
  heart_rate_min: { id: 12, unit: "/min", form: "interval", aggregate: "mean", min: 15, max: 300, decimals: 0 },
  heart_rate_max: { id: 13, unit: "/min", form: "interval", aggregate: "mean", min: 15, max: 300, decimals: 0 },
  hrv_rmssd: { id: 14, unit: "ms", form: "instant", aggregate: "mean", min: 0, max: 1000, decimals: 0 },
  hrv_sdnn: { id: 15, unit: "ms", form: "instant", aggregate: "mean", min: 0, max: 1000, decimals: 0 },
  spo2: { id: 20, unit: "%", form: "instant", aggregate: "mean", min: 30, max: 100, decimals: 0 },
  respiration_rate: { id: 21, unit: "/min", form: "instant", aggregate: "mean", min: 1, max: 100, decimals: 1 },
  body_temperature: { id: 22, unit: "Cel", form: "instant", aggregate: "mean", min: 25, max: 45, decimals: 1 },
  skin_temperature: { id: 23, unit: "Cel", form: "instant", aggregate: "mean", min: 10, max: 45, decimals: 1 },
  skin_temperature_deviation: { id: 24, unit: "Cel", form: "interval", aggregate: "mean", min: -15, max: 15, decimals: 2 },
  steps: { id: 30, unit: "{count}", form: "interval", aggregate: "sum", min: 0, max: 200_000, decimals: 0 },
  distance: { id: 31, unit: "m", form: "interval", aggregate: "sum", min: 0, max: 1_000_000, decimals: 0 },
  floors: { id: 32, unit: "{count}", form: "interval", aggregate: "sum", min: 0, max: 2_000, decimals: 0 },
  calories_active: { id: 33, unit: "kcal", form: "interval", aggregate: "sum", min: 0, max: 30_000, decimals: 0 },
  calories_total: { id: 34, unit: "kcal", form: "interval", aggregate: "sum", min: 0, max: 40_000, decimals: 0 },
  calories_basal: { id: 35, unit: "kcal", form: "interval", aggregate: "sum", min: 0, max: 10_000, decimals: 0 },
  active_duration: { id: 36, unit: "s", form: "interval", aggregate: "sum", min: 0, max: 172_800, decimals: 0 },
  intensity_moderate: { id: 37, unit: "s", form: "interval", aggregate: "sum", min: 0, max: 172_800, decimals: 0 },
  intensity_vigorous: { id: 38, unit: "s", form: "interval", aggregate: "sum", min: 0, max: 172_800, decimals: 0 },
  wheelchair_pushes: { id: 39, unit: "{count}", form: "interval", aggregate: "sum", min: 0, max: 200_000, decimals: 0 },
  speed: { id: 40, unit: "m/s", form: "instant", aggregate: "mean", min: 0, max: 150, decimals: 2 },
  power: { id: 41, unit: "W", form: "instant", aggregate: "mean", min: 0, max: 5_000, decimals: 0 },
  cadence: { id: 42, unit: "/min", form: "instant", aggregate: "mean", min: 0, max: 400, decimals: 0 },
  altitude: { id: 43, unit: "m", form: "instant", aggregate: "mean", min: -500, max: 12_000, decimals: 0 },
  met: { id: 44, unit: "{MET}", form: "interval", aggregate: "mean", min: 0, max: 50, decimals: 1 },
  elevation_gain: { id: 45, unit: "m", form: "interval", aggregate: "sum", min: 0, max: 30_000, decimals: 0 },
  sedentary_duration: { id: 46, unit: "s", form: "interval", aggregate: "sum", min: 0, max: 172_800, decimals: 0 },
  weight: { id: 50, unit: "kg", form: "instant", aggregate: "last", min: 0.2, max: 700, decimals: 1 },
  body_fat: { id: 51, unit: "%", form: "instant", aggregate: "last", min: 0.5, max: 90, decimals: 1 },
  lean_mass: { id: 52, unit: "kg", form: "instant", aggregate: "last", min: 0.1, max: 400, decimals: 1 },
  bmi: { id: 53, unit: "kg/m2", form: "instant", aggregate: "last", min: 4, max: 250, decimals: 1 },
  muscle_mass: { id: 54, unit: "kg", form: "instant", aggregate: "last", min: 0.1, max: 300, decimals: 1 },
  bone_mass: { id: 55, unit: "kg", form: "instant", aggregate: "last", min: 0.05, max: 50, decimals: 1 },
  body_water: { id: 56, unit: "%", form: "instant", aggregate: "last", min: 1, max: 100, decimals: 1 },
  height: { id: 57, unit: "m", form: "instant", aggregate: "last", min: 0.2, max: 2.8, decimals: 2 },
  visceral_fat: { id: 58, unit: "{index}", form: "instant", aggregate: "last", min: 0.5, max: 60, decimals: 1 },
  blood_pressure_systolic: { id: 60, unit: "mm[Hg]", form: "instant", aggregate: "mean", min: 30, max: 350, decimals: 0 },
  blood_pressure_diastolic: { id: 61, unit: "mm[Hg]", form: "instant", aggregate: "mean", min: 15, max: 250, decimals: 0 },
  pulse_wave_velocity: { id: 62, unit: "m/s", form: "instant", aggregate: "last", min: 1, max: 40, decimals: 1 },
  vascular_age: { id: 63, unit: "a", form: "instant", aggregate: "last", min: 1, max: 130, decimals: 0 },
  vo2max: { id: 70, unit: "mL/kg/min", form: "instant", aggregate: "last", min: 5, max: 110, decimals: 1 },
  vo2max_running: { id: 71, unit: "mL/kg/min", form: "instant", aggregate: "last", min: 5, max: 110, decimals: 1 },
  vo2max_cycling: { id: 72, unit: "mL/kg/min", form: "instant", aggregate: "last", min: 5, max: 110, decimals: 1 },
  fitness_age: { id: 73, unit: "a", form: "instant", aggregate: "last", min: 1, max: 130, decimals: 0 },
  stress: { id: 80, unit: "{score}", form: "instant", aggregate: "mean", min: 0, max: 100, decimals: 0 },
  readiness: { id: 81, unit: "{score}", form: "interval", aggregate: "mean", min: 0, max: 100, decimals: 0 },
  recovery: { id: 82, unit: "{score}", form: "interval", aggregate: "mean", min: 0, max: 100, decimals: 0 },
  strain: { id: 83, unit: "{score}", form: "interval", aggregate: "mean", min: 0, max: 500, decimals: 1 },
  body_battery: { id: 84, unit: "{score}", form: "instant", aggregate: "mean", min: 0, max: 100, decimals: 0 },
  sleep_score: { id: 85, unit: "{score}", form: "interval", aggregate: "mean", min: 0, max: 100, decimals: 0 },
  stress_high_duration: { id: 86, unit: "s", form: "interval", aggregate: "sum", min: 0, max: 172_800, decimals: 0 },
  stress_recovery_duration: { id: 87, unit: "s", form: "interval", aggregate: "sum", min: 0, max: 172_800, decimals: 0 },
  resilience: { id: 88, unit: "{level}", form: "interval", aggregate: "mean", min: 1, max: 5, decimals: 0 },
  training_load: { id: 89, unit: "{score}", form: "interval", aggregate: "sum", min: 0, max: 3_000, decimals: 1 },
  hydration: { id: 90, unit: "mL", form: "interval", aggregate: "sum", min: 0, max: 30_000, decimals: 0 },
  menstrual_flow: { id: 91, unit: "{level}", form: "interval", aggregate: "mean", min: 0, max: 5, decimals: 0 },
});

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

const nameById = new Map<number, MetricName>(METRIC_NAMES.map((name) => [METRICS[name].id, name]));

/** Name of a stored metric id; null for an id this version does not know (data of a newer version). */
export function metricById(id: number): MetricName | null {
  return nameById.get(id) ?? null;
}

export function isMetricName(text: string): text is MetricName {
  return Object.hasOwn(METRICS, text);
}

const SCORE_UNITS: ReadonlySet<string> = new Set(["{score}", "{level}"]);

/** Whether a metric is a vendor's own judgement of a stretch of time, which it may revise later: of these the earlier values are kept. */
export function isScore(metric: MetricName): boolean {
  const { form, unit } = METRICS[metric];
  return form === "interval" && SCORE_UNITS.has(unit);
}
