import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import type { SimOptions } from "../options.ts";
import { hmacOf } from "../signing.ts";
import { CALLBACK, START_MS, visitSim } from "../testing.ts";
import type { Visit } from "../testing.ts";

const HOOK = "http://127.0.0.1:3000/webhooks/polar";
const BASIC = `Basic ${Buffer.from("polar-id:polar-secret").toString("base64")}`;
const EVENTS = ["EXERCISE", "SLEEP", "CONTINUOUS_HEART_RATE", "SLEEP_WISE_CIRCADIAN_BEDTIME", "SLEEP_WISE_ALERTNESS", "ACTIVITY_SUMMARY", "PHYSICAL_INFORMATION"];

type Json = Record<string, unknown>;

interface Joined {
  readonly token: string;
  readonly userId: number;
}

function send(visit: Visit, method: "GET" | "POST" | "PATCH" | "DELETE", path: string, more: { authorization?: string; payload?: object } = {}): Promise<LightMyRequestResponse> {
  const { authorization, payload } = more;
  const headers = { accept: "application/json", ...(authorization ? { authorization } : {}), ...(payload ? { "content-type": "application/json" } : {}) };
  return visit.app.inject({ method, url: `/sim/polar${path}`, headers, ...(payload ? { payload: JSON.stringify(payload) } : {}) });
}

function redeem(visit: Visit, fields: Record<string, string>, authorization = BASIC): Promise<LightMyRequestResponse> {
  const headers = { "content-type": "application/x-www-form-urlencoded", authorization };
  return visit.app.inject({ method: "POST", url: "/sim/polar/v2/oauth2/token", headers, payload: new URLSearchParams({ grant_type: "authorization_code", ...fields }).toString() });
}

async function consented(visit: Visit, person = "ana"): Promise<Joined> {
  const code = (await visit.consent("polar", { person })).searchParams.get("code")!;
  const body = (await redeem(visit, { code, redirect_uri: CALLBACK })).json<{ access_token: string; x_user_id: number }>();
  return { token: body.access_token, userId: body.x_user_id };
}

async function joined(visit: Visit, person = "ana"): Promise<Joined> {
  const one = await consented(visit, person);
  expect((await send(visit, "POST", "/v3/users", { authorization: `Bearer ${one.token}`, payload: { "member-id": `member-${person}` } })).statusCode).toBe(200);
  return one;
}

const read = (visit: Visit, { token }: Joined, path: string): Promise<LightMyRequestResponse> => send(visit, "GET", `/v3${path}`, { authorization: `Bearer ${token}` });
const items = async (visit: Visit, one: Joined, path: string): Promise<Json[]> => {
  const answer = await read(visit, one, path);
  return answer.statusCode === 204 ? [] : answer.json<Json[]>();
};
const nights = async (visit: Visit, one: Joined): Promise<Json[]> => (await read(visit, one, "/users/sleep")).json<{ nights: Json[] }>().nights;
const sim = (polar: Record<string, string>): Partial<SimOptions> => ({ switches: { polar } });
const unsynced = sim({ unsyncedDays: "0" });
const ymd = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

describe("Polar's tokens", () => {
  it("are given to a client that proves itself by Basic, live nearly ten years and cannot be refreshed", async () => {
    const visit = await visitSim();
    const code = (await visit.consent("polar")).searchParams.get("code")!;
    const answer = await redeem(visit, { code, redirect_uri: CALLBACK });
    expect(answer.json()).toMatchObject({ token_type: "bearer", expires_in: 315_359_999, x_user_id: expect.any(Number) as number });
    expect(answer.json()).not.toHaveProperty("refresh_token");
    expect((await redeem(visit, { code, redirect_uri: CALLBACK })).json()).toMatchObject({ error: "invalid_grant" });
    const other = (await visit.consent("polar")).searchParams.get("code")!;
    for (const wrong of ["", `Basic ${Buffer.from("polar-id:wrong").toString("base64")}`]) expect((await redeem(visit, { code: other, redirect_uri: CALLBACK }, wrong)).statusCode).toBe(401);
    expect((await redeem(visit, { grant_type: "refresh_token", refresh_token: "any" })).json()).toMatchObject({ error: "invalid_grant" });
    visit.pass(600_000);
    expect((await redeem(visit, { code: other, redirect_uri: CALLBACK })).statusCode).toBe(400);
  });

  it("need no address where one is registered, neither in the page nor in the exchange, but the same in both", async () => {
    const visit = await visitSim();
    const query = { client_id: "polar-id", response_type: "code", state: "s" };
    const page = await visit.get(`/polar/oauth2/authorization?${new URLSearchParams(query).toString()}`);
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toContain('name="redirect_uri"');
    const consent = async (more: Record<string, string> = {}): Promise<URL> => {
      const answer = await visit.form("/polar/oauth2/authorization", { ...query, ...more, person: "ana", decision: "allow" });
      return new URL(String(answer.headers.location));
    };
    const back = await consent();
    expect(`${back.origin}${back.pathname}`).toBe(CALLBACK);
    expect((await redeem(visit, { code: back.searchParams.get("code")! })).statusCode).toBe(200);
    const named = (await consent({ redirect_uri: CALLBACK })).searchParams.get("code")!;
    expect((await redeem(visit, { code: named })).statusCode).toBe(400);
    expect((await consent({ scope: "everything" })).searchParams.get("error")).toBe("invalid_scope");
  });
});

describe("Polar's registration", () => {
  it("has to come before any data, is told once more as a conflict, and ends with the token", async () => {
    const visit = await visitSim();
    const one = await consented(visit);
    const authorization = `Bearer ${one.token}`;
    expect((await read(visit, one, "/exercises")).statusCode).toBe(403);
    expect((await send(visit, "POST", "/v3/users", { authorization, payload: {} })).statusCode).toBe(400);
    const made = await send(visit, "POST", "/v3/users", { authorization, payload: { "member-id": "islet-1" } });
    expect(made.json()).toMatchObject({ "polar-user-id": one.userId, "member-id": "islet-1", gender: "FEMALE", height: 167 });
    expect((await send(visit, "POST", "/v3/users", { authorization, payload: { "member-id": "islet-1" } })).statusCode).toBe(409);
    const liam = await consented(visit, "liam");
    expect((await send(visit, "POST", "/v3/users", { authorization: `Bearer ${liam.token}`, payload: { "member-id": "islet-1" } })).statusCode).toBe(409);
    expect((await read(visit, one, `/users/${one.userId}`)).json()).toMatchObject({ "first-name": "Ana" });
    expect((await read(visit, one, `/users/${liam.userId}`)).statusCode).toBe(403);
    expect((await send(visit, "DELETE", `/v3/users/${one.userId}`, { authorization })).statusCode).toBe(204);
    expect((await read(visit, one, "/exercises")).json()).toMatchObject({ status: 401, errorType: "unauthorized", message: expect.any(String) as string, corrId: expect.any(String) as string });
  });

  it("fails without the mandatory consents, and can answer nothing", async () => {
    const visit = await visitSim(sim({ mandatoryConsents: "missing", registrationAnswer: "empty" }));
    const one = await consented(visit);
    const register = (): Promise<LightMyRequestResponse> => send(visit, "POST", "/v3/users", { authorization: `Bearer ${one.token}`, payload: { "member-id": "m" } });
    expect((await register()).statusCode).toBe(403);
    visit.sim.control.turn("polar", "mandatoryConsents", "accepted");
    expect((await register()).statusCode).toBe(204);
  });

  it("is where the data begins: what was uploaded before never shows", async () => {
    const visit = await visitSim(unsynced);
    const one = await joined(visit);
    for (const path of ["/exercises", "/users/sleep", "/users/nightly-recharge", "/users/cardio-load"]) expect((await read(visit, one, path)).statusCode, path).toBe(204);
    visit.pass(8 * DAY_MS);
    expect((await nights(visit, one)).length).toBe(8);
    expect((await items(visit, one, "/exercises")).length).toBeGreaterThan(0);
  });

  it("outlives the process", async () => {
    let kept: string | null = null;
    const store = { read: () => Promise.resolve(kept), write: (text: string) => { kept = text; return Promise.resolve(); } };
    const first = await visitSim({ store });
    const one = await joined(first);
    await send(first, "POST", "/v3/webhooks", { authorization: BASIC, payload: { events: ["SLEEP"], url: HOOK } });
    await first.sim.stop();
    const second = await visitSim({ store });
    expect((await nights(second, one)).length).toBeGreaterThan(20);
    expect((await send(second, "GET", "/v3/webhooks", { authorization: BASIC })).json()).toMatchObject({ data: [{ events: ["SLEEP"] }] });
  });
});

describe("Polar's exercises", () => {
  it("have local times with minutes of offset, ISO durations and what flags ask for, and are the outings of other clouds", async () => {
    const visit = await visitSim();
    const one = await joined(visit, "liam");
    const strava = await visit.connect("strava", { person: "liam" });
    const bare = await items(visit, one, "/exercises");
    for (const name of ["samples", "route", "heart_rate_zones"]) expect(bare[0]).not.toHaveProperty(name);
    const full = await items(visit, one, "/exercises?samples=true&zones=true&route=true");
    expect(full.map(({ id }) => id)).toEqual(bare.map(({ id }) => id));
    const runs = (await visit.get(`/strava/api/v3/athlete/activities?per_page=50&after=${Math.floor((START_MS - 27 * DAY_MS) / 1000)}`, strava.access_token)).json<{ start_date: string; elapsed_time: number; average_heartrate: number }[]>();
    expect(runs.length).toBeGreaterThan(5);
    for (const run of runs) {
      const same = full.find(({ start_time, start_time_utc_offset }) => Date.parse(`${String(start_time)}Z`) - Number(start_time_utc_offset) * MINUTE_MS === Date.parse(run.start_date))!;
      const [, hours = "0", minutes = "0", rest = "0"] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(String(same["duration"]))!;
      expect(Math.floor(Number(hours) * 3600 + Number(minutes) * 60 + Number(rest))).toBe(run.elapsed_time);
      expect((same["heart_rate"] as { average: number }).average).toBe(Math.round(run.average_heartrate));
      const lists = same["samples"] as { "sample-type": string; "recording-rate": number; data: string }[];
      expect(lists[0]!["sample-type"]).toBe("0");
      expect(lists[0]!.data.split(",").length).toBe(run.elapsed_time + 1);
    }
    const texts = full.map((exercise) => JSON.stringify(exercise["samples"]));
    expect(texts.some((text) => text.includes(",null,"))).toBe(true);
    expect(texts.some((text) => text.includes('"sample-type":"4"'))).toBe(true);
    expect(full.some(({ duration }) => String(duration).includes(".25S"))).toBe(true);
    const detail = await read(visit, one, `/exercises/${String(bare[0]!["id"])}`);
    expect(detail.json()).toEqual(bare[0]);
    expect((await read(visit, one, "/exercises/nothing1")).statusCode).toBe(404);
  });

  it("are files too, GPX only where there was a way, and beats where a strap was worn", async () => {
    const visit = await visitSim();
    const one = await joined(visit);
    const all = await items(visit, one, "/exercises?samples=true");
    const run = all.find(({ sport }) => sport === "RUNNING")!;
    const indoor = all.find(({ has_route }) => has_route === false)!;
    expect((await read(visit, one, `/exercises/${String(run["id"])}/gpx`)).body).toContain("<trkpt");
    expect((await read(visit, one, `/exercises/${String(run["id"])}/tcx`)).body).toContain("<Trackpoint>");
    expect((await read(visit, one, `/exercises/${String(run["id"])}/fit`)).rawPayload.subarray(8, 12).toString("latin1")).toBe(".FIT");
    expect((await read(visit, one, `/exercises/${String(indoor["id"])}/gpx`)).statusCode).toBe(404);
    const beats = (indoor["samples"] as { "sample-type": string; "recording-rate": number | null; data: string }[]).find((list) => list["sample-type"] === "11")!;
    expect(beats["recording-rate"]).toBeNull();
    expect(beats.data.split(",").every((beat) => Number(beat) > 300 && Number(beat) < 1500)).toBe(true);
  });
});

describe("Polar's days", () => {
  it("are asked for by at most 28 days at once and not from before last year", async () => {
    const visit = await visitSim();
    const one = await joined(visit);
    const status = async (path: string): Promise<number> => (await read(visit, one, path)).statusCode;
    const back = (days: number): string => ymd(START_MS - days * DAY_MS);
    expect((await items(visit, one, `/users/activities?from=${back(27)}&to=${back(0)}`)).length).toBe(28);
    expect(await status(`/users/activities?from=${back(40)}&to=${back(0)}`)).toBe(400);
    expect(await status(`/users/activities?from=${back(380)}&to=${back(370)}`)).toBe(400);
    expect(await status(`/users/activities?from=2026-02-30&to=${back(0)}`)).toBe(400);
    expect(await status(`/users/continuous-heart-rate?from=${back(40)}&to=${back(20)}`)).toBe(400);
    expect(await status("/users/continuous-heart-rate")).toBe(400);
    expect(await status(`/users/sleep/${back(60)}`)).toBe(400);
    expect(await status(`/users/sleep/${ymd(START_MS + 3 * DAY_MS)}`)).toBe(404);
  });

  it("say UTC without saying so, and leave out steps that repeat", async () => {
    const visit = await visitSim();
    const one = await joined(visit);
    const date = ymd(START_MS - DAY_MS);
    const day = (await read(visit, one, `/users/activities/${date}?steps=true&activity_zones=true&inactivity_stamps=true`)).json<Json>();
    expect(day["start_time"]).toBe(`${ymd(START_MS - 2 * DAY_MS)}T23:00:00`);
    const { steps } = day["samples"] as { steps: { interval_ms: number; total_steps: number; samples: { steps: number; timestamp: string }[] } };
    expect(steps.total_steps).toBe(day["steps"]);
    const endMs = Date.parse(`${String(day["end_time"])}Z`);
    const sum = steps.samples.reduce((total, sample, index) => {
      const untilMs = steps.samples[index + 1] ? Date.parse(`${steps.samples[index + 1]!.timestamp}Z`) : endMs;
      return total + (sample.steps * (untilMs - Date.parse(`${sample.timestamp}Z`))) / steps.interval_ms;
    }, 0);
    expect(sum).toBe(day["steps"]);
    expect(steps.samples.length).toBeLessThan(1440);
    expect((await read(visit, one, `/users/activities/${date}`)).json()).not.toHaveProperty("samples");
    const heart = (await read(visit, one, `/users/continuous-heart-rate/${date}`)).json<{ date: string; heart_rate_samples: { sample_time: string }[] }>();
    expect(heart.date).toBe(date);
    expect(heart.heart_rate_samples[0]!.sample_time).toBe("00:00:00");
    const range = `/users/continuous-heart-rate?from=${date}&to=${ymd(START_MS)}`;
    expect((await items(visit, one, range)).map((each) => each["date"])).toEqual([date, ymd(START_MS)]);
    visit.sim.control.turn("polar", "heartRateRange", "object");
    expect((await read(visit, one, range)).json()).toMatchObject({ date });
  });

  it("give XML to whoever does not ask for JSON", async () => {
    const visit = await visitSim();
    const one = await joined(visit);
    const answer = await visit.get("/polar/v3/users/physical-info", one.token);
    expect(answer.headers["content-type"]).toContain("xml");
    expect(answer.body).toContain("<height>167</height>");
    expect((await read(visit, one, "/users/physical-info")).json()).toMatchObject({ height: 167, weight_source: "MEASURED" });
  });

  it("carry load with −1 before it is known, sleepwise and biosensing only where the watch can", async () => {
    const visit = await visitSim();
    const [liam, tomas] = [await joined(visit, "liam"), await joined(visit, "tomas")];
    const loads = await items(visit, liam, "/users/cardio-load");
    expect(loads[0]).toMatchObject({ tolerance: -1, cardio_load_status: "LOAD_STATUS_NOT_AVAILABLE" });
    expect(loads.at(-1)!["cardio_load_level"]).toHaveProperty("very-high");
    expect((await items(visit, liam, "/users/cardio-load/period/days/7")).length).toBe(6);
    expect((await items(visit, liam, "/users/cardio-load/period/months/1")).length).toBeGreaterThan(20);
    const range = `?from=${ymd(START_MS - 25 * DAY_MS)}&to=${ymd(START_MS)}`;
    expect((await items(visit, liam, `/users/cardio-load/date${range}`)).length).toBe(25);
    for (const path of ["sleepwise/alertness", "sleepwise/circadian-bedtime", `sleepwise/alertness/date${range}`, `sleepwise/circadian-bedtime/date${range}`]) {
      expect((await items(visit, liam, `/users/${path}`)).length, path).toBeGreaterThan(20);
      expect((await items(visit, tomas, `/users/${path}`)).length, path).toBe(0);
    }
    for (const path of ["bodytemperature", "skintemperature", "skincontacts", "ecg", "spo2"]) {
      expect((await items(visit, liam, `/users/biosensing/${path}${range}`)).length, path).toBeGreaterThan(0);
      expect((await items(visit, tomas, `/users/biosensing/${path}${range}`)).length, path).toBe(0);
    }
    const tests = await items(visit, liam, `/users/biosensing/spo2${range}`);
    expect(tests.some(({ test_status, blood_oxygen_percent }) => test_status !== "SPO2_TEST_PASSED" && blood_oxygen_percent === 0)).toBe(true);
    const kinds = (await items(visit, liam, `/users/biosensing/bodytemperature${range}`)).map((each) => each["measurement_type"]);
    expect(new Set(kinds)).toEqual(new Set(["TM_SKIN_TEMPERATURE", "TM_CORE_TEMPERATURE"]));
  });
});

describe("Polar's nights", () => {
  it("are the ones that Garmin tells of, in stages by the clock on the wall", async () => {
    const visit = await visitSim();
    const one = await joined(visit);
    await visit.connect("garmin");
    await visit.sim.control.push("garmin", "ana", "sleeps", { days: 12 });
    const garmin = visit.sent.flatMap(({ body }) => (JSON.parse(body) as { sleeps: Json[] }).sleeps);
    const told = await nights(visit, one);
    for (const night of garmin) {
      const same = told.find(({ date }) => date === night["calendarDate"])!;
      expect(Date.parse(String(same["sleep_start_time"])) / 1000).toBe(night["startTimeInSeconds"]);
      const sum = ["light_sleep", "deep_sleep", "rem_sleep", "unrecognized_sleep_stage"].reduce((total, name) => total + Number(same[name]), 0);
      expect(sum).toBe(night["durationInSeconds"]);
      expect(same["total_interruption_duration"]).toBe(night["awakeDurationInSeconds"]);
      expect(Object.keys(same["hypnogram"] as object)[0]).toBe(String(same["sleep_start_time"]).slice(11, 16));
    }
    const codes = new Set(told.flatMap(({ hypnogram }) => Object.values(hypnogram as Record<string, number>)));
    expect(codes).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    const [first] = told;
    expect((await read(visit, one, `/users/sleep/${String(first!["date"])}`)).json()).toEqual(first);
    expect((await read(visit, one, "/users/sleep/available")).json<{ available: Json[] }>().available.length).toBe(told.length);
  });

  it("restore what four hours of them show, and know no stages on a plain watch", async () => {
    const visit = await visitSim();
    const [ana, tomas] = [await joined(visit), await joined(visit, "tomas")];
    const { recharges } = (await read(visit, ana, "/users/nightly-recharge")).json<{ recharges: Json[] }>();
    expect(recharges.length).toBeGreaterThan(20);
    for (const { hrv_samples, heart_rate_variability_avg, nightly_recharge_status, ans_charge } of recharges) {
      // A short night holds fewer.
      expect(Object.keys(hrv_samples as object).length).toBeLessThanOrEqual(48);
      expect(Object.keys(hrv_samples as object).length).toBeGreaterThan(30);
      expect(heart_rate_variability_avg).toBeGreaterThan(10);
      expect(Number(nightly_recharge_status)).toBeLessThanOrEqual(6);
      expect(Math.abs(Number(ans_charge))).toBeLessThanOrEqual(10);
    }
    expect((await read(visit, tomas, "/users/nightly-recharge")).statusCode).toBe(204);
    const [plain] = await nights(visit, tomas);
    for (const name of ["hypnogram", "deep_sleep", "sleep_score"]) expect(plain).not.toHaveProperty(name);
  });
});

describe("Polar's calls", () => {
  it("are counted in two windows, more for each registered person, and refused beyond", async () => {
    const visit = await visitSim(sim({ callsPerQuarterHour: "1" }));
    const one = await joined(visit);
    const answer = await read(visit, one, "/users/physical-info");
    expect(answer.headers).toMatchObject({ "ratelimit-usage": "2, 2", "ratelimit-limit": "21, 5100", "ratelimit-reset": "720, 50220" });
    for (let count = 3; count <= 21; count++) expect((await read(visit, one, "/users/physical-info")).statusCode).toBe(200);
    expect((await read(visit, one, "/users/physical-info")).statusCode).toBe(429);
    visit.pass(12 * MINUTE_MS);
    expect((await read(visit, one, "/users/physical-info")).statusCode).toBe(200);
  });
});

describe("Polar's webhook", () => {
  const create = (visit: Visit, events: readonly string[] = EVENTS): Promise<LightMyRequestResponse> => send(visit, "POST", "/v3/webhooks", { authorization: BASIC, payload: { events, url: HOOK } });
  const told = (visit: Visit): Json[] => visit.sent.map(({ body }) => JSON.parse(body) as Json);

  it("is one, made after a ping that is answered with 200, with a secret that is told once", async () => {
    const pings: string[] = [];
    let status = 204;
    const visit = await visitSim({
      challenge: (url, _timeoutMs, { method, headers, body }) => {
        pings.push(`${method} ${url} ${headers["polar-webhook-event"]} ${(JSON.parse(body) as { event: string }).event}`);
        return Promise.resolve({ status, contentType: "", body: "" });
      },
    });
    expect((await create(visit)).statusCode).toBe(400);
    status = 200;
    const made = await create(visit);
    expect(made.statusCode).toBe(201);
    expect(pings[0]).toBe(`POST ${HOOK} PING PING`);
    const { data } = made.json<{ data: { id: string; signature_secret_key: string } }>();
    expect(data.signature_secret_key).not.toBe("");
    expect((await create(visit)).statusCode).toBe(409);
    const list = async (): Promise<unknown> => (await send(visit, "GET", "/v3/webhooks", { authorization: BASIC })).json<{ data: unknown }>().data;
    expect(await list()).toEqual([{ id: data.id, events: EVENTS, url: HOOK, active: true }]);
    expect((await send(visit, "PATCH", `/v3/webhooks/${data.id}`, { authorization: BASIC, payload: { events: ["SLEEP"] } })).statusCode).toBe(200);
    expect((await send(visit, "POST", "/v3/webhooks/deactivate", { authorization: BASIC })).statusCode).toBe(200);
    expect(await list()).toMatchObject([{ events: ["SLEEP"], active: false }]);
    status = 500;
    expect((await send(visit, "POST", "/v3/webhooks/activate", { authorization: BASIC })).statusCode).toBe(400);
    expect((await send(visit, "DELETE", `/v3/webhooks/${data.id}`, { authorization: BASIC })).statusCode).toBe(204);
    expect(await list()).toEqual([]);
    expect((await send(visit, "GET", "/v3/webhooks", { authorization: "Bearer x" })).statusCode).toBe(401);
  });

  it("is signed over the bytes it sends, and names what can then be fetched", async () => {
    const visit = await visitSim();
    const one = await joined(visit);
    const { data } = (await create(visit)).json<{ data: { signature_secret_key: string } }>();
    for (const event of EVENTS) await visit.sim.control.push("polar", "ana", event);
    expect(told(visit).map(({ event }) => event)).toEqual(EVENTS);
    for (const { headers, body } of visit.sent) {
      const { event, url, user_id } = JSON.parse(body) as { event: string; url: string; user_id: number };
      expect(headers["polar-webhook-signature"]).toBe(hmacOf(body, data.signature_secret_key));
      expect(headers["polar-webhook-event"]).toBe(event);
      expect(user_id).toBe(one.userId);
      expect((await read(visit, one, url.split("/v3")[1]!)).statusCode, event).toBe(200);
    }
    expect(told(visit)[0]).toHaveProperty("entity_id");
    expect(told(visit)[1]).toHaveProperty("date");
    expect(told(visit)[3]).toMatchObject({ from: ymd(START_MS), to: ymd(START_MS) });
  });

  it("is signed as the vector of the facts says", () => {
    const body = '{"event":"EXERCISE","user_id":10579,"entity_id":"aQlC83","timestamp":"2026-11-19T14:22:24Z","url":"https://www.polaraccesslink.com/v3/exercises/aQlC83"}';
    expect(hmacOf(body, "test_secret")).toBe("db8a0fdbc7098f15d4dc7ab0071d3780123e82a8e6616952b11225e6a12d32a6");
  });

  it("hears of each night and exercise as time goes by, some of it twice, and of nobody who has left", async () => {
    const visit = await visitSim(unsynced);
    const one = await joined(visit);
    await consented(visit, "liam");
    await create(visit);
    for (let hour = 0; hour < 14 * 24; hour++) {
      visit.pass(HOUR_MS);
      await visit.sim.control.tick();
    }
    const all = told(visit);
    expect(new Set(all.map(({ user_id }) => user_id))).toEqual(new Set([one.userId]));
    const dates = all.filter(({ event }) => event === "SLEEP").map(({ date }) => String(date));
    expect(new Set(dates)).toEqual(new Set((await nights(visit, one)).map(({ date }) => String(date))));
    expect(dates.length).toBeGreaterThan(new Set(dates).size);
    const ids = new Set(all.filter(({ event }) => event === "EXERCISE").map(({ entity_id }) => entity_id));
    expect(ids).toEqual(new Set((await items(visit, one, "/exercises")).map(({ id }) => id)));
    for (const event of EVENTS) expect(all.some((each) => each["event"] === event), event).toBe(true);
    visit.sent.length = 0;
    visit.sim.control.setFault("polar", { kind: "token_revoked", person: "ana" });
    visit.pass(DAY_MS);
    await visit.sim.control.tick();
    expect(visit.sent).toEqual([]);
    await expect(visit.sim.control.push("polar", "liam", "SLEEP")).rejects.toThrow("has not been registered");
  });

  it("is switched off after a week without a success, and on again by a call", async () => {
    const visit = await visitSim(unsynced);
    await joined(visit);
    await create(visit, ["SLEEP"]);
    const isActive = async (): Promise<unknown> => (await send(visit, "GET", "/v3/webhooks", { authorization: BASIC })).json<{ data: Json[] }>().data[0]!["active"];
    visit.receiver.status = 500;
    for (let quarter = 0; quarter < 4 * 9; quarter++) {
      if (quarter === 4 * 6) expect(await isActive()).toBe(true);
      visit.pass(6 * HOUR_MS);
      await visit.sim.control.tick();
    }
    expect(await isActive()).toBe(false);
    expect((await send(visit, "POST", "/v3/webhooks/activate", { authorization: BASIC })).statusCode).toBe(200);
    expect(await isActive()).toBe(true);
  });
});
