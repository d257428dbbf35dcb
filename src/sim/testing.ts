/** A simulator in a bare server with a clock in hand, for this room's tests. */

import { createHash } from "node:crypto";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import Fastify from "fastify";
import type { Cloud } from "./cloud.ts";
import { CLOUDS } from "./clouds.ts";
import type { Sim, SimClient, SimOptions, SimVendor } from "./sim.ts";
import { createSim } from "./sim.ts";

export const START_MS = Date.UTC(2026, 10, 20, 10, 3);
export const CALLBACK = "http://127.0.0.1:3000/oauth/callback";
export const VERIFIER = "verifier-of-forty-three-characters-or-more-0123456789";
export const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

export interface SentPush {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Visit {
  readonly sim: Sim;
  readonly app: FastifyInstance;
  readonly sent: SentPush[];
  /** What receivers answer; change it to make them fail. */
  readonly receiver: { status: number };
  now(): number;
  pass(ms: number): void;
  get(path: string, token?: string): Promise<LightMyRequestResponse>;
  form(path: string, fields: Record<string, string> | URLSearchParams): Promise<LightMyRequestResponse>;
  /** Goes through the consent page and returns where it leads. */
  consent(vendor: SimVendor, choice?: Consent): Promise<URL>;
  /** Consent and code exchange. */
  connect(vendor: SimVendor, choice?: Consent): Promise<Tokens>;
}

export interface Consent {
  readonly person?: string;
  readonly permissions?: readonly string[];
  readonly query?: Record<string, string>;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly [other: string]: unknown;
}

/** How the application goes through the doors of a cloud that has a consent page. Each cloud's stands in its folder, as `flow` of visit.ts. */
export interface Flow {
  /** Path of the consent page inside the cloud. */
  readonly page: string;
  readonly token: string;
  /** Of the authorization request, besides client, redirect address, response type and state. */
  readonly query: Readonly<Record<string, string>>;
  /** Boxes ticked unless a test says otherwise. */
  readonly permissions: readonly string[];
  /** Added to the code exchange. */
  readonly proof?: Readonly<Record<string, string>>;
}

export async function flowOf(vendor: SimVendor): Promise<Flow> {
  const { flow } = (await import(`./${vendor}/visit.ts`)) as { flow: Flow };
  return flow;
}

export function client(vendor: SimVendor): { client_id: string; client_secret: string } {
  return { client_id: `${vendor}-id`, client_secret: `${vendor}-secret` };
}

/** The application as the clouds know it. */
export function registered(vendor: SimVendor): SimClient {
  return { clientId: `${vendor}-id`, clientSecret: `${vendor}-secret`, redirectUris: [CALLBACK] };
}

/** The whole list of clouds, or the given ones. Pushes arrive in `sent`; addresses give back the `hub.challenge` they are asked for. */
export async function visitSim(changes: Partial<SimOptions> = {}, clouds: readonly Cloud[] = CLOUDS): Promise<Visit> {
  let nowMs = START_MS;
  const sent: SentPush[] = [];
  const receiver = { status: 200 };
  const sim = createSim({
    baseUrl: "http://127.0.0.1:3000/sim",
    now: () => nowMs,
    seed: 7,
    clients: Object.fromEntries(clouds.map(({ id }) => [id, registered(id)])),
    webhookUrls: Object.fromEntries(clouds.map(({ id }) => [id, `http://127.0.0.1:3000/webhooks/${id}`])),
    send: (url, headers, body) => {
      sent.push({ url, headers, body });
      return receiver.status === 0 ? Promise.reject(new Error("no answer")) : Promise.resolve(receiver.status);
    },
    challenge: (url) => {
      const body = JSON.stringify({ "hub.challenge": new URL(url).searchParams.get("hub.challenge") });
      return Promise.resolve({ status: 200, contentType: "application/json", body });
    },
    ...changes,
  }, clouds);
  const app = Fastify();
  await app.register(sim.plugin, { prefix: "/sim" });
  const visit: Visit = {
    sim, app, sent, receiver,
    now: () => nowMs,
    pass: (ms) => {
      nowMs += ms;
    },
    get: (path, token) => app.inject({ url: `/sim${path}`, headers: token ? { authorization: `Bearer ${token}` } : {} }),
    form: (path, fields) =>
      app.inject({ method: "POST", url: `/sim${path}`, headers: { "content-type": "application/x-www-form-urlencoded" }, payload: new URLSearchParams(fields).toString() }),
    async consent(vendor, choice = {}) {
      const flow = await flowOf(vendor);
      const query = { client_id: `${vendor}-id`, redirect_uri: CALLBACK, response_type: "code", state: "st&te", ...flow.query, ...choice.query };
      const fields = new URLSearchParams({ ...query, person: choice.person ?? "ana", decision: "allow" });
      for (const permission of choice.permissions ?? flow.permissions) fields.append("permission", permission);
      const answer = await visit.form(`/${vendor}${flow.page}`, fields);
      if (answer.statusCode !== 302) throw new Error(`consent answered ${answer.statusCode}`);
      return new URL(String(answer.headers.location));
    },
    async connect(vendor, choice = {}) {
      const code = (await visit.consent(vendor, choice)).searchParams.get("code") ?? "";
      const { token, proof } = await flowOf(vendor);
      const answer = await visit.form(`/${vendor}${token}`, { ...client(vendor), grant_type: "authorization_code", code, redirect_uri: CALLBACK, ...proof });
      if (answer.statusCode !== 200) throw new Error(`token answered ${answer.statusCode}`);
      return answer.json<Tokens>();
    },
  };
  return visit;
}
