import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import type { Consent, Tokens, Visit } from "../testing.ts";
import { CALLBACK, START_MS, VERIFIER, visitSim } from "../testing.ts";
import { fitbitSignature } from "./notices.ts";
import { flow } from "./visit.ts";

const USER = "/fitbit/1/user/-";
const SLEEP = "/fitbit/1.2/user/-/sleep";
const BASIC = `Basic ${Buffer.from("fitbit-id:fitbit-secret").toString("base64")}`;

type Json = Record<string, unknown>;

function form(visit: Visit, path: string, fields: Record<string, string>, authorization = BASIC): Promise<LightMyRequestResponse> {
  return visit.app.inject({
    method: "POST", url: `/sim/fitbit${path}`, headers: { authorization, "content-type": "application/x-www-form-urlencoded" }, payload: new URLSearchParams(fields).toString(),
  });
}

async function connect(visit: Visit, choice: Consent = {}): Promise<Tokens> {
  const code = (await visit.consent("fitbit", choice)).searchParams.get("code") ?? "";
  const answer = await form(visit, "/oauth2/token", { grant_type: "authorization_code", code, redirect_uri: CALLBACK, code_verifier: VERIFIER, client_id: "fitbit-id" });
  expect(answer.statusCode).toBe(200);
  return answer.json<Tokens>();
}

function call(visit: Visit, method: "POST" | "DELETE", path: string, token: string): Promise<LightMyRequestResponse> {
  return visit.app.inject({ method, url: `/sim${path}`, headers: { authorization: `Bearer ${token}` } });
}

const errorOf = (answer: LightMyRequestResponse): string => answer.json<{ errors: { errorType: string }[] }>().errors[0]!.errorType;

describe("Fitbit's tokens", () => {
  it("are for a client that proves itself by Basic, live eight hours and rotate", async () => {
    const visit = await visitSim();
    const tokens = await connect(visit);
    expect(tokens).toMatchObject({ expires_in: 28_800, token_type: "Bearer", scope: flow.permissions.join(" "), user_id: expect.stringMatching(/^[0-9A-Z]{6}$/) as string });
    const inBody = await visit.form("/fitbit/oauth2/token", { client_id: "fitbit-id", client_secret: "fitbit-secret", grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    expect([inBody.statusCode, errorOf(inBody)]).toEqual([401, "invalid_client"]);
    const refresh = (): Promise<LightMyRequestResponse> => form(visit, "/oauth2/token", { grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    const [first, second] = [await refresh(), await refresh()];
    expect(first.json<Tokens>().refresh_token).not.toBe(tokens.refresh_token);
    expect([second.statusCode, errorOf(second)]).toEqual([400, "invalid_grant"]);
  });

  it("that are over are told from those that never were", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    visit.pass(8 * HOUR_MS);
    const over = await visit.get(`${USER}/profile.json`, access_token);
    expect([over.statusCode, errorOf(over)]).toEqual([401, "expired_token"]);
    expect(errorOf(await visit.get(`${USER}/profile.json`, "nonsense"))).toBe("invalid_token");
    visit.sim.control.setFault("fitbit", { kind: "token_revoked", person: "ana" });
    expect(errorOf(await visit.get(`${USER}/profile.json`, access_token))).toBe("invalid_token");
  });

  it("can be looked at, and end all together by either of them", async () => {
    const visit = await visitSim();
    for (const which of ["access_token", "refresh_token"] as const) {
      const tokens = await connect(visit);
      expect((await form(visit, "/1.1/oauth2/introspect", { token: tokens[which] }, `Bearer ${tokens.access_token}`)).json()).toMatchObject({ active: true, client_id: "fitbit-id" });
      expect((await form(visit, "/oauth2/revoke", { token: tokens[which] }, "Basic bm86bm8=")).statusCode).toBe(401);
      expect((await form(visit, "/oauth2/revoke", { token: tokens[which] })).statusCode).toBe(200);
      expect((await visit.get(`${USER}/profile.json`, tokens.access_token)).statusCode).toBe(401);
    }
  });

  it("let out what was ticked", async () => {
    const visit = await visitSim();
    const { access_token, scope } = await connect(visit, { permissions: ["sleep"] });
    expect(scope).toBe("sleep");
    expect((await visit.get(`${SLEEP}/date/2026-11-18.json`, access_token)).statusCode).toBe(200);
    for (const path of ["/profile.json", "/activities/steps/date/2026-11-18/2026-11-18.json", "/activities/heart/date/2026-11-18/1d/1min.json", "/hrv/date/2026-11-18.json"]) {
      const answer = await visit.get(USER + path, access_token);
      expect([answer.statusCode, errorOf(answer)], path).toEqual([403, "insufficient_scope"]);
    }
  });
});

describe("Fitbit's windows", () => {
  it.each([
    ["/1/user/-/activities/steps", "2023-11-22", "2026-11-20", "2023-11-21"],
    ["/1/user/-/activities/heart", "2025-11-20", "2026-11-20", "2025-11-19"],
    ["/1.2/user/-/sleep", "2026-08-13", "2026-11-20", "2026-08-12"],
    ["/1/user/-/hrv", "2026-10-22", "2026-11-20", "2026-10-21"],
    ["/1/user/-/spo2", "2026-10-22", "2026-11-20", "2026-10-21"],
    ["/1/user/-/body/log/weight", "2026-10-21", "2026-11-20", "2026-10-20"],
  ])("of %s are as long as they may be, and no longer", async (path, first, last, tooEarly) => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "liam" });
    expect((await visit.get(`/fitbit${path}/date/${first}/${last}.json`, access_token)).statusCode).toBe(200);
    expect((await visit.get(`/fitbit${path}/date/${tooEarly}/${last}.json`, access_token)).statusCode).toBe(400);
    expect((await visit.get(`/fitbit${path}/date/${last}/${first}.json`, access_token)).statusCode).toBe(400);
    expect((await visit.get(`/fitbit${path}/date/2026-02-29/2026-03-01.json`, access_token)).statusCode).toBe(400);
  });

  it("of lists need one bound, the fitting order and an offset of 0, and go on by the given address", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    const status = async (query: string): Promise<number> => (await visit.get(`${USER}/activities/list.json?${query}`, access_token)).statusCode;
    expect(await status("afterDate=2026-09-01&sort=asc&offset=0&limit=100")).toBe(200);
    for (const query of ["sort=asc&offset=0", "afterDate=2026-09-01&beforeDate=2026-10-01&sort=asc&offset=0", "afterDate=2026-09-01&sort=desc&offset=0", "afterDate=2026-09-01&sort=asc&offset=5", "afterDate=2026-09-01&sort=asc", "afterDate=2026-09-01&sort=asc&offset=0&limit=101"]) {
      expect(await status(query), query).toBe(400);
    }
    const ids: number[] = [];
    for (let next = `http://127.0.0.1:3000/sim${USER}/activities/list.json?afterDate=2026-09-01&sort=asc&offset=0&limit=7`; next !== ""; ) {
      const page = (await visit.get(next.slice("http://127.0.0.1:3000/sim".length), access_token)).json<{ activities: { logId: number }[]; pagination: { next: string } }>();
      ids.push(...page.activities.map(({ logId }) => logId));
      next = page.pagination.next;
    }
    expect(ids.length).toBeGreaterThan(20);
    expect(new Set(ids).size).toBe(ids.length);
    const back = (await visit.get(`${USER}/activities/list.json?beforeDate=2026-11-21&sort=desc&offset=0&limit=100`, access_token)).json<{ activities: { logId: number }[] }>();
    expect(back.activities.slice(0, ids.length).map(({ logId }) => logId)).toEqual(ids.toReversed());
  });
});

describe("Fitbit's numbers", () => {
  it("are texts in series, fill days without any with 0, and are the sums of their minutes", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    for (const resource of ["steps", "floors", "distance", "calories", "elevation"]) {
      const series = (await visit.get(`${USER}/activities/${resource}/date/2026-11-18/2026-11-22.json`, access_token)).json<Record<string, { dateTime: string; value: string }[]>>()[`activities-${resource}`]!;
      expect(series.map(({ dateTime }) => dateTime)).toEqual(["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"]);
      expect(series.at(-1)?.value).toBe("0");
      for (const detail of ["1min", "15min"]) {
        const { dataset } = (await visit.get(`${USER}/activities/${resource}/date/2026-11-18/1d/${detail}.json`, access_token)).json<Record<string, { dataset: { time: string; value: number }[] }>>()[`activities-${resource}-intraday`]!;
        expect(dataset).toHaveLength(detail === "1min" ? 1440 : 96);
        const sum = dataset.reduce((total, { value }) => total + value, 0);
        expect(Math.abs(sum - Number(series[0]!.value)), `${resource} ${detail}`).toBeLessThan(1);
      }
    }
    expect((await visit.get(`${USER}/activities/nonsense/date/2026-11-18/2026-11-19.json`, access_token)).statusCode).toBe(404);
    expect((await visit.get(`${USER}/activities/steps/date/2026-11-18/1d/1sec.json`, access_token)).statusCode).toBe(400);
    expect((await visit.get(`${USER}/activities/steps/date/2026-11-18/2026-11-19/1min.json`, access_token)).statusCode).toBe(400);
    visit.sim.control.turn("fitbit", "intraday", "refused");
    expect((await visit.get(`${USER}/activities/steps/date/2026-11-18/1d/1min.json`, access_token)).statusCode).toBe(403);
  });

  it("are metric, unless the call asks in American", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "grace" });
    const ask = async (language: string, path: string): Promise<Json> =>
      (await visit.app.inject({ url: `/sim${USER}${path}`, headers: { authorization: `Bearer ${access_token}`, ...(language ? { "accept-language": language } : {}) } })).json<Json>();
    const weightIn = async (language: string): Promise<number> => ((await ask(language, "/body/log/weight/date/2026-11-01/2026-11-20.json"))["weight"] as { weight: number }[])[0]!.weight;
    expect(await weightIn("*")).toBe(await weightIn(""));
    expect(await weightIn("en_US")).toBeCloseTo((await weightIn("")) / 0.45359237, 1);
    const total = async (language: string): Promise<number> => ((await ask(language, "/activities/date/2026-11-18.json"))["summary"] as { distances: { distance: number }[] }).distances[0]!.distance;
    expect(await total("en_US")).toBeCloseTo((await total("")) / 1.609344, 1);
  });

  it("of the heart miss where the watch was off, and stand as a plain text beside clock times", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    const day = (await visit.get(`${USER}/activities/heart/date/2026-11-18/1d/1min.json`, access_token)).json<Record<string, { dataset: Json[] }>>();
    expect(day["activities-heart-intraday"]!.dataset.length).toBeGreaterThan(1300);
    expect(day["activities-heart-intraday"]!.dataset.length).toBeLessThan(1440);
    const hour = (await visit.get(`${USER}/activities/heart/date/2026-11-18/2026-11-18/1sec/time/08:00/08:59.json`, access_token)).json<{ "activities-heart": { value: unknown }[] }>();
    expect(hour["activities-heart"][0]!.value).toBeTypeOf("string");
  });

  it("of body logs have ids that take local time for UTC", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "aroha" });
    const { weight } = (await visit.get(`${USER}/body/log/weight/date/2026-11-01/2026-11-20.json`, access_token)).json<{ weight: { logId: number; date: string; time: string }[] }>();
    expect(weight.length).toBeGreaterThan(1);
    for (const { logId, date, time } of weight) expect(new Date(logId).toISOString().slice(0, 19)).toBe(`${date}T${time}`);
  });

  it("of oxygen and fitness come in the live or in the documented envelope", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "grace" });
    const ask = async (path: string): Promise<unknown> => (await visit.get(USER + path, access_token)).json();
    expect(await ask("/spo2/date/2026-11-18.json")).toMatchObject({ dateTime: "2026-11-18" });
    expect(await ask("/spo2/date/2026-11-17/2026-11-18.json")).toBeInstanceOf(Array);
    expect(await ask("/cardioscore/date/2026-11-18.json")).toMatchObject({ cardioScore: [{ value: { vo2Max: expect.stringMatching(/^\d\d-\d\d$/) as string } }] });
    visit.sim.control.turn("fitbit", "shapes", "documented");
    expect(await ask("/spo2/date/2026-11-17/2026-11-18.json")).toMatchObject({ spo2: [{ dateTime: "2026-11-17" }, { dateTime: "2026-11-18" }] });
    expect(await ask("/cardioscore/date/2026-11-18.json")).toHaveProperty("cardioscore");
  });
});

interface SleepLog {
  dateOfSleep: string;
  startTime: string;
  endTime: string;
  duration: number;
  timeInBed: number;
  minutesAsleep: number;
  minutesAwake: number;
  isMainSleep: boolean;
  type: string;
  levels: { data: { level: string; seconds: number }[]; shortData?: { level: string; seconds: number }[]; summary: Record<string, { minutes: number }> };
}

describe("Fitbit's sleeps", () => {
  it("mix milliseconds, minutes and seconds that agree; short wakings lie over the stages; some are classic, some naps are called main", async () => {
    const visit = await visitSim();
    const logs: SleepLog[] = [];
    for (const { id: person } of visit.sim.control.people()) {
      const { access_token } = await connect(visit, { person });
      for (const [first, last] of [["2026-08-13", "2026-11-20"], ["2026-05-01", "2026-08-08"], ["2026-01-20", "2026-04-29"]]) {
        logs.push(...(await visit.get(`${SLEEP}/date/${first}/${last}.json`, access_token)).json<{ sleep: SleepLog[] }>().sleep);
      }
    }
    for (const log of logs) {
      expect(log.levels.data.reduce((sum, { seconds }) => sum + seconds, 0) * 1000).toBe(log.duration);
      expect(log.timeInBed).toBe(Math.round(log.duration / 60_000));
      expect(log.minutesAsleep + log.minutesAwake).toBe(log.timeInBed);
      const stated = Object.values(log.levels.summary).reduce((sum, { minutes }) => sum + minutes, 0);
      expect(stated).toBe(log.timeInBed);
    }
    const levels = (type: string): Set<string> => new Set(logs.filter((log) => log.type === type).flatMap((log) => log.levels.data.map(({ level }) => level)));
    expect(levels("stages")).toEqual(new Set(["deep", "light", "rem", "wake"]));
    expect(levels("classic")).toEqual(new Set(["asleep", "restless", "awake"]));
    expect(logs.some((log) => (log.levels.shortData ?? []).length > 0)).toBe(true);
    expect(logs.some((log) => log.isMainSleep && log.duration < HOUR_MS && log.startTime.slice(11, 13) > "11")).toBe(true);
  });

  it("are pending for a while after waking", async () => {
    const visit = await visitSim();
    let pending = 0;
    for (let step = 0; step < 24 * 6; step++) {
      visit.pass(10 * MINUTE_MS);
      const { access_token } = await connect(visit);
      const date = new Date(visit.now() + HOUR_MS).toISOString().slice(0, 10);
      const answer = (await visit.get(`${SLEEP}/date/${date}.json`, access_token)).json<{ meta?: { state: string; retryDuration: number }; sleep?: SleepLog[] }>();
      if (!answer.meta) continue;
      pending++;
      expect(answer).toEqual({ meta: { state: "pending", retryDuration: 3000 } });
      expect((await visit.get(`${SLEEP}/date/${date}/${date}.json`, access_token)).json()).toEqual({ sleep: [] });
    }
    expect(pending).toBeGreaterThan(0);
  });
});

describe("Fitbit's people are those of the other clouds", () => {
  it("the night is Google's night, the run Strava's run, the weight Garmin's weight, and the id the one that Google remembers", async () => {
    const visit = await visitSim();
    const { access_token, user_id } = await connect(visit);
    const google = await visit.connect("google");
    expect((await visit.get("/google/v4/users/me/identity", google.access_token)).json<{ legacyUserId: string }>().legacyUserId).toBe(user_id);
    const filter = 'sleep.interval.civil_end_time >= "2026-11-10" AND sleep.interval.civil_end_time < "2026-11-20"';
    const nights = (await visit.get(`/google/v4/users/me/dataTypes/sleep/dataPoints:reconcile?${new URLSearchParams({ filter }).toString()}`, google.access_token))
      .json<{ dataPoints: { sleep: { interval: { startTime: string } } }[] }>().dataPoints.map(({ sleep }) => Date.parse(sleep.interval.startTime));
    const { sleep } = (await visit.get(`${SLEEP}/date/2026-11-10/2026-11-19.json`, access_token)).json<{ sleep: SleepLog[] }>();
    expect(sleep.map(({ startTime }) => Date.parse(`${startTime}+01:00`))).toEqual(nights);

    const strava = await visit.connect("strava");
    const outings = (await visit.get("/strava/api/v3/athlete/activities?per_page=50", strava.access_token)).json<{ start_date: string; distance: number }[]>();
    const { activities } = (await visit.get(`${USER}/activities/list.json?beforeDate=2026-11-21&sort=desc&offset=0&limit=20`, access_token)).json<{ activities: { startTime: string; distance?: number; activityName: string }[] }>();
    const run = activities.find(({ activityName }) => activityName === "Run")!;
    expect(run.startTime).toMatch(/\.000\+0[12]:00$/);
    expect((run.distance ?? 0) * 1000).toBeCloseTo(outings.find(({ start_date }) => Date.parse(start_date) === Date.parse(run.startTime))!.distance, 0);
  });
});

describe("Fitbit's limits", () => {
  it("are 150 calls an hour, told in headers, and end on the hour", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    const first = await visit.get(`${USER}/profile.json`, access_token);
    expect(first.headers).toMatchObject({ "fitbit-rate-limit-limit": "150", "fitbit-rate-limit-remaining": "149", "fitbit-rate-limit-reset": String(57 * 60) });
    visit.sim.control.turn("fitbit", "callsPerHour", "1");
    const over = await visit.get(`${USER}/profile.json`, access_token);
    expect([over.statusCode, over.headers["retry-after"]]).toEqual([429, String(57 * 60)]);
    visit.sim.control.turn("fitbit", "resetHeader", "unix time");
    expect(Number((await visit.get(`${USER}/profile.json`, access_token)).headers["fitbit-rate-limit-reset"])).toBeGreaterThan(1e9);
    visit.pass(57 * MINUTE_MS);
    expect((await visit.get(`${USER}/profile.json`, access_token)).statusCode).toBe(200);
  });

  it("are absolute once the API has ended", async () => {
    const visit = await visitSim();
    const { access_token, refresh_token } = await connect(visit);
    visit.sim.control.turn("fitbit", "state", "ended");
    expect((await visit.get(`${USER}/profile.json`, access_token)).statusCode).toBe(410);
    expect((await form(visit, "/oauth2/token", { grant_type: "refresh_token", refresh_token })).statusCode).toBe(410);
    expect((await visit.get("/fitbit/oauth2/authorize")).statusCode).toBe(410);
  });
});

describe("Fitbit's subscriptions", () => {
  const CODE = "fitbit-secret-verification_code";
  /** Answers as a proper subscriber does, and keeps what it was asked. */
  const subscriber = (asked: string[] = [], statuses: readonly [right: number, wrong: number] = [204, 404]): Partial<Parameters<typeof visitSim>[0]> => ({
    challenge: (url, _timeoutMs, { method }) => {
      const code = new URL(url).searchParams.get("verify");
      asked.push(`${method} ${code === CODE ? "right" : "wrong"}`);
      return Promise.resolve({ status: statuses[code === CODE ? 0 : 1], contentType: "", body: "" });
    },
  });
  const noticesIn = (visit: Visit): Json[] => visit.sent.flatMap(({ body }) => JSON.parse(body) as Json[]);

  it("are made once, listed and removed, under an id of one's own", async () => {
    const visit = await visitSim();
    const { access_token, user_id } = await connect(visit);
    const made = await call(visit, "POST", `${USER}/sleep/apiSubscriptions/ana-sleep.json`, access_token);
    expect([made.statusCode, made.json()]).toEqual([201, { collectionType: "sleep", ownerId: user_id, ownerType: "user", subscriberId: "1", subscriptionId: "ana-sleep" }]);
    expect((await call(visit, "POST", `${USER}/sleep/apiSubscriptions/ana-sleep.json`, access_token)).statusCode).toBe(200);
    expect((await call(visit, "POST", `${USER}/body/apiSubscriptions/ana-sleep.json`, access_token)).statusCode).toBe(409);
    const liam = await connect(visit, { person: "liam" });
    expect((await call(visit, "POST", `${USER}/sleep/apiSubscriptions/ana-sleep.json`, liam.access_token)).statusCode).toBe(409);
    expect((await call(visit, "DELETE", `${USER}/sleep/apiSubscriptions/ana-sleep.json`, liam.access_token)).statusCode).toBe(404);
    expect((await visit.get(`${USER}/sleep/apiSubscriptions.json`, access_token)).json()).toMatchObject({ apiSubscriptions: [{ subscriptionId: "ana-sleep" }] });
    expect((await call(visit, "DELETE", `${USER}/sleep/apiSubscriptions/ana-sleep.json`, access_token)).statusCode).toBe(204);
    expect((await visit.get(`${USER}/apiSubscriptions.json`, access_token)).json()).toEqual({ apiSubscriptions: [] });
    const narrow = await connect(visit, { person: "grace", permissions: ["sleep"] });
    expect((await call(visit, "POST", `${USER}/activities/apiSubscriptions/grace.json`, narrow.access_token)).statusCode).toBe(403);
  });

  it("tell nothing before the subscriber has answered a right and a wrong code", async () => {
    const asked: string[] = [];
    for (const [statuses, count] of [[[204, 204], 0], [[200, 404], 0], [[204, 404], 1]] as const) {
      const visit = await visitSim(subscriber(asked, statuses));
      const { access_token } = await connect(visit);
      await call(visit, "POST", `${USER}/sleep/apiSubscriptions/1.json`, access_token);
      await visit.sim.control.push("fitbit", "ana", "sleep");
      expect(visit.sent).toHaveLength(count);
    }
    expect(asked.slice(-2)).toEqual(["GET right", "GET wrong"]);
  });

  it("tell of their collection, signed, and are told again until 204", async () => {
    const visit = await visitSim(subscriber());
    const { access_token, user_id } = await connect(visit);
    await call(visit, "POST", `${USER}/sleep/apiSubscriptions/1.json`, access_token);
    await visit.sim.control.push("fitbit", "ana", "activities");
    expect(visit.sent).toEqual([]);
    const [result] = await visit.sim.control.push("fitbit", "ana", "sleep");
    const [{ headers, body }] = visit.sent as [Visit["sent"][number]];
    expect(JSON.parse(body)).toEqual([{ collectionType: "sleep", date: "2026-11-20", ownerId: user_id, ownerType: "user", subscriptionId: "1" }]);
    expect(headers["x-fitbit-signature"]).toBe(fitbitSignature(body, "fitbit-secret"));
    // 200 is no 204.
    expect(result).toMatchObject({ status: 200, retryMs: expect.any(Number) as number });
    visit.receiver.status = 204;
    visit.pass(MINUTE_MS);
    expect(await visit.sim.control.tick()).toContainEqual(expect.objectContaining({ status: 204, attempt: 2, retryMs: null }));
  });

  it("tell of everything when they are for all, many people in one body", async () => {
    const visit = await visitSim(subscriber());
    visit.receiver.status = 204;
    for (const person of ["ana", "liam"]) {
      const { access_token } = await connect(visit, { person });
      await call(visit, "POST", `${USER}/apiSubscriptions/${person}.json`, access_token);
    }
    await visit.sim.control.tick();
    visit.pass(DAY_MS);
    await visit.sim.control.tick();
    expect(visit.sent).toHaveLength(1);
    const notices = noticesIn(visit);
    expect(new Set(notices.map((notice) => notice["subscriptionId"]))).toEqual(new Set(["ana", "liam"]));
    expect(notices.map((notice) => notice["collectionType"])).toEqual(expect.arrayContaining(["activities", "sleep"]));
    await visit.sim.control.tick();
    expect(visit.sent).toHaveLength(1);
  });

  it("end with the person's withdrawal, which is told last", async () => {
    const visit = await visitSim(subscriber());
    const { access_token } = await connect(visit);
    await call(visit, "POST", `${USER}/userRevokedAccess/apiSubscriptions/gone.json`, access_token);
    await visit.sim.control.push("fitbit", "ana", "userRevokedAccess");
    expect(noticesIn(visit)).toMatchObject([{ collectionType: "userRevokedAccess", subscriptionId: "gone" }]);
    expect((await visit.get(`${USER}/profile.json`, access_token)).statusCode).toBe(401);
    visit.pass(DAY_MS);
    await visit.sim.control.tick();
    expect(noticesIn(visit).filter((notice) => notice["collectionType"] !== "userRevokedAccess")).toEqual([]);
  });

  it("are signed as the test vector of the facts says", () => {
    const body = '[{"collectionType":"sleep","date":"2026-01-15","ownerId":"ABC123","ownerType":"user","subscriptionId":"1"}]';
    expect(fitbitSignature(body, "test_secret")).toBe("43JZDqv3tGwjzZyCqMww7XzKjnM=");
  });
});

it("serves nothing of times to come", async () => {
  const visit = await visitSim();
  const { access_token } = await connect(visit, { person: "liam" });
  const { "activities-steps-intraday": { dataset } } = (await visit.get(`${USER}/activities/steps/date/2026-11-20/1d/1min.json`, access_token)).json<Record<string, { dataset: { time: string }[] }>>() as { "activities-steps-intraday": { dataset: { time: string }[] } };
  expect(dataset.at(-1)?.time).toBe(new Date(START_MS - MINUTE_MS).toISOString().slice(11, 19));
  for (const path of ["/hrv/date/2026-11-21/2026-11-25.json", "/br/date/2026-11-21/2026-11-25.json", "/body/log/weight/date/2026-11-21/2026-11-28.json", "/temp/core/date/2026-11-21/2026-11-28.json"]) {
    expect(Object.values((await visit.get(USER + path, access_token)).json<Json>())).toEqual([[]]);
  }
});
