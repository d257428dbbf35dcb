import type { Flow } from "../testing.ts";

export const flow: Flow = { page: "/v3/oauth2/login", token: "/v3/oauth2/token", query: { scope: "offline_access" }, permissions: [] };
