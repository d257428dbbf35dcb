/** The control over HTTP, as JSON for programs and as forms for the front page. */

import { z } from "zod";
import { boardPage } from "./board.ts";
import type { SimContext } from "./context.ts";
import { knownPerson } from "./context.ts";
import type { SimControl } from "./control.ts";
import type { Answer, Call, Route } from "./exchange.ts";
import { empty, formOf, header, isForm, json, redirect } from "./exchange.ts";
import { faultSchema } from "./faults.ts";
import { parseSeries } from "./series.ts";

const vendor = z.enum(["dexcom", "garmin", "strava"]);
const faultBody = z.object({ vendor, fault: faultSchema.nullable() });
const pushBody = z.object({
  vendor, person: z.string(), what: z.string(), days: z.number().positive().max(400).optional(), permissions: z.array(z.string()).optional(),
});
const deliveryBody = z.object({ type: z.string(), mode: z.enum(["push", "ping", "off"]) });
const settingsBody = z.object({ delayMinutes: z.number().min(0).max(1440).optional(), signStravaEvents: z.boolean().optional() });

const get = (path: string, handle: Route["handle"]): Route => ({ method: "GET", path, door: "page", handle });

/** `prefix` is where the simulator is mounted, known only when it is. */
export function controlRoutes(context: SimContext, control: SimControl, prefix: string): Route[] {
  const told = (call: Call, message: string, value: unknown): Answer =>
    isForm(call) ? redirect(`${prefix}/?${new URLSearchParams({ message }).toString()}`, 303) : json(200, value);
  const guarded = (handle: Route["handle"]): Route["handle"] => async (call) => {
    // A page of another site must not be able to switch anything here.
    if (header(call, "sec-fetch-site") === "cross-site") return json(403, { error: "Cross-site requests are refused." });
    try {
      return await handle(call);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return isForm(call) ? redirect(`${prefix}/?${new URLSearchParams({ message: error.message }).toString()}`, 303) : json(400, { error: error.message });
    }
  };
  const post = (path: string, handle: Route["handle"]): Route => ({ method: "POST", path, door: "page", handle: guarded(handle) });
  return [
    get("/", (call) => boardPage(control, { prefix, nowMs: context.options.now(), message: call.query.get("message") })),
    get("/control/state", () => json(200, {
      now: context.options.now(), people: control.people(), connections: control.connections(), faults: control.faults(),
      waitingPushes: control.waitingPushes(), delayMinutes: context.state.delayMinutes, signStravaEvents: context.state.signStravaEvents,
    })),
    get("/control/received", (call) => json(200, control.received(vendor.catch("dexcom").parse(call.query.get("vendor"))))),
    get("/control/pushes", () => json(200, control.pushes())),
    post("/control/fault", (call) => {
      const asked = read(faultBody, isForm(call) ? faultOfForm(formOf(call)) : call.body);
      control.setFault(asked.vendor, asked.fault);
      return told(call, asked.fault ? `${asked.vendor}: ${asked.fault.kind}` : `${asked.vendor}: no fault`, control.faults());
    }),
    post("/control/push", async (call) => {
      const { vendor, person, what, days, permissions } = read(pushBody, isForm(call) ? Object.fromEntries(formOf(call)) : call.body);
      const results = await control.push(vendor, person, what, { ...(days === undefined ? {} : { days }), ...(permissions ? { permissions } : {}) });
      const answers = results.map((result) => result.status || "no answer").join(", ") || "nothing to send, or nowhere to send it";
      return told(call, `${vendor} ${what} for ${person}: ${answers}`, results);
    }),
    post("/control/delivery", (call) => {
      const { type, mode } = read(deliveryBody, isForm(call) ? Object.fromEntries(formOf(call)) : call.body);
      control.setDelivery(type, mode);
      return told(call, `${type}: ${mode}`, { type, mode });
    }),
    post("/control/settings", (call) => {
      const { delayMinutes, signStravaEvents } = read(settingsBody, call.body);
      control.configure({ ...(delayMinutes === undefined ? {} : { delayMinutes }), ...(signStravaEvents === undefined ? {} : { signStravaEvents }) });
      return json(200, { delayMinutes: context.state.delayMinutes, signStravaEvents: context.state.signStravaEvents });
    }),
    post("/control/tick", async () => json(200, await control.tick())),
    post("/control/dexcom/series", (call) => serveSeries(context, control, call)),
    { method: "DELETE", path: "/control/dexcom/series", door: "page", handle: guarded((call) => {
      control.serveSeries("dexcom", call.query.get("person") ?? context.people[0].who.id, null);
      return empty(204);
    }) },
  ];
}

/** Throws RangeError with the first complaint. */
function read<T>(schema: z.ZodType<T>, body: unknown): T {
  let value: unknown = body;
  if (typeof body === "string") {
    try {
      value = JSON.parse(body);
    } catch (error) {
      throw new RangeError("The body must be JSON or a form.", { cause: error });
    }
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new RangeError(`${issue?.path.join(".") || "The body"}: ${issue?.message ?? "is wrong"}`);
}

/** The front page's usual figures for each fault. */
function faultOfForm(form: URLSearchParams): unknown {
  const kind = form.get("kind");
  const times = form.get("times") ? Number(form.get("times")) : undefined;
  const figures = { slow: { ms: 8000 }, rate_limited: { retryAfterSeconds: 20 }, server_error: { status: 503 }, token_revoked: { person: form.get("person") } };
  const extra = Object.entries(figures).find(([name]) => name === kind)?.[1] ?? {};
  return { vendor: form.get("vendor"), fault: kind === "none" ? null : { kind, ...(times === undefined ? {} : { times }), ...extra } };
}

function serveSeries(context: SimContext, control: SimControl, call: Call): Answer {
  const person = knownPerson(context, call.query.get("person") ?? context.people[0].who.id);
  const zone = call.query.get("zone") ?? person.who.zone;
  const { readings, problems } = parseSeries(call.body, zone);
  if (readings.length === 0) return json(400, { error: "There is no reading in it.", problems: problems.slice(0, 50) });
  const shiftToNow = ["1", "true", "now", "yes"].includes(call.query.get("shift") ?? "");
  control.serveSeries("dexcom", person.who.id, readings, { shiftToNow, zone });
  return json(200, { person: person.who.id, readings: readings.length, problems: problems.slice(0, 50) });
}

