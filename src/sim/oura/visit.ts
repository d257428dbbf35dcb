import type { Flow } from "../testing.ts";

const SCOPES = ["email", "personal", "daily", "heartrate", "workout", "tag", "session", "spo2"];

export const flow: Flow = { page: "/oauth/authorize", token: "/oauth/token", query: { scope: SCOPES.join(" ") }, permissions: SCOPES };
