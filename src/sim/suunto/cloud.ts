/** Suunto's cloud. Written from vendors/suunto.md. The form-encoded notifications of old subscriptions are left out: little is known of them. */

import type { Cloud } from "../cloud.ts";
import { suuntoApiRoutes } from "./api.ts";
import { refuseAsSuunto } from "./gateway.ts";
import { isLost, pushSuunto, SUUNTO_PUSHES, tickSuunto } from "./notices.ts";
import { suuntoOAuthRoutes, tokenText, userNameOf } from "./oauth.ts";

export const suunto: Cloud = {
  id: "suunto",
  name: "Suunto",
  // A day by memory; no life of codes or refresh tokens is stated.
  tokens: { codeSeconds: 600, accessSeconds: 86_400, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, makeText: tokenText },
  // Two seconds are stated; how often and when it is tried again is not.
  delivery: { timeoutMs: 2_000, retrySeconds: [30, 300, 1800, 7200], isFinal: isLost },
  clientExtras: ["subscription_key", "notification_secret"],
  shownParameters: ["since", "until", "limit", "offset", "filter-by-modification-time", "from", "to", "startdate", "enddate"],
  switches: [
    { name: "dailyStatistics", label: "Where totals of days lie, below", positions: ["247samples", "247"], initial: "247samples" },
    { name: "partialDays", label: "Days that the asked range cuts are told", positions: ["not at all", "cut"], initial: "not at all" },
    { name: "dayTimes", label: "Days are dated with", positions: ["offset", "no offset", "UTC"], initial: "offset" },
    { name: "heartRate", label: "Heart rate of 24/7 data in", positions: ["beats", "hertz"], initial: "beats" },
    { name: "oxygen", label: "Oxygen as a", positions: ["share", "percent"], initial: "share" },
    { name: "sleepDuration", label: "Duration of a sleep is the time", positions: ["asleep", "in bed"], initial: "asleep" },
    { name: "hrdata", label: "Highest heart rates of a workout", positions: ["documented", "swapped"], initial: "documented" },
    { name: "workoutList", label: "The list of workouts answers", positions: ["workouts", "error in 200"], initial: "workouts" },
    { name: "oneWorkout", label: "A workout by its key is", positions: ["bare", "wrapped"], initial: "bare" },
    { name: "workoutsPerPage", label: "Most workouts on a page", positions: { least: 1, most: 1000 }, initial: "100" },
    { name: "tokenAnswer", label: "The token answer", positions: ["names the person", "leaves it to the token"], initial: "names the person" },
    { name: "deadToken", label: "A dead token is answered", positions: ["401", "403"], initial: "401" },
    // Figures are not published.
    { name: "callsPerMinute", label: "Calls in a minute", positions: { least: 0, most: 999_999_999 }, initial: "300" },
    { name: "overLimit", label: "Beyond them the answer is", positions: ["429", "403"], initial: "429" },
  ],
  refuse: refuseAsSuunto,
  create: (context) => ({
    routes: [...suuntoOAuthRoutes(context), ...suuntoApiRoutes(context)],
    pushes: SUUNTO_PUSHES,
    push: (person, what, detail) => pushSuunto(context, person, what, detail),
    tick: () => tickSuunto(context),
    facts: (person) => ({ userName: userNameOf(person.who.id) }),
  }),
};
