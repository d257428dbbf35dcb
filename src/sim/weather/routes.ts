/** The control over HTTP, as JSON for programs and as forms for the front page. */

import { z } from "zod";
import type { SimContext } from "../context.ts";
import { knownPerson } from "../context.ts";
import type { SimControl } from "../control.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { empty, formOf, header, isForm, json, redirect } from "../exchange.ts";
import { faultSchema } from "../faults.ts";
import { parseSeries } from "../series.ts";
import { faultOfForm, switchesOfForm } from "./forms.ts";
import { weatherPage } from "./page.ts";

const faultBody = z.object({ vendor: z.string(), fault: faultSchema.nullable() });
const pushBody = z.object({
  vendor: z.string(), person: z.string(), what: z.string(), days: z.number().positive().max(400).optional(), permissions: z.array(z.string()).optional(),
});
const deliveryBody = z.object({ type: z.string(), mode: z.string() });
const switchesBody = z.object({ vendor: z.string(), switches: z.record(z.string(), z.string()) });

const get = (path: string, handle: Route["handle"]): Route => ({ method: "GET", path, door: "page", handle });

/** What a control call did: for a program the value, for a visitor the message on the page of the cloud. */
interface Outcome {
  readonly vendor: string;
  readonly message: string;
  readonly value: unknown;
}

/** `prefix` is where the simulator is mounted, known only when it is. */
export function weatherRoutes(shared: SimContext, control: SimControl, prefix: string): Route[] {
  const back = (message: string, vendor: string | null): Answer => {
    const query = new URLSearchParams({ message, ...(vendor === null ? {} : { cloud: vendor }) });
    return redirect(`${prefix}/?${query.toString()}${vendor === null ? "" : `#cloud-${encodeURIComponent(vendor)}`}`, 303);
  };
  const told = (call: Call, { vendor, message, value }: Outcome): Answer => (isForm(call) ? back(message, vendor) : json(200, value));
  const guarded = (handle: Route["handle"]): Route["handle"] => async (call) => {
    // A page of another site must not be able to switch anything here.
    if (header(call, "sec-fetch-site") === "cross-site") return json(403, { error: "Cross-site requests are refused." });
    try {
      return await handle(call);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return isForm(call) ? back(error.message, formOf(call).get("vendor")) : json(400, { error: error.message });
    }
  };
  const open = (path: string, handle: Route["handle"]): Route => get(path, guarded(handle));
  const post = (path: string, handle: Route["handle"]): Route => ({ method: "POST", path, door: "page", handle: guarded(handle) });
  return [
    get("/", (call) => weatherPage(control, { prefix, nowMs: shared.options.now(), message: call.query.get("message"), openCloud: call.query.get("cloud") })),
    get("/control/state", () => json(200, {
      now: shared.options.now(), clouds: control.clouds(), people: control.people(), connections: control.connections(), faults: control.faults(),
      waitingPushes: control.waitingPushes(),
    })),
    open("/control/received", (call) => json(200, control.received(call.query.get("vendor") ?? ""))),
    get("/control/pushes", (call) => json(200, control.pushes(call.query.get("vendor") ?? undefined))),
    post("/control/fault", (call) => {
      const { vendor, fault } = read(faultBody, isForm(call) ? faultOfForm(formOf(call)) : call.body);
      control.setFault(vendor, fault);
      return told(call, { vendor, message: `${vendor}: ${fault?.kind ?? "no fault"}`, value: control.faults() });
    }),
    post("/control/push", async (call) => {
      const { vendor, person, what, days, permissions } = read(pushBody, isForm(call) ? Object.fromEntries(formOf(call)) : call.body);
      const value = await control.push(vendor, person, what, { ...(days === undefined ? {} : { days }), ...(permissions ? { permissions } : {}) });
      const answers = value.map((result) => result.status || "no answer").join(", ") || "nothing to send, or nowhere to send it";
      return told(call, { vendor, message: `${vendor} ${what} for ${person}: ${answers}`, value });
    }),
    post("/control/delivery", (call) => {
      const { type, mode } = read(deliveryBody, call.body);
      control.setDelivery(type, mode);
      return json(200, { type, mode });
    }),
    post("/control/switches", (call) => {
      const { vendor, switches } = read(switchesBody, isForm(call) ? switchesOfForm(formOf(call)) : call.body);
      for (const [name, position] of Object.entries(switches)) control.turn(vendor, name, position);
      return told(call, { vendor, message: `${vendor}: switches set`, value: { vendor, switches } });
    }),
    post("/control/tick", async () => json(200, await control.tick())),
    post("/control/:vendor/series", (call) => serveSeries(shared, control, call)),
    { method: "DELETE", path: "/control/:vendor/series", door: "page", handle: guarded((call) => {
      control.serveSeries(call.params["vendor"] ?? "", call.query.get("person") ?? shared.people[0].who.id, null);
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

function serveSeries(shared: SimContext, control: SimControl, call: Call): Answer {
  const person = knownPerson(shared, call.query.get("person") ?? shared.people[0].who.id);
  const zone = call.query.get("zone") ?? person.who.zone;
  const { readings, problems } = parseSeries(call.body, zone);
  if (readings.length === 0) return json(400, { error: "There is no reading in it.", problems: problems.slice(0, 50) });
  const shiftToNow = ["1", "true", "now", "yes"].includes(call.query.get("shift") ?? "");
  control.serveSeries(call.params["vendor"] ?? "", person.who.id, readings, { shiftToNow, zone });
  return json(200, { person: person.who.id, readings: readings.length, problems: problems.slice(0, 50) });
}
