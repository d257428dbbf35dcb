/** Google Health API, version 4: Fitbit trackers, Pixel Watch and what else is in the account. Source: vendors/google-health.md; gaps: README.md. */
import type { Driver } from "#driver/types.ts";
import { identify, pull } from "./api.ts";
import { auth, endpoints, settings } from "./auth.ts";
import { RESOURCES } from "./data-types.ts";
import { map } from "./map.ts";
import { webhook } from "./webhook.ts";

export const google: Driver = {
  id: "google",
  displayName: "Google Health",
  brand: {
    connectText: "Connect Google Health",
    colour: "#1a73e8",
    textColour: "#ffffff",
    attribution: "Google Health",
    disclosure: {
      en:
        "Islet will read from your Google Health account (Fitbit, Pixel Watch and the apps that write to it) your activity, workouts, sleep, heart rate, " +
        "oxygen, breathing, temperature, weight, glucose and time zone, as far as you tick them on Google's page. It uses them to show them to you and to " +
        "whom you share them with, and for nothing else. You can withdraw this at Google or here at any time. What Islet shows is for information only " +
        "and is no medical advice.",
      es:
        "Islet leerá de tu cuenta de Google Health (Fitbit, Pixel Watch y las aplicaciones que escriben en ella) tu actividad, " +
        "entrenamientos, sueño, frecuencia cardíaca, oxígeno, respiración, temperatura, peso, glucosa y zona horaria, según lo " +
        "que marques en la página de Google. Los usa para mostrártelos a ti y a quien tú decidas, y para nada más. Puedes " +
        "retirar este permiso en Google o aquí en cualquier momento. Lo que muestra Islet es solo informativo y no es consejo " +
        "médico.",
    },
  },
  auth,
  endpoints,
  settings,
  capabilities: { delivery: "webhook-ping", historyLimitDays: null, latencySeconds: 900 },
  rateLimits: [
    { requests: 120_000, perSeconds: 60, scope: "app", source: "developers.google.com/health: 120,000 calls a minute for a project" },
    {
      requests: 150, perSeconds: 60, scope: "app", source: "developers.google.com/health: about 2.5 calls a second for an unverified project",
      when: { setting: "project", value: "unverified" },
    },
    { requests: 300, perSeconds: 60, scope: "connection", source: "developers.google.com/health: 300 calls a minute for a user" },
  ],
  resources: RESOURCES,
  identify,
  pull,
  map,
  webhook,
};
