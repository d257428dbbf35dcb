/** A simulator in a bare server with a clock in hand, for this room's tests. */

import { createHash } from "node:crypto";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import Fastify from "fastify";
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

const PAGES: Record<SimVendor, string> = { dexcom: "/dexcom/v3/oauth2/login", garmin: "/garmin/oauth2Confirm", strava: "/strava/oauth/authorize" };
export const TOKEN_PATHS: Record<SimVendor, string> = {
  dexcom: "/dexcom/v3/oauth2/token", garmin: "/garmin/di-oauth2-service/oauth/token", strava: "/strava/oauth/token",
};
const QUERIES: Record<SimVendor, Record<string, string>> = {
  dexcom: { scope: "offline_access" },
  garmin: { code_challenge: CHALLENGE, code_challenge_method: "S256" },
  strava: { scope: "read,activity:read_all,profile:read_all", approval_prompt: "auto" },
};
const PERMISSIONS: Record<SimVendor, string[]> = {
  dexcom: [], garmin: ["HEALTH_EXPORT", "ACTIVITY_EXPORT", "HISTORICAL_DATA_EXPORT"], strava: ["read", "activity:read_all", "profile:read_all"],
};

export function client(vendor: SimVendor): { client_id: string; client_secret: string } {
  return { client_id: `${vendor}-id`, client_secret: `${vendor}-secret` };
}

/** The application as the clouds know it. */
export function registered(vendor: SimVendor): SimClient {
  return { clientId: `${vendor}-id`, clientSecret: `${vendor}-secret`, redirectUris: [CALLBACK] };
}

export async function visitSim(changes: Partial<SimOptions> = {}): Promise<Visit> {
  let nowMs = START_MS;
  const sent: SentPush[] = [];
  const receiver = { status: 200 };
  const sim = createSim({
    baseUrl: "http://127.0.0.1:3000/sim",
    now: () => nowMs,
    seed: 7,
    clients: { dexcom: registered("dexcom"), garmin: registered("garmin"), strava: registered("strava") },
    webhookUrls: { garmin: "http://127.0.0.1:3000/webhooks/garmin" },
    send: (url, headers, body) => {
      sent.push({ url, headers, body });
      return receiver.status === 0 ? Promise.reject(new Error("no answer")) : Promise.resolve(receiver.status);
    },
    challenge: (url) => {
      const body = JSON.stringify({ "hub.challenge": new URL(url).searchParams.get("hub.challenge") });
      return Promise.resolve({ status: 200, contentType: "application/json", body });
    },
    ...changes,
  });
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
      const query = { client_id: `${vendor}-id`, redirect_uri: CALLBACK, response_type: "code", state: "st&te", ...QUERIES[vendor], ...choice.query };
      const fields = new URLSearchParams({ ...query, person: choice.person ?? "ana", decision: "allow" });
      for (const permission of choice.permissions ?? PERMISSIONS[vendor]) fields.append("permission", permission);
      const answer = await visit.form(PAGES[vendor], fields);
      if (answer.statusCode !== 302) throw new Error(`consent answered ${answer.statusCode}`);
      return new URL(String(answer.headers.location));
    },
    async connect(vendor, choice = {}) {
      const code = (await visit.consent(vendor, choice)).searchParams.get("code") ?? "";
      const answer = await visit.form(TOKEN_PATHS[vendor], {
        ...client(vendor), grant_type: "authorization_code", code, redirect_uri: CALLBACK, ...(vendor === "garmin" ? { code_verifier: VERIFIER } : {}),
      });
      if (answer.statusCode !== 200) throw new Error(`token answered ${answer.statusCode}`);
      return answer.json<Tokens>();
    },
  };
  return visit;
}
