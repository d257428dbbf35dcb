import type { Flow } from "../testing.ts";

export const flow: Flow = {
  page: "/oauth/authorize", token: "/oauth/token", query: { scope: "read,activity:read_all,profile:read_all", approval_prompt: "auto" },
  permissions: ["read", "activity:read_all", "profile:read_all"],
};
