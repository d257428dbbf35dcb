import type { Flow } from "../testing.ts";

const SCOPES = ["user.info", "user.metrics", "user.activity", "user.sleepevents"];

export const flow: Flow = {
  page: "/oauth2_user/authorize2", token: "/v2/oauth2", query: { scope: SCOPES.join(",") }, permissions: SCOPES, proof: { action: "requesttoken" },
};
