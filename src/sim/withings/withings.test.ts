import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { describe, expect, it } from "vitest";
import { CALLBACK, client, START_MS, visitSim } from "../testing.ts";
import type { Consent, Visit } from "../testing.ts";
import { signatureOf } from "./nonces.ts";

const HOOK = "http://127.0.0.1:3000/webhooks/withings/unguessable";
const seconds = (ms: number): number => Math.floor(ms / 1000);

interface Envelope<T = Record<string, unknown>> {
  status: number;
  body: T;
  error?: string;
}
interface TokenBody {
  userid: string | number;
  access_token: string;
  refresh_token: string;
  expires_in: number;
  scope: string;
}
interface Group {
  grpid: number;
  attrib: number;
  category: number;
  date: number;
  modified: number;
  deviceid: string | null;
  measures: { type: number; value: number; unit: number; position?: number }[];
}
interface Measures {
  measuregrps: Group[];
  more: number;
  offset: number;
}
type Row = Record<string, unknown> & { data?: Record<string, unknown> };
interface Rows {
  series: Row[];
  activities: Row[];
  more: boolean;
  offset: number;
}

async function connect(visit: Visit, choice: Consent = {}): Promise<TokenBody> {
  return ((await visit.connect("withings", choice)) as unknown as Envelope<TokenBody>).body;
}

async function call<T = Rows>(visit: Visit, path: string, fields: Record<string, string | number>, token = ""): Promise<Envelope<T>> {
  const payload = new URLSearchParams(Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)])).toString();
  const answer = await visit.app.inject({
    method: "POST", url: `/sim/withings${path}`, payload, headers: { "content-type": "application/x-www-form-urlencoded", ...(token ? { authorization: `Bearer ${token}` } : {}) },
  });
  expect(answer.statusCode).toBe(200);
  return answer.json<Envelope<T>>();
}

const token = (visit: Visit, fields: Record<string, string>): Promise<Envelope<TokenBody>> => call(visit, "/v2/oauth2", { action: "requesttoken", ...client("withings"), ...fields });
const refresh = (visit: Visit, refreshToken: string): Promise<Envelope<TokenBody>> => token(visit, { grant_type: "refresh_token", refresh_token: refreshToken });
const days = (visit: Visit, count: number): { startdate: number; enddate: number } => ({ startdate: seconds(visit.now() - count * DAY_MS), enddate: seconds(visit.now()) });
const ymd = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const dates = (visit: Visit, count: number): { startdateymd: string; enddateymd: string } => ({ startdateymd: ymd(visit.now() - count * DAY_MS), enddateymd: ymd(visit.now()) });
const real = ({ value, unit }: { value: number; unit: number }): number => value / 10 ** -unit;

describe("Withings' tokens", () => {
  it("come nested in an envelope, for a code of 30 seconds and a call that names its action", async () => {
    const visit = await visitSim();
    const body = await connect(visit);
    expect(body).toMatchObject({ expires_in: 10_800, scope: "user.info,user.metrics,user.activity,user.sleepevents", token_type: "Bearer" });
    expect(String(body.userid)).toMatch(/^\d{8}$/);
    const code = async (): Promise<string> => (await visit.consent("withings")).searchParams.get("code")!;
    expect((await token(visit, { grant_type: "authorization_code", code: await code(), redirect_uri: CALLBACK, action: "gettoken" })).status).toBe(2554);
    const late = await code();
    visit.pass(30_000);
    expect(await token(visit, { grant_type: "authorization_code", code: late, redirect_uri: CALLBACK })).toMatchObject({ status: 503, error: "Invalid Params: invalid code" });
    const once = await code();
    expect((await token(visit, { grant_type: "authorization_code", code: once, redirect_uri: CALLBACK })).status).toBe(0);
    expect((await token(visit, { grant_type: "authorization_code", code: once, redirect_uri: CALLBACK })).status).toBe(503);
    expect(await token(visit, { grant_type: "authorization_code", code: await code(), redirect_uri: CALLBACK, client_secret: "wrong" })).toMatchObject({ status: 503, error: "Invalid Params: invalid client_secret" });
  });

  it("rotate, and the former refresh token serves until the new access token is used, or for eight hours", async () => {
    const visit = await visitSim();
    const first = await connect(visit);
    const second = (await refresh(visit, first.refresh_token)).body;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await refresh(visit, first.refresh_token)).body).toMatchObject({ access_token: second.access_token, refresh_token: second.refresh_token });
    await call(visit, "/v2/user", { action: "getdevice" }, second.access_token);
    const dead = await refresh(visit, first.refresh_token);
    expect(dead.status).toBe(401);
    expect(dead.error).toContain("invalid_token");
    const third = (await refresh(visit, second.refresh_token)).body;
    visit.pass(8 * HOUR_MS);
    expect((await refresh(visit, second.refresh_token)).status).toBe(401);
    expect((await refresh(visit, third.refresh_token)).status).toBe(0);
  });

  it("are refused with status 401 in a good answer when they are old, foreign or missing", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    const foreign = await visit.connect("strava");
    expect((await call(visit, "/v2/user", { action: "getdevice" }, access_token)).status).toBe(0);
    for (const wrong of ["", foreign.access_token]) expect((await call(visit, "/v2/user", { action: "getdevice" }, wrong)).error).toContain("invalid_token");
    visit.pass(10_800_000);
    expect((await call(visit, "/v2/user", { action: "getdevice" }, access_token)).status).toBe(401);
  });

  it("can be had by a signature in place of the secret, with a nonce that serves once", async () => {
    const visit = await visitSim();
    const nonceOf = async (): Promise<string> => {
      const asked = { action: "getnonce", client_id: "withings-id", timestamp: String(seconds(visit.now())) };
      return (await call<{ nonce: string }>(visit, "/v2/signature", { ...asked, signature: signatureOf(asked, "withings-secret") })).body.nonce;
    };
    const signed = (action: string, nonce: string): Record<string, string> => {
      const asked = { action, client_id: "withings-id", nonce };
      return { ...asked, signature: signatureOf(asked, "withings-secret") };
    };
    const nonce = await nonceOf();
    const code = (await visit.consent("withings")).searchParams.get("code")!;
    const told = await call<TokenBody>(visit, "/v2/oauth2", { ...signed("requesttoken", nonce), grant_type: "authorization_code", code, redirect_uri: CALLBACK });
    expect(told.status).toBe(0);
    expect((await call(visit, "/v2/oauth2", { ...signed("revoke", nonce), userid: told.body.userid })).status).toBe(503);
    expect((await call(visit, "/v2/oauth2", { action: "revoke", ...client("withings"), userid: told.body.userid })).status).toBe(503);
    await call(visit, "/notify", { action: "subscribe", callbackurl: HOOK, appli: 1 }, told.body.access_token);
    expect((await call(visit, "/v2/oauth2", { ...signed("revoke", await nonceOf()), userid: told.body.userid })).status).toBe(0);
    expect((await call(visit, "/v2/user", { action: "getdevice" }, told.body.access_token)).status).toBe(401);
    expect((await refresh(visit, told.body.refresh_token)).status).toBe(401);
    expect(visit.sent).toEqual([]);
  });

  it("are signed as the vectors of the facts say", () => {
    expect(signatureOf({ client_id: "test_client", timestamp: "1795071672", action: "getnonce" }, "test_secret")).toBe("9550b0569372d22dbea1247b05d40b9a7b8d50ac46458e591a9959cee811aa7b");
    expect(signatureOf({ action: "revoke", client_id: "test_client", nonce: "nonce123" }, "test_secret")).toBe("31838f0eb6a97753e7d6fef2392f462b8b929b747ada868ecfc2a986a22c20f7");
  });

  it("are asked for with scopes by comma, at a registered address or below it", async () => {
    const visit = await visitSim();
    const lead = async (query: Record<string, string>): Promise<string> => (await visit.consent("withings", { query })).search;
    expect(await lead({ scope: "user.info user.metrics" })).toContain("error=invalid_scope");
    expect(await lead({ redirect_uri: `${CALLBACK}/patient?x=1` })).toContain("code=");
    for (const redirect_uri of [`${CALLBACK}x`, "http://127.0.0.1:3000/", "https://evil.example/oauth/callback"]) {
      const query = new URLSearchParams({ client_id: "withings-id", response_type: "code", scope: "user.info", redirect_uri });
      expect((await visit.get(`/withings/oauth2_user/authorize2?${query.toString()}`)).statusCode).toBe(400);
    }
  });

  it("let out only what was ticked", async () => {
    const visit = await visitSim();
    const { access_token, scope } = await connect(visit, { permissions: ["user.metrics"] });
    expect(scope).toBe("user.metrics");
    expect((await call(visit, "/measure", { action: "getmeas", ...days(visit, 30) }, access_token)).status).toBe(0);
    for (const [path, action] of [["/v2/user", "getdevice"], ["/v2/sleep", "getsummary"], ["/v2/measure", "getactivity"]] as const) {
      expect((await call(visit, path, { action, ...dates(visit, 3) }, access_token)).status).toBe(277);
    }
    expect((await call(visit, "/notify", { action: "subscribe", callbackurl: HOOK, appli: 44 }, access_token)).status).toBe(277);
  });
});

describe("Withings' measures", () => {
  it("are whole numbers with a power of ten, newest first, paged to the end by offset", async () => {
    const visit = await visitSim({ switches: { withings: { rowsPerPage: "7" } } });
    const { access_token } = await connect(visit, { person: "tomas" });
    const all: Group[] = [];
    let offset = 0;
    for (let more = 1; more === 1;) {
      const { body } = await call<Measures>(visit, "/measure", { action: "getmeas", category: 1, ...days(visit, 120), offset }, access_token);
      expect(body.measuregrps.length).toBeLessThanOrEqual(7);
      all.push(...body.measuregrps);
      ({ more, offset } = body);
    }
    expect(all.length).toBeGreaterThan(30);
    expect(all.map(({ date }) => date)).toEqual(all.map(({ date }) => date).toSorted((one, other) => other - one));
    for (const { measures } of all) for (const { value, unit } of measures) expect(Number.isInteger(value) && unit <= 0).toBe(true);
    for (const { measures } of all.filter((one) => one.measures.some(({ type }) => type === 10))) expect(measures.map(({ type }) => type)).toEqual([9, 10, 11]);
  });

  it("are filtered by type, category and last change, and hold nothing of times to come", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    const ask = async (fields: Record<string, string | number>): Promise<Group[]> => (await call<Measures>(visit, "/measure", { action: "getmeas", ...fields }, access_token)).body.measuregrps;
    const weights = await ask({ meastypes: "1,6", ...days(visit, 365) });
    expect(new Set(weights.flatMap(({ measures }) => measures.map(({ type }) => type)))).toEqual(new Set([1, 6]));
    const since = weights[3]!.modified;
    expect((await ask({ meastype: 1, category: 1, lastupdate: since })).map(({ grpid }) => grpid)).toEqual(weights.filter(({ modified }) => modified >= since).map(({ grpid }) => grpid));
    const signUp = { startdate: seconds(Date.UTC(2024, 2, 1)), enddate: seconds(Date.UTC(2024, 2, 2)), meastypes: "1,4" };
    expect((await ask(signUp)).map(({ category, attrib }) => [category, attrib])).toContainEqual([2, 2]);
    expect((await ask({ ...signUp, category: 1 })).every(({ category }) => category === 1)).toBe(true);
    expect(await ask({ startdate: seconds(visit.now()), enddate: seconds(visit.now() + 30 * DAY_MS) })).toEqual([]);
    expect((await call(visit, "/measure", { action: "getmeas", startdate: "yesterday", enddate: 1 }, access_token)).status).toBe(503);
  });

  it("are the weights that Garmin tells of", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    await visit.connect("garmin");
    await visit.sim.control.push("garmin", "ana", "bodyComps", { days: 40 });
    const garmin = visit.sent.flatMap(({ body }) => (JSON.parse(body) as { bodyComps: { measurementTimeInSeconds: number; weightInGrams: number }[] }).bodyComps);
    expect(garmin.length).toBeGreaterThan(3);
    const { body } = await call<Measures>(visit, "/measure", { action: "getmeas", meastype: 1, category: 1, ...days(visit, 40) }, access_token);
    for (const { measurementTimeInSeconds, weightInGrams } of garmin) {
      const same = body.measuregrps.find(({ date, attrib }) => date === measurementTimeInSeconds && attrib === 0)!;
      expect(real(same.measures[0]!)).toBeCloseTo(weightInGrams / 1000, 3);
    }
  });

  it("carry what real ones carry: groups twice, strangers, limbs, zeros for nothing, hands", async () => {
    const visit = await visitSim();
    const all: Group[] = [];
    for (const person of ["ana", "liam", "tomas", "priya"]) {
      const { access_token } = await connect(visit, { person });
      for (let back = 0; back < 5; back++) {
        const window = { startdate: seconds(visit.now() - (back + 1) * 90 * DAY_MS), enddate: seconds(visit.now() - back * 90 * DAY_MS) - 1 };
        all.push(...(await call<Measures>(visit, "/measure", { action: "getmeas", ...window }, access_token)).body.measuregrps);
      }
    }
    const twice = all.filter(({ grpid, attrib }) => attrib === 8 && all.some((one) => one.grpid === grpid && one.attrib === 0));
    expect(twice.length).toBeGreaterThan(0);
    for (const attrib of [0, 1, 2, 5, 8]) expect(all.some((one) => one.attrib === attrib), String(attrib)).toBe(true);
    expect(all.filter(({ attrib }) => attrib === 2).every(({ deviceid }) => deviceid === null)).toBe(true);
    const measures = all.flatMap((one) => one.measures);
    expect(measures.some(({ type, position }) => type === 76 && position !== undefined)).toBe(true);
    expect(measures.some(({ type, value }) => type === 6 && value === 0) && measures.some(({ type, value }) => type === 11 && value === 0)).toBe(true);
    expect(all.some((one) => one.measures.filter(({ type }) => type === 1).length === 2)).toBe(true);
    for (const type of [1, 5, 6, 8, 9, 10, 11, 12, 54, 71, 73, 76, 77, 88, 91, 123, 130, 155, 168, 170, 173, 226]) expect(measures.some((one) => one.type === type), String(type)).toBe(true);
  });
});

describe("Withings' days", () => {
  it("tell a few fields unless asked, hearts only when asked, and today as far as it is known", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    const bare = await call(visit, "/v2/measure", { action: "getactivity", ...dates(visit, 7) }, access_token);
    expect(bare.body.activities.length).toBe(8);
    for (const day of bare.body.activities) expect(day).not.toHaveProperty("hr_average");
    expect(bare.body.more).toBe(false);
    const asked = await call(visit, "/v2/measure", { action: "getactivity", ...dates(visit, 200), data_fields: "steps,hr_average" }, access_token);
    expect(Object.keys(asked.body.activities[0]!)).toEqual(expect.arrayContaining(["steps", "hr_average"]));
    expect(asked.body.activities[0]).not.toHaveProperty("distance");
    expect(asked.body).toMatchObject({ more: true, offset: 200 });
    expect(asked.body.activities.some(({ brand, deviceid, hr_average }) => brand === 18 && deviceid === null && hr_average === 0)).toBe(true);
    const today = async (): Promise<number> => Number((await call(visit, "/v2/measure", { action: "getactivity", ...dates(visit, 0) }, access_token)).body.activities[0]!["steps"]);
    const before = await today();
    visit.pass(2 * HOUR_MS);
    expect(await today()).toBeGreaterThan(before);
    const changed = await call(visit, "/v2/measure", { action: "getactivity", lastupdate: seconds(START_MS) }, access_token);
    expect(changed.body.activities.map(({ date }) => date)).toEqual([ymd(START_MS)]);
    expect((await call(visit, "/v2/measure", { action: "getactivity" }, access_token)).status).toBe(503);
  });

  it("tell minutes by the second they began at, of the first 24 hours alone", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    const ask = async (fields: Record<string, string | number>): Promise<Record<string, Record<string, unknown>>> =>
      (await call<{ series: Record<string, Record<string, unknown>> }>(visit, "/v2/measure", { action: "getintradayactivity", ...fields }, access_token)).body.series;
    const from = seconds(START_MS - 3 * DAY_MS);
    const fields = { startdate: from, enddate: from + 2 * 86_400, data_fields: "steps,heart_rate,spo2_auto,rmssd" };
    const times = Object.keys(await ask(fields)).map(Number);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(from);
    expect(Math.max(...times)).toBeLessThanOrEqual(from + 86_400);
    expect(Math.max(...times)).toBeGreaterThan(from + 80_000);
    const found = Object.values(await ask(fields));
    for (const name of ["steps", "heart_rate", "spo2_auto", "rmssd"]) expect(found.some((entry) => name in entry), name).toBe(true);
    expect(found.some((entry) => "distance" in entry)).toBe(false);
    expect(Object.values(await ask({ startdate: from, enddate: from + 86_400 })).some((entry) => "heart_rate" in entry)).toBe(false);
    expect(await ask({ startdate: seconds(START_MS), enddate: seconds(START_MS + DAY_MS) })).toEqual([]);
  });

  it("hold the outings that other clouds tell of", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "liam" });
    const strava = await visit.connect("strava", { person: "liam" });
    const { body } = await call(visit, "/v2/measure", { action: "getworkouts", ...dates(visit, 30), data_fields: "distance,hr_average,pause_duration" }, access_token);
    const runs = (await visit.get(`/strava/api/v3/athlete/activities?per_page=50&after=${seconds(START_MS - 30 * DAY_MS)}`, strava.access_token)).json<{ start_date: string; elapsed_time: number; distance: number }[]>();
    expect(runs.length).toBeGreaterThan(5);
    for (const run of runs) {
      const same = body.series.find(({ startdate }) => startdate === Date.parse(run.start_date) / 1000)!;
      expect(Number(same["enddate"]) - Number(same["startdate"])).toBe(run.elapsed_time);
      expect(same.data!["distance"]).toBe(Math.round(run.distance));
    }
    expect(new Set(body.series.map(({ category }) => category))).toEqual(new Set([2, 6, 308]));
  });
});

describe("Withings' nights", () => {
  it("are told by watch and mat, in the fields asked for, and are the ones that Garmin tells of", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "liam" });
    await visit.connect("garmin", { person: "liam" });
    await visit.sim.control.push("garmin", "liam", "sleeps", { days: 5 });
    const [garmin] = visit.sent.flatMap(({ body }) => (JSON.parse(body) as { sleeps: Record<string, unknown>[] }).sleeps);
    const wanted = "total_timeinbed,total_sleep_time,lightsleepduration,deepsleepduration,remsleepduration,sleep_score,apnea_hypopnea_index,asleepduration";
    const { body } = await call(visit, "/v2/sleep", { action: "getsummary", ...dates(visit, 90), data_fields: wanted }, access_token);
    const sameDate = body.series.filter(({ date }) => date === garmin!["calendarDate"]);
    expect(sameDate.map(({ model }) => model)).toEqual([32, 16]);
    const [mat, watch] = sameDate as [Row, Row];
    expect(watch["startdate"]).toBe(garmin!["startTimeInSeconds"]);
    expect(mat["startdate"]).toBeLessThan(Number(watch["startdate"]));
    expect(mat.data).toMatchObject({ deepsleepduration: garmin!["deepSleepDurationInSeconds"], remsleepduration: garmin!["remSleepInSeconds"] });
    expect(mat.data!["total_timeinbed"]).toBe(Number(mat["enddate"]) - Number(mat["startdate"]));
    expect(watch.data).not.toHaveProperty("apnea_hypopnea_index");
    const bare = body.series.filter(({ data }) => !("deepsleepduration" in data!));
    expect(bare.length).toBeGreaterThan(0);
    expect(bare.every(({ hash_deviceid }) => hash_deviceid === null)).toBe(true);
  });

  it("come as stretches in a list, with maps only when asked, of the first 24 hours", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "liam" });
    const from = seconds(START_MS - 3 * DAY_MS);
    const ask = async (fields: Record<string, string | number>): Promise<Row[]> => (await call(visit, "/v2/sleep", { action: "get", startdate: from, enddate: from + 3 * 86_400, ...fields }, access_token)).body.series;
    const bare = await ask({});
    expect(bare.length).toBeGreaterThan(10);
    expect(bare.every((stretch) => !("hr" in stretch) && Number(stretch["startdate"]) <= from + 86_400)).toBe(true);
    const full = await ask({ data_fields: "hr,rr,rmssd,snoring" });
    const deep = full.find(({ state, model_id }) => state === 2 && model_id === 63)!;
    for (const [at, rate] of Object.entries(deep["hr"] as Record<string, number>)) {
      expect(Number(at) >= Number(deep["startdate"]) && Number(at) < Number(deep["enddate"])).toBe(true);
      expect(rate).toBeGreaterThan(30);
    }
    expect(deep).not.toHaveProperty("mvt_score");
    const states = new Set<unknown>();
    for (let back = 1; back < 150; back++) for (const { state } of await ask({ startdate: seconds(START_MS - back * DAY_MS), enddate: seconds(START_MS - (back - 1) * DAY_MS) })) {
      states.add(state);
      if (back % 100 === 0) visit.pass(MINUTE_MS);
    }
    expect(states).toEqual(new Set([0, 1, 2, 3, 4, 5, 15]));
  });

  it("do not know dreams on the plain watch, and rate breath only where that is allowed", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "tomas" });
    const { body } = await call(visit, "/v2/sleep", { action: "getsummary", ...dates(visit, 20), data_fields: "remsleepduration,lightsleepduration,apnea_hypopnea_index" }, access_token);
    const of = (model: number): Row[] => body.series.filter((row) => row["model"] === model && row["hash_deviceid"] !== null);
    expect(of(16).every(({ data }) => !("remsleepduration" in data!))).toBe(true);
    expect(of(32).every(({ data }) => Number(data!["remsleepduration"]) > 0 && data!["apnea_hypopnea_index"] === -1)).toBe(true);
  });
});

describe("Withings' heart recordings", () => {
  it("are listed with cuff readings and can be opened", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "tomas" });
    const { body } = await call(visit, "/v2/heart", { action: "list", ...days(visit, 60) }, access_token);
    expect(body.series.length).toBeGreaterThan(10);
    expect(body.series.every(({ bloodpressure, model }) => bloodpressure !== undefined && model === 44)).toBe(true);
    const { signalid } = body.series.find(({ ecg }) => ecg !== undefined)!["ecg"] as { signalid: number };
    const signal = await call<{ signal: number[]; sampling_frequency: number }>(visit, "/v2/heart", { action: "get", signalid }, access_token);
    expect(signal.body.signal.length).toBe(signal.body.sampling_frequency * 30);
    expect((await call(visit, "/v2/heart", { action: "get", signalid: signalid + 10 }, access_token)).status).toBe(503);
  });
});

describe("Withings' calls", () => {
  it("are 120 in a minute, and one more is status 601 in a good answer without headers", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    for (let count = 1; count < 120; count++) expect((await call(visit, "/v2/user", { action: "getgoals" }, access_token)).status).toBe(0);
    expect((await call(visit, "/v2/user", { action: "getgoals" }, access_token)).status).toBe(601);
    visit.pass(MINUTE_MS);
    expect((await call(visit, "/v2/user", { action: "getgoals" }, access_token)).status).toBe(0);
  });

  it("to what there is not, and those that meet trouble, are good answers too", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    expect((await call(visit, "/v2/measure", { action: "getmeas" }, access_token)).status).toBe(2554);
    visit.sim.control.setFault("withings", { kind: "server_error", status: 503, times: 1 });
    expect((await call(visit, "/v2/user", { action: "getgoals" }, access_token)).status).toBe(5000);
  });
});

describe("Withings' notifications", () => {
  const subscribe = (visit: Visit, appli: number, access_token: string): Promise<Envelope> => call(visit, "/notify", { action: "subscribe", callbackurl: HOOK, appli, comment: "ours" }, access_token);
  const told = (visit: Visit): Record<string, string>[] => visit.sent.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));

  it("are subscribed to by kind after a HEAD, listed, moved and revoked", async () => {
    const asked: string[] = [];
    let status = 200;
    const visit = await visitSim({
      challenge: (url, timeoutMs, request) => {
        asked.push(`${request.method} ${url} ${timeoutMs}`);
        return Promise.resolve({ status, contentType: "", body: "" });
      },
    });
    const { access_token } = await connect(visit);
    for (const appli of [1, 44, 44]) expect((await subscribe(visit, appli, access_token)).status).toBe(0);
    expect(asked[0]).toBe(`HEAD ${HOOK} 2000`);
    const list = async (): Promise<unknown> => (await call<{ profiles: unknown }>(visit, "/notify", { action: "list" }, access_token)).body.profiles;
    expect(await list()).toMatchObject([{ appli: 1, callbackurl: HOOK, comment: "ours" }, { appli: 44 }]);
    expect((await call(visit, "/notify", { action: "update", callbackurl: HOOK, appli: 1, new_appli: 4, comment: "new" }, access_token)).status).toBe(0);
    expect(await list()).toMatchObject([{ appli: 4, comment: "new" }, { appli: 44 }]);
    expect((await call(visit, "/notify", { action: "revoke", callbackurl: HOOK, appli: 4 }, access_token)).status).toBe(0);
    expect((await call(visit, "/notify", { action: "revoke", callbackurl: HOOK, appli: 4 }, access_token)).status).toBe(286);
    expect((await call(visit, "/notify", { action: "subscribe", callbackurl: `http://a.example/${"x".repeat(255)}`, appli: 1 }, access_token)).status).toBe(293);
    expect((await call(visit, "/notify", { action: "subscribe", callbackurl: HOOK, appli: 999 }, access_token)).status).toBe(503);
    status = 405;
    expect((await subscribe(visit, 1, access_token)).status).toBe(294);
    visit.sim.control.turn("withings", "callbackRules", "strict");
    expect((await subscribe(visit, 44, access_token)).status).toBe(293);
  });

  it("are unsigned forms that name a window, which then holds the data", async () => {
    const visit = await visitSim();
    const body = await connect(visit);
    for (const appli of [1, 16, 44]) await subscribe(visit, appli, body.access_token);
    await visit.sim.control.push("withings", "ana", "weight");
    await visit.sim.control.push("withings", "ana", "workout");
    await visit.sim.control.push("withings", "ana", "sleep");
    const [weight, workout, sleep] = told(visit) as [Record<string, string>, Record<string, string>, Record<string, string>];
    expect(weight).toMatchObject({ userid: String(body.userid), appli: "1" });
    expect(visit.sent[0]!.headers).toEqual({ "content-type": "application/x-www-form-urlencoded" });
    const padded = { startdate: Number(weight["startdate"]) - 60, enddate: Number(weight["enddate"]) + 60 };
    expect((await call<Measures>(visit, "/measure", { action: "getmeas", meastype: 1, ...padded }, body.access_token)).body.measuregrps.length).toBeGreaterThan(0);
    const outings = await call(visit, "/v2/measure", { action: "getworkouts", lastupdate: Number(workout["enddate"]) - 60 }, body.access_token);
    expect(outings.body.series.map(({ startdate }) => String(startdate))).toContain(workout["startdate"]);
    const nights = await call(visit, "/v2/sleep", { action: "getsummary", ...dates(visit, 1) }, body.access_token);
    expect(nights.body.series.map(({ enddate }) => String(enddate))).toContain(sleep["enddate"]);
    await expect(visit.sim.control.push("withings", "ana", "ecg")).resolves.toEqual([]);
  });

  it("come once for each night, weighing and outing, and only to those who subscribed and ticked", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit, { person: "priya" });
    await connect(visit, { person: "liam", permissions: ["user.info"] });
    for (const appli of [1, 2, 4, 16, 44]) await subscribe(visit, appli, access_token);
    for (let hour = 0; hour < 14 * 24; hour++) {
      visit.pass(HOUR_MS);
      await visit.sim.control.tick();
    }
    const all = told(visit);
    const of = (appli: number): Record<string, string>[] => all.filter((one) => one["appli"] === String(appli));
    // The watch and the mat tell of the same night.
    expect(of(44).length).toBe(28);
    for (const appli of [1, 2, 4]) expect(of(appli).length, String(appli)).toBeGreaterThan(0);
    expect(of(16).some((one) => "date" in one) && of(16).some((one) => "startdate" in one)).toBe(true);
    const windows = all.filter((one) => "startdate" in one).map((one) => JSON.stringify(one));
    expect(new Set(windows).size).toBe(windows.length);
    expect(new Set(all.map((one) => one["userid"])).size).toBe(1);
    await expect(visit.sim.control.push("withings", "liam", "weight")).rejects.toThrow(RangeError);
  });

  it("of unlinking end tokens and subscriptions", async () => {
    const visit = await visitSim();
    const { access_token, userid } = await connect(visit);
    await subscribe(visit, 46, access_token);
    await visit.sim.control.push("withings", "ana", "unlink");
    expect(told(visit)).toEqual([{ userid: String(userid), appli: "46", action: "unlink" }]);
    expect((await call(visit, "/v2/user", { action: "getdevice" }, access_token)).status).toBe(401);
    const again = await connect(visit);
    expect((await call<{ profiles: unknown[] }>(visit, "/notify", { action: "list" }, again.access_token)).body.profiles).toEqual([]);
  });

  it("that nobody takes are tried again, and four lost in a row end the subscription", async () => {
    const visit = await visitSim();
    const { access_token } = await connect(visit);
    await subscribe(visit, 46, access_token);
    visit.receiver.status = 500;
    for (let lost = 0; lost < 4; lost++) {
      expect(await visit.sim.control.push("withings", "ana", "update")).toHaveLength(1);
      for (let minute = 0; minute < 40; minute++) {
        visit.pass(MINUTE_MS);
        await visit.sim.control.tick();
      }
    }
    expect(visit.sent).toHaveLength(16);
    expect(await visit.sim.control.push("withings", "ana", "update")).toEqual([]);
  });
});
