import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dexcom } from "#drivers/dexcom/index.ts";
import { DAY_MS, parseTime, SECOND_MS } from "#units/time.ts";
import { consentAs } from "./consent.ts";
import { testDriver } from "./contract.ts";
import { createGrants } from "#sim/grants.ts";
import { createState } from "#sim/state.ts";
import { createPerson } from "#sim/people/person.ts";
import { CHARACTERS } from "#sim/people/characters.ts";
import { dexcomApiRoutes } from "#sim/dexcom/api.ts";
import { dexcomOAuthRoutes } from "#sim/dexcom/oauth.ts";

function fixture(resource: string, name = resource): { resource: string; payload: unknown } {
  const file = new URL(`../../src/drivers/dexcom/fixtures/${name}.json`, import.meta.url);
  return { resource, payload: JSON.parse(readFileSync(file, "utf8")) as unknown };
}
const NOW_MS = Date.UTC(2026, 5, 1, 12);

async function startCloud(clock: any): Promise<any> {
  const redirectUri = "https://islet.test/oauth/dexcom/callback";
  const client = { clientId: "c1", clientSecret: "secret-canary-1", redirectUris: [redirectUri] };
  const options: any = { baseUrl: "x", now: () => clock.now(), seed: 1, clients: { dexcom: client, garmin: client, strava: client }, webhookUrls: { garmin: null } };
  const people: any = CHARACTERS.map((c) => createPerson(1, c));
  const grants = createGrants(options);
  const context: any = { options, people, grants, state: createState(options, people, grants) };
  const routes = [...dexcomApiRoutes(context), ...dexcomOAuthRoutes(context)];
  const server = createServer((q, r) => {
    const chunks: Buffer[] = [];
    q.on("data", (c) => chunks.push(c));
    q.on("end", async () => {
      const u = new URL(q.url!, "http://x");
      const path = u.pathname.replace("/sim/dexcom", "");
      const route = routes.find((x) => x.path === path && x.method === q.method);
      if (!route) { r.writeHead(404).end("{}"); return; }
      const a: any = await route.handle({ method: q.method!, path, params: {}, query: u.searchParams, headers: q.headers, body: Buffer.concat(chunks).toString() } as any);
      r.writeHead(a.status, { ...(a.type ? { "content-type": a.type } : {}), ...a.headers }).end(a.body);
    });
  });
  await new Promise<void>((res) => server.listen(0, "127.0.0.1", res));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as any).port}/sim/dexcom`,
    clientId: "c1", clientSecret: "secret-canary-1", redirectUri,
    consent: (url: string) => consentAs("ana", url),
    withdrawConsent: () => void grants.revoke("dexcom", "ana"),
    close: async () => { server.closeAllConnections(); server.close(); },
  };
}

testDriver({
  driver: dexcom,
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 90 * DAY_MS, toMs: NOW_MS },
  windowSlackMs: SECOND_MS,
  vendorWindowLimitMs: 30 * DAY_MS,
  askedWindowMs: (url) => {
    const from = parseTime(url.searchParams.get("startDate") ?? "");
    const to = parseTime(url.searchParams.get("endDate") ?? "");
    return from && to ? to.wallMs - from.wallMs : null;
  },
  startCloud,
  payloads: [
    fixture("egvs", "egvs-phone"), fixture("egvs", "egvs-receiver"), fixture("egvs", "egvs-messy"), fixture("egvs", "egvs-version-2"),
    fixture("events"), fixture("events", "events-messy"), fixture("calibrations"), fixture("alerts"), fixture("devices"),
    fixture("dataRange", "data-range"),
  ],
});
