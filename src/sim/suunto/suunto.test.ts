import { createHmac } from "node:crypto";
import { DAY_MS, HOUR_MS, MINUTE_MS, offsetMinutesAt, parseInstant } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import type { SimOptions } from "../options.ts";
import { hmacOf } from "../signing.ts";
import { CALLBACK, client, START_MS, visitSim } from "../testing.ts";
import type { Tokens, Visit } from "../testing.ts";

const HOOK = "http://127.0.0.1:3000/webhooks/suunto";
const BASIC = `Basic ${Buffer.from("suunto-id:suunto-secret").toString("base64")}`;
/** As the simulator makes them where an application is registered without any. */
const KEY = "suunto-secret-subscription_key";
const NOTIFICATION_SECRET = "suunto-secret-notification_secret";
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];
const KINDS = ["sleep", "activity", "recovery"] as const;

type Json = Record<string, unknown>;
interface Told<T = Record<string, number | null>> {
  readonly timestamp: string;
  readonly entryData: T;
}
interface Sleep {
  readonly SleepId: number;
  readonly BedtimeStart: string;
  readonly BedtimeEnd: string;
  readonly Duration: number;
  readonly DeepSleepDuration: number;
  readonly LightSleepDuration: number;
  readonly REMSleepDuration: number;
  readonly SleepOnsetLatencyDuration: number;
  readonly WakeAfterSleepOnsetDuration: number;
  readonly HRAvg: number;
  readonly AvgHRV?: number;
  readonly MaxSpo2?: number;
  readonly SleepQualityScore?: number | null;
  readonly IsNap: boolean;
}
interface Workout {
  readonly workoutKey: string;
  readonly activityId: number;
  readonly startTime: number;
  readonly stopTime: number;
  readonly totalTime: number;
  readonly totalDistance: number;
  readonly energyConsumption: number;
  readonly stepCount: number;
  readonly hrdata: Record<string, number> | null;
  readonly cadence: { readonly avg: number };
  readonly timeOffsetInMinutes: number;
  readonly startPosition?: { readonly x: number; readonly y: number };
  readonly isManuallyAdded: boolean;
}
interface Listed {
  readonly error: Json | null;
  readonly payload: Workout[];
}
interface Notice {
  readonly type: string;
  readonly username: string;
  readonly samples?: Told[];
  readonly workout?: Workout;
}

const sim = (suunto: Record<string, string>): Partial<SimOptions> => ({ switches: { suunto } });

function tokenDoor(visit: Visit, fields: Record<string, string>, authorization = BASIC): Promise<LightMyRequestResponse> {
  const headers = { "content-type": "application/x-www-form-urlencoded", ...(authorization === "" ? {} : { authorization }) };
  return visit.app.inject({ method: "POST", url: "/sim/suunto/oauth/token", headers, payload: new URLSearchParams(fields).toString() });
}

async function join(visit: Visit, person = "ana"): Promise<Tokens> {
  const code = (await visit.consent("suunto", { person })).searchParams.get("code")!;
  const answer = await tokenDoor(visit, { grant_type: "authorization_code", code, redirect_uri: CALLBACK });
  expect(answer.statusCode).toBe(200);
  return answer.json<Tokens>();
}

function ask(visit: Visit, token: string, path: string, query: Record<string, string | number> = {}): Promise<LightMyRequestResponse> {
  const search = new URLSearchParams(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))).toString();
  return visit.app.inject({ url: `/sim/suunto${path}?${search}`, headers: { authorization: `Bearer ${token}`, "ocp-apim-subscription-key": KEY } });
}

const entries = async <T = Record<string, number | null>>(visit: Visit, { access_token: token }: Tokens, kind: string, days = 28): Promise<Told<T>[]> =>
  (await ask(visit, token, `/247samples/${kind}`, { from: visit.now() - days * DAY_MS, to: visit.now() })).json<Told<T>[]>();
const list = async (visit: Visit, { access_token: token }: Tokens, query: Record<string, string | number> = {}): Promise<Workout[]> =>
  (await ask(visit, token, "/v3/workouts", query)).json<Listed>().payload;
const msOf = (stamp: string): number => parseInstant(stamp)!.ms;
const notices = (visit: Visit): Notice[] => visit.sent.splice(0).map(({ body }) => JSON.parse(body) as Notice);

describe("Suunto's tokens", () => {
  it("are JWTs that name the person, for a client that proves itself by Basic, and live a day", async () => {
    const visit = await visitSim();
    const tokens = await join(visit);
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 86_400, scope: "workout", user: expect.stringMatching(/^ana\d{4}$/) as string });
    const claims = JSON.parse(Buffer.from(tokens.access_token.split(".")[1]!, "base64url").toString("utf8")) as Json;
    expect(claims["user"]).toBe(tokens["user"]);
    expect(claims["sub"]).not.toBe(tokens["user"]);
    visit.sim.control.turn("suunto", "tokenAnswer", "leaves it to the token");
    expect(await join(visit)).not.toHaveProperty("user");
    const code = (await visit.consent("suunto", { query: { scope: "workout" } })).searchParams.get("code")!;
    for (const wrong of ["", `Basic ${Buffer.from("suunto-id:wrong").toString("base64")}`]) {
      expect((await tokenDoor(visit, { ...client("suunto"), grant_type: "authorization_code", code, redirect_uri: CALLBACK }, wrong)).statusCode).toBe(401);
    }
    expect((await tokenDoor(visit, { grant_type: "authorization_code", code, redirect_uri: CALLBACK })).statusCode).toBe(200);
    expect((await tokenDoor(visit, { grant_type: "authorization_code", code, redirect_uri: CALLBACK })).json()).toMatchObject({ error: "invalid_grant" });
    const stale = (await visit.consent("suunto")).searchParams.get("code")!;
    visit.pass(600_000);
    expect((await tokenDoor(visit, { grant_type: "authorization_code", code: stale, redirect_uri: CALLBACK })).statusCode).toBe(400);
  });

  it("are led nowhere but to the registered address, bring the state back, and can be refused", async () => {
    const visit = await visitSim();
    const query = { client_id: "suunto-id", redirect_uri: CALLBACK, response_type: "code", state: "s" };
    for (const wrong of [{ client_id: "x" }, { redirect_uri: "http://evil.example/" }]) {
      expect((await visit.get(`/suunto/oauth/authorize?${new URLSearchParams({ ...query, ...wrong }).toString()}`)).statusCode).toBe(400);
    }
    const denied = await visit.form("/suunto/oauth/authorize", { ...query, person: "ana", decision: "deny" });
    expect(new URL(String(denied.headers.location)).search).toBe("?error=access_denied&state=s");
    expect((await visit.consent("suunto")).searchParams.get("state")).toBe("st&te");
    expect((await visit.consent("suunto", { query: { scope: "everything" } })).searchParams.get("error")).toBe("invalid_scope");
  });

  it("rotate: the former refresh token stops working once used", async () => {
    const visit = await visitSim();
    const first = await join(visit);
    const refresh = (refresh_token: string): Promise<LightMyRequestResponse> => tokenDoor(visit, { grant_type: "refresh_token", refresh_token });
    const second = (await refresh(first.refresh_token)).json<Tokens>();
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await refresh(first.refresh_token)).json()).toMatchObject({ error: "invalid_grant" });
    expect((await refresh(second.refresh_token)).statusCode).toBe(200);
    visit.pass(DAY_MS);
    expect((await ask(visit, second.access_token, "/v3/workouts")).statusCode).toBe(401);
    visit.sim.control.turn("suunto", "deadToken", "403");
    expect((await ask(visit, second.access_token, "/v3/workouts")).statusCode).toBe(403);
    const strava = await visit.connect("strava");
    expect((await ask(visit, strava.access_token, "/v3/workouts")).statusCode).toBe(403);
  });

  it("end by a GET with the token and the client's id, and nothing waits for the person afterwards", async () => {
    const visit = await visitSim();
    const { access_token: token, refresh_token } = await join(visit);
    expect((await ask(visit, token, "/oauth/deauthorize", { client_id: "other" })).statusCode).toBe(401);
    expect((await ask(visit, token, "/oauth/deauthorize", { client_id: "suunto-id" })).statusCode).toBe(200);
    expect((await ask(visit, token, "/v3/workouts")).statusCode).toBe(401);
    expect((await tokenDoor(visit, { grant_type: "refresh_token", refresh_token })).json()).toMatchObject({ error: "invalid_grant" });
    expect((await ask(visit, token, "/oauth/deauthorize", { client_id: "suunto-id" })).statusCode).toBe(401);
    visit.pass(2 * DAY_MS);
    expect(await visit.sim.control.tick()).toEqual([]);
    expect(JSON.stringify(visit.sim.control.received("suunto"))).not.toContain(token);
  });
});

describe("Suunto's gateway", () => {
  it("wants the subscription's key beside the token, and says so in its own words", async () => {
    const visit = await visitSim();
    const { access_token: token } = await join(visit);
    const askBy = (key: Record<string, string>) => visit.app.inject({ url: "/sim/suunto/v3/workouts", headers: { authorization: `Bearer ${token}`, ...key } });
    const missing = await askBy({});
    expect([missing.statusCode, missing.json<Json>()["message"]]).toEqual([401, expect.stringContaining("missing subscription key")]);
    expect((await askBy({ "ocp-apim-subscription-key": "wrong" })).json()).toMatchObject({ statusCode: 401, message: expect.stringContaining("invalid subscription key") as string });
    expect((await askBy({ "ocp-apim-subscription-key": KEY })).statusCode).toBe(200);
    expect(JSON.stringify(visit.sim.control.received("suunto"))).not.toContain(KEY);
  });

  it("refuses too many calls until the minute is over, as a rate or as a quota", async () => {
    const visit = await visitSim(sim({ callsPerMinute: "2" }));
    const { access_token: token } = await join(visit);
    const get = (): Promise<LightMyRequestResponse> => ask(visit, token, "/v3/workouts");
    const statuses = [await get(), await get(), await get()].map(({ statusCode }) => statusCode);
    expect(statuses).toEqual([200, 200, 429]);
    expect(Number((await get()).headers["retry-after"])).toBeGreaterThan(0);
    visit.sim.control.turn("suunto", "overLimit", "403");
    expect((await get()).json()).toMatchObject({ statusCode: 403, message: expect.stringMatching(/^Out of call volume quota\. Quota will be replenished in 00:0\d:\d\d\.$/) as string });
    visit.pass(MINUTE_MS);
    expect((await get()).statusCode).toBe(200);
  });

  it("knows no range longer than 28 days, none that ends before it begins, and no odd bounds", async () => {
    const visit = await visitSim();
    const { access_token: token } = await join(visit);
    const status = async (from: number | string, to: number | string): Promise<number> => (await ask(visit, token, "/247samples/recovery", { from, to })).statusCode;
    const nowMs = visit.now();
    expect([await status(nowMs - 28 * DAY_MS, nowMs), await status(nowMs - 28 * DAY_MS - 1, nowMs), await status(nowMs, nowMs - 1), await status("yesterday", nowMs), await status("", "")]).toEqual([200, 400, 400, 400, 400]);
    expect((await ask(visit, token, "/v3/workouts", { limit: -1 })).statusCode).toBe(400);
    expect((await ask(visit, token, "/247samples/daily-activity-statistics", { startdate: "soon", enddate: "later" })).statusCode).toBe(400);
  });
});

describe("Suunto's 24/7 data", () => {
  it("tells everybody's nights and naps with an offset, in seconds that add up, and nothing from the future", async () => {
    const visit = await visitSim();
    let [naps, unscored] = [0, 0];
    for (const person of PEOPLE) {
      const tokens = await join(visit, person);
      const sleeps = await entries<Sleep>(visit, tokens, "sleep");
      expect(sleeps.length, person).toBeGreaterThan(22);
      expect(new Set(sleeps.map(({ entryData }) => entryData.SleepId)).size).toBe(sleeps.length);
      for (const { timestamp, entryData: sleep } of sleeps) {
        expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
        expect(msOf(timestamp)).toBeLessThanOrEqual(START_MS);
        const staged = sleep.DeepSleepDuration + sleep.LightSleepDuration + sleep.REMSleepDuration;
        if (sleep.IsNap) naps += 1;
        if (sleep.IsNap) expect(staged).toBe(0);
        else {
          expect(sleep.Duration).toBe(staged);
          const inBedS = (msOf(sleep.BedtimeEnd) - msOf(sleep.BedtimeStart)) / 1000;
          expect(staged + sleep.SleepOnsetLatencyDuration + sleep.WakeAfterSleepOnsetDuration).toBe(inBedS);
          expect(sleep.HRAvg).toBeGreaterThan(35);
          if (sleep.MaxSpo2 !== undefined) expect(sleep.MaxSpo2 > 0.8 && sleep.MaxSpo2 <= 1).toBe(true);
          if (sleep.SleepQualityScore === null) unscored += 1;
        }
      }
    }
    expect([naps > 2, unscored > 2]).toEqual([true, true]);
  });

  it("gives ten minutes of activity in joules, shares and beats, with zeros where nothing was measured, and half hours of recovery", async () => {
    const visit = await visitSim();
    const tokens = await join(visit, "liam");
    const activity = await entries(visit, tokens, "activity", 10);
    expect(activity.length).toBeGreaterThan(10 * 24 * 6 - 200);
    const all = activity.map(({ entryData }) => entryData);
    expect(all.some(({ HR }) => HR === 0)).toBe(true);
    expect(all.some(({ StepCount }) => StepCount === null)).toBe(true);
    expect(all.some(({ StepCount }) => typeof StepCount === "string")).toBe(true);
    expect(all.some(({ SpO2 }) => SpO2 === 0) && all.some(({ HRV }) => HRV === 0)).toBe(true);
    expect(all.every(({ SpO2 }) => (SpO2 ?? 1) <= 1)).toBe(true);
    const perDay = all.reduce((sum, { EnergyConsumption }) => sum + EnergyConsumption!, 0) / 4184 / (activity.length / 144);
    expect(perDay > 1_700 && perDay < 4_000).toBe(true);
    const states = new Set((await entries(visit, tokens, "recovery", 10)).map(({ entryData: { Balance, StressState } }) => {
      expect(Balance! >= 0 && Balance! <= 1).toBe(true);
      return StressState;
    }));
    expect(states).toEqual(new Set([0, 1, 2, 3, 4]));
  });

  it("tells the same in other units where a watch does", async () => {
    const visit = await visitSim();
    const tokens = await join(visit);
    const [beats] = await entries(visit, tokens, "sleep", 3);
    for (const [name, position] of [["heartRate", "hertz"], ["oxygen", "percent"], ["sleepDuration", "in bed"]]) visit.sim.control.turn("suunto", name!, position!);
    const [hertz] = await entries(visit, tokens, "sleep", 3);
    expect(hertz!.entryData["HRAvg"]! * 60).toBeCloseTo(beats!.entryData["HRAvg"]!, -0.3);
    expect(hertz!.entryData["MaxSpo2"]).toBeCloseTo(beats!.entryData["MaxSpo2"]! * 100, 6);
    expect(hertz!.entryData["Duration"]).toBeGreaterThan(beats!.entryData["Duration"]!);
  });

  it("says the same again, keeps a late night back until it is synced, and loses none for it", async () => {
    const visit = await visitSim();
    const everybody = await Promise.all(PEOPLE.map((person) => join(visit, person)));
    let late = 0;
    for (const tokens of everybody) {
      const before = visit.now();
      const one = await ask(visit, tokens.access_token, "/247samples/sleep", { from: before - 28 * DAY_MS, to: before });
      expect((await ask(visit, tokens.access_token, "/247samples/sleep", { from: before - 28 * DAY_MS, to: before })).body).toBe(one.body);
    }
    const newest = async (): Promise<string[]> => (await Promise.all(everybody.map((tokens) => entries<Sleep>(visit, tokens, "sleep", 2)))).flat().map(({ timestamp }) => timestamp);
    const seen = new Set(await newest());
    for (let hour = 0; hour < 20 * 24; hour += 6) {
      visit.pass(6 * HOUR_MS);
      for (const tokens of everybody) {
        // A token lives a day.
        if (hour % 24 === 18) Object.assign(tokens, (await tokenDoor(visit, { grant_type: "refresh_token", refresh_token: tokens.refresh_token })).json<Tokens>());
      }
      for (const stamp of await newest()) {
        if (!seen.has(stamp) && visit.now() - msOf(stamp) > 24 * HOUR_MS) late += 1;
        seen.add(stamp);
      }
    }
    expect(late).toBeGreaterThan(0);
  }, 30_000);

  it("adds days up to what their ten minutes say, at whichever of two places", async () => {
    for (const folder of ["247samples", "247"]) {
      const visit = await visitSim(sim({ dailyStatistics: folder }));
      const tokens = await join(visit, "aroha");
      const range = { startdate: new Date(START_MS - 6 * DAY_MS).toISOString(), enddate: new Date(START_MS).toISOString() };
      const answer = await ask(visit, tokens.access_token, `/${folder}/daily-activity-statistics`, range);
      expect((await ask(visit, tokens.access_token, `/${folder === "247" ? "247samples" : "247"}/daily-activity-statistics`, range)).statusCode).toBe(404);
      const [steps, energy] = answer.json<{ Name: string; Sources: { Samples: { TimeISO8601: string; Value: number | null }[] }[] }[]>();
      expect([steps!.Name, energy!.Name]).toEqual(["stepcount", "energyconsumption"]);
      const days = steps!.Sources[0]!.Samples;
      expect(days.length).toBe(6);
      for (const { TimeISO8601, Value } of days.slice(0, -1)) {
        expect(TimeISO8601).toMatch(/T00:00:00\.000\+13:00$/);
        const fromMs = msOf(TimeISO8601);
        const parts = (await ask(visit, tokens.access_token, "/247samples/activity", { from: fromMs, to: fromMs + DAY_MS - 1 })).json<Told<{ StepCount: number | string | null }>[]>();
        expect(parts.reduce((sum, { entryData }) => sum + Number(entryData.StepCount ?? 0), 0)).toBe(Value);
      }
      expect(energy!.Sources[0]!.Samples.slice(0, -1).every(({ Value }) => Value! / 4184 > 1_200)).toBe(true);
    }
  });

  it("dates days in three ways, and by the switch counts only what lies in the range", async () => {
    const visit = await visitSim();
    const { access_token } = await join(visit, "grace");
    const days = async (): Promise<{ TimeISO8601: string; Value: number | null }[]> => {
      const range = { startdate: new Date(START_MS - 3 * DAY_MS).toISOString(), enddate: new Date(START_MS - DAY_MS).toISOString() };
      return (await ask(visit, access_token, "/247samples/daily-activity-statistics", range)).json<{ Sources: { Samples: { TimeISO8601: string; Value: number | null }[] }[] }[]>()[0]!.Sources[0]!.Samples;
    };
    const whole = await days();
    visit.sim.control.turn("suunto", "dayTimes", "no offset");
    expect((await days())[0]!.TimeISO8601).toBe(whole[0]!.TimeISO8601.slice(0, 19));
    visit.sim.control.turn("suunto", "dayTimes", "UTC");
    expect((await days())[0]!.TimeISO8601).toBe(new Date(msOf(whole[0]!.TimeISO8601)).toISOString());
    visit.sim.control.turn("suunto", "partialDays", "cut");
    const cut = await days();
    expect(cut.length).toBe(whole.length + 1);
    expect(cut.at(-1)!.Value).toBeLessThan(whole.at(-1)!.Value!);
  });
});

describe("Suunto's workouts", () => {
  it("come newest first in pages, by start or by change, with the position as x and y", async () => {
    const visit = await visitSim(sim({ workoutsPerPage: "3" }));
    const tokens = await join(visit);
    const since = START_MS - 60 * DAY_MS;
    const found: Workout[] = [];
    for (let offset = 0; ; offset += 3) {
      const page = await list(visit, tokens, { since, until: START_MS, limit: 100, offset });
      if (page.length === 0) break;
      expect(page.length).toBeLessThanOrEqual(3);
      found.push(...page);
    }
    expect(found.length).toBeGreaterThan(12);
    expect(found.map(({ startTime }) => startTime)).toEqual(found.map(({ startTime }) => startTime).toSorted((one, other) => other - one));
    expect(new Set(found.map(({ workoutKey }) => workoutKey)).size).toBe(found.length);
    const run = found.find(({ activityId }) => activityId === 1)!;
    expect(run.startPosition).toEqual({ x: -3.6845, y: 40.4153 });
    expect(run.hrdata).toMatchObject({ workoutMaxHR: run.hrdata!["hrmax"], max: run.hrdata!["userMaxHR"] });
    expect(run.cadence.avg).toBeLessThan(100);
    expect(run.timeOffsetInMinutes).toBe(offsetMinutesAt("Europe/Madrid", run.startTime));
    const exact = await list(visit, tokens, { since: run.startTime, until: run.startTime });
    expect(exact.map(({ workoutKey }) => workoutKey)).toEqual([run.workoutKey]);
    const changed = await list(visit, tokens, { since: run.stopTime, until: run.stopTime + HOUR_MS, "filter-by-modification-time": "true" });
    expect(changed.map(({ workoutKey }) => workoutKey)).toEqual([run.workoutKey]);
    visit.sim.control.turn("suunto", "hrdata", "swapped");
    const swapped = (await list(visit, tokens, { since: run.startTime, until: run.startTime }))[0]!.hrdata!;
    expect([swapped["max"], swapped["hrmax"], swapped["workoutMaxHR"]]).toEqual([run.hrdata!["hrmax"], run.hrdata!["userMaxHR"], undefined]);
  });

  it("come by their key, bare or wrapped, some without their end, with a file, and to nobody else", async () => {
    const visit = await visitSim();
    const tokens = await join(visit, "liam");
    const keys = (await list(visit, tokens, { limit: 100 })).map(({ workoutKey }) => workoutKey);
    const one = async (key: string): Promise<Workout> => (await ask(visit, tokens.access_token, `/v3/workouts/${key}`)).json<{ payload: Workout }>().payload;
    const ends = await Promise.all(keys.slice(0, 12).map(async (key) => "stopTime" in (await one(key))));
    expect(new Set(ends)).toEqual(new Set([true, false]));
    visit.sim.control.turn("suunto", "oneWorkout", "wrapped");
    expect(await one(keys[0]!)).toMatchObject({ workout: { workoutKey: keys[0] } });
    const file = await ask(visit, tokens.access_token, `/v3/workouts/${keys[0]}/fit`);
    expect([file.statusCode, file.rawPayload.subarray(8, 12).toString()]).toEqual([200, ".FIT"]);
    const stranger = await join(visit, "ana");
    for (const path of [`/v3/workouts/${keys[0]}`, `/v3/workouts/${keys[0]}/fit`, "/v3/workouts/65f1c0ffee0ddba11"]) {
      expect((await ask(visit, stranger.access_token, path)).statusCode).toBe(404);
    }
  });

  it("answer an error with 200 when the switch says so", async () => {
    const visit = await visitSim(sim({ workoutList: "error in 200" }));
    const answer = await ask(visit, (await join(visit)).access_token, "/v3/workouts");
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { error: { code: "500" }, payload: null }]);
  });

  it("are those that other clouds know, differently seen", async () => {
    const visit = await visitSim();
    const tokens = await join(visit, "liam");
    const strava = await visit.connect("strava", { person: "liam" });
    const activities = (await visit.get("/strava/api/v3/athlete/activities?per_page=50", strava.access_token)).json<{ start_date: string; distance: number; average_heartrate: number }[]>();
    const ours = await list(visit, tokens, { since: START_MS - 60 * DAY_MS });
    let same = 0;
    for (const { start_date, distance } of activities) {
      const found = ours.find(({ startTime }) => Math.floor(startTime / 1000) * 1000 === Date.parse(start_date));
      if (!found) continue;
      same += 1;
      expect(found.totalDistance).toBeCloseTo(distance, 0);
    }
    expect(same).toBeGreaterThan(5);
  });
});

describe("Suunto's notifications", () => {
  it("are signed in hexadecimal over their bytes with the notification secret", async () => {
    // RFC 4231, test case 2.
    expect(hmacOf("what do ya want for nothing?", "Jefe")).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    const visit = await visitSim();
    const tokens = await join(visit);
    for (const { id, pushes } of visit.sim.control.clouds()) if (id === "suunto") for (const what of pushes) await visit.sim.control.push("suunto", "ana", what);
    expect(visit.sent.map(({ body }) => (JSON.parse(body) as Notice).type).toSorted()).toEqual(
      ["ROUTE_CREATED", "SUUNTO_247_ACTIVITY_CREATED", "SUUNTO_247_RECOVERY_CREATED", "SUUNTO_247_SLEEP_CREATED", "WORKOUT_CREATED"],
    );
    for (const { url, headers, body } of visit.sent) {
      expect(url).toBe(HOOK);
      expect(headers["x-hmac-sha256-signature"]).toBe(createHmac("sha256", NOTIFICATION_SECRET).update(body).digest("hex"));
      expect((JSON.parse(body) as Notice).username).toBe(tokens["user"]);
    }
  });

  it("tell of all that came in, once it is in, and of nobody who has not connected", async () => {
    const visit = await visitSim();
    const tokens = await join(visit);
    const told = new Map<string, Set<string>>(KINDS.map((kind) => [`SUUNTO_247_${kind.toUpperCase()}_CREATED`, new Set()]));
    const keys = new Set<string>();
    for (let hour = 0; hour < 9 * 24; hour += 1) {
      visit.pass(HOUR_MS);
      await visit.sim.control.tick();
      for (const { type, username, samples = [], workout } of notices(visit)) {
        expect(username).toBe(tokens["user"]);
        for (const { timestamp } of samples) {
          expect(msOf(timestamp)).toBeLessThanOrEqual(visit.now());
          told.get(type)!.add(timestamp);
        }
        if (workout) keys.add(workout.workoutKey);
      }
    }
    const fresh = await join(visit);
    for (const kind of KINDS) {
      const listed = (await entries(visit, fresh, kind, 4.5)).map(({ timestamp }) => timestamp);
      expect(listed.length).toBeGreaterThan(3);
      expect(listed.filter((stamp) => !told.get(`SUUNTO_247_${kind.toUpperCase()}_CREATED`)!.has(stamp))).toEqual([]);
    }
    const workouts = (await list(visit, fresh, { since: START_MS })).map(({ workoutKey }) => workoutKey);
    expect(workouts.length).toBeGreaterThan(0);
    expect(workouts.filter((key) => !keys.has(key))).toEqual([]);
  }, 30_000);

  it("are sent again to whoever is busy or silent, and are lost on whoever refuses", async () => {
    for (const [status, isRetried] of [[429, true], [503, true], [0, true], [403, false], [404, false]] as const) {
      const visit = await visitSim();
      await join(visit);
      visit.receiver.status = status;
      const [result] = await visit.sim.control.push("suunto", "ana", "WORKOUT_CREATED");
      expect(result!.retryMs !== null, String(status)).toBe(isRetried);
      visit.receiver.status = 200;
      visit.pass(MINUTE_MS);
      const bodies = () => visit.sent.filter(({ body }) => body.includes("WORKOUT_CREATED")).map(({ body }) => body);
      await visit.sim.control.tick();
      expect(bodies().length).toBe(isRetried ? 2 : 1);
      expect(new Set(bodies()).size).toBe(1);
    }
  });
});
