import { createHmac } from "node:crypto";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { describe, expect, it } from "vitest";
import { CALLBACK, client, START_MS, visitSim } from "../testing.ts";
import type { Tokens, Visit } from "../testing.ts";
import { whoopSignature } from "./events.ts";
import { flow } from "./visit.ts";

const API = "/whoop/developer/v2";
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface Timed {
  id: string | number;
  start: string;
  end?: string;
  created_at: string;
  updated_at: string;
  score_state: "SCORED" | "PENDING_SCORE" | "UNSCORABLE";
  timezone_offset: string;
  score?: Record<string, unknown>;
}
interface Sleep extends Timed {
  id: string;
  cycle_id: number;
  v1_id?: number;
  nap: boolean;
  end: string;
  score?: { stage_summary: Record<string, number>; [other: string]: unknown };
}
interface Recovery {
  cycle_id: number;
  sleep_id: string;
  score_state: Timed["score_state"];
  created_at: string;
  score?: Record<string, unknown>;
}
interface Page<T> {
  records: T[];
  next_token?: string | null;
}
interface WhoopEvent {
  user_id: number;
  id: string;
  type: string;
  trace_id: string;
}

async function page<T = Timed>(visit: Visit, token: string, path: string, query: Record<string, string> = {}): Promise<Page<T>> {
  const answer = await visit.get(`${API}/${path}?${new URLSearchParams(query).toString()}`, token);
  if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}: ${answer.body}`);
  return answer.json<Page<T>>();
}

async function all<T = Timed>(visit: Visit, token: string, path: string, days: number): Promise<T[]> {
  const query = { limit: "25", start: new Date(START_MS - days * DAY_MS).toISOString(), end: new Date(START_MS).toISOString() };
  const found: T[] = [];
  for (let next: string | null | undefined = ""; ; ) {
    const one: Page<T> = await page<T>(visit, token, path, next ? { ...query, nextToken: next } : query);
    found.push(...one.records);
    next = one.next_token;
    if (!next) return found;
  }
}

const roomy = (switches: Record<string, string> = {}): Promise<Visit> => visitSim({ switches: { whoop: { callsPerMinute: "100000", callsPerDay: "100000", ...switches } } });

const eventsOf = (visit: Visit): WhoopEvent[] => visit.sent.map((push) => JSON.parse(push.body) as WhoopEvent);

async function letPass(visit: Visit, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5 * MINUTE_MS) {
    visit.pass(5 * MINUTE_MS);
    await visit.sim.control.tick();
  }
}

describe("WHOOP's consent and tokens", () => {
  it("want a state of eight characters at least, or of eight exactly where the switch says so", async () => {
    const visit = await visitSim();
    const errorOf = async (state: string): Promise<string | null> => (await visit.consent("whoop", { query: { state } })).searchParams.get("error");
    expect([await errorOf("short"), await errorOf("12345678"), await errorOf("123456789")]).toEqual(["invalid_state", null, null]);
    visit.sim.control.turn("whoop", "state", "exactly 8");
    expect([await errorOf("12345678"), await errorOf("123456789")]).toEqual([null, "invalid_state"]);
    const elsewhere = await visit.get("/whoop/oauth/oauth2/auth?client_id=whoop-id&redirect_uri=http://evil.example/&state=short&response_type=code");
    expect(elsewhere.statusCode).toBe(400);
  });

  it("bring a refresh token only to those who ask for offline", async () => {
    const visit = await visitSim();
    expect(await visit.connect("whoop")).toMatchObject({ expires_in: 3600, token_type: "bearer", scope: "offline read:recovery read:cycles read:workout read:sleep read:profile read:body_measurement" });
    const bare = await visit.connect("whoop", { query: { scope: flow.permissions.join(" ") } });
    expect(bare).not.toHaveProperty("refresh_token");
  });

  const refresh = (visit: Visit, { refresh_token }: Tokens, fields: Record<string, string> = { scope: "offline" }): ReturnType<Visit["form"]> =>
    visit.form("/whoop/oauth/oauth2/token", { ...client("whoop"), grant_type: "refresh_token", refresh_token, ...fields });

  it("are both replaced by a refresh, and both dead after it", async () => {
    const visit = await visitSim();
    const first = await visit.connect("whoop");
    const second = (await refresh(visit, first)).json<Tokens>();
    expect((await visit.get(`${API}/user/profile/basic`, first.access_token)).statusCode).toBe(401);
    expect((await visit.get(`${API}/user/profile/basic`, second.access_token)).statusCode).toBe(200);
    const again = await refresh(visit, first);
    expect([again.statusCode, again.json()]).toMatchObject([400, { error: "invalid_grant" }]);
  });

  it("are refreshed only by those who say offline again", async () => {
    const visit = await visitSim();
    const tokens = await visit.connect("whoop");
    const refused = await refresh(visit, tokens, {});
    expect([refused.statusCode, refused.json()]).toMatchObject([400, { error: "invalid_request" }]);
    visit.sim.control.turn("whoop", "refreshWithoutOffline", "brings no refresh token");
    const last = await refresh(visit, tokens, {});
    expect(last.statusCode).toBe(200);
    expect(last.json()).not.toHaveProperty("refresh_token");
  });

  it("want the client in the body, not by Basic", async () => {
    const visit = await visitSim();
    const code = (await visit.consent("whoop")).searchParams.get("code")!;
    const fields = { grant_type: "authorization_code", code, redirect_uri: CALLBACK };
    const byBasic = await visit.app.inject({
      method: "POST", url: "/sim/whoop/oauth/oauth2/token", payload: new URLSearchParams(fields).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded", authorization: `Basic ${Buffer.from("whoop-id:whoop-secret").toString("base64")}` },
    });
    expect(byBasic.statusCode).toBe(401);
    expect((await visit.form("/whoop/oauth/oauth2/token", { ...client("whoop"), ...fields })).statusCode).toBe(200);
  });

  it("end with DELETE of the access, and nothing is told afterwards", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("whoop");
    visit.receiver.status = 500;
    await visit.sim.control.push("whoop", "ana", "sleep.updated");
    const answer = await visit.app.inject({ method: "DELETE", url: `/sim${API}/user/access`, headers: { authorization: `Bearer ${access_token}` } });
    expect([answer.statusCode, answer.body]).toEqual([204, ""]);
    expect((await visit.get(`${API}/cycle`, access_token)).statusCode).toBe(401);
    visit.sent.length = 0;
    await letPass(visit, DAY_MS);
    expect(visit.sent).toEqual([]);
  });
});

describe("WHOOP's lists", () => {
  it.each([["cycle", undefined], ["recovery", null], ["activity/sleep", ""], ["activity/workout", undefined]])(
    "of %s are paged newest first, ten a page unless asked, 25 at most, and end in their own way", async (path, end) => {
      const visit = await roomy();
      const { access_token } = await visit.connect("whoop", { person: "liam" });
      const query = { start: new Date(START_MS - 60 * DAY_MS).toISOString() };
      const first = await page(visit, access_token, path, query);
      expect(first.records.length).toBe(10);
      const found: (Timed | Recovery)[] = [...first.records];
      let last: Page<Timed> = first;
      while (last.next_token) {
        last = await page(visit, access_token, path, { ...query, nextToken: last.next_token });
        found.push(...last.records);
      }
      expect(last.next_token).toBe(end);
      const starts = found.map((one) => Date.parse("start" in one ? one.start : one.created_at));
      expect(starts).toEqual(starts.toSorted((one, other) => other - one));
      expect(new Set(found.map((one) => JSON.stringify(one))).size).toBe(found.length);
      expect(await all(visit, access_token, path, 60)).toEqual(found);
      for (const bad of ["limit=26", "limit=0", "start=yesterday", "nextToken=nonsense"]) {
        expect((await visit.get(`${API}/${path}?${bad}`, access_token)).statusCode, bad).toBe(400);
      }
    },
  );

  it("take the start in and leave the end out, up to now unless said", async () => {
    const visit = await roomy();
    const { access_token } = await visit.connect("whoop");
    const [newest, next] = (await page(visit, access_token, "cycle")).records as [Timed, Timed];
    expect((await page(visit, access_token, "cycle", { start: next.start })).records).toEqual([newest, next]);
    expect((await page(visit, access_token, "cycle", { start: next.start, end: newest.start })).records).toEqual([next]);
    expect(Date.parse(newest.start)).toBeLessThan(START_MS);
  });

  it("are closed one by one where the scope is missing", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("whoop", { permissions: ["read:cycles"] });
    const status = async (path: string): Promise<number> => (await visit.get(`${API}/${path}`, access_token)).statusCode;
    const paths = ["cycle", "recovery", "activity/sleep", "activity/workout", "user/profile/basic", "user/measurement/body"];
    expect(await Promise.all(paths.map(status))).toEqual([200, 403, 403, 403, 403, 403]);
  });

  it("know no recovery by an id of its own, nor version 1", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("whoop");
    const [{ sleep_id }] = (await page<Recovery>(visit, access_token, "recovery")).records as [Recovery];
    for (const path of [`/whoop/developer/v2/recovery/${sleep_id}`, "/whoop/developer/v1/cycle", "/whoop/developer/v1/activity/sleep"]) {
      expect((await visit.get(path, access_token)).statusCode, path).toBe(404);
    }
  });
});

describe("WHOOP's records", () => {
  it("hang together: a cycle runs from sleep to sleep, and its sleep and recovery are found by it", async () => {
    const visit = await roomy();
    for (const person of ["ana", "aroha"]) {
      const { access_token } = await visit.connect("whoop", { person });
      const [running, ...over] = await all(visit, access_token, "cycle", 30);
      expect(running).not.toHaveProperty("end");
      const cycles = [running!, ...over];
      for (const [index, cycle] of over.entries()) expect(cycle.end).toBe(cycles[index]!.start);
      const sleeps = await all<Sleep>(visit, access_token, "activity/sleep", 30);
      for (const sleep of sleeps.filter(({ nap }) => !nap)) {
        const cycle = (await visit.get(`${API}/cycle/${sleep.cycle_id}`, access_token)).json<Timed>();
        expect(cycle.start).toBe(sleep.start);
        expect((await visit.get(`${API}/cycle/${sleep.cycle_id}/sleep`, access_token)).json()).toEqual(sleep);
        expect((await visit.get(`${API}/activity/sleep/${sleep.id}`, access_token)).json()).toEqual(sleep);
        expect(sleep.id).toMatch(UUID);
      }
      for (const recovery of await all<Recovery>(visit, access_token, "recovery", 30)) {
        expect((await visit.get(`${API}/cycle/${recovery.cycle_id}/recovery`, access_token)).json()).toEqual(recovery);
        expect(sleeps.find(({ id }) => id === recovery.sleep_id)?.cycle_id).toBe(recovery.cycle_id);
      }
    }
  });

  it("of one person are 404 to another, as are mornings without a recovery and people without measurements", async () => {
    const visit = await roomy();
    const ana = await visit.connect("whoop");
    const priya = await visit.connect("whoop", { person: "priya" });
    const [cycle] = (await page(visit, ana.access_token, "cycle")).records;
    expect((await visit.get(`${API}/cycle/${cycle!.id}`, priya.access_token)).statusCode).toBe(404);
    expect((await visit.get(`${API}/user/measurement/body`, priya.access_token)).statusCode).toBe(404);
    expect(Object.keys((await visit.get(`${API}/user/measurement/body`, ana.access_token)).json()).toSorted()).toEqual(["height_meter", "max_heart_rate", "weight_kilogram"]);
    const cycles = await all(visit, ana.access_token, "cycle", 120);
    const statuses = await Promise.all(cycles.map(async ({ id }) => (await visit.get(`${API}/cycle/${id}/recovery`, ana.access_token)).statusCode));
    expect(new Set(statuses)).toEqual(new Set([200, 404]));
    expect(statuses.filter((status) => status === 404).length).toBeLessThan(20);
  });

  it("of sleep add up to the time in bed, in milliseconds", async () => {
    const visit = await roomy();
    for (const person of PEOPLE) {
      const { access_token } = await visit.connect("whoop", { person });
      for (const { score, start, end } of await all<Sleep>(visit, access_token, "activity/sleep", 40)) {
        if (!score) continue;
        const { total_in_bed_time_milli: inBed = 0, ...parts } = score.stage_summary;
        const times = Object.entries(parts).filter(([name]) => name.endsWith("_time_milli")).map(([, ms]) => ms);
        expect(inBed).toBe(Date.parse(end) - Date.parse(start));
        expect(times.reduce((sum, ms) => sum + ms, 0)).toBe(inBed);
        expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it("wait for their score, get it, or never do; only scored ones have one", async () => {
    const visit = await roomy();
    const { access_token } = await visit.connect("whoop");
    const states = new Set<string>();
    for (const path of ["cycle", "recovery", "activity/sleep", "activity/workout"]) {
      for (const record of await all(visit, access_token, path, 120)) {
        states.add(record.score_state);
        expect("score" in record).toBe(record.score_state === "SCORED");
      }
    }
    expect(states).toEqual(new Set(["SCORED", "UNSCORABLE"]));
    for (let minute = 0; minute < DAY_MS / MINUTE_MS && !states.has("PENDING_SCORE"); minute += 3) {
      visit.pass(3 * MINUTE_MS);
      const { access_token: later } = await visit.connect("whoop");
      const [sleep] = (await page(visit, later, "activity/sleep", { limit: "1" })).records;
      states.add(sleep!.score_state);
      if (sleep!.score_state === "PENDING_SCORE") expect(sleep!.updated_at).toBe(sleep!.created_at);
    }
    expect(states.has("PENDING_SCORE")).toBe(true);
  });

  it("have numbers of version 1 until September 2025, which lead to the UUIDs of today", async () => {
    const visit = await roomy();
    const { access_token } = await visit.connect("whoop");
    const around = { start: "2025-08-20T00:00:00Z", end: "2025-09-10T00:00:00Z", limit: "25" };
    for (const path of ["activity/sleep", "activity/workout"]) {
      const records = (await page<Sleep & { sport_id?: number }>(visit, access_token, path, around)).records;
      const former = records.filter(({ created_at }) => created_at < "2025-09-01");
      expect(former.length).toBeGreaterThan(2);
      expect(former.length).toBeLessThan(records.length);
      for (const { created_at, v1_id, sport_id, id } of records) {
        expect(v1_id !== undefined).toBe(created_at < "2025-09-01");
        if (path === "activity/workout") expect(sport_id !== undefined).toBe(v1_id !== undefined);
        if (v1_id === undefined) continue;
        expect((await visit.get(`/whoop/developer/v1/activity-mapping/${v1_id}`, access_token)).json()).toEqual({ v2_activity_id: id });
      }
    }
    expect((await visit.get("/whoop/developer/v1/activity-mapping/7", access_token)).statusCode).toBe(404);
  });

  it("write the offset as Z at Greenwich and with a sign elsewhere, and leave out what a band does not measure", async () => {
    const visit = await roomy();
    const offsets = new Map<string, string>();
    for (const person of PEOPLE) {
      const { access_token } = await visit.connect("whoop", { person });
      offsets.set(person, (await page(visit, access_token, "cycle", { limit: "1" })).records[0]!.timezone_offset);
      const scored = (await all<Recovery>(visit, access_token, "recovery", 40)).flatMap(({ score }) => (score ? [score] : []));
      expect(scored.some((score) => "skin_temp_celsius" in score)).toBe(person !== "tomas");
    }
    expect(Object.fromEntries(offsets)).toMatchObject({ ana: "+01:00", liam: "Z", grace: "-05:00", priya: "+05:30", aroha: "+13:00" });
  });

  it("of workouts tell zones that fill them and ways only where there are any", async () => {
    const visit = await roomy();
    const names = new Set<unknown>();
    for (const person of PEOPLE) {
      const { access_token } = await visit.connect("whoop", { person });
      for (const workout of await all<Timed & { sport_name: string }>(visit, access_token, "activity/workout", 60)) {
        names.add(workout.sport_name);
        if (!workout.score) continue;
        const zones = Object.values(workout.score["zone_durations"] as Record<string, number>);
        expect(zones.length).toBe(6);
        expect(zones.reduce((sum, ms) => sum + ms, 0)).toBe(Date.parse(workout.end!) - Date.parse(workout.start));
        if (workout.sport_name === "yoga") expect(workout.score).not.toHaveProperty("distance_meter");
        expect(workout.score["strain"]).toBeLessThanOrEqual(21);
      }
    }
    expect(names).toContain("running");
    expect(names).toContain("hiking/rucking");
  });
});

describe("WHOOP's limits", () => {
  it("count all people together, say so in headers, and give no Retry-After", async () => {
    const visit = await visitSim({ switches: { whoop: { callsPerMinute: "3" } } });
    const tokens = [await visit.connect("whoop"), await visit.connect("whoop", { person: "liam" })];
    const call = (index: number): ReturnType<Visit["get"]> => visit.get(`${API}/user/profile/basic`, tokens[index % 2]!.access_token);
    expect((await call(0)).headers).toMatchObject({ "x-ratelimit-limit": "3, 3;window=60, 10000;window=86400", "x-ratelimit-remaining": "2", "x-ratelimit-reset": "60" });
    await call(1);
    visit.pass(20_000);
    expect((await call(0)).statusCode).toBe(200);
    const over = await call(1);
    expect([over.statusCode, over.headers["x-ratelimit-remaining"], over.headers["x-ratelimit-reset"], over.headers["retry-after"]]).toEqual([429, "0", "40", undefined]);
    visit.pass(40_000);
    expect((await call(1)).statusCode).toBe(200);
  });

  it("hold for the day, too", async () => {
    const visit = await visitSim({ switches: { whoop: { callsPerDay: "1" } } });
    const { access_token } = await visit.connect("whoop");
    await visit.get(`${API}/cycle`, access_token);
    const over = await visit.get(`${API}/cycle`, access_token);
    expect([over.statusCode, Number(over.headers["x-ratelimit-reset"])]).toEqual([429, (DAY_MS - (START_MS % DAY_MS)) / 1000]);
  });
});

describe("WHOOP's events", () => {
  it("are signed by the construction of the facts' test vector", () => {
    const body = '{"user_id":10129,"id":"550e8400-e29b-41d4-a716-446655440000","type":"recovery.updated","trace_id":"d3709ee7-104e-4f70-a928-2932964b017b"}';
    expect(whoopSignature("test_secret", "1795071672000", body)).toBe("WyMKEFxJQS1PL5RVe5VXb6ePOQPXvvKfDmbKQxw38p0=");
  });

  it("carry the time in milliseconds and a signature over the bytes sent, to the address of the dashboard", async () => {
    const visit = await visitSim();
    await visit.connect("whoop");
    await visit.sim.control.push("whoop", "ana", "sleep.updated");
    const [{ headers, body, url }] = visit.sent as [Visit["sent"][number]];
    expect(url).toBe("http://127.0.0.1:3000/webhooks/whoop");
    expect(headers["x-whoop-signature-timestamp"]).toBe(String(START_MS));
    expect(headers["x-whoop-signature"]).toBe(createHmac("sha256", "whoop-secret").update(String(START_MS) + body).digest("base64"));
  });

  it("name what can be fetched, a recovery by its sleep, of the user that the profile names", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("whoop");
    const { user_id } = (await visit.get(`${API}/user/profile/basic`, access_token)).json<{ user_id: number }>();
    for (const what of ["workout.updated", "sleep.updated", "recovery.updated"]) await visit.sim.control.push("whoop", "ana", what);
    const [workout, sleep, recovery] = eventsOf(visit) as [WhoopEvent, WhoopEvent, WhoopEvent];
    for (const event of [workout, sleep, recovery]) expect(event).toMatchObject({ user_id, id: expect.stringMatching(UUID) as string, trace_id: expect.stringMatching(UUID) as string });
    expect((await visit.get(`${API}/activity/workout/${workout.id}`, access_token)).json()).toMatchObject({ sport_name: "walking", score_state: "SCORED" });
    const night = (await visit.get(`${API}/activity/sleep/${recovery.id}`, access_token)).json<Sleep>();
    expect(night.nap).toBe(false);
    expect((await visit.get(`${API}/cycle/${night.cycle_id}/recovery`, access_token)).json()).toMatchObject({ sleep_id: recovery.id });
    expect(visit.sim.control.people()[0]!.facts["whoop"]).toEqual({ userId: user_id });
  });

  it("of deletions match what the data doors then say; a night takes its recovery along", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("whoop");
    const [recovery] = (await page<Recovery>(visit, access_token, "recovery")).records;
    await visit.sim.control.push("whoop", "ana", "recovery.deleted");
    expect((await visit.get(`${API}/cycle/${recovery!.cycle_id}/recovery`, access_token)).statusCode).toBe(404);
    expect((await visit.get(`${API}/cycle/${recovery!.cycle_id}/sleep`, access_token)).statusCode).toBe(200);
    await visit.sim.control.push("whoop", "ana", "sleep.deleted");
    await visit.sim.control.push("whoop", "ana", "workout.deleted");
    const events = eventsOf(visit);
    expect(events.map(({ type }) => type)).toEqual(["recovery.deleted", "sleep.deleted", "recovery.deleted", "workout.deleted"]);
    for (const path of [`activity/sleep/${events[1]!.id}`, `activity/workout/${events[3]!.id}`, `cycle/${recovery!.cycle_id}/sleep`]) {
      expect((await visit.get(`${API}/${path}`, access_token)).statusCode).toBe(404);
    }
    expect((await visit.get(`${API}/cycle/${recovery!.cycle_id}`, access_token)).statusCode).toBe(200);
  });

  it("tell of the morning after the connection, and of new nights twice: when they come, and with their score", async () => {
    const visit = await visitSim();
    await visit.connect("whoop", { person: "liam" });
    visit.pass(21_000);
    await visit.sim.control.tick();
    expect(eventsOf(visit).map(({ type }) => type)).toEqual(["sleep.updated", "recovery.updated"]);
    visit.sent.length = 0;
    await letPass(visit, 7 * DAY_MS);
    const events = eventsOf(visit);
    const times = new Map<string, number>();
    for (const { type, id } of events) times.set(`${type} ${id}`, (times.get(`${type} ${id}`) ?? 0) + 1);
    expect([...times.keys()].filter((key) => key.startsWith("sleep")).length).toBeGreaterThanOrEqual(7);
    expect([...times.keys()].filter((key) => key.startsWith("workout")).length).toBeGreaterThan(0);
    expect(Math.max(...times.values())).toBe(2);
    expect(new Set(events.map(({ trace_id }) => trace_id)).size).toBe(events.length);
  });

  it("are tried five more times in about an hour, signed anew or as at first", async () => {
    for (const [signRetries, stamps] of [["anew", 6], ["once", 1]] as const) {
      const visit = await visitSim({ switches: { whoop: { signRetries } } });
      await visit.connect("whoop");
      visit.receiver.status = 503;
      await visit.sim.control.push("whoop", "ana", "sleep.updated");
      const [{ body }] = visit.sent as [Visit["sent"][number]];
      for (let minute = 0; minute < 90; minute++) {
        visit.pass(MINUTE_MS);
        await visit.sim.control.tick();
      }
      const tries = visit.sent.filter((push) => push.body === body);
      expect(tries.length).toBe(6);
      expect(new Set(tries.map(({ headers }) => headers["x-whoop-signature-timestamp"])).size).toBe(stamps);
    }
  });

  it("come twice or get lost as the switch will, a copy under the same trace", async () => {
    const visit = await visitSim({ switches: { whoop: { copies: "2" } } });
    await visit.connect("whoop");
    await visit.sim.control.push("whoop", "ana", "sleep.updated");
    expect(eventsOf(visit).length).toBe(2);
    expect(eventsOf(visit)[0]).toEqual(eventsOf(visit)[1]);
    visit.sim.control.turn("whoop", "copies", "0");
    expect(await visit.sim.control.push("whoop", "ana", "sleep.updated")).toEqual([]);
  });

  it("say nothing of what is withheld", async () => {
    const visit = await visitSim();
    await visit.connect("whoop", { permissions: ["read:cycles", "read:sleep"] });
    await expect(visit.sim.control.push("whoop", "ana", "recovery.updated")).rejects.toThrow(RangeError);
    await letPass(visit, DAY_MS);
    expect(new Set(eventsOf(visit).map(({ type }) => type))).toEqual(new Set(["sleep.updated"]));
  });
});

describe("one person at WHOOP, Oura and Strava", () => {
  it("has the same night, the same stages of it, and the same run", async () => {
    const visit = await roomy();
    const whoop = await visit.connect("whoop", { person: "liam" });
    const oura = await visit.connect("oura", { person: "liam" });
    const strava = await visit.connect("strava", { person: "liam" });
    const start = new Date(START_MS - 10 * DAY_MS).toISOString();
    const nights = (await all<Sleep>(visit, whoop.access_token, "activity/sleep", 10)).filter(({ nap, score }) => !nap && score);
    const rings = (await visit.get(`/oura/v2/usercollection/sleep?start_date=${start.slice(0, 10)}&end_date=2026-11-21`, oura.access_token))
      .json<{ data: { type: string; bedtime_end: string; deep_sleep_duration: number }[] }>().data.filter(({ type }) => type === "long_sleep");
    expect(nights.length).toBeGreaterThan(7);
    for (const { end, score } of nights) {
      const same = rings.find(({ bedtime_end }) => Date.parse(bedtime_end) === Date.parse(end));
      expect(same?.deep_sleep_duration).toBe(score!.stage_summary["total_slow_wave_sleep_time_milli"]! / 1000);
    }
    const runs = (await all<Timed & { sport_name: string }>(visit, whoop.access_token, "activity/workout", 30)).filter(({ sport_name }) => sport_name === "running");
    const activities = (await visit.get(`/strava/api/v3/athlete/activities?after=${Math.floor(START_MS / 1000) - 31 * 86_400}&per_page=100`, strava.access_token))
      .json<{ start_date: string; distance: number; max_heartrate: number; sport_type: string }[]>();
    expect(runs.length).toBeGreaterThan(1);
    for (const { start: startText, score } of runs.filter((run) => run.score)) {
      const same = activities.find(({ start_date }) => Date.parse(start_date) === Date.parse(startText));
      expect([same?.distance, same?.max_heartrate]).toEqual([score!["distance_meter"], score!["max_heart_rate"]]);
    }
  });

  it("has a cycle that grows with the day", async () => {
    const visit = await roomy();
    const { access_token } = await visit.connect("whoop", { person: "liam" });
    const running = async (): Promise<Record<string, number>> => (await page(visit, access_token, "cycle", { limit: "1" })).records[0]!.score as Record<string, number>;
    const before = await running();
    visit.pass(HOUR_MS / 2);
    const after = await running();
    expect(after["kilojoule"]).toBeGreaterThan(before["kilojoule"]!);
    expect(after["strain"]).toBeGreaterThanOrEqual(before["strain"]!);
  });
});
