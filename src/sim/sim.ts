/**
 * The vendors' clouds, simulated from the vendors' facts alone. They never import a driver: two readings of the same documents, so
 * that a misreading shows. Which there are stands in clouds.ts.
 */

import type { FastifyPluginAsync, FastifyReply, FastifyRequest, FastifySchema } from "fastify";
import type { Cloud, Refusal } from "./cloud.ts";
import { CLOUDS } from "./clouds.ts";
import type { LiveCloud, SimContext } from "./context.ts";
import { clientOf, contextOf } from "./context.ts";
import type { SimControl } from "./control.ts";
import { createControl } from "./control.ts";
import type { Answer, Call, Route } from "./exchange.ts";
import { METHODS } from "./exchange.ts";
import type { LastingFault } from "./faults.ts";
import { createFaults, spoil } from "./faults.ts";
import { createGrants } from "./grants.ts";
import { createJournal } from "./journal.ts";
import type { SimOptions, SimVendor } from "./options.ts";
import { createOutbox } from "./outbox.ts";
import { createPeople } from "./people/person.ts";
import { createState } from "./state.ts";
import { weatherRoutes } from "./weather/routes.ts";

export type { ChallengeAnswer, ChallengeRequest, SimClient, SimOptions, SimStore, SimVendor } from "./options.ts";
export type { PushDetail } from "./cloud.ts";
export type { SimCloudState, SimConnection, SimControl, SimPerson } from "./control.ts";
export type { SimFault } from "./faults.ts";
export type { PushAnswer, PushResult } from "./outbox.ts";
export type { ReceivedCall } from "./journal.ts";
export type { SeriesReading } from "./series.ts";

export interface SimCloud {
  readonly id: SimVendor;
  /** As the vendor writes itself. */
  readonly name: string;
  /** Names of what its portal shows besides client id and secret; the values go into `SimClient.extras`. */
  readonly clientExtras: readonly string[];
  /** A phone of the person's, and no cloud. */
  readonly isPhone: boolean;
}

/** Every simulated cloud, in the order of the list. */
export const SIM_CLOUDS: readonly SimCloud[] = CLOUDS.map(({ id, name, clientExtras = [], isPhone = false }) => ({ id, name, clientExtras, isPhone }));

const TICK_MS = 1_000;
/** A real series of many months fits; nothing else here is large. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

export interface Sim {
  /** Routes `/`, `/control/…` and `/<cloud>/…`. Register it with a prefix, outside hooks meant for the API. */
  readonly plugin: FastifyPluginAsync;
  readonly control: SimControl;
  /** Starts the timer that lets time pass in the clouds; without it `control.tick` does. */
  start(): void;
  /** Stops it, waits for what is on its way and keeps the state. */
  stop(): Promise<void>;
}

export function createSim(options: SimOptions, clouds: readonly Cloud[] = CLOUDS): Sim {
  const lives = new Map<string, LiveCloud>();
  const shared = sharedContext(options, clouds, lives);
  for (const cloud of clouds) {
    const context = contextOf(shared, cloud);
    lives.set(cloud.id, { cloud, context, parts: cloud.create(context) });
  }
  const control = createControl(shared, lives);
  let timer: NodeJS.Timeout | null = null;
  let ticking: Promise<unknown> = Promise.resolve();

  return {
    control,
    plugin: async (instance) => {
      await shared.state.load();
      instance.removeAllContentTypeParsers();
      instance.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) => done(null, body));
      const serve = (route: Route, folder: string, handle: (call: Call) => Promise<Answer>): void => {
        instance.route({
          method: route.method,
          url: `${folder}${route.path}`,
          // HEAD is set up below, where a cloud has none of its own.
          exposeHeadRoute: false,
          bodyLimit: BODY_LIMIT_BYTES,
          // Vendors' doors are no part of the house's own documents.
          schema: { hide: true } as FastifySchema,
          handler: async (request, reply) => send(reply, await handle(callOf(request, route, folder))),
        });
      };
      for (const route of weatherRoutes(shared, control, instance.prefix)) serve(route, "", async (call) => route.handle(call));
      for (const live of lives.values()) {
        for (const route of withHeads(live)) serve(route, `/${live.cloud.id}`, (call) => meet(shared, live, route, call));
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
      await shared.state.save();
    },
  };
}

/** Throws RangeError when two clouds share an id. */
function sharedContext(options: SimOptions, clouds: readonly Cloud[], lives: ReadonlyMap<string, LiveCloud>): SimContext {
  const byId = new Map(clouds.map((cloud) => [cloud.id, cloud]));
  if (byId.size < clouds.length) throw new RangeError("Two simulated clouds have the same id.");
  const sheet = (vendor: string): Cloud => {
    const found = byId.get(vendor);
    if (!found) throw new RangeError(`There is no simulated cloud "${vendor}".`);
    return found;
  };
  const people = createPeople(options.seed);
  const now = (): number => options.now();
  const grants = createGrants({ now, rulesOf: (vendor) => sheet(vendor).tokens, secretOf: (vendor) => clientOf(options, vendor).clientSecret });
  const outbox = createOutbox({
    now,
    rulesOf: (vendor) => sheet(vendor).delivery ?? { timeoutMs: 10_000, retrySeconds: [] },
    ...(options.send ? { send: options.send.bind(options) } : {}),
    heard: (vendor, push, result) => lives.get(vendor)?.parts.pushed?.(push, result),
  });
  return { options, people, grants, outbox, faults: createFaults(), journal: createJournal(), state: createState(options, people, grants) };
}

/** The cloud's routes, what answers HEAD, and what answers everything else. */
function withHeads({ cloud, parts }: LiveCloud): Route[] {
  const own = new Set(parts.routes.filter((route) => route.method === "HEAD").map((route) => route.path));
  const heads = parts.routes.filter((route) => route.method === "GET" && !own.has(route.path)).map((route): Route => ({ ...route, method: "HEAD" }));
  const unknown = METHODS.map((method): Route => ({ method, path: "/*", door: "data", handle: () => cloud.refuse({ kind: "unknown_path" }) }));
  return [...parts.routes, ...heads, ...unknown];
}

function callOf(request: FastifyRequest, route: Route, folder: string): Call {
  const [path = "", query = ""] = (request.raw.url ?? "").split("?", 2);
  const start = path.indexOf(`${folder}/`);
  const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  return {
    method: request.method,
    path: folder === "" ? route.path : path.slice(start + folder.length),
    params: request.params as Readonly<Record<string, string>>,
    query: new URLSearchParams(query),
    headers: request.headers,
    bytes,
    body: new TextDecoder().decode(bytes),
  };
}

async function send(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  void reply.code(answer.status);
  for (const [name, value] of Object.entries(answer.headers ?? {})) void reply.header(name, value);
  if (answer.type) void reply.type(answer.type);
  return reply.send(typeof answer.body === "string" ? answer.body : Buffer.from(answer.body));
}

/** One call to a cloud: the fault of the hour, the cloud's answer, a note in the journal. */
async function meet(shared: SimContext, { cloud }: LiveCloud, route: Route, call: Call): Promise<Answer> {
  const fault = shared.faults.take(cloud.id, route.door);
  if (fault?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms));
  const refusal = refusalOf(fault);
  let answer = refusal ? cloud.refuse(refusal) : await route.handle(call);
  if (fault?.kind === "malformed" || fault?.kind === "truncated") answer = spoil(answer, fault.kind);
  const path = route.hidesPath ? route.path : call.path;
  shared.journal.note(cloud.id, call, { atMs: shared.options.now(), status: answer.status, path, shown: cloud.shownParameters ?? [] });
  return answer;
}

function refusalOf(fault: LastingFault | null): Refusal | null {
  if (fault?.kind === "invalid_grant") return { kind: "invalid_grant" };
  if (fault?.kind === "server_error") return { kind: "server_error", status: fault.status };
  if (fault?.kind !== "rate_limited") return null;
  const { retryAfterSeconds } = fault;
  return { kind: "rate_limited", ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}
