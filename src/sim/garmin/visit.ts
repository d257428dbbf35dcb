import type { Flow } from "../testing.ts";
import { CHALLENGE, VERIFIER } from "../testing.ts";

export const flow: Flow = {
  page: "/oauth2Confirm", token: "/di-oauth2-service/oauth/token", query: { code_challenge: CHALLENGE, code_challenge_method: "S256" },
  permissions: ["HEALTH_EXPORT", "ACTIVITY_EXPORT", "HISTORICAL_DATA_EXPORT"], proof: { code_verifier: VERIFIER },
};
