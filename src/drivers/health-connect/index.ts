/** Android's Health Connect, read and pushed by an app on the phone. There is no cloud to ask. Source: Health Connect facts. */
import { mapBridgePush } from "#driver/bridge/map-push.ts";
import { MEANINGS } from "#driver/bridge/map-measures.ts";
import type { Driver } from "#driver/types.ts";
import { InternalError } from "#errors.ts";
import type { MetricName } from "#units/metrics.ts";
import { glucoseFactor, mapRecords } from "./map-records.ts";

const nobody = (): never => {
  throw new InternalError("Health Connect has no cloud to ask.");
};

/** Samsung's own measures have no place in Health Connect. */
const SAMSUNG_ONLY: readonly MetricName[] = ["muscle_mass", "bmi"];
const metrics: readonly MetricName[] = [...new Set<MetricName>([...Object.values(MEANINGS).map(({ metric }) => metric), "hrv_rmssd", "hrv_sdnn", "glucose", "glucose_meter"])].filter((metric) => !SAMSUNG_ONLY.includes(metric));

export const healthConnect: Driver = {
  id: "health-connect",
  displayName: "Health Connect",
  brand: {
    connectText: "Connect Health Connect", colour: "#1a73e8", textColour: "#ffffff",
    disclosure: {
      en: "An app on your Android phone will send what you let it read from Health Connect: activity, heart, sleep, workouts, body, blood pressure, glucose and meals. You choose each kind on the phone and can turn it off there, or disconnect here, at any time.",
      es: "Una aplicación en tu teléfono Android enviará lo que le dejes leer de Health Connect: actividad, corazón, sueño, entrenamientos, cuerpo, presión arterial, glucosa y comidas. Eliges cada tipo en el teléfono y puedes desactivarlo allí, o desconectar aquí, en cualquier momento.",
    },
  },
  auth: { kind: "device", pushes: ["push", "records"] },
  endpoints: () => ({ auth: "", token: "", api: "" }),
  settings: [],
  capabilities: { delivery: "device-push", historyLimitDays: null, latencySeconds: 900, allowsSeveral: true },
  rateLimits: [],
  resources: [
    { name: "push", format: "json", metrics, records: ["sample", "sleep", "workout", "treatment"] },
    { name: "records", format: "json", metrics: metrics.filter((metric) => metric !== "hrv_sdnn"), records: ["sample", "sleep", "workout", "treatment"] },
  ],
  identify: nobody,
  pull: nobody,
  map: (resource, payload, context) => (resource === "records" ? mapRecords(payload, context) : mapBridgePush(payload, context, glucoseFactor)),
};
