import type { Flow } from "../testing.ts";

export const flow: Flow = { page: "/oauth2/authorize", token: "/oauth2/accesstoken", query: {}, permissions: [] };
