/** The doors of AccessLink v3. vendors/polar.md, Data endpoints. Its deprecated pull model (notifications, transactions) is left out. */

import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { basic, bearer, empty } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { listActivities, listHearts, listSamples, oneActivity, oneHeart, oneSamples } from "./activities.ts";
import type { Visit } from "./asked.ts";
import { bodyTemperatures, ecgTests, skinContacts, skinTemperatures, spo2Tests } from "./biosensing.ts";
import { exerciseFile, listExercises, oneExercise } from "./exercises.ts";
import { createLimit } from "./limits.ts";
import { alertnessInRange, bedtimesInRange, listAlertness, listBedtimes, listLoads, loadsInRange, loadsOfPeriod, oneLoad } from "./load.ts";
import { availableNights, listNights, listRecharges, oneNight, oneRecharge } from "./nights.ts";
import { polarUserId } from "./oauth.ts";
import { polarRefusal } from "./refusal.ts";
import { inForm, physicalInfo } from "./users.ts";
import type { PolarWorld } from "./world.ts";

const DATA: Readonly<Record<string, (visit: Visit) => Answer>> = {
  "/exercises": listExercises,
  "/exercises/:id": oneExercise,
  "/exercises/:id/fit": exerciseFile("fit"),
  "/exercises/:id/tcx": exerciseFile("tcx"),
  "/exercises/:id/gpx": exerciseFile("gpx"),
  "/users/activities": listActivities,
  "/users/activities/:date": oneActivity,
  "/users/activities/samples": listSamples,
  "/users/activities/samples/:date": oneSamples,
  "/users/physical-info": ({ context, person, call }) => inForm(call, "physical-info", physicalInfo(context, person)),
  "/users/sleep": listNights,
  "/users/sleep/available": availableNights,
  "/users/sleep/:date": oneNight,
  "/users/nightly-recharge": listRecharges,
  "/users/nightly-recharge/:date": oneRecharge,
  "/users/continuous-heart-rate": listHearts,
  "/users/continuous-heart-rate/:date": oneHeart,
  "/users/cardio-load": listLoads,
  "/users/cardio-load/:date": oneLoad,
  "/users/cardio-load/date": loadsInRange,
  "/users/cardio-load/period/days/:days": loadsOfPeriod,
  "/users/cardio-load/period/months/:months": loadsOfPeriod,
  "/users/sleepwise/alertness": listAlertness,
  "/users/sleepwise/alertness/date": alertnessInRange,
  "/users/sleepwise/circadian-bedtime": listBedtimes,
  "/users/sleepwise/circadian-bedtime/date": bedtimesInRange,
  "/users/biosensing/bodytemperature": bodyTemperatures,
  "/users/biosensing/skintemperature": skinTemperatures,
  "/users/biosensing/skincontacts": skinContacts,
  "/users/biosensing/ecg": ecgTests,
  "/users/biosensing/spo2": spo2Tests,
};

export function polarApiRoutes(world: PolarWorld): Route[] {
  const { context, users, hooks } = world;
  const limit = createLimit(context, () => users.count());
  const withToken = (handle: (person: Person, call: Call) => Answer): Route["handle"] => limit((call) => {
    const grant = context.grants.find(bearer(call) ?? "");
    return grant ? handle(knownPerson(context, grant.personId), call) : polarRefusal(401, "The access token is not valid");
  });
  const visited = (handle: (visit: Visit) => Answer): Route["handle"] => withToken((person, call) => {
    const shownFromMs = users.shownFromMs(person);
    if (shownFromMs === null) return polarRefusal(403, "The user has not been registered");
    return handle({ context, person, call, shownFromMs });
  });
  /** Of the person whose token it is, and no other. */
  const ownUser = (handle: (visit: Visit) => Answer): Route["handle"] => visited((visit) =>
    visit.call.params["user"] === String(polarUserId(context, visit.person)) ? handle(visit) : polarRefusal(403, "The token is another user's"));
  const byClient = (handle: (call: Call) => Answer | Promise<Answer>): Route["handle"] => limit((call) => {
    const proof = basic(call);
    const { clientId, clientSecret } = context.client;
    return proof?.name === clientId && proof.password === clientSecret ? handle(call) : polarRefusal(401, "The client is not known");
  });
  const route = (method: Route["method"], path: string, handle: Route["handle"]): Route => ({ method, path: `/v3${path}`, door: "data", handle });
  return [
    ...Object.entries(DATA).map(([path, handle]) => route("GET", path, visited(handle))),
    route("POST", "/users", withToken((person, call) => users.register(person, call))),
    route("GET", "/users/:user", ownUser(({ person, call }) => users.show(person, call))),
    route("DELETE", "/users/:user", ownUser(({ person }) => {
      users.remove(person);
      return empty(204);
    })),
    route("POST", "/webhooks", byClient((call) => hooks.create(call))),
    route("GET", "/webhooks", byClient(() => hooks.list())),
    route("PATCH", "/webhooks/:id", byClient((call) => hooks.change(call))),
    route("DELETE", "/webhooks/:id", byClient((call) => hooks.remove(call))),
    route("POST", "/webhooks/activate", byClient(() => hooks.activate())),
    route("POST", "/webhooks/deactivate", byClient(() => hooks.deactivate())),
  ];
}
