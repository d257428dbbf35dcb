/** Oura API v2: sleep, heart rate, days and workouts of the ring. Source: vendors/oura.md; what is not covered: README.md. */
import type { Driver } from "#driver/types.ts";
import { identify, pull, revoke } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { RESOURCES } from "./collections.ts";
import { map } from "./map.ts";
import { webhook } from "./webhook.ts";

export const oura: Driver = {
  id: "oura",
  displayName: "Oura",
  brand: {
    connectText: "Connect Oura",
    colour: "#000000",
    textColour: "#FFFFFF",
    attribution: "Oura",
    disclosure: {
      en:
        "Islet will read what your Oura ring has measured: sleep, heart rate, activity, readiness, oxygen, stress, workouts, sessions and tags, " +
        "and weight and height from your profile. You can withdraw this at Oura or here at any time. What Islet shows is for information only " +
        "and is no medical advice.",
      es:
        "Islet leerá lo que midió tu anillo Oura: sueño, frecuencia cardíaca, actividad, disposición, oxígeno, estrés, " +
        "entrenamientos, sesiones y etiquetas, y de tu perfil el peso y la altura. Puedes retirar este permiso en Oura o aquí " +
        "en cualquier momento. Lo que muestra Islet es solo informativo y no es consejo médico.",
    },
  },
  auth,
  endpoints,
  settings,
  // About half a minute after the phone has synchronised.
  capabilities: { delivery: "webhook-ping", historyLimitDays: null, latencySeconds: 30 },
  rateLimits: [{ requests: 5_000, perSeconds: 300, scope: "app", source: "Oura API FAQ: 5,000 requests in 5 minutes" }],
  resources: RESOURCES,
  identify,
  pull,
  map,
  webhook,
  revoke,
};
