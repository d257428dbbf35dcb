/**
 * Apple Health: what an iPhone's bridge pushes, and what the export of the Health app holds. Apple has no cloud to ask. Source: Apple Health facts;
 * what is not covered: README.md.
 */
import type { Driver, Resource } from "#driver/types.ts";
import { InternalError, InvalidInput } from "#errors.ts";
import type { MetricName } from "#units/metrics.ts";
import { createExportMapper } from "./map-export.ts";
import { mapPush } from "./map-push.ts";
import { METRICS_OF } from "./quantities.ts";

export { createExportMapper, type ExportElement, type ExportMapper } from "./map-export.ts";
export { mapPush } from "./map-push.ts";

/** All that either way gives: a push may hold whatever Health has. The least and highest heart rate come from Health Auto Export alone. */
const METRICS_GIVEN: readonly MetricName[] = [...new Set([...METRICS_OF.values()].flat()), "heart_rate_min", "heart_rate_max"];

export const RESOURCES: readonly Resource[] = [
  { name: "push", format: "json", metrics: METRICS_GIVEN, records: ["sample", "sleep", "workout", "treatment"] },
];

const nobody = (): never => {
  throw new InternalError("Apple Health has no cloud to ask.");
};

export const appleHealth: Driver = {
  id: "apple-health",
  displayName: "Apple Health",
  brand: {
    connectText: "Connect Apple Health",
    colour: "#000000",
    textColour: "#FFFFFF",
    disclosure: {
      en:
        "An app on your iPhone will send what you let it read from Health: heart rate, activity, sleep, workouts, body, blood pressure, glucose, insulin " +
        "and meals, also what other apps wrote there. You choose each kind on the phone and can turn it off there or disconnect here at any time. It is used " +
        "for nothing but showing it to you and to those you allow, and is no medical advice.",
      es:
        "Una aplicación en tu iPhone enviará lo que le dejes leer de Salud: frecuencia cardíaca, actividad, sueño, entrenamientos, cuerpo, presión arterial, " +
        "glucosa, insulina y comidas, también lo que otras aplicaciones escribieron allí. Tú eliges cada tipo en el teléfono y puedes desactivarlo allí o " +
        "desconectarlo aquí en cualquier momento. Solo se usa para mostrarlo a ti y a quienes autorices, y no es consejo médico.",
    },
  },
  auth: { kind: "device", pushes: ["push"] },
  endpoints: () => ({ auth: "", token: "", api: "" }),
  settings: [],
  // iOS lets apps read in the background when it sees fit, and never while the phone is locked.
  capabilities: { delivery: "device-push", historyLimitDays: null, latencySeconds: 3_600, allowsSeveral: true },
  rateLimits: [],
  resources: RESOURCES,
  identify: nobody,
  pull: nobody,
  fileMapper: createExportMapper,
  map: (resource, payload, context) => {
    if (resource !== "push") throw new InvalidInput("Apple Health has no such resource.");
    return mapPush(payload, context);
  },
};
