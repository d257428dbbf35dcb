/** Terra: an aggregator whose own page connects people's accounts at other vendors. Data is pushed; the past is asked for once. Source: vendors/terra.md. */
import type { Driver, Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";
import { identify, pull, revoke } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { mapTerra } from "./map.ts";
import { webhook } from "./webhook.ts";

/** A request of more than a month becomes a large one, whose data comes by webhook alone. */
export const MAX_WINDOW_MS = 28 * DAY_MS;

const past: NonNullable<Resource["pull"]> = { maxWindowMs: MAX_WINDOW_MS, backfillDays: 90, everySeconds: 86_400, overlapMs: DAY_MS, backfillOnly: true };

export const terra: Driver = {
  id: "terra",
  displayName: "Terra",
  brand: {
    connectText: "Connect another device", colour: "#334155", textColour: "#ffffff", attribution: "Via Terra",
    disclosure: {
      en: "You will choose your device's vendor on a page of Terra, a company that passes its data on to Islet and keeps a copy of its own. Islet reads activity, sleep, body measurements, glucose and meals, as far as that vendor has them.",
      es: "Elegirás el proveedor de tu dispositivo en una página de Terra, una empresa que pasa sus datos a Islet y guarda una copia propia. Islet lee actividad, sueño, medidas corporales, glucosa y comidas, en la medida en que ese proveedor los tenga.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "webhook-push", historyLimitDays: null, latencySeconds: 300, allowsSeveral: true },
  // A day's budget of 6,000 requested days in an hour: 28 days each.
  rateLimits: [{ requests: 200, perSeconds: 3_600, scope: "connection", source: "vendors/terra.md, Rate limits: 6,000 requested days in a rolling hour for each user" }],
  resources: [
    {
      name: "daily", format: "json", pull: past, records: ["sample", "treatment"],
      metrics: [
        "steps", "distance", "floors", "elevation_gain", "calories_total", "calories_active", "calories_basal", "active_duration", "intensity_moderate", "intensity_vigorous",
        "sedentary_duration", "resting_heart_rate", "heart_rate_min", "heart_rate_max", "heart_rate", "hrv_rmssd", "hrv_sdnn", "spo2", "vo2max", "stress", "body_battery", "stress_high_duration",
        "recovery", "sleep_score", "strain", "met",
      ],
    },
    {
      name: "body", format: "json", pull: past, records: ["sample", "treatment"],
      metrics: [
        "weight", "bmi", "body_fat", "muscle_mass", "lean_mass", "bone_mass", "body_water", "height", "visceral_fat", "fitness_age", "glucose", "ketone", "blood_pressure_systolic",
        "blood_pressure_diastolic", "body_temperature", "skin_temperature", "hydration", "spo2", "vo2max", "pulse_wave_velocity", "heart_rate", "resting_heart_rate", "heart_rate_min", "heart_rate_max", "hrv_rmssd", "hrv_sdnn",
      ],
    },
    {
      name: "sleep", format: "json", pull: past, records: ["sleep", "sample"],
      metrics: ["heart_rate", "resting_heart_rate", "heart_rate_min", "heart_rate_max", "hrv_rmssd", "hrv_sdnn", "respiration_rate", "spo2", "skin_temperature_deviation", "readiness", "recovery"],
    },
    { name: "activity", format: "json", pull: past, records: ["workout", "sample"], metrics: ["heart_rate", "hrv_rmssd", "hrv_sdnn", "speed", "power", "cadence", "altitude", "spo2", "vo2max", "strain", "training_load"] },
    { name: "nutrition", format: "json", pull: past, records: ["treatment", "sample"], metrics: ["hydration"] },
    { name: "menstruation", format: "json", pull: past, records: ["sample"], metrics: ["menstrual_flow"] },
    { name: "health_observation", format: "json", records: ["treatment"], metrics: [] },
    // Kept raw: names and birthdays are nobody's measurements.
    { name: "athlete", format: "json", records: [], metrics: [] },
  ],
  identify,
  pull,
  map: mapTerra,
  webhook,
  revoke,
};
