/** Withings' services: a path, and an action in the form. vendors/withings.md, Transport rules; Data endpoints; Rate limits. */

import { MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, formOf } from "../exchange.ts";
import { createCounter } from "../limits.ts";
import { getActivity, getIntradayActivity } from "./activity.ts";
import type { Visit } from "./asked.ts";
import { deviceList, goalsOf } from "./devices.ts";
import { STATUS, withingsAnswer, withingsRefusal } from "./envelope.ts";
import { getSignal, listRecordings } from "./heart.ts";
import { getMeasures } from "./measures.ts";
import { getSleep, getSleepSummary } from "./sleep-service.ts";
import { getWorkouts } from "./workouts.ts";
import type { WithingsWorld } from "./world.ts";

interface Action {
  /** Null where any token will do. */
  readonly scope: string | null;
  handle(visit: Visit): Answer | Promise<Answer>;
}

type Service = Readonly<Record<string, Action>>;

export function withingsApiRoutes(world: WithingsWorld): Route[] {
  const { subscribers } = world;
  const services: Readonly<Record<string, Service>> = {
    "/measure": { getmeas: { scope: "user.metrics", handle: getMeasures } },
    "/v2/measure": {
      getactivity: { scope: "user.activity", handle: getActivity },
      getintradayactivity: { scope: "user.activity", handle: getIntradayActivity },
      getworkouts: { scope: "user.activity", handle: getWorkouts },
    },
    "/v2/sleep": { get: { scope: "user.activity", handle: getSleep }, getsummary: { scope: "user.activity", handle: getSleepSummary } },
    // The scope of the recordings is not stated; that of their notification is.
    "/v2/heart": { list: { scope: "user.metrics", handle: listRecordings }, get: { scope: "user.metrics", handle: getSignal } },
    "/v2/user": {
      getdevice: { scope: "user.info", handle: ({ context, person }) => withingsAnswer(deviceList(context, person)) },
      getgoals: { scope: "user.info", handle: ({ person }) => withingsAnswer(goalsOf(person)) },
    },
    "/notify": {
      subscribe: { scope: null, handle: (visit) => subscribers.subscribe(visit) },
      list: { scope: null, handle: (visit) => subscribers.list(visit) },
      get: { scope: null, handle: (visit) => subscribers.get(visit) },
      update: { scope: null, handle: (visit) => subscribers.update(visit) },
      revoke: { scope: null, handle: (visit) => subscribers.revoke(visit) },
    },
  };
  return Object.entries(services).flatMap(([path, service]): Route[] => {
    const handle = world.limit((call) => serve(world.context, service, call));
    const post: Route = { method: "POST", path, door: "data", handle };
    // Paths without a version still take the parameters in the query.
    return path.startsWith("/v2/") ? [post] : [post, { ...post, method: "GET" }];
  });
}

function serve(context: CloudContext, service: Service, call: Call): Answer | Promise<Answer> {
  const grant = context.grants.find(bearer(call) ?? "");
  if (!grant) return withingsRefusal(STATUS.invalidToken);
  const fields = new URLSearchParams([...call.query, ...formOf(call)]);
  const name = fields.get("action") ?? "";
  const action = Object.hasOwn(service, name) ? service[name] : undefined;
  if (!action) return withingsRefusal(STATUS.notImplemented);
  if (action.scope !== null && !grant.scopes.includes(action.scope)) return withingsRefusal(STATUS.notAuthorised);
  return action.handle({ context, grant, person: knownPerson(context, grant.personId), fields });
}

/** So many calls a minute for the application as a whole. */
export function createLimit(context: CloudContext): WithingsWorld["limit"] {
  const calls = createCounter(() => context.now(), [MINUTE_MS]);
  return (handle) => (call) => {
    const [count = 0] = calls.count();
    return count > Number(context.position("callsPerMinute")) ? withingsRefusal(STATUS.tooMany) : handle(call);
  };
}
