import type { Flow } from "../testing.ts";

const SCOPES = ["activity_and_fitness", "health_metrics_and_measurements", "sleep", "profile", "settings", "location", "nutrition", "ecg"].map(
  (family) => `https://www.googleapis.com/auth/googlehealth.${family}.readonly`,
);

export const flow: Flow = {
  page: "/o/oauth2/v2/auth", token: "/token", query: { scope: SCOPES.join(" "), access_type: "offline", prompt: "consent", include_granted_scopes: "true" },
  permissions: SCOPES,
};
