import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import type { SimOptions } from "../options.ts";
import { CALLBACK, CHALLENGE, client, START_MS, VERIFIER, visitSim } from "../testing.ts";
import type { Tokens, Visit } from "../testing.ts";

const HOOK = "http://127.0.0.1:3000/webhooks/wahoo";
/** As the simulator makes it where an application is registered without one. */
const WEBHOOK_TOKEN = "wahoo-secret-webhook_token";
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];
const SCOPES = ["user_read", "workouts_read", "power_zones_read", "offline_data"];
const NUMERICS = [
  "ascent_accum", "cadence_avg", "calories_accum", "distance_accum", "duration_active_accum", "duration_paused_accum", "duration_total_accum", "heart_rate_avg", "power_avg",
  "power_bike_np_last", "power_bike_tss_last", "speed_avg", "work_accum",
] as const;

type Summary = Record<(typeof NUMERICS)[number], string | null> & {
  readonly id: number;
  readonly name: string;
  readonly time_zone: string;
  readonly manual: boolean;
  readonly edited: boolean;
  readonly fitness_app_id: number | null;
  readonly file?: { readonly url: string };
  readonly files?: { readonly url: string }[];
  readonly updated_at: string;
};
interface Workout {
  readonly id: number;
  readonly starts: string;
  readonly minutes: number;
  readonly name: string;
  readonly plan_id: number | null;
  readonly workout_type_id: number;
  readonly workout_summary: Summary | null;
}
interface Page {
  readonly workouts: Workout[];
  readonly total: number;
  readonly page: number;
  readonly per_page: number;
  readonly order: string;
  readonly sort: string;
}
interface Notice {
  readonly event_type: string;
  readonly webhook_token: string;
  readonly user: { readonly id: number };
  readonly workout_summary: Summary & { readonly workout: Workout };
}

/** The sandbox's limits are for the tests that are about them. */
const sim = (wahoo: Record<string, string> = {}): Partial<SimOptions> => ({ switches: { wahoo: { callsPerDay: "99999", callsPerHour: "99999", callsPerFiveMinutes: "99999", ...wahoo } } });
const page = async (visit: Visit, { access_token }: Tokens, query = ""): Promise<Page> => (await visit.get(`/wahoo/v1/workouts?${query}`, access_token)).json<Page>();
const refresh = (visit: Visit, refresh_token: string): Promise<LightMyRequestResponse> => visit.form("/wahoo/oauth/token", { ...client("wahoo"), grant_type: "refresh_token", refresh_token });
const notices = (visit: Visit): Notice[] => visit.sent.splice(0).map(({ body }) => JSON.parse(body) as Notice);
const call = (visit: Visit, method: "DELETE" | "POST", path: string, token: string): Promise<LightMyRequestResponse> =>
  visit.app.inject({ method, url: `/sim/wahoo${path}`, headers: { authorization: `Bearer ${token}` } });

describe("Wahoo's consent and tokens", () => {
  it("live two hours, with the granted scopes and the time beside them, and hold the application to its challenge", async () => {
    const visit = await visitSim(sim());
    expect(await visit.connect("wahoo")).toMatchObject({ token_type: "Bearer", expires_in: 7_200, scope: SCOPES.join(" "), created_at: Math.floor(START_MS / 1000) });
    const trade = async (fields: Record<string, string>, code?: string): Promise<LightMyRequestResponse> =>
      visit.form("/wahoo/oauth/token", { ...client("wahoo"), grant_type: "authorization_code", redirect_uri: CALLBACK, code: code ?? (await visit.consent("wahoo")).searchParams.get("code")!, ...fields });
    expect((await trade({})).json()).toMatchObject({ error: "invalid_grant" });
    expect((await trade({ code_verifier: VERIFIER, client_secret: "wrong" })).statusCode).toBe(401);
    const code = (await visit.consent("wahoo")).searchParams.get("code")!;
    expect((await trade({ code_verifier: VERIFIER }, code)).statusCode).toBe(200);
    expect((await trade({ code_verifier: VERIFIER }, code)).json()).toMatchObject({ error: "invalid_grant" });
    const stale = (await visit.consent("wahoo")).searchParams.get("code")!;
    visit.pass(600_000);
    expect((await trade({ code_verifier: VERIFIER }, stale)).json()).toMatchObject({ error: "invalid_grant" });
    expect((await visit.consent("wahoo", { query: { scope: "user_read", code_challenge: CHALLENGE, code_challenge_method: "plain" } })).searchParams.get("error")).toBe("invalid_request");
  });

  it("are led nowhere but to the registered address, bring the state back, and can be refused", async () => {
    const visit = await visitSim();
    const query = { client_id: "wahoo-id", redirect_uri: CALLBACK, response_type: "code", scope: "user_read", state: "s" };
    for (const wrong of [{ client_id: "x" }, { redirect_uri: "http://evil.example/" }]) {
      expect((await visit.get(`/wahoo/oauth/authorize?${new URLSearchParams({ ...query, ...wrong }).toString()}`)).statusCode).toBe(400);
    }
    const denied = await visit.form("/wahoo/oauth/authorize", { ...query, person: "ana", decision: "deny" });
    expect(new URL(String(denied.headers.location)).search).toBe("?error=access_denied&state=s");
    expect((await visit.consent("wahoo")).searchParams.get("state")).toBe("st&te");
    expect((await visit.consent("wahoo", { query: { scope: "everything" } })).searchParams.get("error")).toBe("invalid_scope");
  });

  it("open only what stayed ticked", async () => {
    const visit = await visitSim(sim());
    const status = async (path: string, { access_token }: Tokens): Promise<number> => (await visit.get(`/wahoo/v1/${path}`, access_token)).statusCode;
    const all = await visit.connect("wahoo");
    const one = await visit.connect("wahoo", { permissions: ["user_read"] });
    expect(one["scope"]).toBe("user_read");
    for (const [path, opened] of [["user", 200], ["workouts", 403], ["power_zones", 403]] as const) {
      expect([await status(path, all), await status(path, one)], path).toEqual([200, opened]);
    }
    await expect(visit.sim.control.push("wahoo", "liam", "workout_summary")).rejects.toThrow(/has not connected/);
    await visit.connect("wahoo", { person: "liam", permissions: ["workouts_read"] });
    await expect(visit.sim.control.push("wahoo", "liam", "workout_summary")).rejects.toThrow(/withholds offline_data/);
    visit.pass(6 * DAY_MS);
    await visit.sim.control.tick();
    const liam = visit.sim.control.people().find(({ id }) => id === "liam")!.facts["wahoo"]!["userId"];
    expect(notices(visit).filter(({ user }) => user.id === liam)).toEqual([]);
  });

  it("rotate; the former refresh token serves until the new access token is used, and brings the same again", async () => {
    const visit = await visitSim(sim());
    const first = await visit.connect("wahoo");
    const second = (await refresh(visit, first.refresh_token)).json<Tokens>();
    expect(second.refresh_token).not.toBe(first.refresh_token);
    visit.pass(HOUR_MS);
    expect((await refresh(visit, first.refresh_token)).json<Tokens>().access_token).toBe(second.access_token);
    expect((await visit.get("/wahoo/v1/user", second.access_token)).statusCode).toBe(200);
    expect((await refresh(visit, first.refresh_token)).json()).toMatchObject({ error: "invalid_grant" });
    visit.pass(HOUR_MS);
    expect((await visit.get("/wahoo/v1/user", second.access_token)).statusCode).toBe(401);
    expect((await visit.get("/wahoo/v1/user", (await visit.connect("strava")).access_token)).statusCode).toBe(401);
  });

  it("are ten at most for a person, until some have ended", async () => {
    const visit = await visitSim(sim());
    let tokens = await visit.connect("wahoo");
    for (let count = 1; count < 10; count += 1) {
      const answer = await refresh(visit, tokens.refresh_token);
      expect(answer.statusCode, String(count)).toBe(200);
      tokens = answer.json<Tokens>();
    }
    const refused = await refresh(visit, tokens.refresh_token);
    expect([refused.statusCode, refused.json()]).toEqual([403, { error: "Too many unrevoked access tokens exist for this user" }]);
    await expect(visit.connect("wahoo")).rejects.toThrow("token answered 403");
    await visit.connect("wahoo", { person: "liam" });
    expect((await visit.get("/wahoo/v1/user", tokens.access_token)).statusCode).toBe(200);
    visit.pass(2 * HOUR_MS);
    expect((await refresh(visit, tokens.refresh_token)).statusCode).toBe(200);
  });

  it.each([["204", 204], ["200", 200]] as const)("end with the application's permissions, answered %s", async (permissionsAnswer, status) => {
    const visit = await visitSim(sim({ permissionsAnswer }));
    const { access_token, refresh_token } = await visit.connect("wahoo");
    visit.receiver.status = 503;
    await visit.sim.control.push("wahoo", "ana", "workout_summary");
    expect((await call(visit, "DELETE", "/v1/permissions", access_token)).statusCode).toBe(status);
    expect((await call(visit, "DELETE", "/v1/permissions", access_token)).statusCode).toBe(401);
    expect((await refresh(visit, refresh_token)).json()).toMatchObject({ error: "invalid_grant" });
    visit.pass(5 * DAY_MS);
    expect(await visit.sim.control.tick()).toEqual([]);
    expect(JSON.stringify(visit.sim.control.received("wahoo"))).not.toContain(access_token);
  });
});

describe("Wahoo's limits", () => {
  it("are three, told day first, and refuse until the spent one is over", async () => {
    const visit = await visitSim({ switches: { wahoo: { callsPerFiveMinutes: "2" } } });
    const { access_token } = await visit.connect("wahoo");
    const get = (): Promise<LightMyRequestResponse> => visit.get("/wahoo/v1/user", access_token);
    const first = await get();
    expect(first.headers).toMatchObject({ "x-ratelimit-limit": "250, 100, 2", "x-ratelimit-remaining": "249, 99, 1" });
    expect([(await get()).statusCode, (await get()).statusCode]).toEqual([200, 429]);
    const refused = await get();
    const resetS = Number(refused.headers["x-ratelimit-reset"]);
    expect([refused.headers["x-ratelimit-remaining"], resetS > 0 && resetS <= 300]).toEqual(["246, 96, 0", true]);
    visit.pass(resetS * 1000);
    expect((await get()).statusCode).toBe(200);
    visit.sim.control.turn("wahoo", "callsPerHour", "1");
    expect(Number((await get()).headers["x-ratelimit-reset"])).toBeGreaterThan(300);
  });
});

describe("Wahoo's data", () => {
  it("calls the person a number, and has height and weight as texts", async () => {
    const visit = await visitSim(sim());
    const ids = await Promise.all(PEOPLE.map(async (person) => (await visit.get("/wahoo/v1/user", (await visit.connect("wahoo", { person })).access_token)).json<Record<string, unknown>>()));
    expect(new Set(ids.map(({ id }) => id)).size).toBe(PEOPLE.length);
    expect(ids[0]).toMatchObject({ id: visit.sim.control.people()[0]!.facts["wahoo"]!["userId"], first: "Ana", height: "1.67", weight: "63.0", gender: 1 });
  });

  it("lists newest first in pages of at most 100, to an empty one", async () => {
    const visit = await visitSim(sim());
    const tokens = await visit.connect("wahoo", { person: "aroha" });
    const usual = await page(visit, tokens);
    expect(usual).toMatchObject({ page: 1, per_page: 30, order: "descending", sort: "starts" });
    expect(usual.workouts).toHaveLength(30);
    expect((await page(visit, tokens, "per_page=500")).per_page).toBe(100);
    const all: Workout[] = [];
    for (let number = 1; ; number += 1) {
      const { workouts } = await page(visit, tokens, `page=${number}&per_page=100`);
      if (workouts.length === 0) break;
      all.push(...workouts);
    }
    expect(all.length).toBe(usual.total);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const starts = all.map(({ starts: text }) => Date.parse(text));
    expect(starts).toEqual(starts.toSorted((one, other) => other - one));
    expect((await visit.get("/wahoo/v1/workouts?page=0", tokens.access_token)).statusCode).toBe(400);
    expect(await page(visit, tokens)).toEqual(usual);
  });

  it("has texts for numbers, zeros for sensors that were not there, plans without a summary, and other makers' workouts", async () => {
    const visit = await visitSim(sim());
    const seen = { plans: 0, ahead: 0, strapless: 0, others: 0, typed: 0, nulls: 0 };
    for (const person of PEOPLE) {
      const { workouts } = await page(visit, await visit.connect("wahoo", { person }), "per_page=100");
      for (const { starts, workout_summary: summary, plan_id } of workouts) {
        expect(starts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        if (Date.parse(starts) > START_MS) seen.ahead += 1;
        if (summary === null) {
          expect(plan_id).not.toBeNull();
          seen.plans += 1;
          continue;
        }
        expect(Date.parse(starts)).toBeLessThan(START_MS);
        for (const name of NUMERICS) if (summary[name] !== null) expect(summary[name], name).toMatch(/^\d+\.\d{1,2}$/);
        if (NUMERICS.some((name) => summary[name] === null)) seen.nulls += 1;
        if (summary.heart_rate_avg === "0.0") seen.strapless += 1;
        if ((summary.fitness_app_id ?? 0) > 1000) seen.others += 1;
        if (summary.manual) seen.typed += 1;
        const [active, paused, total] = [summary.duration_active_accum, summary.duration_paused_accum, summary.duration_total_accum].map(Number);
        if (summary.duration_paused_accum !== null) expect(active! + paused!).toBe(total);
      }
    }
    for (const [name, count] of Object.entries(seen)) if (name !== "ahead") expect(count, name).toBeGreaterThan(1);
    expect(seen.ahead).toBeLessThanOrEqual(PEOPLE.length * 2);
  });

  it("gives each by its id, its summary once there is one, its file, and nobody else's", async () => {
    const visit = await visitSim(sim({ fileField: "files" }));
    const [ana, liam] = [await visit.connect("wahoo"), await visit.connect("wahoo", { person: "liam" })];
    const { workouts } = await page(visit, ana, "per_page=100");
    const [done, plan] = [workouts.find(({ workout_summary }) => workout_summary !== null)!, workouts.find(({ plan_id }) => plan_id !== null)!];
    expect((await visit.get(`/wahoo/v1/workouts/${done.id}`, ana.access_token)).json()).toEqual(done);
    expect((await visit.get(`/wahoo/v1/workouts/${done.id}/workout_summary`, ana.access_token)).json()).toEqual(done.workout_summary);
    expect((await visit.get(`/wahoo/v1/workouts/${plan.id}`, ana.access_token)).json()).toEqual(plan);
    expect((await visit.get(`/wahoo/v1/workouts/${plan.id}/workout_summary`, ana.access_token)).statusCode).toBe(404);
    for (const id of [done.id, plan.id, "7", "abc"]) expect((await visit.get(`/wahoo/v1/workouts/${id}`, liam.access_token)).statusCode, String(id)).toBe(404);
    const file = await visit.get(new URL(done.workout_summary!.files![0]!.url).pathname.replace(/^\/sim/, ""));
    expect([file.statusCode, file.rawPayload.subarray(8, 12).toString(), file.headers["x-ratelimit-limit"]]).toEqual([200, ".FIT", undefined]);
    expect((await visit.get("/wahoo/wahoo-cloud/production/uploads/7.fit")).statusCode).toBe(404);
  });

  it("knows the outings that another cloud knows, differently seen", async () => {
    const visit = await visitSim(sim());
    const [wahoo, strava] = [await visit.connect("wahoo", { person: "liam" }), await visit.connect("strava", { person: "liam" })];
    const activities = (await visit.get("/strava/api/v3/athlete/activities?per_page=40", strava.access_token)).json<{ start_date: string; distance: number; moving_time: number; elapsed_time: number }[]>();
    const { workouts } = await page(visit, wahoo, "per_page=100");
    let same = 0;
    for (const { start_date, distance, moving_time, elapsed_time } of activities) {
      const summary = workouts.find(({ starts }) => Math.floor(Date.parse(starts) / 1000) * 1000 === Date.parse(start_date))?.workout_summary;
      if (!summary) continue;
      same += 1;
      expect(Number(summary.distance_accum)).toBeCloseTo(distance, 0);
      expect([Number(summary.duration_active_accum), Number(summary.duration_total_accum)]).toEqual([moving_time, elapsed_time]);
    }
    expect(same).toBeGreaterThan(5);
  });
});

describe("Wahoo's notifications", () => {
  it("carry the summary with its workout, the person's number and the token that proves them, and no signature", async () => {
    const visit = await visitSim(sim());
    const tokens = await visit.connect("wahoo");
    await visit.sim.control.push("wahoo", "ana", "workout_summary");
    expect(visit.sent).toMatchObject([{ url: HOOK, headers: { "content-type": "application/json" } }]);
    expect(Object.keys(visit.sent[0]!.headers)).toEqual(["content-type"]);
    const [notice] = notices(visit) as [Notice];
    expect(notice).toMatchObject({ event_type: "workout_summary", webhook_token: WEBHOOK_TOKEN, user: { id: visit.sim.control.people()[0]!.facts["wahoo"]!["userId"] } });
    const [listed] = (await page(visit, tokens)).workouts.filter(({ id }) => id === notice.workout_summary.workout.id);
    const { workout, ...summary } = notice.workout_summary;
    expect(listed).toEqual({ ...workout, workout_summary: summary });
    expect(Date.parse(workout.starts)).toBe(START_MS - 25 * MINUTE_MS);
  });

  it("tell an edited workout again, which then is so in the list, too", async () => {
    const visit = await visitSim(sim());
    const tokens = await visit.connect("wahoo");
    await visit.sim.control.push("wahoo", "ana", "workout_summary");
    visit.pass(HOUR_MS);
    await visit.sim.control.push("wahoo", "ana", "workout_summary, edited");
    const [before, after] = notices(visit) as [Notice, Notice];
    expect(after.workout_summary.workout.id).toBe(before.workout_summary.workout.id);
    expect([before.workout_summary.edited, after.workout_summary.edited, after.workout_summary.name]).toEqual([false, true, `${before.workout_summary.name} (renamed)`]);
    expect(Date.parse(after.workout_summary.updated_at)).toBeGreaterThan(Date.parse(before.workout_summary.updated_at));
    expect((await page(visit, tokens)).workouts.find(({ id }) => id === after.workout_summary.workout.id)!.workout_summary!.name).toBe(after.workout_summary.name);
  });

  it("come for each workout once it is done, and for nobody who has left", async () => {
    const visit = await visitSim(sim());
    await visit.connect("wahoo");
    const told = new Set<number>();
    for (let hour = 0; hour < 9 * 24; hour += 1) {
      visit.pass(HOUR_MS);
      await visit.sim.control.tick();
      for (const { workout_summary } of notices(visit)) {
        expect(Date.parse(workout_summary.updated_at)).toBeLessThanOrEqual(visit.now());
        told.add(workout_summary.workout.id);
      }
    }
    const { workouts } = await page(visit, await visit.connect("wahoo"), "per_page=100");
    const done = workouts.filter(({ starts, workout_summary }) => workout_summary !== null && Date.parse(starts) > START_MS);
    expect(done.length).toBeGreaterThan(0);
    expect(done.filter(({ id }) => !told.has(id))).toEqual([]);
    visit.sim.control.setFault("wahoo", { kind: "token_revoked", person: "ana" });
    visit.pass(6 * DAY_MS);
    expect(await visit.sim.control.tick()).toEqual([]);
  });

  it("are sent again after half an hour, four hours, a day and three days, to whoever does not answer 200", async () => {
    for (const status of [0, 202, 401, 503]) {
      const visit = await visitSim(sim());
      await visit.connect("wahoo");
      visit.receiver.status = status;
      const [first] = await visit.sim.control.push("wahoo", "ana", "workout_summary");
      const waits = [first!.retryMs! - visit.now()];
      const { body } = visit.sent[0]!;
      for (let index = 0; index < 4; index += 1) {
        visit.pass(waits.at(-1)!);
        const mine = (await visit.sim.control.tick()).find(({ attempt }) => attempt === index + 2)!;
        waits.push(mine.retryMs === null ? 0 : mine.retryMs - visit.now());
      }
      expect(waits, String(status)).toEqual([HOUR_MS / 2, 4 * HOUR_MS, DAY_MS, 3 * DAY_MS, 0]);
      expect(visit.sent.filter((push) => push.body === body)).toHaveLength(5);
    }
  });
});
