/**
 * The clouds of Dexcom, Garmin and Strava, simulated from the vendors' facts alone (vendors/dexcom.md, garmin.md, strava.md).
 * They never import a driver: two readings of the same documents, so that a misreading shows.
 */

import type { FastifyPluginAsync, FastifyReply, FastifyRequest, FastifySchema } from "fastify";
import type { SimContext } from "./context.ts";
import type { SimControl } from "./control.ts";
import { createControl } from "./control.ts";
import { controlRoutes } from "./control-routes.ts";
import { dexcomApiRoutes, dexcomRefusal } from "./dexcom/api.ts";
import { dexcomOAuthRoutes } from "./dexcom/oauth.ts";
import type { Answer, Call, Route } from "./exchange.ts";
import { json } from "./exchange.ts";
import { createFaults, spoil } from "./faults.ts";
import { garminApiRoutes, garminRefusal } from "./garmin/api.ts";
import { createNotifier } from "./garmin/notify.ts";
import { garminOAuthRoutes } from "./garmin/oauth.ts";
import { createGrants } from "./grants.ts";
import { createJournal } from "./journal.ts";
import type { SimOptions, SimVendor } from "./options.ts";
import { createOutbox } from "./outbox.ts";
import { createPeople } from "./people/person.ts";
import { createSchedule } from "./schedule.ts";
import { createState } from "./state.ts";
import { stravaApiRoutes } from "./strava/api.ts";
import { createStravaEvents } from "./strava/events.ts";
import { stravaOAuthRoutes } from "./strava/oauth.ts";
import { stravaRefusal } from "./strava/refusal.ts";

export type { SimClient, SimOptions, SimStore, SimVendor } from "./options.ts";
export type { PushDetail, SimConnection, SimControl, SimPerson } from "./control.ts";
export type { SimFault } from "./faults.ts";
export type { PushResult } from "./outbox.ts";
export type { ReceivedCall } from "./journal.ts";
export type { SeriesReading } from "./series.ts";

const TICK_MS = 1_000;
/** A real series of many months fits; nothing else here is large. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

export interface Sim {
  /** Routes `/`, `/control/…`, `/dexcom/…`, `/garmin/…`, `/strava/…`. Register it with a prefix, outside hooks meant for the API. */
  readonly plugin: FastifyPluginAsync;
  readonly control: SimControl;
  /** Starts the timer that lets time pass in the clouds; without it `control.tick` does. */
  start(): void;
  /** Stops it, waits for what is on its way and keeps the state. */
  stop(): Promise<void>;
}

export function createSim(options: SimOptions): Sim {
  const people = createPeople(options.seed);
  const grants = createGrants(options);
  const context: SimContext = {
    options, people, grants, faults: createFaults(), journal: createJournal(), outbox: createOutbox(options),
    state: createState(options, people, grants),
  };
  const notifier = createNotifier(context);
  const events = createStravaEvents(context);
  const control = createControl(context, { notifier, events, schedule: createSchedule(context, notifier, events) });
  const clouds: Readonly<Record<SimVendor, Route[]>> = {
    dexcom: [...dexcomOAuthRoutes(context), ...dexcomApiRoutes(context)],
    garmin: [...garminOAuthRoutes(context), ...garminApiRoutes(context, notifier)],
    strava: [...stravaOAuthRoutes(context, events), ...stravaApiRoutes(context)],
  };
  let timer: NodeJS.Timeout | null = null;
  let ticking: Promise<unknown> = Promise.resolve();

  return {
    control,
    plugin: async (instance) => {
      await context.state.load();
      instance.removeAllContentTypeParsers();
      instance.addContentTypeParser("*", { parseAs: "string", bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) => done(null, body));
      const serve = (route: Route, folder: string, handle: (call: Call) => Promise<Answer>): void => {
        instance.route({
          method: route.method,
          url: `${folder}${route.path}`,
          bodyLimit: BODY_LIMIT_BYTES,
          // Vendors' doors are no part of the house's own documents.
          schema: { hide: true } as FastifySchema,
          handler: async (request, reply) => send(reply, await handle(callOf(request, route, folder))),
        });
      };
      for (const route of controlRoutes(context, control, instance.prefix)) serve(route, "", async (call) => route.handle(call));
      for (const [vendor, routes] of Object.entries(clouds) as [SimVendor, Route[]][]) {
        for (const route of routes) serve(route, `/${vendor}`, (call) => meet(context, vendor, route, call));
        for (const method of ["GET", "POST", "DELETE"] as const) {
          const unknown: Route = { method, path: "/*", door: "data", handle: () => json(404, { message: "The simulated cloud has no such path." }) };
          serve(unknown, `/${vendor}`, (call) => meet(context, vendor, unknown, call));
        }
      }
    },
    start() {
      timer ??= setInterval(() => {
        // A failed tick (a store that cannot be written) must not end the house; the next one tries again.
        ticking = ticking.then(() => control.tick()).catch(() => undefined);
      }, TICK_MS).unref();
    },
    async stop() {
      if (timer) clearInterval(timer);
      timer = null;
      await ticking;
      await context.state.save();
    },
  };
}

function callOf(request: FastifyRequest, route: Route, folder: string): Call {
  const [path = "", query = ""] = (request.raw.url ?? "").split("?", 2);
  const start = path.indexOf(`${folder}/`);
  return {
    method: request.method,
    path: folder === "" ? route.path : path.slice(start + folder.length),
    params: request.params as Readonly<Record<string, string>>,
    query: new URLSearchParams(query),
    headers: request.headers,
    body: typeof request.body === "string" ? request.body : "",
  };
}

async function send(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  void reply.code(answer.status);
  for (const [name, value] of Object.entries(answer.headers ?? {})) void reply.header(name, value);
  if (answer.type) void reply.type(answer.type);
  return reply.send(answer.body);
}

/** One call to a cloud: the fault of the hour, the cloud's answer, a note in the journal. */
async function meet(context: SimContext, vendor: SimVendor, route: Route, call: Call): Promise<Answer> {
  const fault = context.faults.take(vendor, route.door);
  if (fault?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms));
  let answer: Answer;
  if (fault?.kind === "rate_limited") answer = refusal(vendor, 429, fault.retryAfterSeconds);
  else if (fault?.kind === "server_error") answer = refusal(vendor, fault.status);
  else if (fault?.kind === "invalid_grant") answer = invalidGrant(vendor);
  else answer = await route.handle(call);
  if (fault?.kind === "malformed" || fault?.kind === "truncated") answer = spoil(answer, fault.kind);
  context.journal.note(vendor, { atMs: context.options.now(), method: call.method, path: call.path, query: call.query, status: answer.status });
  return answer;
}

function invalidGrant(vendor: SimVendor): Answer {
  if (vendor === "strava") return stravaRefusal(400, "Bad Request", ["RefreshToken", "refresh_token", "invalid"]);
  return json(400, { error: "invalid_grant", error_description: "The grant is not valid." });
}

function refusal(vendor: SimVendor, status: number, retryAfterSeconds?: number): Answer {
  const message = status === 429 ? "Rate limit exceeded" : "The service is not available";
  if (vendor === "dexcom") return dexcomRefusal(status, retryAfterSeconds);
  if (vendor === "garmin") return garminRefusal(status, message, retryAfterSeconds);
  const answer = stravaRefusal(status, message, null);
  return retryAfterSeconds === undefined ? answer : { ...answer, headers: { ...answer.headers, "retry-after": String(retryAfterSeconds) } };
}
