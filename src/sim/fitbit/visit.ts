import type { Flow } from "../testing.ts";
import { CHALLENGE, VERIFIER } from "../testing.ts";

const SCOPES = [
  "activity", "cardio_fitness", "electrocardiogram", "heartrate", "irregular_rhythm_notifications", "location", "oxygen_saturation", "profile", "respiratory_rate",
  "settings", "sleep", "temperature", "weight",
];

/** The application proves itself by HTTP Basic at the token door, which `Visit.connect` does not. */
export const flow: Flow = {
  page: "/oauth2/authorize", token: "/oauth2/token", query: { scope: SCOPES.join(" "), code_challenge: CHALLENGE, code_challenge_method: "S256" },
  permissions: SCOPES, proof: { code_verifier: VERIFIER },
};
