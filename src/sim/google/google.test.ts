import { MINUTE_MS } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import { client, START_MS, visitSim } from "../testing.ts";
import type { Visit } from "../testing.ts";
import { flow } from "./visit.ts";

const USER = "/google/v4/users/me";

type Json = Record<string, unknown>;
interface Interval {
  startTime: string;
  endTime: string;
  startUtcOffset: string;
}
interface Page {
  dataPoints?: Json[];
  nextPageToken?: string;
}
const list = async (visit: Visit, token: string, type: string, query: Record<string, string> = {}): Promise<Page> =>
  (await visit.get(`${USER}/dataTypes/${type}/dataPoints?${new URLSearchParams(query).toString()}`, token)).json<Page>();
const reconcile = async (visit: Visit, token: string, type: string, query: Record<string, string> = {}): Promise<Page> =>
  (await visit.get(`${USER}/dataTypes/${type}/dataPoints:reconcile?${new URLSearchParams(query).toString()}`, token)).json<Page>();

function post(visit: Visit, path: string, token: string, payload: object): Promise<LightMyRequestResponse> {
  return visit.app.inject({ method: "POST", url: `/sim${path}`, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, payload: JSON.stringify(payload) });
}

const day = (date: string): object => {
  const [year, month, number] = date.split("-").map(Number);
  return { date: { year, month, day: number } };
};
const days = (start: string, end: string): object => ({ range: { start: day(start), end: day(end) } });

describe("Google's tokens", () => {
  it("live an hour, and a refresh brings no refresh token", async () => {
    const visit = await visitSim();
    const tokens = await visit.connect("google");
    expect(tokens.expires_in).toBe(3599);
    expect(String(tokens["scope"]).split(" ")).toEqual(flow.permissions);
    const refreshed = await visit.form("/google/token", { ...client("google"), grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    expect(refreshed.json()).not.toHaveProperty("refresh_token");
    visit.pass(3_599_000);
    expect((await visit.get(`${USER}/identity`, tokens.access_token)).statusCode).toBe(401);
    const again = await visit.form("/google/token", { ...client("google"), grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    expect((await visit.get(`${USER}/identity`, again.json<{ access_token: string }>().access_token)).statusCode).toBe(200);
  });

  it("come with a refresh token only when asked offline, and a second time only when the person is asked anew", async () => {
    const visit = await visitSim();
    const online = await visit.connect("google", { query: { access_type: "online" } });
    expect(online.refresh_token).toBeUndefined();
    const unasked = await visit.connect("google", { query: { prompt: "none" } });
    expect(unasked.refresh_token).toBeUndefined();
    expect((await visit.connect("google")).refresh_token).toBeTypeOf("string");
    expect((await visit.connect("google", { person: "grace", query: { prompt: "none" } })).refresh_token).toBeTypeOf("string");
  });

  it("end with their revocation, by whichever of them, and a second revocation is refused", async () => {
    const visit = await visitSim();
    for (const which of ["access_token", "refresh_token"] as const) {
      const tokens = await visit.connect("google");
      expect((await visit.form("/google/revoke", { token: tokens[which] })).statusCode).toBe(200);
      expect((await visit.get(`${USER}/identity`, tokens.access_token)).statusCode).toBe(401);
      const refreshed = await visit.form("/google/token", { ...client("google"), grant_type: "refresh_token", refresh_token: tokens.refresh_token });
      expect([refreshed.statusCode, refreshed.json<{ error: string }>().error]).toEqual([400, "invalid_grant"]);
      expect((await visit.form("/google/revoke", { token: tokens[which] })).statusCode).toBe(400);
    }
  });

  it("let out what was ticked, and name what is missing", async () => {
    const visit = await visitSim();
    const { access_token, scope } = await visit.connect("google", { permissions: flow.permissions.filter((one) => one.includes("sleep")) });
    expect(scope).toBe("https://www.googleapis.com/auth/googlehealth.sleep.readonly");
    expect((await visit.get(`${USER}/dataTypes/sleep/dataPoints`, access_token)).statusCode).toBe(200);
    for (const path of ["/identity", "/settings", "/dataTypes/steps/dataPoints", "/dataTypes/weight/dataPoints:reconcile"]) {
      const answer = await visit.get(USER + path, access_token);
      expect(answer.statusCode, path).toBe(403);
      expect(answer.json()).toMatchObject({ error: { status: "PERMISSION_DENIED" } });
    }
    visit.sim.control.turn("google", "identityNeeds", "any scope");
    expect((await visit.get(`${USER}/identity`, access_token)).statusCode).toBe(200);
  });
});

describe("Google's data points", () => {
  it("come newest first in pages, each once, until there is no token", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    const filter = 'heart_rate.sample_time.physical_time >= "2026-11-18T00:00:00Z" AND heart_rate.sample_time.physical_time < "2026-11-19T00:00:00Z"';
    const times: string[] = [];
    let pages = 0;
    for (let token: string | undefined = ""; token !== undefined; pages++) {
      const page: Page = await list(visit, access_token, "heart-rate", { filter, pageSize: "100", ...(token ? { pageToken: token } : {}) });
      times.push(...page.dataPoints!.map((point) => (point["heartRate"] as { sampleTime: { physicalTime: string } }).sampleTime.physicalTime));
      token = page.nextPageToken || undefined;
    }
    expect(pages).toBe(Math.ceil(times.length / 100));
    expect(times.length).toBeGreaterThan(500);
    expect(times).toEqual([...new Set(times)].toSorted().toReversed());
    expect(times.every((time) => time.startsWith("2026-11-18T"))).toBe(true);
    const all = await list(visit, access_token, "heart-rate", { filter, pageSize: "999999" });
    expect(all.dataPoints).toHaveLength(times.length);
    expect((await visit.get(`${USER}/dataTypes/steps/dataPoints?pageToken=${all.nextPageToken || "nonsense"}`, access_token)).statusCode).toBe(400);
  });

  it("of sleep and exercise come in pages of 25 at most", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    const page = await list(visit, access_token, "sleep", { pageSize: "1000" });
    expect(page.dataPoints).toHaveLength(25);
    expect(page.nextPageToken).not.toBe("");
  });

  it.each([
    ["sleep", 'sleep.interval.start_time >= "2026-11-18T00:00:00Z"'],
    ["sleep", 'sleep.interval.end_time > "2026-11-18T00:00:00Z"'],
    ["sleep", 'sleep.interval.end_time >= "2026-11-18"'],
    ["steps", 'steps.interval.end_time >= "2026-11-18T00:00:00Z"'],
    ["steps", 'distance.interval.start_time >= "2026-11-18T00:00:00Z"'],
    ["steps", 'steps.interval.start_time >= "2026-11-18T00:00:00Z" OR steps.interval.start_time < "2026-11-18T00:00:00Z"'],
    ["weight", 'weight.interval.start_time >= "2026-11-18T00:00:00Z"'],
    ["daily-resting-heart-rate", 'daily_resting_heart_rate.date >= "2026-11-18T00:00:00Z"'],
    ["daily-resting-heart-rate", 'daily-resting-heart-rate.date >= "2026-11-18"'],
    ["exercise", 'exercise.interval.start_time >= "2026-11-18T00:00:00Z"'],
    ["electrocardiogram", 'electrocardiogram.interval.start_time < "2026-11-18T00:00:00Z"'],
  ])("of %s refuse the filter %s", async (type, filter) => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    const answer = await visit.get(`${USER}/dataTypes/${type}/dataPoints?${new URLSearchParams({ filter }).toString()}`, access_token);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ error: { status: "INVALID_ARGUMENT", details: [{ reason: "INVALID_DATA_POINT_FILTER" }] } });
  });

  it("are filtered half-open, by instants or by the person's own clock", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google", { person: "aroha" });
    const nights = async (filter: string): Promise<string[]> =>
      ((await reconcile(visit, access_token, "sleep", { filter })).dataPoints ?? []).map((point) => (point["sleep"] as { interval: Interval }).interval.endTime);
    const week = await nights('sleep.interval.civil_end_time >= "2026-11-10" AND sleep.interval.civil_end_time < "2026-11-17"');
    expect(week.length).toBeGreaterThanOrEqual(7);
    const last = week[0]!;
    expect(await nights(`sleep.interval.end_time >= "${last}" AND sleep.interval.end_time < "2026-11-17T00:00:00Z"`)).toContain(last);
    expect(await nights(`sleep.interval.end_time >= "2026-11-09T00:00:00Z" AND sleep.interval.end_time < "${last}"`)).not.toContain(last);
    const either = await nights('sleep.interval.civil_end_time < "2026-11-02" AND sleep.interval.civil_end_time >= "2026-11-01" OR sleep.interval.civil_end_time >= "2026-11-19"');
    expect(either.length).toBeGreaterThanOrEqual(2);
  });

  it("are of many sources in a list, and merged without the phone's double counting in the reconciled stream", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    const filter = 'steps.interval.civil_start_time >= "2026-11-18" AND steps.interval.civil_start_time < "2026-11-19"';
    const raw = (await list(visit, access_token, "steps", { filter })).dataPoints!;
    const merged = (await reconcile(visit, access_token, "steps", { filter })).dataPoints!;
    const forms = new Set(raw.map((point) => (point["dataSource"] as { device?: { formFactor: string } }).device?.formFactor));
    expect(forms).toEqual(new Set(["FITNESS_BAND", "PHONE"]));
    expect(merged.length).toBeLessThan(raw.length);
    expect(merged[0]).not.toHaveProperty("dataSource");
    const sum = merged.reduce((total, point) => total + Number((point["steps"] as { count: string }).count), 0);
    const rollUp = (await post(visit, `${USER}/dataTypes/steps/dataPoints:dailyRollUp`, access_token, days("2026-11-18", "2026-11-19"))).json<{ rollupDataPoints: Json[] }>();
    expect(rollUp.rollupDataPoints).toMatchObject([{ civilStartTime: day("2026-11-18"), civilEndTime: day("2026-11-19"), steps: { countSum: String(sum) } }]);
    expect((await reconcile(visit, access_token, "steps", { filter, dataSourceFamily: "users/me/dataSourceFamilies/self-sources" })).dataPoints).toBeUndefined();
    expect((await visit.get(`${USER}/dataTypes/steps/dataPoints:reconcile?dataSourceFamily=self-sources`, access_token)).statusCode).toBe(400);
  });

  it("with names can be asked for one by one, the others cannot", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    for (const type of ["sleep", "exercise", "weight"]) {
      const [newest] = (await list(visit, access_token, type)).dataPoints!;
      const one = await visit.get(`/google/v4/${String(newest!["name"])}`, access_token);
      expect(one.json()).toEqual(newest);
      expect((await reconcile(visit, access_token, type)).dataPoints![0]!["dataPointName"]).toBe(newest!["name"]);
    }
    expect((await visit.get(`${USER}/dataTypes/sleep/dataPoints/2026111912345678901`, access_token)).statusCode).toBe(404);
    expect((await list(visit, access_token, "heart-rate")).dataPoints![0]).not.toHaveProperty("name");
    expect((await visit.get(`${USER}/dataTypes/no-such-type/dataPoints`, access_token)).statusCode).toBe(400);
    expect((await visit.get("/google/v4/users/123/identity", access_token)).statusCode).toBe(400);
  });

  it("write whole numbers as texts, fractions as numbers, offsets as durations", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google", { person: "liam" });
    const of = async (type: string, key: string): Promise<Json> => (await list(visit, access_token, type)).dataPoints![0]![key] as Json;
    expect((await of("heart-rate", "heartRate"))["beatsPerMinute"]).toMatch(/^\d{2,3}$/);
    expect((await of("weight", "weight"))["weightGrams"]).toBeTypeOf("number");
    expect(await of("daily-sleep-temperature-derivations", "dailySleepTemperatureDerivations")).toMatchObject({ date: { year: 2026, month: 11, day: 20 } });
    expect((await of("core-body-temperature", "coreBodyTemperature"))["temperatureCelsius"]).toBeTypeOf("number");
    const india = await visit.connect("google", { person: "priya" });
    const [night] = (await list(visit, india.access_token, "sleep")).dataPoints!;
    expect((night!["sleep"] as { interval: Interval }).interval.startUtcOffset).toBe("19800s");
    const [glucose] = (await list(visit, india.access_token, "blood-glucose")).dataPoints!;
    expect(glucose).toMatchObject({ bloodGlucose: { measurementSource: "CONTINUOUS_GLUCOSE_MONITORING" }, dataSource: { platform: "HEALTH_CONNECT" } });
  });

  it("of a night are without stages and without `processed` until they are processed", async () => {
    const visit = await visitSim();
    const seen: Json[] = [];
    for (let step = 0; step < 24 * 6; step++) {
      visit.pass(10 * MINUTE_MS);
      const { access_token } = await visit.connect("google");
      const [newest] = (await list(visit, access_token, "sleep", { pageSize: "1" })).dataPoints!;
      if ((newest!["sleep"] as Json)["updateTime"] !== seen.at(-1)?.["updateTime"]) seen.push(newest!["sleep"] as Json);
    }
    const pending = seen.filter((sleep) => !("processed" in (sleep["metadata"] as Json)));
    expect(pending.length).toBeGreaterThan(0);
    for (const sleep of pending) {
      expect(sleep).not.toHaveProperty("stages");
      expect(sleep).not.toHaveProperty("summary");
      const later = seen.find((one) => one !== sleep && JSON.stringify(one["interval"]) === JSON.stringify(sleep["interval"]));
      expect(later).toMatchObject({ metadata: { processed: true }, stages: expect.any(Array) as unknown });
    }
  });

  it("of a night have stages without gaps; a few nights have the classic ones, and short wakings lie over others", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    const nights: Json[] = [];
    for (let pageToken: string | undefined = ""; pageToken !== undefined && nights.length < 200; ) {
      const page: Page = await list(visit, access_token, "sleep", pageToken ? { pageToken } : {});
      nights.push(...page.dataPoints!.map((point) => point["sleep"] as Json));
      pageToken = page.nextPageToken;
    }
    for (const night of nights) {
      const stages = night["stages"] as Interval[];
      expect(stages.map(({ startTime }) => startTime).slice(1)).toEqual(stages.map(({ endTime }) => endTime).slice(0, -1));
      expect(stages.at(-1)?.endTime).toBe((night["interval"] as Interval).endTime);
      const total = stages.reduce((sum, { startTime, endTime }) => sum + Date.parse(endTime) - Date.parse(startTime), 0);
      expect((night["summary"] as Json)["minutesInSleepPeriod"]).toBe(String(Math.round(total / MINUTE_MS)));
    }
    expect(new Set(nights.map((night) => night["type"]))).toEqual(new Set(["STAGES", "CLASSIC"]));
    expect(nights.some((night) => Array.isArray(night["shortAwakenings"]))).toBe(true);
    expect(nights.some((night) => (night["metadata"] as Json)["nap"] === true)).toBe(true);
  });
});

describe("Google's rollups", () => {
  it("are refused beyond 14 or 90 days, for types without one, and for ranges that are not whole days", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    const status = async (type: string, body: object): Promise<number> => (await post(visit, `${USER}/dataTypes/${type}/dataPoints:dailyRollUp`, access_token, body)).statusCode;
    expect(await status("steps", days("2026-08-01", "2026-10-30"))).toBe(200);
    expect(await status("steps", days("2026-08-01", "2026-10-31"))).toBe(400);
    expect(await status("total-calories", days("2026-11-01", "2026-11-15"))).toBe(200);
    expect(await status("total-calories", days("2026-11-01", "2026-11-16"))).toBe(400);
    expect(await status("sleep", days("2026-11-01", "2026-11-02"))).toBe(400);
    expect(await status("steps", { range: { start: { ...day("2026-11-01"), time: { hours: 7 } }, end: day("2026-11-02") } })).toBe(400);
    expect(await status("steps", days("2026-11-02", "2026-11-02"))).toBe(400);
  });

  it("by absolute windows are paged, leave out empty windows and add up to the day", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google", { person: "liam" });
    const range = { startTime: "2026-11-18T00:00:00Z", endTime: "2026-11-19T00:00:00Z" };
    const all: Json[] = [];
    for (let pageToken = ""; ; ) {
      const page = (await post(visit, `${USER}/dataTypes/steps/dataPoints:rollUp`, access_token, { range, windowSize: "3600s", pageSize: 7, ...(pageToken ? { pageToken } : {}) })).json<{ rollupDataPoints?: Json[]; nextPageToken?: string }>();
      all.push(...(page.rollupDataPoints ?? []));
      if (!page.nextPageToken) break;
      pageToken = page.nextPageToken;
    }
    expect(all.length).toBeGreaterThan(8);
    expect(all.length).toBeLessThan(24);
    // London in November keeps UTC, so the civil day is the same one.
    const [whole] = (await post(visit, `${USER}/dataTypes/steps/dataPoints:dailyRollUp`, access_token, days("2026-11-18", "2026-11-19"))).json<{ rollupDataPoints: { steps: { countSum: string } }[] }>().rollupDataPoints;
    expect(all.reduce((sum, point) => sum + Number((point["steps"] as { countSum: string }).countSum), 0)).toBe(Number(whole!.steps.countSum));
    expect((await post(visit, `${USER}/dataTypes/steps/dataPoints:rollUp`, access_token, { range, windowSize: "0s" })).statusCode).toBe(400);
  });
});

describe("Google's exercises", () => {
  it("can be had as a file with the location scope alone", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google", { person: "liam" });
    const rides = (await list(visit, access_token, "exercise")).dataPoints!;
    const ride = rides.find((point) => ((point["exercise"] as Json)["exerciseMetadata"] as Json)["hasGps"])!;
    const indoor = rides.find((point) => !((point["exercise"] as Json)["exerciseMetadata"] as Json)["hasGps"])!;
    const file = await visit.get(`/google/v4/${String(ride["name"])}:exportExerciseTcx?alt=media`, access_token);
    expect(file.statusCode).toBe(200);
    expect(file.body).toContain("<LatitudeDegrees>");
    expect((await visit.get(`/google/v4/${String(ride["name"])}:exportExerciseTcx`, access_token)).json()).toEqual({ tcxData: file.body });
    expect((await visit.get(`/google/v4/${String(indoor["name"])}:exportExerciseTcx?alt=media`, access_token)).statusCode).toBe(404);
    expect((await visit.get(`/google/v4/${String(indoor["name"])}:exportExerciseTcx?alt=media&partialData=true`, access_token)).body).not.toContain("<Position>");
    const without = await visit.connect("google", { person: "liam", permissions: flow.permissions.filter((one) => !one.includes("location")) });
    expect((await visit.get(`/google/v4/${String(ride["name"])}:exportExerciseTcx?alt=media`, without.access_token)).statusCode).toBe(403);
  });
});

describe("Google's people are those of the other clouds", () => {
  it("the run is Strava's run, and the weight Garmin's weight", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    const strava = await visit.connect("strava");
    const outings = (await visit.get("/strava/api/v3/athlete/activities?per_page=50", strava.access_token)).json<{ start_date: string; distance: number; average_heartrate: number; sport_type: string }[]>();
    const runs = (await list(visit, access_token, "exercise")).dataPoints!.map((point) => point["exercise"] as Json & { interval: Interval; metricsSummary: Json }).filter((one) => one["exerciseType"] === "RUNNING");
    expect(runs.length).toBeGreaterThan(3);
    for (const run of runs.slice(0, 4)) {
      const same = outings.find((one) => one.start_date === run.interval.startTime)!;
      expect(same.sport_type).toBe("Run");
      expect(Number(run.metricsSummary["distanceMillimeters"]) / 1000).toBeCloseTo(same.distance, 1);
      expect(Number(run.metricsSummary["averageHeartRateBeatsPerMinute"])).toBe(Math.round(same.average_heartrate));
    }
    await visit.connect("garmin");
    await visit.sim.control.push("garmin", "ana", "bodyComps", { days: 30 });
    const garmin = (JSON.parse(visit.sent.at(-1)!.body) as { bodyComps: { weightInGrams: number }[] }).bodyComps.map((one) => one.weightInGrams);
    const google = (await list(visit, access_token, "weight")).dataPoints!.map((point) => (point["weight"] as { weightGrams: number }).weightGrams);
    expect(google.slice(0, 3).toReversed()).toEqual(garmin.slice(-3));
  });

  it("know their old Fitbit ids", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    const [ana] = visit.sim.control.people();
    expect((await visit.get(`${USER}/identity`, access_token)).json()).toEqual({ name: "users/me/identity", healthUserId: ana!.facts["google"]!["userId"], legacyUserId: ana!.facts["google"]!["legacyUserId"] });
    expect(ana!.facts["google"]!["userId"]).toMatch(/^\d{19}$/);
  });
});

describe("Google's limits and accounts", () => {
  it("refuse a person's calls beyond the minute's 300", async () => {
    const visit = await visitSim({ switches: { google: { callsPerMinute: "2" } } });
    const { access_token } = await visit.connect("google");
    const statuses = [];
    for (let call = 0; call < 3; call++) statuses.push((await visit.get(`${USER}/identity`, access_token)).statusCode);
    expect(statuses).toEqual([200, 200, 429]);
    const other = await visit.connect("google", { person: "liam" });
    expect((await visit.get(`${USER}/identity`, other.access_token)).statusCode).toBe(200);
    visit.pass(MINUTE_MS);
    expect((await visit.get(`${USER}/identity`, access_token)).statusCode).toBe(200);
  });

  it("know accounts without a profile and half-migrated ones", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("google");
    visit.sim.control.turn("google", "account", "not linked");
    expect((await visit.get(`${USER}/identity`, access_token)).json()).toMatchObject({ error: { code: 400, details: [{ reason: "ACCOUNT_NOT_LINKED" }] } });
    visit.sim.control.turn("google", "account", "half migrated");
    expect((await visit.get(`${USER}/identity`, access_token)).json()).toMatchObject({ error: { code: 403, details: [{ reason: "RESOURCE_PERMISSION_DENIED" }] } });
  });
});

it("serves nothing of times to come", async () => {
  const visit = await visitSim();
  const { access_token } = await visit.connect("google", { person: "liam" });
  for (const type of ["steps", "heart-rate", "sleep", "exercise", "hydration-log", "nutrition-log", "active-minutes", "electrocardiogram"]) {
    const text = JSON.stringify(await list(visit, access_token, type, { pageSize: "20" }));
    for (const [, time] of text.matchAll(/"(?:endTime|physicalTime|updateTime)":"([^"]+)"/g)) expect(Date.parse(time!), type).toBeLessThanOrEqual(START_MS);
  }
});
