import type { Flow } from "../testing.ts";
import { CHALLENGE, VERIFIER } from "../testing.ts";

const SCOPES = ["user_read", "workouts_read", "power_zones_read", "offline_data"];

export const flow: Flow = {
  page: "/oauth/authorize", token: "/oauth/token", query: { scope: SCOPES.join(" "), code_challenge: CHALLENGE, code_challenge_method: "S256" },
  permissions: SCOPES, proof: { code_verifier: VERIFIER },
};
