/** A person who connects a vendor: begins at Islet, decides on the vendor's consent page, comes back by the browser. */
import type { LightMyRequestResponse } from "fastify";
import { request } from "undici";
import type { ReceivedCall, SimVendor } from "#sim/sim.ts";
import type { Person, TestApp } from "./app.ts";

export interface Consent {
  /** Who the person is at the vendor; the first of the cloud's people when absent. */
  readonly person?: string;
  readonly decision?: "allow" | "deny";
  /** Boxes left ticked; all of them when absent. */
  readonly permissions?: readonly string[];
}

/** Begins a connection; gives the address of the consent page. Throws when Islet refuses. */
export async function begin(test: TestApp, as: Person, vendor: SimVendor, body: object = {}): Promise<string> {
  const answer = await test.request({ as, method: "POST", url: "/api/v1/patients/me/connections", payload: { provider: vendor, consent: { version: 1 }, ...body } });
  if (answer.statusCode !== 201) throw new Error(`Connecting ${vendor} was answered ${answer.statusCode}: ${answer.body}`);
  return answer.json<{ authorizeUrl: string }>().authorizeUrl;
}

/** Decides on the consent page; gives the address that the vendor leads back to. Throws when the page cannot be used. */
export async function decide(authorizeUrl: string, consent: Consent = {}): Promise<URL> {
  const page = await request(authorizeUrl);
  const html = await page.body.text();
  if (page.statusCode !== 200) throw new Error(`The consent page answered ${page.statusCode}.`);
  const form = new URLSearchParams(new URL(authorizeUrl).search);
  const boxes = [...html.matchAll(/type="checkbox"[^>]*value="([^"]*)"/g)].map((match) => match[1]!);
  for (const box of boxes) if (consent.permissions?.includes(box) ?? true) form.append("permission", box);
  if (consent.person !== undefined) form.set("person", consent.person);
  form.set("decision", consent.decision ?? "allow");
  const url = new URL(authorizeUrl);
  const answer = await request(url.origin + url.pathname, {
    method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: form.toString(),
  });
  await answer.body.dump();
  const location = answer.headers["location"];
  if (typeof location !== "string") throw new Error(`The consent form was answered ${answer.statusCode} without an address.`);
  return new URL(location);
}

/** Brings what the vendor said back to Islet, in the session of `as`; null is a stranger's browser. */
export function comeBack(test: TestApp, as: Person | null, back: URL): Promise<LightMyRequestResponse> {
  return test.request({ ...(as ? { as } : {}), method: "GET", url: back.pathname + back.search });
}

/** The whole way; gives the connection's id. Runs no job. Throws unless the connection is made. */
export async function connect(test: TestApp, as: Person, vendor: SimVendor, consent: Consent = {}): Promise<string> {
  const answer = await comeBack(test, as, await decide(await begin(test, as, vendor), consent));
  if (!String(answer.headers["location"]).includes(`connected=${vendor}`)) throw new Error(`Connecting ${vendor} ended at ${answer.headers["location"]}.`);
  const list = await test.request({ as, method: "GET", url: "/api/v1/patients/me/connections" });
  const found = list.json<{ data: { id: string; provider: string; status: string }[] }>().data.find((one) => one.provider === vendor && !["disconnected", "revoked"].includes(one.status));
  if (!found) throw new Error(`There is no connection to ${vendor}.`);
  return found.id;
}

/** What a cloud receives from here on. (It remembers its last calls only: their number says nothing.) */
export function callsFromHere(test: TestApp, vendor: SimVendor): () => ReceivedCall[] {
  test.clock.advance(1);
  const fromMs = test.clock.now();
  return () => test.sim.control.received(vendor).filter(({ atMs }) => atMs >= fromMs);
}
