import type { Flow } from "../testing.ts";

/** The application proves itself by HTTP Basic at the token door, which `Visit.connect` does not. */
export const flow: Flow = { page: "/oauth/authorize", token: "/oauth/token", query: {}, permissions: [] };
