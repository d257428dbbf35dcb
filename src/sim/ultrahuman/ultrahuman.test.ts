import { addDays, DAY_MS, HOUR_MS, localDate, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import { CALLBACK, client, START_MS, visitSim } from "../testing.ts";
import type { Tokens, Visit } from "../testing.ts";
import { flow } from "./visit.ts";

const ROOT = "/ultrahuman/api/partners/v1/user_data";
const TOKEN = "/ultrahuman/api/partners/oauth/token";
const REVOKE = "/ultrahuman/api/partners/oauth/revoke";
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];

interface Content {
  readonly day_start_timestamp: number;
  readonly values: { timestamp: number; value: number }[];
  readonly value: number | null;
  readonly total: number;
  readonly avg: number;
  readonly unit: string;
  readonly bedtime_start: number;
  readonly bedtime_end: number;
  readonly quick_metrics: { type: string; value: number }[];
  readonly sleep_stages: { type: string; stage_time: number }[];
  readonly sleep_efficiency?: number;
}
interface Metric {
  readonly type: string;
  readonly object: Content;
}

const metrics = (visit: Visit, token: string, query: Record<string, string | number>): Promise<LightMyRequestResponse> =>
  visit.get(`${ROOT}/metrics?${new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])).toString()}`, token);

async function day(visit: Visit, token: string, date: string): Promise<Metric[]> {
  const answer = await metrics(visit, token, { date });
  expect(answer.statusCode).toBe(200);
  return answer.json<{ data: { metric_data: Metric[] } }>().data.metric_data;
}

const of = (all: readonly Metric[], type: string): Content | undefined => all.find((metric) => metric.type === type)?.object;
const quick = (sleep: Content, type: string): number | undefined => sleep.quick_metrics.find((one) => one.type === type)?.value;
const stage = (sleep: Content, type: string): number | undefined => sleep.sleep_stages.find((one) => one.type === type)?.stage_time;
const zoneOf = (visit: Visit, person: string): string => visit.sim.control.people().find(({ id }) => id === person)!.zone;
const YESTERDAY = "2026-11-19";

describe("Ultrahuman's consent and tokens", () => {
  it("give a day's token for a code that serves once and in time", async () => {
    const visit = await visitSim();
    expect(await visit.connect("ultrahuman")).toMatchObject({ expires_in: 86_400, token_type: "Bearer", scope: "profile ring_data cgm_data" });
    const code = (await visit.consent("ultrahuman")).searchParams.get("code")!;
    const fields = { ...client("ultrahuman"), grant_type: "authorization_code", code, redirect_uri: CALLBACK };
    const trade = (changes: object = {}): Promise<LightMyRequestResponse> => visit.form(TOKEN, { ...fields, ...changes });
    expect((await trade({ client_secret: "wrong" })).json()).toMatchObject({ error: "invalid_client" });
    expect((await trade()).statusCode).toBe(200);
    expect((await trade()).json()).toMatchObject({ error: "invalid_grant" });
    const stale = (await visit.consent("ultrahuman")).searchParams.get("code")!;
    visit.pass(600_000);
    expect((await trade({ code: stale })).statusCode).toBe(400);
  });

  it("lead nowhere for strangers, give no scope there is not, can be denied, and leave out what was not ticked", async () => {
    const visit = await visitSim();
    const query = { client_id: "ultrahuman-id", redirect_uri: CALLBACK, response_type: "code", state: "s", scope: "profile ring_data" };
    for (const wrong of [{ client_id: "x" }, { redirect_uri: "http://evil.example/" }]) {
      expect((await visit.get(`/ultrahuman/authorise?${new URLSearchParams({ ...query, ...wrong }).toString()}`)).statusCode).toBe(400);
    }
    const denied = await visit.form("/ultrahuman/authorise", { ...query, person: "ana", decision: "deny" });
    expect(new URL(String(denied.headers.location)).search).toBe("?error=access_denied&state=s");
    expect((await visit.consent("ultrahuman", { query: { scope: "everything" } })).searchParams.get("error")).toBe("invalid_scope");
    expect(await visit.connect("ultrahuman", { permissions: ["profile", "cgm_data"] })).toMatchObject({ scope: "profile cgm_data" });
    visit.sim.control.turn("ultrahuman", "tellsScope", "no");
    expect(await visit.connect("ultrahuman")).not.toHaveProperty("scope");
  });

  it("rotate: the former refresh token is dead, the former access token lives out its day", async () => {
    const visit = await visitSim();
    const first = await visit.connect("ultrahuman");
    const refresh = (token: string): Promise<LightMyRequestResponse> => visit.form(TOKEN, { ...client("ultrahuman"), grant_type: "refresh_token", refresh_token: token });
    const second = (await refresh(first.refresh_token)).json<Tokens>();
    expect((await refresh(first.refresh_token)).json()).toMatchObject({ error: "invalid_grant" });
    for (const { access_token } of [first, second]) expect((await visit.get(`${ROOT}/user_info`, access_token)).statusCode).toBe(200);
    visit.pass(DAY_MS);
    expect((await visit.get(`${ROOT}/user_info`, second.access_token)).json()).toMatchObject({ status: 401, error: expect.any(String) as string });
    expect((await refresh(second.refresh_token)).statusCode).toBe(200);
  });

  it("end by either token, for a known client, and an unknown token is no error", async () => {
    const visit = await visitSim();
    for (const which of ["access_token", "refresh_token"] as const) {
      const tokens = await visit.connect("ultrahuman");
      expect((await visit.form(REVOKE, { ...client("ultrahuman"), client_secret: "wrong", token: tokens[which] })).statusCode).toBe(401);
      expect((await visit.form(REVOKE, client("ultrahuman"))).statusCode).toBe(400);
      expect((await visit.get(`${ROOT}/user_info`, tokens.access_token)).statusCode).toBe(200);
      for (let time = 0; time < 2; time++) expect((await visit.form(REVOKE, { ...client("ultrahuman"), token: tokens[which] })).statusCode).toBe(200);
      expect((await visit.get(`${ROOT}/user_info`, tokens.access_token)).statusCode).toBe(401);
    }
  });

  it("open what was granted and nothing else", async () => {
    const visit = await visitSim();
    const token = async (...permissions: string[]): Promise<string> => (await visit.connect("ultrahuman", { permissions })).access_token;
    const types = async (...permissions: string[]): Promise<string[]> => (await day(visit, await token(...permissions), YESTERDAY)).map(({ type }) => type);
    expect((await visit.get(`${ROOT}/user_info`, await token("ring_data"))).statusCode).toBe(403);
    expect((await metrics(visit, await token("profile"), { date: YESTERDAY })).statusCode).toBe(403);
    expect(await types("ring_data")).not.toContain("glucose");
    expect(await types("cgm_data")).toEqual(["glucose", "average_glucose", "glucose_variability", "hba1c", "time_in_target", "metabolic_score"]);
    const strava = await visit.connect("strava");
    for (const wrong of [strava.access_token, "", undefined]) expect((await visit.get(`${ROOT}/user_info`, wrong)).statusCode).toBe(401);
  });

  it("tell the same person the same way, flat or wrapped", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("ultrahuman", { permissions: flow.permissions });
    const flat = (await visit.get(`${ROOT}/user_info`, access_token)).json<object>();
    expect(flat).toEqual({ user_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string, username: "Ana", email: "ana@people.example" });
    visit.sim.control.turn("ultrahuman", "userInfo", "wrapped");
    expect((await visit.get(`${ROOT}/user_info`, access_token)).json()).toEqual({ data: flat, error: null, status: 200 });
  });
});

describe("Ultrahuman's metrics", () => {
  it("are asked for by a date or by at most seven days of seconds", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("ultrahuman");
    const end = Math.floor(START_MS / 1000);
    const status = async (query: Record<string, string | number>): Promise<number> => (await metrics(visit, access_token, query)).statusCode;
    expect(await status({ start_epoch: end - 7 * 86_400, end_epoch: end })).toBe(200);
    expect(await status({ start_epoch: end - 7 * 86_400 - 1, end_epoch: end })).toBe(400);
    for (const wrong of [{}, { date: "2026-11-31" }, { date: "20261119" }, { date: YESTERDAY, start_epoch: 1_795_000_000 }, { start_epoch: end }, { start_epoch: end, end_epoch: end - 1 }, { start_epoch: 0, end_epoch: 9 }]) {
      expect(await status(wrong), JSON.stringify(wrong)).toBe(400);
    }
    expect(await day(visit, access_token, "2026-12-24")).toEqual([]);
    expect(await day(visit, access_token, "2019-01-01")).toEqual([]);
  });

  it("have the day in series of five minutes from the local midnight, with zeros for gaps and nothing to come", async () => {
    const visit = await visitSim();
    for (const person of PEOPLE) {
      const { access_token } = await visit.connect("ultrahuman", { person });
      const zone = zoneOf(visit, person);
      const today = localDate(zone, START_MS);
      const rates = (await day(visit, access_token, YESTERDAY)).find(({ type }) => type === "hr")!.object;
      expect((rates.day_start_timestamp / 60 + offsetMinutesAt(zone, START_MS)) % 1440).toBe(0);
      expect(rates.values.length).toBeGreaterThan(200);
      for (const [index, { timestamp }] of rates.values.entries()) expect(timestamp).toBe(rates.day_start_timestamp + index * 300);
      expect(rates.values.some(({ value }) => value === 0), person).toBe(true);
      expect(rates.values.every(({ value }) => value === 0 || value > 35)).toBe(true);
      for (const { object } of await day(visit, access_token, today)) for (const { timestamp } of object.values ?? []) expect(timestamp * 1000).toBeLessThan(START_MS - 10 * MINUTE_MS);
    }
  });

  it("have steps whose readings do not add up to the total, and the total of other clouds", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("ultrahuman", { person: "liam" });
    await visit.connect("garmin", { person: "liam" });
    await visit.sim.control.push("garmin", "liam", "dailies", { days: 4 });
    const dailies = visit.sent.flatMap(({ body }) => (JSON.parse(body) as { dailies: { calendarDate: string; steps: number; durationInSeconds: number }[] }).dailies);
    const whole = dailies.filter(({ durationInSeconds }) => durationInSeconds === 86_400);
    expect(whole.length).toBeGreaterThan(2);
    for (const { calendarDate, steps } of whole) {
      const own = of(await day(visit, access_token, calendarDate), "steps")!;
      expect(own.total).toBe(steps);
      expect(own.values.reduce((sum, { value }) => sum + value, 0)).toBeLessThan(own.total);
    }
  });

  it("have the night that other clouds have, in seconds, spelt either way; some without stages or with the efficiency elsewhere", async () => {
    const visit = await visitSim();
    const nights: Content[] = [];
    for (const person of PEOPLE) {
      const { access_token } = await visit.connect("ultrahuman", { person });
      for (let back = 1; back <= 30; back++) {
        const sleep = of(await day(visit, access_token, addDays(YESTERDAY, -back)), "Sleep");
        if (sleep) nights.push(sleep);
      }
    }
    expect(nights.length).toBeGreaterThan(150);
    expect(nights.length).toBeLessThan(180);
    for (const sleep of nights) {
      expect(quick(sleep, "time_in_bed")).toBe(sleep.bedtime_end - sleep.bedtime_start);
      expect([quick(sleep, "sleep_efic"), sleep.sleep_efficiency].filter((one) => one !== undefined)).toHaveLength(1);
      if (sleep.sleep_stages.length === 0) continue;
      expect(sleep.sleep_stages.reduce((sum, { stage_time }) => sum + stage_time, 0)).toBe(sleep.bedtime_end - sleep.bedtime_start);
    }
    expect(nights.some(({ sleep_stages }) => sleep_stages.length === 0)).toBe(true);
    expect(nights.some(({ sleep_efficiency }) => sleep_efficiency !== undefined)).toBe(true);
    const { access_token } = await visit.connect("ultrahuman");
    visit.sim.control.turn("ultrahuman", "sleepType", "sleep");
    const own = of(await day(visit, access_token, YESTERDAY), "sleep")!;
    const whoop = await visit.connect("whoop");
    const known = (await visit.get("/whoop/developer/v2/activity/sleep?limit=5", whoop.access_token))
      .json<{ records: { nap: boolean; end: string; score?: { stage_summary: { total_slow_wave_sleep_time_milli: number } } }[] }>().records;
    const same = known.find(({ nap, end }) => !nap && Math.abs(Date.parse(end) / 1000 - own.bedtime_end) < 60)!;
    expect(same.score!.stage_summary.total_slow_wave_sleep_time_milli / 1000).toBe(stage(own, "deep_sleep"));
  });

  it("have the single numbers of a day once its night is over, and glucose as other sensors' clouds have it", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("ultrahuman");
    const all = await day(visit, access_token, YESTERDAY);
    for (const [type, least, most] of [["recovery_index", 1, 99], ["movement_index", 1, 100], ["vo2_max", 30, 60], ["active_minutes", 5, 400], ["hba1c", 4, 12], ["metabolic_score", 1, 100]] as const) {
      const { value, day_start_timestamp } = of(all, type)!;
      expect(value! >= least && value! <= most, type).toBe(true);
      expect(day_start_timestamp).toBe(of(all, "hr")!.day_start_timestamp);
    }
    expect(of(all, "night_rhr")!.avg).toBeGreaterThan(40);
    const dexcom = await visit.connect("dexcom");
    const egvs = (await visit.get(`/dexcom/v3/users/self/egvs?startDate=${YESTERDAY}T00:00:00&endDate=${YESTERDAY}T22:00:00`, dexcom.access_token)).json<{ records: { systemTime: string; value: number | null }[] }>().records;
    const own = of(all, "glucose")!.values;
    let shared = 0;
    for (const { systemTime, value } of egvs) {
      const atS = Date.parse(systemTime) / 1000;
      const same = own.find(({ timestamp }) => Math.abs(timestamp - atS) < 60);
      if (!same || value === null) continue;
      expect(Math.max(40, value)).toBe(same.value);
      shared += 1;
    }
    expect(shared).toBeGreaterThan(150);
  });

  it("serve a given series in place of the generated one", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("ultrahuman");
    const atMs = START_MS - 2 * HOUR_MS;
    visit.sim.control.serveSeries("ultrahuman", "ana", [{ atMs, mgDl: 123 }, { atMs: atMs + 5 * MINUTE_MS, mgDl: 20 }]);
    const { values } = of(await day(visit, access_token, localDate("Europe/Madrid", atMs)), "glucose")!;
    expect(values).toEqual([{ timestamp: atMs / 1000, value: 123 }, { timestamp: atMs / 1000 + 300, value: 40 }]);
  });

  it("come filed by date where a window is asked for, or in any envelope of the three", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("ultrahuman");
    const first = of(await day(visit, access_token, YESTERDAY), "hr")!.day_start_timestamp;
    const byEpoch = (await metrics(visit, access_token, { start_epoch: first + 3_600, end_epoch: first + 2 * 86_400 - 1 })).json<{ data: { metrics: Record<string, Metric[]> } }>().data.metrics;
    expect(Object.keys(byEpoch)).toEqual([YESTERDAY, addDays(YESTERDAY, 1)]);
    const values = Object.values(byEpoch).flatMap((all) => of(all, "hr")?.values ?? []);
    expect(values[0]!.timestamp).toBe(first + 3_600);
    const whole = await day(visit, access_token, YESTERDAY);
    visit.sim.control.turn("ultrahuman", "dateAnswer", "list");
    expect((await metrics(visit, access_token, { date: YESTERDAY })).json()).toEqual(whole);
    visit.sim.control.turn("ultrahuman", "dateAnswer", "metrics");
    expect((await metrics(visit, access_token, { date: YESTERDAY })).json()).toMatchObject({ data: { metrics: { [YESTERDAY]: whole } } });
    visit.sim.control.turn("ultrahuman", "epochAnswer", "metric_data");
    expect((await metrics(visit, access_token, { start_epoch: first, end_epoch: first + 86_399 })).json()).toEqual({ data: { metric_data: whole }, error: null, status: 200 });
  });

  it("of some days come late, and the past changes", async () => {
    const visit = await visitSim();
    const tokens = await Promise.all(PEOPLE.map((person) => visit.connect("ultrahuman", { person })));
    const counts = (date: string): Promise<number[]> => Promise.all(tokens.map(async ({ access_token }) => of(await day(visit, access_token, date), "hr")?.values.length ?? 0));
    let changed = 0;
    for (let passed = 0; passed < 20; passed++) {
      const date = new Date(visit.now() - DAY_MS).toISOString().slice(0, 10);
      const before = await counts(date);
      visit.pass(DAY_MS);
      for (const [index, { refresh_token }] of tokens.entries()) {
        tokens[index] = (await visit.form(TOKEN, { ...client("ultrahuman"), grant_type: "refresh_token", refresh_token })).json<Tokens>();
      }
      // Auckland and New York end their days at other times: a day before is over everywhere.
      const after = await counts(date);
      changed += after.filter((count, index) => count > before[index]! + 60 && before[index]! > 0).length;
    }
    expect(changed).toBeGreaterThan(2);
  });

  it("leave neither token nor person in what is written down", async () => {
    const visit = await visitSim();
    const tokens = await visit.connect("ultrahuman");
    await day(visit, tokens.access_token, YESTERDAY);
    const shown = JSON.stringify(visit.sim.control.received("ultrahuman"));
    expect(shown).toContain(YESTERDAY);
    for (const secret of [tokens.access_token, tokens.refresh_token, "ultrahuman-secret"]) expect(shown).not.toContain(secret);
  });
});

describe("Ultrahuman out of order", () => {
  it("says so in its own form", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("ultrahuman");
    const met = async (fault: Parameters<Visit["sim"]["control"]["setFault"]>[1]): Promise<unknown[]> => {
      visit.sim.control.setFault("ultrahuman", fault);
      const answer = await visit.get(`${ROOT}/user_info`, access_token);
      return [answer.statusCode, answer.json<{ status: number }>().status, answer.headers["retry-after"]];
    };
    expect(await met({ kind: "rate_limited", retryAfterSeconds: 9, times: 1 })).toEqual([429, 429, "9"]);
    expect(await met({ kind: "server_error", status: 503, times: 1 })).toEqual([503, 503, undefined]);
    expect(await met({ kind: "token_expired" })).toEqual([401, 401, undefined]);
  });
});
