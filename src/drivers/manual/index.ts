/**
 * Typed readings and Bluetooth meters: what people, clinics and apps send through Islet's own API. There is no vendor; the payload is ours.
 * Sources: requirement D5 (types, device id, sequence number, sample type and location); Bluetooth glucose profile 1.0.
 */
import type { Driver } from "#driver/types.ts";
import { InternalError } from "#errors.ts";
import { mapReadings } from "./map.ts";

const nobody = (): never => {
  throw new InternalError("Nothing is asked of whoever types.");
};

export const manual: Driver = {
  id: "manual",
  displayName: "Typed by hand",
  brand: {
    connectText: "Add a reading", colour: "#1f5f4a", textColour: "#ffffff",
    disclosure: {
      en: "What you type, and what your meter sends through an app, is stored on this server and shown to you and to those you allow.",
      es: "Lo que escribes, y lo que tu medidor envía por una aplicación, se guarda en este servidor y se te muestra a ti y a quienes autorices.",
    },
  },
  auth: { kind: "none", pushes: ["readings"] },
  endpoints: () => ({ auth: "", token: "", api: "" }),
  settings: [],
  capabilities: { delivery: "typed", historyLimitDays: null, latencySeconds: 0 },
  rateLimits: [],
  resources: [
    {
      name: "readings", format: "json", records: ["sample", "treatment"],
      metrics: ["glucose_meter", "ketone", "weight", "blood_pressure_systolic", "blood_pressure_diastolic"],
    },
  ],
  identify: nobody,
  pull: nobody,
  map: (_resource, payload, context) => mapReadings(payload, context),
};
