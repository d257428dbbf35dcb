import type { Flow } from "../testing.ts";

export const flow: Flow = { page: "/oauth2/authorization", token: "/v2/oauth2/token", query: { scope: "accesslink.read_all" }, permissions: [] };
