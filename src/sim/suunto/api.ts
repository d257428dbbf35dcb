/** Suunto's data doors. vendors/suunto.md, Data endpoints. Uploads and routes are left out. */

import { DAY_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer, Route } from "../exchange.ts";
import { json } from "../exchange.ts";
import type { EntryKind } from "./entries.ts";
import { entriesBetween } from "./entries.ts";
import type { Visit } from "./gateway.ts";
import { apiRefusal, createGateway, refuseAsSuunto } from "./gateway.ts";
import { tellStatistics } from "./statistics.ts";
import { listWorkouts, oneWorkout, workoutFile } from "./workouts.ts";

/** Stated for sleep, and taken to hold for its neighbours. */
const LONGEST_MS = 28 * DAY_MS;

export function suuntoApiRoutes(context: CloudContext): Route[] {
  const gateway = createGateway(context);
  const get = (path: string, handle: (visit: Visit) => Answer): Route => ({ method: "GET", path, door: "data", handle: gateway(handle) });
  // Where the totals of days lie is unsure.
  const statisticsBelow = (folder: string) => (visit: Visit): Answer =>
    context.position("dailyStatistics") === folder ? tellStatistics(visit) : refuseAsSuunto({ kind: "unknown_path" });
  return [
    get("/v3/workouts", listWorkouts),
    get("/v3/workouts/:key", oneWorkout),
    get("/v3/workouts/:key/fit", workoutFile),
    get("/247samples/sleep", listEntries("sleep")),
    get("/247samples/activity", listEntries("activity")),
    get("/247samples/recovery", listEntries("recovery")),
    get("/247samples/daily-activity-statistics", statisticsBelow("247samples")),
    get("/247/daily-activity-statistics", statisticsBelow("247")),
  ];
}

/** `from` and `to` in milliseconds, both ends counted. */
const listEntries = (kind: EntryKind) => ({ context, person, call }: Visit): Answer => {
  const [from = "", to = ""] = ["from", "to"].map((name) => call.query.get(name) ?? "");
  const window = { fromMs: Number(from), toMs: Number(to) };
  if (!/^\d{1,15}$/.test(from) || !/^\d{1,15}$/.test(to) || window.toMs < window.fromMs) return apiRefusal(400, "from and to must be milliseconds since 1970");
  if (window.toMs - window.fromMs > LONGEST_MS) return apiRefusal(400, "The longest range is 28 days");
  return json(200, entriesBetween(context, person, kind, window).map((entry) => entry.tell()));
};
