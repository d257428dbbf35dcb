import type { Flow } from "../testing.ts";

const SCOPES = ["profile", "ring_data", "cgm_data"];

export const flow: Flow = { page: "/authorise", token: "/api/partners/oauth/token", query: { scope: SCOPES.join(" ") }, permissions: SCOPES };
