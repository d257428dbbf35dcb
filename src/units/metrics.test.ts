import { describe, expect, it } from "vitest";
import { isMetricName, METRIC_NAMES, metricById, METRICS } from "./metrics.ts";

describe("the table of metrics", () => {
  it("gives each metric an id of its own that fits its column, and finds it by it", () => {
    const ids = METRIC_NAMES.map((name) => METRICS[name].id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const name of METRIC_NAMES) {
      const { id } = METRICS[name];
      expect(Number.isInteger(id) && id > 0 && id < 32_768, name).toBe(true);
      expect(metricById(id)).toBe(name);
    }
    expect(metricById(0)).toBeNull();
    expect(metricById(32_000)).toBeNull();
  });

  it("never changes an id that is stored", () => {
    const stored = { glucose: 1, glucose_trend_rate: 2, glucose_meter: 3, ketone: 4, heart_rate: 10, hrv_rmssd: 14, spo2: 20, steps: 30, distance: 31, weight: 50, vo2max: 70, stress: 80, body_battery: 84, hydration: 90 };
    for (const [name, id] of Object.entries(stored)) expect(METRICS[name as keyof typeof METRICS].id, name).toBe(id);
  });

  it("has bounds in order, sums only over stretches of time, and names that an address can hold", () => {
    for (const name of METRIC_NAMES) {
      const { min, max, aggregate, form, unit, decimals } = METRICS[name];
      expect(min, name).toBeLessThan(max);
      expect(aggregate !== "sum" || form === "interval", name).toBe(true);
      expect(unit, name).not.toBe("");
      expect(Number.isInteger(decimals) && decimals >= 0, name).toBe(true);
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    }
  });

  it("takes no inherited property for a metric", () => {
    for (const text of ["toString", "__proto__", "constructor", "", "Glucose", "glucose "]) expect(isMetricName(text), text).toBe(false);
    expect(isMetricName("glucose")).toBe(true);
  });

  it("has all that the design names", () => {
    expect(METRIC_NAMES).toEqual(expect.arrayContaining([
      "glucose", "ketone", "heart_rate", "resting_heart_rate", "hrv_rmssd", "hrv_sdnn", "spo2", "respiration_rate", "body_temperature", "skin_temperature",
      "skin_temperature_deviation", "steps", "distance", "floors", "calories_active", "calories_total", "calories_basal", "weight", "body_fat", "lean_mass", "bmi",
      "blood_pressure_systolic", "blood_pressure_diastolic", "vo2max_running", "vo2max_cycling", "vo2max", "stress", "readiness", "recovery", "strain",
      "body_battery", "sleep_score", "hydration", "fitness_age", "menstrual_flow",
    ]));
  });
});
