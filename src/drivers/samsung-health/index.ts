/** Samsung Health, read and pushed by an app on the phone (Samsung Health Data SDK). There is no cloud to ask. Source: Samsung Health facts. */
import { mapBridgePush } from "#driver/bridge/map-push.ts";
import type { Driver } from "#driver/types.ts";
import { InternalError } from "#errors.ts";
import { MG_DL_PER_MMOL_L } from "#units/glucose.ts";

const nobody = (): never => {
  throw new InternalError("Samsung Health has no cloud to ask.");
};

/** Below this no glucose is mg/dL: sources disagree on the SDK's unit, and some bridges name the wrong one. */
const LEAST_MG_DL = 40;

function glucoseFactor(value: number, unit: string): number | null {
  if (!["mg/dl", "mmol/l", "mmol", ""].includes(unit)) return null;
  return value < LEAST_MG_DL ? MG_DL_PER_MMOL_L : 1;
}

export const samsungHealth: Driver = {
  id: "samsung-health",
  displayName: "Samsung Health",
  brand: {
    connectText: "Connect Samsung Health", colour: "#334155", textColour: "#ffffff",
    disclosure: {
      en: "An app on your Galaxy phone will send what you let it read from Samsung Health: activity, heart rate, sleep, workouts, body composition, blood pressure and glucose. You choose each kind on the phone and can turn it off there, or disconnect here, at any time.",
      es: "Una aplicación en tu teléfono Galaxy enviará lo que le dejes leer de Samsung Health: actividad, frecuencia cardíaca, sueño, entrenamientos, composición corporal, presión arterial y glucosa. Eliges cada tipo en el teléfono y puedes desactivarlo allí, o desconectar aquí, en cualquier momento.",
    },
  },
  auth: { kind: "device", pushes: ["push"] },
  endpoints: () => ({ auth: "", token: "", api: "" }),
  settings: [],
  capabilities: { delivery: "device-push", historyLimitDays: null, latencySeconds: 900, allowsSeveral: true },
  rateLimits: [],
  resources: [
    {
      name: "push", format: "json", records: ["sample", "sleep", "workout", "treatment"],
      metrics: [
        "steps", "heart_rate", "spo2", "glucose_meter", "blood_pressure_systolic", "blood_pressure_diastolic", "body_temperature", "skin_temperature", "floors", "weight", "height", "body_fat", "lean_mass",
        "muscle_mass", "bmi", "hydration", "calories_active", "calories_total", "distance", "speed", "cadence", "power",
      ],
    },
  ],
  identify: nobody,
  pull: nobody,
  map: (_resource, payload, context) => mapBridgePush(payload, context, glucoseFactor),
};
