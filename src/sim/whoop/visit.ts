import type { Flow } from "../testing.ts";

const SCOPES = ["read:recovery", "read:cycles", "read:workout", "read:sleep", "read:profile", "read:body_measurement"];

export const flow: Flow = {
  page: "/oauth/oauth2/auth", token: "/oauth/oauth2/token", query: { scope: [...SCOPES, "offline"].join(" "), state: "st&te-of-whoop" }, permissions: SCOPES,
};
