import { createHmac } from "node:crypto";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { describe, expect, it } from "vitest";
import { CALLBACK, client, registered, START_MS, visitSim } from "../testing.ts";
import type { Visit } from "../testing.ts";
import { COLLECTIONS } from "./collections.ts";
import { ouraSignature } from "./events.ts";

const DATA = "/oura/v2/usercollection";
const HOOKS = "/oura/v2/webhook/subscription";
const HOOK_URL = "http://127.0.0.1:3000/webhooks/oura";
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];

type Doc = Record<string, unknown> & { id: string; day: string };
interface Page<T = Doc> {
  data: T[];
  next_token: string | null;
}
interface SleepDoc extends Doc {
  type: string;
  bedtime_start: string;
  bedtime_end: string;
  time_in_bed: number;
  total_sleep_duration: number | null;
  deep_sleep_duration: number | null;
  sleep_phase_5_min: string | null;
  sleep_phase_30_sec: string | null;
  heart_rate: { interval: number; items: (number | null)[]; timestamp: string };
  hrv: { items: (number | null)[] } | null;
}
interface Pulse {
  timestamp: string;
  timestamp_unix: number;
  bpm: number;
  source: string;
}
interface OuraEvent {
  event_type: string;
  data_type: string;
  object_id: string;
  event_time: string;
  user_id: string;
}

const dateBefore = (days: number): string => new Date(START_MS - days * DAY_MS).toISOString().slice(0, 10);

async function page<T = Doc>(visit: Visit, token: string, path: string, query: Record<string, string> = {}): Promise<Page<T>> {
  const answer = await visit.get(`${DATA}/${path}?${new URLSearchParams(query).toString()}`, token);
  if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}: ${answer.body}`);
  return answer.json<Page<T>>();
}

async function all<T = Doc>(visit: Visit, token: string, path: string, query: Record<string, string> = {}): Promise<T[]> {
  const found: T[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const one: Page<T> = await page<T>(visit, token, path, next === "" ? query : { ...query, next_token: next });
    found.push(...one.data);
    next = one.next_token;
  }
  return found;
}

const days = (from: number, to = -1): Record<string, string> => ({ start_date: dateBefore(from), end_date: dateBefore(to) });

/** A visit whose receiver answers Oura's challenge. */
function hookVisit(switches: Record<string, string> = {}, answer?: (url: URL) => { status: number; body: string } | null): Promise<Visit> {
  return visitSim({
    switches: { oura: switches },
    challenge: (text) => {
      const url = new URL(text);
      const given = answer ? answer(url) : { status: 200, body: JSON.stringify({ challenge: url.searchParams.get("challenge") }) };
      return given ? Promise.resolve({ contentType: "application/json", ...given }) : Promise.reject(new Error("timeout"));
    },
  });
}

const portal = { "x-client-id": "oura-id", "x-client-secret": "oura-secret" };

function hook(visit: Visit, method: "GET" | "POST" | "PUT" | "DELETE", path = "", body?: object): ReturnType<Visit["get"]> {
  return visit.app.inject({ method, url: `/sim${HOOKS}${path}`, headers: portal, ...(body ? { payload: body } : {}) });
}

const subscribe = (visit: Visit, event_type: string, data_type: string): ReturnType<typeof hook> =>
  hook(visit, "POST", "", { callback_url: HOOK_URL, verification_token: "our-token", event_type, data_type });

const eventsOf = (visit: Visit): OuraEvent[] => visit.sent.map((push) => JSON.parse(push.body) as OuraEvent);

describe("Oura's consent and tokens", () => {
  it("grant what stayed ticked and say so beside the code alone", async () => {
    const visit = await visitSim();
    const back = await visit.consent("oura", { permissions: ["daily", "personal"] });
    expect(back.searchParams.get("scope")).toBe("personal daily");
    expect(back.searchParams.get("state")).toBe("st&te");
    const tokens = await visit.connect("oura");
    expect(Object.keys(tokens).toSorted()).toEqual(["access_token", "expires_in", "refresh_token", "token_type"]);
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 86_400 });
  });

  it("know the oxygen scope by one of its names and refuse the other", async () => {
    const visit = await visitSim();
    await expect(visit.consent("oura", { query: { scope: "daily spo2Daily" } })).resolves.toHaveProperty("search", expect.stringContaining("error=invalid_scope"));
    visit.sim.control.turn("oura", "scopes", "spec");
    await expect(visit.consent("oura", { query: { scope: "daily spo2" } })).resolves.toHaveProperty("search", expect.stringContaining("error=invalid_scope"));
    const { access_token } = await visit.connect("oura", { query: { scope: "daily spo2Daily" }, permissions: ["daily", "spo2Daily"] });
    expect((await page(visit, access_token, "daily_spo2", days(5))).data.length).toBe(6);
  });

  it("take the client by form or by Basic, a code once, a refresh token once", async () => {
    const visit = await visitSim();
    const code = (await visit.consent("oura")).searchParams.get("code")!;
    const exchange = { grant_type: "authorization_code", code, redirect_uri: CALLBACK };
    const byBasic = (fields: Record<string, string>): ReturnType<typeof visit.form> => visit.app.inject({
      method: "POST", url: "/sim/oura/oauth/token", payload: new URLSearchParams(fields).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded", authorization: `Basic ${Buffer.from("oura-id:oura-secret").toString("base64")}` },
    });
    const first = await byBasic(exchange);
    expect(first.statusCode).toBe(200);
    const spent = await visit.form("/oura/oauth/token", { ...client("oura"), ...exchange });
    expect([spent.statusCode, spent.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    const { refresh_token } = first.json<{ refresh_token: string }>();
    const renewal = { ...client("oura"), grant_type: "refresh_token", refresh_token };
    const second = (await visit.form("/oura/oauth/token", renewal)).json<{ access_token: string; refresh_token: string }>();
    expect(second.refresh_token).not.toBe(refresh_token);
    expect((await visit.form("/oura/oauth/token", renewal)).json()).toMatchObject({ error: "invalid_grant" });
    expect((await visit.form("/oura/oauth/token", { ...renewal, client_secret: "wrong" })).statusCode).toBe(401);
    visit.pass(DAY_MS);
    expect((await visit.get(`${DATA}/personal_info`, second.access_token)).statusCode).toBe(401);
  });

  it.each([["both", "GET", 200], ["both", "POST", 200], ["POST", "GET", 405], ["GET", "POST", 405]] as const)(
    "are revoked by either verb unless only one is taken: %s, asked by %s", async (revokeBy, method, status) => {
      const visit = await visitSim({ switches: { oura: { revokeBy } } });
      const { access_token } = await visit.connect("oura");
      const answer = await visit.app.inject({ method, url: `/sim/oura/oauth/revoke?access_token=${access_token}` });
      expect(answer.statusCode).toBe(status);
      expect((await visit.get(`${DATA}/personal_info`, access_token)).statusCode).toBe(status === 200 ? 401 : 200);
      expect(JSON.stringify(visit.sim.control.received("oura"))).not.toContain(access_token);
    },
  );
});

describe("Oura's collections", () => {
  it("all have documents of somebody, each found again by its id, none from the future", async () => {
    const visit = await visitSim();
    const seen = new Set<string>();
    for (const person of PEOPLE) {
      const { access_token } = await visit.connect("oura", { person });
      for (const { name } of COLLECTIONS) {
        const found = await all(visit, access_token, name, days(50));
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
        expect(JSON.stringify(found)).not.toMatch(/2026-11-2[1-9]T/);
        const last = found.at(-1);
        if (!last) continue;
        seen.add(name);
        expect((await visit.get(`${DATA}/${name}/${last.id}`, access_token)).json()).toEqual(last);
        const starts = found.map((one) => one.day ?? String(one["start_day"]));
        expect(starts).toEqual(starts.toSorted());
      }
    }
    expect([...seen].toSorted()).toEqual(COLLECTIONS.map(({ name }) => name).toSorted());
  }, 60_000);

  it("are paged, and a token goes on only with its own query", async () => {
    const visit = await visitSim({ switches: { oura: { documentsPerPage: "7" } } });
    const { access_token } = await visit.connect("oura");
    const first = await page(visit, access_token, "sleep", days(30));
    expect(first.data.length).toBe(7);
    const found = await all(visit, access_token, "sleep", days(30));
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    expect(found.length).toBeGreaterThanOrEqual(31);
    expect((await page(visit, access_token, "sleep", { next_token: first.next_token! })).data).toEqual(found.slice(7, 14));
    for (const path of [`sleep?next_token=${first.next_token}&start_date=2026-01-01`, `workout?next_token=${first.next_token}`, "sleep?next_token=nonsense"]) {
      expect((await visit.get(`${DATA}/${path}`, access_token)).statusCode).toBe(400);
    }
  });

  it("leave the documents of end_date out or not, as the collection or the switch will; a time of that day takes them in", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("oura");
    const last = async (path: string, end: string): Promise<string | undefined> =>
      (await page(visit, access_token, path, { start_date: dateBefore(9), end_date: end })).data.at(-1)?.day;
    expect(await last("daily_readiness", dateBefore(3))).toBe(dateBefore(3));
    expect(await last("sleep", dateBefore(3))).toBe(dateBefore(4));
    expect(await last("sleep", `${dateBefore(3)}T23:59:59`)).toBe(dateBefore(3));
    visit.sim.control.turn("oura", "endDate", "exclusive");
    expect(await last("daily_readiness", dateBefore(3))).toBe(dateBefore(4));
    visit.sim.control.turn("oura", "endDate", "inclusive");
    expect(await last("sleep", dateBefore(3))).toBe(dateBefore(3));
  });

  it("answer the last day or so without dates, cut members by fields, and say 422 and 400 to queries that are none", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("oura");
    expect((await page(visit, access_token, "daily_sleep")).data.map(({ day }) => day)).toEqual([dateBefore(1), dateBefore(0)]);
    const [cut] = (await page(visit, access_token, "daily_sleep", { fields: "day,score" })).data;
    expect(Object.keys(cut!).toSorted()).toEqual(["day", "id", "score"]);
    const answer = await visit.get(`${DATA}/sleep?start_date=yesterday`, access_token);
    expect([answer.statusCode, answer.json()]).toMatchObject([422, { detail: [{ loc: ["query", "start_date"] }] }]);
    expect((await visit.get(`${DATA}/sleep?start_date=2026-05-02&end_date=2026-05-01`, access_token)).statusCode).toBe(400);
    expect((await visit.get(`${DATA}/sleep/00000000-0000-4000-a000-000000000000`, access_token)).json()).toMatchObject({ status: 404, title: "Not Found" });
  });

  it("are closed one by one where the scope is missing, all of them without a membership", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("oura", { permissions: ["workout"] });
    const status = async (path: string): Promise<number> => (await visit.get(`${DATA}/${path}`, access_token)).statusCode;
    expect([await status("workout"), await status("daily_sleep"), await status("heartrate"), await status("daily_spo2")]).toEqual([200, 403, 403, 403]);
    expect((await visit.get(`${DATA}/personal_info`, access_token)).json()).toMatchObject({ age: null, weight: null, email: null });
    visit.sim.control.turn("oura", "missingScope", "401");
    expect(await status("daily_sleep")).toBe(401);
    visit.sim.control.turn("oura", "account", "membership expired");
    expect([await status("workout"), await status("personal_info")]).toEqual([403, 200]);
    visit.sim.control.turn("oura", "account", "app outdated");
    expect(await status("workout")).toBe(426);
  });

  it("have scopes of their own for newer data where documents are read finely", async () => {
    const visit = await visitSim({ switches: { oura: { scopes: "fine" } } });
    const plain = await visit.connect("oura");
    const scope = "daily stress heart_health ring_configuration";
    const fine = await visit.connect("oura", { query: { scope }, permissions: scope.split(" ") });
    for (const path of ["daily_stress", "daily_resilience", "daily_cardiovascular_age", "vO2_max", "ring_configuration", "ring_battery_level"]) {
      expect((await visit.get(`${DATA}/${path}`, plain.access_token)).statusCode, path).toBe(403);
      expect((await visit.get(`${DATA}/${path}`, fine.access_token)).statusCode, path).toBe(200);
    }
  });

  it("tell of nights by digits and samples that fit their times, of naps and rests without what was not measured", async () => {
    const visit = await visitSim();
    const kinds = new Set<string>();
    for (const person of PEOPLE) {
      const { access_token } = await visit.connect("oura", { person });
      for (const sleep of await all<SleepDoc>(visit, access_token, "sleep", days(60))) {
        kinds.add(sleep.type);
        const seconds = (Date.parse(sleep.bedtime_end) - Date.parse(sleep.bedtime_start)) / 1000;
        expect(sleep.time_in_bed).toBe(seconds);
        expect(sleep.heart_rate.items.length).toBe(Math.ceil(seconds / 300));
        expect(sleep.heart_rate.items[0]).toBeNull();
        expect(sleep.heart_rate.timestamp).toMatch(/\.000[+-]\d\d:\d\d$/);
        expect(Date.parse(sleep.heart_rate.timestamp)).toBe(Date.parse(sleep.bedtime_start));
        if (sleep.type !== "long_sleep") expect(sleep.deep_sleep_duration).toBeNull();
        if (sleep.type === "rest" || sleep.type === "deleted") expect(sleep).toMatchObject({ total_sleep_duration: null, sleep_phase_5_min: null, hrv: null });
        else {
          expect(sleep.sleep_phase_5_min).toMatch(/^[1-4]+$/);
          expect(sleep.sleep_phase_30_sec!.length).toBe(Math.ceil(seconds / 30));
        }
      }
    }
    expect(kinds).toEqual(new Set(["long_sleep", "sleep", "late_nap", "rest", "deleted"]));
  }, 30_000);

  it("count activity from four to four, adding up to the day, and leave the day growing", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("oura");
    interface Activity extends Doc {
      timestamp: string;
      steps: number;
      class_5_min: string;
      met: { items: number[] };
      [time: `${string}_time`]: number;
    }
    const found = await all<Activity>(visit, access_token, "daily_activity", days(30));
    const times = ["high_activity_time", "medium_activity_time", "low_activity_time", "sedentary_time", "resting_time", "non_wear_time"] as const;
    for (const day of found.slice(0, -1)) {
      expect(day.timestamp).toMatch(new RegExp(`^${day.day}T04:00:00`));
      expect(times.reduce((sum, time) => sum + (day[time] ?? 0), 0)).toBe(day.met.items.length * 60);
    }
    expect(found.filter(({ met }) => met.items.length === 1440).length).toBeGreaterThan(27);
    const today = found.at(-1)!;
    expect(today.day).toBe(dateBefore(0));
    expect(today.met.items.length).toBeLessThan(1440);
    visit.pass(HOUR_MS);
    expect((await page<Activity>(visit, access_token, `daily_activity`, days(0))).data[0]?.met.items.length).toBe(today.met.items.length + 60);
  });
});

describe("Oura's samples", () => {
  const range = (from: number, to: number): Record<string, string> => ({ start_datetime: new Date(from).toISOString(), end_datetime: new Date(to).toISOString() });

  it("come in pages, ascending, in the window, from all sources", async () => {
    const visit = await visitSim();
    const sources = new Set<string>();
    for (const person of ["ana", "liam"]) {
      const { access_token } = await visit.connect("oura", { person });
      const fromMs = START_MS - 20 * DAY_MS;
      const found = await all<Pulse>(visit, access_token, "heartrate", range(fromMs, START_MS));
      expect(found.length).toBeGreaterThan(4000);
      for (const [index, { timestamp, timestamp_unix, bpm, source }] of found.entries()) {
        expect(Date.parse(timestamp)).toBe(timestamp_unix);
        expect(timestamp_unix).toBeGreaterThan(found[index - 1]?.timestamp_unix ?? fromMs - 1);
        expect(bpm).toBeGreaterThan(30);
        sources.add(source);
      }
      expect(found.at(-1)!.timestamp_unix).toBeLessThan(START_MS);
    }
    expect([...sources].toSorted()).toEqual(["awake", "live", "rest", "session", "sleep", "workout"]);
  });

  it("are asked for 30 days at most, the latest alone, or the last day", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("oura");
    const status = async (query: Record<string, string>): Promise<number> => (await visit.get(`${DATA}/heartrate?${new URLSearchParams(query).toString()}`, access_token)).statusCode;
    expect(await status(range(START_MS - 30 * DAY_MS, START_MS))).toBe(200);
    expect(await status(range(START_MS - 30 * DAY_MS - 1000, START_MS))).toBe(400);
    expect(await status(range(START_MS, START_MS - 1000))).toBe(400);
    expect(await status({ start_datetime: "now" })).toBe(422);
    const [latest, ...others] = (await page<Pulse>(visit, access_token, "heartrate", { latest: "true" })).data;
    expect(others).toEqual([]);
    const day = await all<Pulse>(visit, access_token, "heartrate");
    expect(day.at(-1)).toEqual(latest);
    expect(day[0]!.timestamp_unix).toBeGreaterThanOrEqual(START_MS - DAY_MS);
  });

  it("tell of beats only at night and of the ring's battery always", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("oura");
    const hours = await all<{ timestamp_unix: number; ibi: number; validity: number }>(visit, access_token, "interbeat_interval", range(START_MS - 8 * HOUR_MS, START_MS - 6 * HOUR_MS));
    expect(hours.length).toBeGreaterThan(5000);
    expect(new Set(hours.map(({ validity }) => validity))).toEqual(new Set([1, 2, 3, 0, -1, -2]));
    expect(Math.max(...hours.map(({ ibi }) => ibi))).toBeLessThanOrEqual(2000);
    expect(await all(visit, access_token, "interbeat_interval", range(START_MS - 20 * HOUR_MS, START_MS - 16 * HOUR_MS))).toEqual([]);
    const battery = await all<{ level: number; in_charger: boolean | null }>(visit, access_token, "ring_battery_level", range(START_MS - 10 * DAY_MS, START_MS));
    expect(battery.length).toBeGreaterThan(200);
    expect(battery.some((one) => one.in_charger === true)).toBe(true);
    expect(battery.every(({ level }) => level >= 0 && level <= 100)).toBe(true);
  });
});

describe("Oura's sandbox", () => {
  it("answers with the same token and counts for the same limit, but of somebody else", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("oura");
    const mine = await page(visit, access_token, "daily_sleep");
    const fake = await visit.get("/oura/v2/sandbox/usercollection/daily_sleep", access_token);
    expect(fake.statusCode).toBe(200);
    expect(fake.json<Page>().data.length).toBe(mine.data.length);
    expect(fake.json<Page>().data[0]!.id).not.toBe(mine.data[0]!.id);
    visit.sim.control.turn("oura", "callsPerApp", "2");
    expect((await visit.get("/oura/v2/sandbox/usercollection/daily_sleep", access_token)).statusCode).toBe(429);
  });
});

describe("Oura's limits", () => {
  it("are told by headers, for the layer that ends first, and begin afresh after five minutes", async () => {
    const visit = await visitSim({ switches: { oura: { callsPerToken: "2" } } });
    const { access_token } = await visit.connect("oura");
    const other = await visit.connect("oura", { person: "liam" });
    const call = (token: string): ReturnType<typeof visit.get> => visit.get(`${DATA}/personal_info`, token);
    expect((await call(access_token)).headers).toMatchObject({ "x-ratelimit-limit": "2", "x-ratelimit-window": "300", "x-ratelimit-tier": "token" });
    await call(access_token);
    const over = await call(access_token);
    expect([over.statusCode, over.headers["retry-after"], over.headers["x-ratelimit-reset"]]).toEqual([429, "120", "120"]);
    expect(over.json()).toMatchObject({ status: 429, title: "Too Many Requests" });
    expect((await call(other.access_token)).statusCode).toBe(200);
    visit.pass(2 * MINUTE_MS);
    expect((await call(access_token)).statusCode).toBe(200);
  });

  it("are 5000 unless told otherwise", async () => {
    const visit = await visitSim();
    expect((await visit.get(`${DATA}/personal_info`)).headers).toMatchObject({ "x-ratelimit-limit": "5000", "x-ratelimit-tier": "app" });
  });
});

describe("Oura's webhook subscriptions", () => {
  it("are created after the challenge, once for each event and type, listed, renewed, changed and deleted", async () => {
    const asked: URL[] = [];
    const visit = await hookVisit({}, (url) => {
      asked.push(url);
      return { status: 200, body: JSON.stringify({ challenge: url.searchParams.get("challenge") }) };
    });
    const created = await subscribe(visit, "create", "sleep");
    expect(created.statusCode).toBe(201);
    const { id, expiration_time } = created.json<{ id: string; expiration_time: string }>();
    expect(asked[0]!.searchParams.get("verification_token")).toBe("our-token");
    expect(Date.parse(expiration_time)).toBe(START_MS + 90 * DAY_MS);
    expect((await subscribe(visit, "create", "sleep")).statusCode).toBe(409);
    expect((await subscribe(visit, "create", "vo2_max")).statusCode).toBe(201);
    expect((await hook(visit, "GET")).json<object[]>().length).toBe(2);
    visit.pass(80 * DAY_MS);
    expect((await hook(visit, "PUT", `/renew/${id}`)).json<{ expiration_time: string }>().expiration_time).toBe(new Date(START_MS + 170 * DAY_MS).toISOString());
    visit.pass(20 * DAY_MS);
    expect((await hook(visit, "GET")).json()).toMatchObject([{ id, event_type: "create", data_type: "sleep", callback_url: HOOK_URL }]);
    expect((await hook(visit, "PUT", `/${id}`, { event_type: "update" })).statusCode).toBe(422);
    expect((await hook(visit, "PUT", `/${id}`, { verification_token: "newer", event_type: "update" })).json()).toMatchObject({ id, event_type: "update" });
    expect(asked.at(-1)!.searchParams.get("verification_token")).toBe("newer");
    expect((await hook(visit, "DELETE", `/${id}`)).statusCode).toBe(204);
    expect((await hook(visit, "GET", `/${id}`)).statusCode).toBe(404);
  });

  it.each([
    ["another echo", { status: 200, body: '{"challenge":"other"}' }],
    ["a 401 for the token", { status: 401, body: "{}" }],
    ["no JSON", { status: 200, body: "ok" }],
    ["no answer in time", null],
  ])("are refused for %s", async (_name, answer) => {
    const visit = await hookVisit({}, () => answer);
    expect((await subscribe(visit, "create", "sleep")).statusCode).toBe(400);
    expect((await hook(visit, "GET")).json()).toEqual([]);
  });

  it("are refused to other clients, for types there are not, and for heart rate", async () => {
    const visit = await hookVisit();
    expect((await visit.app.inject({ url: `/sim${HOOKS}`, headers: { ...portal, "x-client-secret": "wrong" } })).statusCode).toBe(401);
    expect((await subscribe(visit, "create", "heartrate")).statusCode).toBe(422);
    expect((await subscribe(visit, "create", "vO2_max")).statusCode).toBe(422);
    expect((await subscribe(visit, "insert", "sleep")).statusCode).toBe(422);
    expect((await hook(visit, "POST", "", { callback_url: "no url", verification_token: "t", event_type: "create", data_type: "sleep" })).statusCode).toBe(422);
  });
});

describe("Oura's events", () => {
  it("are signed by the construction of the facts' test vector", () => {
    const body = '{"event_type":"update","data_type":"daily_readiness","object_id":"obj-1","event_time":"2026-11-19T07:01:12+00:00","user_id":"user-1"}';
    expect(ouraSignature("test_secret", "1795071672", body)).toBe("221A45D4DB87C5DFD63094F598B11E40BC3E816F092FBD5F6738BF2E2092AA40");
  });

  it.each([["seconds", String(START_MS / 1000)], ["iso", new Date(START_MS).toISOString()]])("carry the time in %s, and its signature over the bytes sent", async (timestamps, time) => {
    const visit = await hookVisit({ timestamps });
    await subscribe(visit, "create", "daily_readiness");
    await visit.connect("oura");
    await visit.sim.control.push("oura", "ana", "daily_readiness");
    const [{ headers, body }] = visit.sent as [Visit["sent"][number]];
    expect(headers["x-oura-timestamp"]).toBe(time);
    expect(headers["x-oura-signature"]).toBe(createHmac("sha256", "oura-secret").update(time + body).digest("hex").toUpperCase());
    expect(eventsOf(visit)[0]!.event_time).toMatch(/^2026-11-20T10:03:00\.000\+00:00$/);
  });

  it("name documents that can be fetched, of the user that personal_info names, and only for what is subscribed", async () => {
    const visit = await hookVisit();
    const { access_token } = await visit.connect("oura");
    for (const { dataType } of COLLECTIONS) for (const event of ["create", "update"]) await subscribe(visit, event, dataType);
    const { id } = (await visit.get(`${DATA}/personal_info`, access_token)).json<{ id: string }>();
    expect(visit.sim.control.people()[0]!.facts["oura"]).toEqual({ userId: id });
    for (const { name, dataType } of COLLECTIONS) {
      visit.sent.length = 0;
      await visit.sim.control.push("oura", "ana", dataType);
      const [event] = eventsOf(visit);
      expect(event).toMatchObject({ data_type: dataType, user_id: id });
      expect((await visit.get(`${DATA}/${name}/${event!.object_id}`, access_token)).statusCode, name).toBe(200);
    }
    const bare = await hookVisit();
    await bare.connect("oura");
    expect(await bare.sim.control.push("oura", "ana", "sleep")).toEqual([]);
  });

  it("tell of the day so far after the connection, of the night when the app is opened, of the growing day every half hour", async () => {
    const visit = await hookVisit();
    for (const [event, type] of [["create", "sleep"], ["create", "daily_sleep"], ["update", "daily_activity"], ["create", "daily_activity"]]) await subscribe(visit, event!, type!);
    await visit.connect("oura");
    visit.pass(21_000);
    await visit.sim.control.tick();
    expect(eventsOf(visit)).toMatchObject([{ event_type: "update", data_type: "daily_activity" }]);
    visit.sent.length = 0;
    for (let minute = 0; minute < DAY_MS / MINUTE_MS; minute += 5) {
      visit.pass(5 * MINUTE_MS);
      await visit.sim.control.tick();
    }
    const events = eventsOf(visit);
    const count = (event: string, type: string): number => events.filter((one) => one.event_type === event && one.data_type === type).length;
    expect([count("create", "daily_sleep"), count("create", "daily_activity")]).toEqual([1, 1]);
    expect(count("create", "sleep")).toBeGreaterThanOrEqual(1);
    expect(count("update", "daily_activity")).toBeGreaterThan(40);
  });

  it("of an edited bedtime bring the night under a new id and delete the former", async () => {
    const visit = await hookVisit();
    const { access_token } = await visit.connect("oura");
    await subscribe(visit, "create", "sleep");
    await subscribe(visit, "delete", "sleep");
    const before = (await page<SleepDoc>(visit, access_token, "sleep", days(0))).data.find(({ type }) => type === "long_sleep")!;
    await visit.sim.control.push("oura", "ana", "bedtime_edit");
    const [created, deleted] = eventsOf(visit) as [OuraEvent, OuraEvent];
    expect([created.event_type, deleted.event_type, deleted.object_id]).toEqual(["create", "delete", before.id]);
    expect((await visit.get(`${DATA}/sleep/${before.id}`, access_token)).statusCode).toBe(404);
    const after = (await visit.get(`${DATA}/sleep/${created.object_id}`, access_token)).json<SleepDoc>();
    expect(after).toMatchObject({ bedtime_end: before.bedtime_end, sleep_analysis_reason: "bedtime_edit", total_sleep_duration: before.total_sleep_duration });
    expect(Date.parse(after.bedtime_start)).toBe(Date.parse(before.bedtime_start) - 15 * MINUTE_MS);
  });

  it("of a workout taken back match what the data doors then say", async () => {
    const visit = await hookVisit();
    const { access_token } = await visit.connect("oura");
    await subscribe(visit, "create", "workout");
    await subscribe(visit, "delete", "workout");
    await visit.sim.control.push("oura", "ana", "workout");
    const [{ object_id }] = eventsOf(visit) as [OuraEvent];
    expect((await visit.get(`${DATA}/workout/${object_id}`, access_token)).json()).toMatchObject({ activity: "walking" });
    await visit.sim.control.push("oura", "ana", "workout_delete");
    expect(eventsOf(visit)[1]).toMatchObject({ event_type: "delete", object_id });
    expect((await visit.get(`${DATA}/workout/${object_id}`, access_token)).statusCode).toBe(404);
    expect((await page(visit, access_token, "workout", days(2))).data.some(({ id }) => id === object_id)).toBe(false);
  });

  it("are tried again up to ten times in about an hour, signed anew, taken with 3xx, and ended by 410", async () => {
    const visit = await hookVisit();
    await subscribe(visit, "create", "sleep");
    await visit.connect("oura");
    visit.receiver.status = 500;
    await visit.sim.control.push("oura", "ana", "sleep");
    for (let minute = 0; minute < 70; minute++) {
      visit.pass(MINUTE_MS);
      await visit.sim.control.tick();
    }
    const tries = visit.sent.filter(({ body }) => body === visit.sent[0]!.body);
    expect(tries.length).toBe(11);
    expect(new Set(tries.map(({ headers }) => headers["x-oura-timestamp"])).size).toBe(11);
    visit.receiver.status = 302;
    expect(await visit.sim.control.push("oura", "ana", "sleep")).toMatchObject([{ status: 302, retryMs: null }]);
    visit.receiver.status = 410;
    expect(await visit.sim.control.push("oura", "ana", "sleep")).toMatchObject([{ status: 410, retryMs: null }]);
    expect((await hook(visit, "GET")).json()).toEqual([]);
  });

  it("say nothing of people who have left or withhold the data, while subscriptions stay", async () => {
    const visit = await hookVisit();
    for (const type of ["sleep", "daily_activity"]) for (const event of ["create", "update"]) await subscribe(visit, event, type);
    await visit.connect("oura", { permissions: ["workout"] });
    await expect(visit.sim.control.push("oura", "ana", "sleep")).rejects.toThrow(RangeError);
    const { access_token } = await visit.connect("oura", { person: "liam" });
    visit.receiver.status = 500;
    await visit.sim.control.push("oura", "liam", "sleep");
    await visit.app.inject({ method: "POST", url: `/sim/oura/oauth/revoke?access_token=${access_token}` });
    visit.sent.length = 0;
    visit.pass(DAY_MS);
    await visit.sim.control.tick();
    expect(visit.sent).toEqual([]);
    expect((await hook(visit, "GET")).json<object[]>().length).toBe(4);
  });

  it("survive a restart, with subscriptions and edits", async () => {
    let kept: string | null = null;
    const store = { read: () => Promise.resolve(kept), write: (text: string) => Promise.resolve(void (kept = text)) };
    const challenge = (text: string): Promise<{ status: number; contentType: string; body: string }> =>
      Promise.resolve({ status: 200, contentType: "application/json", body: JSON.stringify({ challenge: new URL(text).searchParams.get("challenge") }) });
    const first = await visitSim({ store, challenge, clients: { oura: registered("oura") } });
    await subscribe(first, "delete", "sleep");
    const { access_token } = await first.connect("oura");
    await first.sim.control.push("oura", "ana", "bedtime_edit");
    await first.sim.control.tick();
    const second = await visitSim({ store, challenge, clients: { oura: registered("oura") } });
    await second.app.ready();
    expect((await hook(second, "GET")).json<object[]>().length).toBe(1);
    expect(await page(second, access_token, "sleep", days(1))).toEqual(await page(first, access_token, "sleep", days(1)));
  });
});

describe("one person at Oura and Garmin", () => {
  it("has the same night: it ends at the same minute with the same stages, and begins earlier at Oura, which counts lying awake", async () => {
    const visit = await visitSim();
    const garmin = await visit.connect("garmin");
    const { access_token } = await visit.connect("oura");
    const [from, to] = [START_MS - 7 * DAY_MS, START_MS].map((ms) => Math.floor(ms / 1000)) as [number, number];
    await visit.get(`/garmin/wellness-api/rest/backfill/sleeps?summaryStartTimeInSeconds=${from}&summaryEndTimeInSeconds=${to}`, garmin.access_token);
    visit.pass(3_000);
    await visit.sim.control.tick();
    const told = visit.sent.flatMap(({ body }) => (JSON.parse(body) as { sleeps?: Record<string, number | string>[] }).sleeps ?? []);
    const nights = (await all<SleepDoc>(visit, access_token, "sleep", days(6))).filter(({ type }) => type === "long_sleep");
    expect(nights.length).toBe(7);
    for (const night of nights) {
      const same = told.find((one) => one["calendarDate"] === night.day)!;
      expect(night.total_sleep_duration).toBe(same["durationInSeconds"]);
      expect(night.deep_sleep_duration).toBe(same["deepSleepDurationInSeconds"]);
      const garminEnd = Number(same["startTimeInSeconds"]) + Number(same["durationInSeconds"]) + Number(same["awakeDurationInSeconds"]);
      expect(Date.parse(night.bedtime_end) / 1000).toBe(garminEnd);
      expect(Date.parse(night.bedtime_start) / 1000).toBeLessThan(Number(same["startTimeInSeconds"]));
    }
  });
});
