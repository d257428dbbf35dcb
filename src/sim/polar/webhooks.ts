/** The application's one webhook. vendors/polar.md, Webhooks. */

import { randomUUID } from "node:crypto";
import { DAY_MS } from "#units/time.ts";
import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import type { Answer, Call } from "../exchange.ts";
import { empty, json, jsonOf } from "../exchange.ts";
import type { Subscription } from "../subscriptions.ts";
import { polarRefusal } from "./refusal.ts";
import type { PolarEvent, PolarState } from "./state.ts";
import { POLAR_EVENTS } from "./state.ts";

const PING_TIMEOUT_MS = 5_000;
/** So long without a success, and it is switched off. */
const LONGEST_FAILING_MS = 7 * DAY_MS;

const wishSchema = z.looseObject({ events: z.array(z.enum(POLAR_EVENTS)).min(1), url: z.string() });
const changeSchema = wishSchema.partial();

export interface Webhooks {
  create(call: Call): Promise<Answer>;
  list(): Answer;
  change(call: Call): Promise<Answer>;
  remove(call: Call): Answer;
  activate(): Promise<Answer>;
  deactivate(): Answer;
  /** The webhook while it is on and wants the event; null else. */
  wanting(event: PolarEvent): Subscription | null;
  heard(isTaken: boolean): void;
}

export function createWebhooks(context: CloudContext, kept: PolarState): Webhooks {
  const { subscriptions } = context;
  const only = (): Subscription | undefined => subscriptions.all()[0];
  const none = (): Answer => polarRefusal(404, "There is no webhook");

  /** The address has to answer a ping with 200; there is no secret to sign it with yet. */
  async function isAnswering(url: string): Promise<boolean> {
    if (!URL.canParse(url) || !/^https?:/i.test(url)) return false;
    const body = JSON.stringify({ timestamp: new Date(context.now()).toISOString().replace(/\.\d+Z$/, "Z"), event: "PING" });
    const answer = await context.challenge(url, PING_TIMEOUT_MS, { method: "POST", headers: { "content-type": "application/json", "polar-webhook-event": "PING" }, body });
    return answer?.status === 200;
  }

  return {
    async create(call) {
      const wish = wishSchema.safeParse(jsonOf(call));
      if (!wish.success) return polarRefusal(400, "events and url are required");
      if (only()) return polarRefusal(409, "A webhook exists already");
      if (!(await isAnswering(wish.data.url))) return polarRefusal(400, "The ping of the webhook's url failed");
      // Another create may have won while this one waited for its ping.
      if (only()) return polarRefusal(409, "A webhook exists already");
      const { events, url } = wish.data;
      const secret = randomUUID();
      const { id } = subscriptions.add({ id: randomUUID().slice(0, 8), url, secret });
      Object.assign(kept, { events, lastSuccessMs: context.now() });
      // The secret is told this once.
      return json(201, { data: { id, events, url, signature_secret_key: secret } });
    },
    list: () => json(200, { data: subscriptions.all().map(({ id, url, isActive }) => ({ id, events: kept.events, url, active: isActive })) }),
    async change(call) {
      const change = changeSchema.safeParse(jsonOf(call));
      const found = subscriptions.byId(call.params["id"] ?? "");
      if (!found) return none();
      if (!change.success) return polarRefusal(400, "events and url are what can be changed");
      const { url = found.url, events = kept.events } = change.data;
      if (url !== found.url && !(await isAnswering(url))) return polarRefusal(400, "The ping of the webhook's url failed");
      subscriptions.change(found.id, { url });
      kept.events = events;
      return json(200, { data: { id: found.id, events, url } });
    },
    remove: (call) => (subscriptions.remove(call.params["id"] ?? "") ? empty(204) : none()),
    async activate() {
      const found = only();
      if (!found) return none();
      if (!(await isAnswering(found.url))) return polarRefusal(400, "The ping of the webhook's url failed");
      subscriptions.change(found.id, { isActive: true });
      kept.lastSuccessMs = context.now();
      return empty(200);
    },
    deactivate() {
      const found = only();
      if (!found) return none();
      subscriptions.change(found.id, { isActive: false });
      return empty(200);
    },
    wanting(event) {
      const found = only();
      return found?.isActive && kept.events.includes(event) ? found : null;
    },
    heard(isTaken) {
      const found = only();
      if (isTaken) kept.lastSuccessMs = context.now();
      else if (found && context.now() - kept.lastSuccessMs > LONGEST_FAILING_MS) subscriptions.change(found.id, { isActive: false });
    },
  };
}
