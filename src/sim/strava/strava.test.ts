import { createHmac } from "node:crypto";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { describe, expect, it } from "vitest";
import { client, START_MS, visitSim } from "../testing.ts";
import type { Visit } from "../testing.ts";

const API = "/strava/api/v3";
const CALLBACK_URL = "http://127.0.0.1:3000/webhooks/strava";

interface Activity {
  id: number;
  name: string;
  sport_type: string;
  start_date: string;
  start_date_local: string;
  elapsed_time: number;
  distance: number;
  private: boolean;
  calories?: number;
}
interface StravaEvent {
  object_type: string;
  object_id: number;
  aspect_type: string;
  updates: Record<string, string>;
  owner_id: number;
  subscription_id: number;
}

function subscribe(visit: Visit): Promise<{ statusCode: number; body: string; json: () => unknown }> {
  return visit.form(`${API}/push_subscriptions`, { ...client("strava"), callback_url: CALLBACK_URL, verify_token: "verify" });
}

const eventsOf = (visit: Visit): StravaEvent[] => visit.sent.map((push) => JSON.parse(push.body) as StravaEvent);

describe("Strava's activities", () => {
  it("are paged to an empty page, ascending with after and descending without", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("strava");
    const after = Math.floor((START_MS - 90 * DAY_MS) / 1000);
    const page = async (number: number, query = `after=${after}&per_page=10`): Promise<Activity[]> =>
      (await visit.get(`${API}/athlete/activities?${query}&page=${number}`, access_token)).json<Activity[]>();
    const all: Activity[] = [];
    let number = 1;
    for (let found = await page(1); found.length > 0; found = await page(++number)) all.push(...found);
    expect(all.length).toBeGreaterThan(20);
    expect(number).toBe(Math.ceil(all.length / 10) + 1);
    const starts = all.map((activity) => Date.parse(activity.start_date));
    expect(starts).toEqual(starts.toSorted((one, other) => one - other));
    const newest = await page(1, "per_page=5");
    expect(newest.map((activity) => activity.id)).toEqual(all.slice(-5).toReversed().map((activity) => activity.id));
    expect((await visit.get(`${API}/athlete/activities?per_page=201`, access_token)).statusCode).toBe(400);
  });

  it("have calories only in detail, local times that say Z, and streams by type", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("strava");
    const list = (await visit.get(`${API}/athlete/activities?per_page=50`, access_token)).json<Activity[]>();
    const run = list.find((activity) => activity.sport_type === "Run")!;
    expect(run.calories).toBeUndefined();
    expect(Date.parse(run.start_date_local)).toBeGreaterThan(Date.parse(run.start_date));
    const detail = (await visit.get(`${API}/activities/${run.id}`, access_token)).json<Activity>();
    expect(detail.calories).toBeGreaterThan(50);
    const streams = (await visit.get(`${API}/activities/${run.id}/streams?keys=time,heartrate,distance,watts&key_by_type=true`, access_token)).json<
      Record<string, { data: number[]; original_size: number }>
    >();
    expect(Object.keys(streams).toSorted()).toEqual(["distance", "heartrate", "time"]);
    expect(streams["time"]!.data.at(-1)).toBe(run.elapsed_time);
    expect(streams["heartrate"]!.data.length).toBe(streams["time"]!.original_size);
    expect(streams["distance"]!.data.at(-1)).toBeCloseTo(run.distance, 0);
    expect((await visit.get(`${API}/activities/1/streams?keys=time`, access_token)).statusCode).toBe(404);
  });

  it("need a scope, and private ones the wide scope", async () => {
    const visit = await visitSim();
    const none = await visit.connect("strava", { permissions: ["read"] });
    expect((await visit.get(`${API}/athlete/activities`, none.access_token)).statusCode).toBe(403);
    const list = async (permissions: string[]): Promise<Activity[]> => {
      const { access_token } = await visit.connect("strava", { permissions, query: { scope: "read,activity:read,activity:read_all" } });
      return (await visit.get(`${API}/athlete/activities?per_page=200&after=${Math.floor((START_MS - 400 * DAY_MS) / 1000)}`, access_token)).json<Activity[]>();
    };
    const narrow = await list(["read", "activity:read"]);
    const wide = await list(["read", "activity:read_all"]);
    expect(wide.filter((activity) => activity.private).length).toBeGreaterThan(0);
    expect(narrow.map((activity) => activity.id)).toEqual(wide.filter((activity) => !activity.private).map((activity) => activity.id));
  });

  it("have laps, and zones for whoever subscribes to Strava", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("strava", { person: "liam" });
    const list = (await visit.get(`${API}/athlete/activities?per_page=50`, access_token)).json<Activity[]>();
    const ride = list.find((activity) => activity.sport_type === "Ride")!;
    const [lap] = (await visit.get(`${API}/activities/${ride.id}/laps`, access_token)).json<Activity[]>();
    expect(lap).toMatchObject({ start_date: ride.start_date, elapsed_time: ride.elapsed_time, distance: ride.distance });
    const zones = (await visit.get(`${API}/activities/${ride.id}/zones`, access_token)).json<{ type: string; distribution_buckets: { min: number; max: number; time: number }[] }[]>();
    expect(zones.map(({ type }) => type)).toEqual(["heartrate", "power"]);
    for (const { distribution_buckets: buckets } of zones) {
      expect(buckets.reduce((sum, { time }) => sum + time, 0)).toBe(ride.elapsed_time + 1);
      buckets.forEach(({ min }, index) => expect(min).toBe(index === 0 ? 0 : buckets[index - 1]!.max));
    }
    visit.sim.control.turn("strava", "subscribers", "none");
    expect((await visit.get(`${API}/activities/${ride.id}/zones`, access_token)).statusCode).toBe(402);
  });

  it("add up to the athlete's totals, which are nobody else's business", async () => {
    const visit = await visitSim();
    const { access_token, athlete } = await visit.connect("strava", { person: "liam" });
    const { id } = athlete as { id: number };
    const after = Math.floor((START_MS - 28 * DAY_MS) / 1000);
    const rides = (await visit.get(`${API}/athlete/activities?after=${after}&per_page=200`, access_token)).json<Activity[]>().filter((one) => one.sport_type.endsWith("Ride"));
    const totals = (await visit.get(`${API}/athletes/${id}/stats`, access_token)).json<{ recent_ride_totals: { count: number; distance: number } }>();
    expect(totals.recent_ride_totals.count).toBe(rides.length);
    expect(totals.recent_ride_totals.distance).toBeCloseTo(rides.reduce((sum, { distance }) => sum + distance, 0), 3);
    expect((await visit.get(`${API}/athletes/${id + 10}/stats`, access_token)).statusCode).toBe(403);
    expect((await visit.get(`${API}/athlete/zones`, access_token)).json()).toMatchObject({ heart_rate: { zones: [{ min: 0 }, {}, {}, {}, { max: -1 }] } });
    const narrow = await visit.connect("strava", { person: "liam", permissions: ["read", "activity:read_all"] });
    expect((await visit.get(`${API}/athlete/zones`, narrow.access_token)).statusCode).toBe(403);
  });

  it("hide when they started, and have their streams later, when told to", async () => {
    const visit = await visitSim({ switches: { strava: { hideStarts: "on", streamsAfterMinutes: "30" } } });
    await subscribe(visit);
    const { access_token } = await visit.connect("strava");
    await visit.sim.control.push("strava", "ana", "activity_create");
    const id = eventsOf(visit)[0]!.object_id;
    const detail = (await visit.get(`${API}/activities/${id}`, access_token)).json<Activity>();
    expect(detail.start_date_local).toMatch(/T00:00:01Z$/);
    const status = async (): Promise<number> => (await visit.get(`${API}/activities/${id}/streams?keys=time&key_by_type=true`, access_token)).statusCode;
    expect(await status()).toBe(404);
    visit.pass(31 * MINUTE_MS);
    expect(await status()).toBe(200);
  });

  it("show the weight only with the whole profile", async () => {
    const visit = await visitSim();
    const whole = await visit.connect("strava");
    const bare = await visit.connect("strava", { permissions: ["read"] });
    expect((await visit.get(`${API}/athlete`, whole.access_token)).json()).toHaveProperty("weight");
    expect((await visit.get(`${API}/athlete`, bare.access_token)).json()).not.toHaveProperty("weight");
  });
});

describe("Strava's rate limits", () => {
  it("count reads by quarter hour and day, refuse beyond, and start afresh on the quarter", async () => {
    const visit = await visitSim({ switches: { strava: { callsPerQuarterHour: "20", callsPerDay: "30", readsPerQuarterHour: "3", readsPerDay: "8" } } });
    const { access_token } = await visit.connect("strava");
    const call = (): Promise<{ statusCode: number; headers: Record<string, unknown> }> => visit.get(`${API}/athlete`, access_token);
    const first = await call();
    expect(first.headers).toMatchObject({ "x-ratelimit-limit": "20,30", "x-ratelimit-usage": "1,1", "x-readratelimit-limit": "3,8", "x-readratelimit-usage": "1,1" });
    await call();
    expect((await call()).statusCode).toBe(200);
    const over = await call();
    expect(over.statusCode).toBe(429);
    expect(over.headers["x-readratelimit-usage"]).toBe("4,4");
    visit.pass(12 * MINUTE_MS);
    expect((await call()).statusCode).toBe(200);
    visit.pass(15 * MINUTE_MS);
    for (let count = 0; count < 3; count++) expect((await call()).statusCode).toBe(200);
    visit.pass(15 * MINUTE_MS);
    expect((await call()).statusCode).toBe(429);
    visit.pass(14 * 3_600_000);
    expect((await visit.get(`${API}/athlete`, access_token)).headers["x-readratelimit-usage"]).toBe("1,1");
  });

  it("are 200 and 2000 calls, 100 and 1000 reads, unless told otherwise", async () => {
    const visit = await visitSim();
    const answer = await visit.get(`${API}/athlete`);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers).toMatchObject({ "x-ratelimit-limit": "200,2000", "x-readratelimit-limit": "100,1000", "x-readratelimit-usage": "1,1" });
  });
});

describe("Strava's push subscription", () => {
  it("is created after the callback has answered the challenge, once for the application", async () => {
    const asked: URL[] = [];
    const visit = await visitSim({
      challenge: (url) => {
        asked.push(new URL(url));
        return Promise.resolve({ status: 200, contentType: "application/json", body: JSON.stringify({ "hub.challenge": new URL(url).searchParams.get("hub.challenge") }) });
      },
    });
    const answer = await subscribe(visit);
    expect(answer.statusCode).toBe(201);
    expect(asked[0]!.searchParams.get("hub.mode")).toBe("subscribe");
    expect(asked[0]!.searchParams.get("hub.verify_token")).toBe("verify");
    const again = await subscribe(visit);
    expect(again.statusCode).toBe(400);
    expect(again.body).toContain("already exists");
    const query = new URLSearchParams(client("strava")).toString();
    const [listed] = (await visit.get(`${API}/push_subscriptions?${query}`)).json<{ id: number; callback_url: string }[]>();
    expect(listed).toMatchObject({ callback_url: CALLBACK_URL });
    const deleted = await visit.app.inject({ method: "DELETE", url: `/sim${API}/push_subscriptions/${listed!.id}?${query}` });
    expect(deleted.statusCode).toBe(204);
    expect((await visit.get(`${API}/push_subscriptions?${query}`)).json()).toEqual([]);
  });

  it.each([
    ["a wrong echo", 200, "application/json", '{"hub.challenge":"other"}'],
    ["a wrong status", 204, "application/json", ""],
    ["no JSON", 200, "application/json", "ok"],
    ["a wrong content type", 200, "text/plain", null],
  ])("is refused for %s", async (_name, status, contentType, body) => {
    const visit = await visitSim({
      challenge: (url) => Promise.resolve({ status, contentType, body: body ?? JSON.stringify({ "hub.challenge": new URL(url).searchParams.get("hub.challenge") }) }),
    });
    expect((await subscribe(visit)).statusCode).toBe(400);
  });

  it("is refused for long addresses, other clients and silent callbacks", async () => {
    const visit = await visitSim({ challenge: () => Promise.reject(new Error("timeout")) });
    expect((await subscribe(visit)).statusCode).toBe(400);
    const path = `${API}/push_subscriptions`;
    expect((await visit.form(path, { ...client("strava"), callback_url: `http://a.example/${"x".repeat(255)}`, verify_token: "v" })).statusCode).toBe(400);
    expect((await visit.form(path, { ...client("strava"), client_secret: "wrong", callback_url: CALLBACK_URL, verify_token: "v" })).statusCode).toBe(401);
  });
});

describe("Strava's events", () => {
  it("announce a first walk about 20 seconds after the consent, which can then be fetched", async () => {
    const visit = await visitSim();
    await subscribe(visit);
    const { access_token } = await visit.connect("strava");
    visit.pass(19_000);
    await visit.sim.control.tick();
    expect(visit.sent).toEqual([]);
    visit.pass(2_000);
    await visit.sim.control.tick();
    await visit.sim.control.tick();
    expect(eventsOf(visit).length).toBe(1);
    const [event] = eventsOf(visit);
    expect(event).toMatchObject({ object_type: "activity", aspect_type: "create", updates: {} });
    const walk = (await visit.get(`${API}/activities/${event!.object_id}`, access_token)).json<Activity & { athlete: { id: number } }>();
    expect(walk.sport_type).toBe("Walk");
    expect(walk.athlete.id).toBe(event!.owner_id);
    expect(visit.now() - (Date.parse(walk.start_date) + walk.elapsed_time * 1000)).toBeLessThan(MINUTE_MS);
  });

  it("announce habitual workouts once, when they have ended", async () => {
    const visit = await visitSim();
    await subscribe(visit);
    await visit.connect("strava", { person: "priya" });
    visit.pass(21_000);
    await visit.sim.control.tick();
    visit.sent.length = 0;
    for (let hour = 0; hour < 7 * 24; hour++) {
      visit.pass(3_600_000);
      await visit.sim.control.tick();
    }
    const told = eventsOf(visit).map((event) => event.object_id);
    expect(told.length).toBeGreaterThan(1);
    expect(new Set(told).size).toBe(told.length);
    const { access_token } = await visit.connect("strava", { person: "priya" });
    const list = (await visit.get(`${API}/athlete/activities?per_page=200&after=${Math.floor(START_MS / 1000) + 600}`, access_token)).json<Activity[]>();
    expect(told).toEqual(list.map((activity) => activity.id));
  });

  it("of updates and deletions match what the data doors then say", async () => {
    const visit = await visitSim();
    await subscribe(visit);
    const { access_token } = await visit.connect("strava");
    await visit.sim.control.push("strava", "ana", "activity_create");
    await visit.sim.control.push("strava", "ana", "activity_update");
    await visit.sim.control.push("strava", "ana", "activity_delete");
    const [created, updated, deleted] = eventsOf(visit) as [StravaEvent, StravaEvent, StravaEvent];
    expect(updated.object_id).toBe(created.object_id);
    expect(updated.updates["title"]).toMatch(/ \(renamed\)$/);
    expect(deleted).toMatchObject({ aspect_type: "delete", object_id: created.object_id });
    expect((await visit.get(`${API}/activities/${created.object_id}`, access_token)).statusCode).toBe(404);
  });

  it("of hiding and showing say what the application may see", async () => {
    for (const [scope, aspects] of [["activity:read", ["delete", "create"]], ["activity:read_all", ["update", "update"]]] as const) {
      const visit = await visitSim();
      await subscribe(visit);
      const { access_token } = await visit.connect("strava", { permissions: ["read", scope], query: { scope: "read,activity:read,activity:read_all" } });
      await visit.sim.control.push("strava", "ana", "activity_create");
      const status = async (): Promise<number> => (await visit.get(`${API}/activities/${eventsOf(visit)[0]!.object_id}`, access_token)).statusCode;
      await visit.sim.control.push("strava", "ana", "activity_private");
      expect(await status()).toBe(scope === "activity:read" ? 404 : 200);
      await visit.sim.control.push("strava", "ana", "activity_public");
      expect(await status()).toBe(200);
      expect(eventsOf(visit).slice(1).map(({ aspect_type }) => aspect_type)).toEqual(aspects);
      expect(eventsOf(visit).slice(1).map(({ updates }) => updates)).toEqual(scope === "activity:read" ? [{}, {}] : [{ private: "true" }, { private: "false" }]);
    }
  });

  it("are tried three times in all", async () => {
    const visit = await visitSim();
    await subscribe(visit);
    await visit.connect("strava");
    visit.receiver.status = 500;
    await visit.sim.control.push("strava", "ana", "activity_create");
    for (let minute = 0; minute < 10; minute++) {
      visit.pass(MINUTE_MS);
      await visit.sim.control.tick();
    }
    const tries = visit.sent.filter((push) => push.body === visit.sent[0]!.body);
    expect(tries.length).toBe(3);
  });

  it("are signed when asked: HMAC-SHA256 over time and body under the client secret", async () => {
    const visit = await visitSim({ switches: { strava: { signEvents: "on" } } });
    await subscribe(visit);
    await visit.connect("strava");
    await visit.sim.control.push("strava", "ana", "activity_create");
    const [{ headers, body }] = visit.sent as [Visit["sent"][number]];
    const [, time, digest] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers["x-strava-signature"] ?? "") ?? [];
    expect(Number(time)).toBe(Math.floor(START_MS / 1000));
    expect(digest).toBe(createHmac("sha256", "strava-secret").update(`${time}.${body}`).digest("hex"));
    visit.sim.control.turn("strava", "signEvents", "off");
    await visit.sim.control.push("strava", "ana", "activity_create");
    expect(visit.sent[1]!.headers).not.toHaveProperty("x-strava-signature");
  });

  it("of deauthorization end the tokens", async () => {
    const visit = await visitSim();
    await subscribe(visit);
    const { access_token } = await visit.connect("strava");
    await visit.sim.control.push("strava", "ana", "deauthorize");
    expect(eventsOf(visit)[0]).toMatchObject({ object_type: "athlete", aspect_type: "update", updates: { authorized: "false" } });
    expect((await visit.get(`${API}/athlete`, access_token)).statusCode).toBe(401);
  });

  it("end an authorization at the one address that there is: by the token itself, or by the client as RFC 7009 has it", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("strava");
    const at = (path: string, fields: Record<string, string>): Promise<{ statusCode: number; json: () => unknown }> => visit.form(`/strava${path}`, fields);
    expect((await at("/oauth/revoke", { ...client("strava"), token: access_token })).statusCode).toBe(404);
    visit.sim.control.turn("strava", "deauthorize", "new");
    expect((await at("/oauth/deauthorize", { access_token })).statusCode).toBe(410);
    expect((await at("/oauth/revoke", { token: access_token })).statusCode).toBe(401);
    expect((await visit.get(`${API}/athlete`, access_token)).statusCode).toBe(200);
    expect((await at("/oauth/revoke", { ...client("strava"), token: access_token, token_type_hint: "access_token" })).statusCode).toBe(200);
    expect((await visit.get(`${API}/athlete`, access_token)).statusCode).toBe(401);
    visit.sim.control.turn("strava", "deauthorize", "old");
    const again = await visit.connect("strava");
    expect((await at("/oauth/deauthorize", { access_token: again.access_token })).json()).toEqual({ access_token: again.access_token });
  });
});
