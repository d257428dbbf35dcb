import { DAY_MS, HOUR_MS, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import type { SimOptions } from "../options.ts";
import { CALLBACK, client, START_MS, visitSim } from "../testing.ts";
import type { Tokens, Visit } from "../testing.ts";

const HOOK = "http://127.0.0.1:3000/webhooks/coros";
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];
const RECEIPT = { status: 200, body: '{"message":"ok","result":"0000"}' };

interface Workout {
  readonly openId?: string;
  readonly labelId: string;
  readonly mode: number;
  readonly subMode: number;
  readonly distance?: number | string;
  readonly duration?: number | string;
  readonly startTime: number;
  readonly endTime: number;
  readonly startTimezone: number;
  readonly endTimezone: number;
  readonly step: number;
  readonly calorie: number;
  readonly avgSpeed: number;
  readonly avgFrequency: number;
  readonly fitUrl: string;
  readonly triathlonItemList: { mode: number; subMode: number; distance: number; duration: number }[];
}
interface Day {
  readonly happenDay: number;
  readonly step: number;
  readonly calorie: number;
  readonly rhr?: number;
  readonly ppgHrv?: number;
  readonly sleepAvgHr?: number;
  readonly sleepStartTime: number;
  readonly sleepEndTime: number;
  readonly startTimezone: number;
  readonly hrvList: { timestamp: number; hrv: number }[];
}
interface Told<T = unknown> {
  readonly result: string;
  readonly message: string;
  readonly data?: T;
}
interface Joined extends Tokens {
  readonly openId: string;
}

const told = <T = unknown>(answer: LightMyRequestResponse): Told<T> => answer.json<Told<T>>();
const ymd = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll("-", "");
const sim = (coros: Record<string, string>): Partial<SimOptions> => ({ switches: { coros } });
const join = async (visit: Visit, person = "ana"): Promise<Joined> => (await visit.connect("coros", { person })) as unknown as Joined;

function ask(visit: Visit, path: string, { access_token: token, openId }: Joined, query: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return visit.get(`/coros${path}?${new URLSearchParams({ token, openId, ...query }).toString()}`);
}

/** The last `days` days, tomorrow included. */
async function list<T>(visit: Visit, path: string, one: Joined, days = 28): Promise<T[]> {
  const answer = told<T[]>(await ask(visit, path, one, { startDate: ymd(visit.now() - days * DAY_MS), endDate: ymd(visit.now() + DAY_MS) }));
  if (answer.result !== "0000") throw new Error(`${path} answered ${answer.result}`);
  return answer.data!;
}

const workouts = (visit: Visit, one: Joined, days?: number): Promise<Workout[]> => list<Workout>(visit, "/v2/coros/sport/list", one, days);
const daily = (visit: Visit, one: Joined, days?: number): Promise<Day[]> => list<Day>(visit, "/coros/daily/query", one, days);

/** A visit whose receiver answers with the given words, and keeps what it got. */
async function visitReceiver(answers: { now: { status: number; body: string } }, changes: Partial<SimOptions> = {}): Promise<Visit> {
  const visit: Visit = await visitSim({
    ...changes,
    send: (url, headers, body) => {
      visit.sent.push({ url, headers, body });
      return Promise.resolve(answers.now);
    },
  });
  return visit;
}

const pushed = (visit: Visit): Workout[][] => visit.sent.splice(0).map(({ body }) => (JSON.parse(body) as { sportDataList: Workout[] }).sportDataList);

describe("COROS's tokens", () => {
  it("are given to those who know the client, with the person's openId, and not twice for a code", async () => {
    const visit = await visitSim();
    expect(await visit.connect("coros")).toMatchObject({ expires_in: 30 * 86_400, openId: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
    const code = (await visit.consent("coros", { query: { scope: "workout" } })).searchParams.get("code")!;
    const fields = { ...client("coros"), grant_type: "authorization_code", code, redirect_uri: CALLBACK };
    const trade = async (changes: object = {}): Promise<string> => {
      const answer = await visit.form("/coros/oauth2/accesstoken", { ...fields, ...changes });
      expect(answer.statusCode).toBe(200);
      return told(answer).result;
    };
    expect(await trade({ client_secret: "wrong" })).toBe("1001");
    expect(await trade({ grant_type: "refresh_token" })).toBe("1002");
    expect(await trade()).toBeUndefined();
    expect(await trade()).toBe("5006");
    const stale = (await visit.consent("coros")).searchParams.get("code")!;
    visit.pass(600_000);
    expect(await trade({ code: stale })).toBe("5006");
    expect((await visit.consent("coros", { query: { scope: "everything" } })).searchParams.get("error")).toBe("invalid_scope");
  });

  it("are led nowhere but to the registered address, and can be refused", async () => {
    const visit = await visitSim();
    const query = { client_id: "coros-id", redirect_uri: CALLBACK, response_type: "code", state: "s" };
    for (const wrong of [{ client_id: "x" }, { redirect_uri: "http://evil.example/" }]) {
      expect((await visit.get(`/coros/oauth2/authorize?${new URLSearchParams({ ...query, ...wrong }).toString()}`)).statusCode).toBe(400);
    }
    const denied = await visit.form("/coros/oauth2/authorize", { ...query, person: "ana", decision: "deny" });
    expect(new URL(String(denied.headers.location)).search).toBe("?error=access_denied&state=s");
  });

  it("hold for 30 days, and for 30 more by a refresh that makes no new ones, even after their end", async () => {
    const visit = await visitSim();
    const one = await join(visit);
    const refresh = async (changes: object = {}): Promise<unknown> =>
      (await visit.form("/coros/oauth2/refresh-token", { ...client("coros"), grant_type: "refresh_token", refresh_token: one.refresh_token, ...changes })).json();
    const state = async (): Promise<string> => told(await ask(visit, "/coros/bindState", one)).result;
    visit.pass(25 * DAY_MS);
    expect(await refresh()).toEqual({ result: "0000", message: "OK" });
    visit.pass(25 * DAY_MS);
    expect(await state()).toBe("0000");
    visit.pass(10 * DAY_MS);
    expect(await state()).toBe("5006");
    expect(await refresh()).toEqual({ result: "0000", message: "OK" });
    expect(await state()).toBe("0000");
    visit.sim.control.turn("coros", "refreshAnswer", "tokens");
    expect(await refresh()).toMatchObject({ result: "0000", access_token: one.access_token, refresh_token: one.refresh_token });
    expect(await refresh({ refresh_token: "none" })).toMatchObject({ result: "5006" });
    expect(await refresh({ client_id: "none" })).toMatchObject({ result: "1001" });
    expect(await refresh({ grant_type: "authorization_code", code: "x" })).toMatchObject({ result: "1002" });
  });

  it.each([["anywhere", true, true], ["address", true, false], ["form", false, true]] as const)("end with the token, read %s", async (place, inAddress, inForm) => {
    const visit = await visitSim(sim({ deauthorizeToken: place }));
    for (const [way, works] of [["address", inAddress], ["form", inForm]] as const) {
      const one = await join(visit);
      const { access_token: token } = one;
      const answer = way === "address" ? await visit.form(`/coros/oauth2/deauthorize?token=${token}`, {}) : await visit.form("/coros/oauth2/deauthorize", { token });
      expect(told(answer).result).toBe(works ? "0000" : "5006");
      expect(told(await ask(visit, "/coros/bindState", one)).result).toBe(works ? "5006" : "0000");
    }
  });

  it("open their own person's doors only, by the address and not by a header", async () => {
    const visit = await visitSim();
    const [ana, liam] = [await join(visit), await join(visit, "liam")];
    const strava = await visit.connect("strava");
    const user = await visit.get(`/coros/v2/user?token=${ana.access_token}`);
    expect(told(user)).toMatchObject({ result: "0000", data: { openId: ana.openId, nick: "Ana" } });
    expect(told(await visit.get("/coros/v2/user", ana.access_token)).result).toBe("5006");
    for (const wrong of [{ ...ana, openId: liam.openId }, { ...ana, access_token: strava.access_token }, { ...ana, access_token: ana.refresh_token }]) {
      const answer = await ask(visit, "/coros/daily/query", wrong, { startDate: "20261101", endDate: "20261102" });
      expect([answer.statusCode, told(answer).result]).toEqual([200, "5006"]);
    }
  });

  it("and openIds are written down nowhere", async () => {
    const visit = await visitSim();
    const one = await join(visit);
    await workouts(visit, one);
    const shown = JSON.stringify(visit.sim.control.received("coros"));
    expect(shown).toContain("startDate");
    for (const secret of [one.access_token, one.refresh_token, one.openId, "coros-secret"]) expect(shown).not.toContain(secret);
  });
});

describe("COROS's workouts", () => {
  it("are asked for by at most 30 dates, the last at most tomorrow, and refused with HTTP 200", async () => {
    const visit = await visitSim();
    const one = await join(visit);
    const today = Math.floor(START_MS / DAY_MS) * DAY_MS;
    const result = async (startDate: string, endDate: string): Promise<string> => {
      const answer = await ask(visit, "/v2/coros/sport/list", one, { startDate, endDate });
      expect(answer.statusCode).toBe(200);
      return told(answer).result;
    };
    expect(await result(ymd(today - 29 * DAY_MS), ymd(today))).toBe("0000");
    expect(await result(ymd(today - 30 * DAY_MS), ymd(today))).toBe("1002");
    expect(await result(ymd(today), ymd(today + DAY_MS))).toBe("0000");
    expect(await result(ymd(today), ymd(today + 2 * DAY_MS))).toBe("1002");
    expect(await result(ymd(today), ymd(today - DAY_MS))).toBe("1002");
    for (const wrong of ["2026-11-01", "20261131", ""]) expect(await result(wrong, ymd(today))).toBe("1002");
  });

  it("reach back three months and not into the future, in seconds, quarters of an hour, small calories and seconds a kilometre", async () => {
    const visit = await visitSim();
    for (const person of PEOPLE) {
      const one = await join(visit, person);
      const zone = visit.sim.control.people().find(({ id }) => id === person)!.zone;
      const found = await workouts(visit, one);
      expect(found.length, person).toBeGreaterThan(2);
      for (const each of found) {
        expect(each.endTime * 1000).toBeLessThanOrEqual(START_MS);
        expect(each.startTimezone * 15).toBe(offsetMinutesAt(zone, each.startTime * 1000));
        expect(each).not.toHaveProperty("openId");
        if (each.avgSpeed > 0 && each.duration !== undefined) expect(each.avgSpeed).toBe(Math.round((Number(each.duration) * 1000) / Number(each.distance)));
        expect(each.calorie).toBeGreaterThan(20_000);
        expect(Number.isSafeInteger(Number(each.labelId))).toBe(false);
        expect(new URL(each.fitUrl).pathname).toContain(each.labelId);
      }
      const before = await ask(visit, "/v2/coros/sport/list", one, { startDate: ymd(START_MS - 120 * DAY_MS), endDate: ymd(START_MS - 95 * DAY_MS) });
      expect(told<Workout[]>(before).data, person).toEqual([]);
    }
  });

  it("leave a distance or a duration away and write numbers as texts, now and then", async () => {
    const visit = await visitSim();
    const all: Workout[] = [];
    for (const person of PEOPLE) {
      const one = await join(visit, person);
      for (const back of [0, 29, 58]) {
        const span = { startDate: ymd(START_MS - (back + 28) * DAY_MS), endDate: ymd(START_MS - back * DAY_MS) };
        all.push(...told<Workout[]>(await ask(visit, "/v2/coros/sport/list", one, span)).data!);
      }
    }
    expect(all.some((each) => !("distance" in each))).toBe(true);
    expect(all.some((each) => !("duration" in each))).toBe(true);
    expect(all.some(({ distance }) => typeof distance === "string")).toBe(true);
    expect(new Set(all.map(({ mode, subMode }) => `${mode},${subMode}`))).toEqual(new Set(["8,1", "9,1", "9,2", "10,2", "15,1", "16,1", "18,2", "23,2", "31,1"]));
    expect(new Set(all.map(({ labelId }) => labelId)).size).toBe(all.length);
  });

  it("are those of other clouds: the same outing has the same length there", async () => {
    const visit = await visitSim();
    const one = await join(visit, "liam");
    const strava = await visit.connect("strava", { person: "liam" });
    const known = (await visit.get("/strava/api/v3/athlete/activities?per_page=50", strava.access_token)).json<{ start_date: string; elapsed_time: number; distance: number }[]>();
    const own = await workouts(visit, one);
    const recent = known.filter(({ start_date }) => Date.parse(start_date) > START_MS - 25 * DAY_MS);
    expect(recent.length).toBeGreaterThan(5);
    for (const { start_date, elapsed_time, distance } of recent) {
      const same = own.find(({ startTime }) => startTime * 1000 === Date.parse(start_date))!;
      expect(same.endTime - same.startTime).toBe(elapsed_time);
      expect(Math.abs(Number(same.distance) - distance)).toBeLessThan(1);
    }
  });

  it("carry labels of 64 bits, bare on the wire where the switch says so", async () => {
    const visit = await visitSim(sim({ labelIds: "number" }));
    const one = await join(visit);
    const { body } = await ask(visit, "/v2/coros/sport/list", one, { startDate: ymd(START_MS - 20 * DAY_MS), endDate: ymd(START_MS) });
    const labels = [...body.matchAll(/"labelId":(\d+),/g)].map(([, digits]) => digits!);
    expect(labels.length).toBeGreaterThan(3);
    expect(labels.some((digits) => String(Number(digits)) !== digits)).toBe(true);
    visit.sim.control.turn("coros", "labelIds", "text");
    expect((await workouts(visit, one, 20)).map(({ labelId }) => labelId)).toEqual(labels);
  });

  it("have files behind signed addresses, which come later than the summary and end", async () => {
    const visit = await visitSim();
    const one = await join(visit);
    await visit.sim.control.push("coros", "ana", "workout");
    const [newest] = pushed(visit)[0]!;
    const path = (url: string): string => url.slice(url.indexOf("/coros/"));
    const read = async (url: string): Promise<number> => (await visit.get(path(url))).statusCode;
    expect(await read(newest!.fitUrl)).toBe(404);
    visit.pass(2 * MINUTE_MS);
    const file = await visit.get(path(newest!.fitUrl));
    expect(file.statusCode).toBe(200);
    expect(file.rawPayload.subarray(8, 12).toString()).toBe(".FIT");
    expect(await read(newest!.fitUrl.replace(/sign=./, "sign=x"))).toBe(403);
    visit.pass(HOUR_MS);
    expect(await read(newest!.fitUrl)).toBe(403);
    const { labelId, mode, subMode } = newest!;
    const again = told<{ fitUrl: string }>(await ask(visit, "/v2/coros/sport/detail/fit", one, { labelId, mode: String(mode), subMode: String(subMode) }));
    expect(await read(again.data!.fitUrl)).toBe(200);
    expect(told(await ask(visit, "/v2/coros/sport/detail/fit", one, { labelId, mode: "9", subMode: "1" })).result).toBe("1002");
  });
});

describe("COROS's days", () => {
  it("have steps and energy so far, and the night of other clouds, filed under its evening or its morning", async () => {
    for (const nightOf of ["evening", "morning"] as const) {
      const visit = await visitSim(sim({ nightOf }));
      const one = await join(visit, "liam");
      await visit.connect("garmin", { person: "liam" });
      await visit.sim.control.push("garmin", "liam", "sleeps", { days: 20 });
      const nights = visit.sent.flatMap(({ body }) => (JSON.parse(body) as { sleeps: { startTimeInSeconds: number }[] }).sleeps);
      const days = await daily(visit, one, 15);
      expect(days.length).toBe(16);
      const slept = days.filter(({ sleepStartTime }) => sleepStartTime > 0);
      expect(slept.length).toBeGreaterThan(10);
      for (const { happenDay, sleepStartTime, sleepEndTime, sleepAvgHr, ppgHrv, hrvList } of slept) {
        expect(nights.some(({ startTimeInSeconds }) => startTimeInSeconds === sleepStartTime)).toBe(true);
        expect(ymd((sleepEndTime - (nightOf === "evening" ? 86_400 : 0)) * 1000)).toBe(String(happenDay));
        expect(sleepAvgHr).toBeGreaterThan(35);
        expect(ppgHrv).toBeGreaterThan(20);
        expect(hrvList.length).toBeGreaterThan(8);
        for (const { timestamp } of hrvList) expect(timestamp > sleepStartTime && timestamp < sleepEndTime).toBe(true);
      }
      const [yesterday, today] = days.slice(-2) as [Day, Day];
      expect(today.happenDay).toBe(Number(ymd(START_MS)));
      expect(today.step).toBeLessThan(yesterday.step);
      expect(today.calorie).toBeLessThan(yesterday.calorie);
      expect(today.sleepStartTime > 0).toBe(nightOf === "morning");
    }
  });

  it("have zeros and gaps where nothing was measured", async () => {
    const visit = await visitSim();
    const days: Day[] = [];
    for (const person of PEOPLE) days.push(...(await daily(visit, await join(visit, person), 28)));
    expect(days.some(({ sleepStartTime, sleepEndTime }) => sleepStartTime === 0 && sleepEndTime === 0)).toBe(true);
    expect(days.some((day) => day.sleepStartTime > 0 && !("ppgHrv" in day))).toBe(true);
    expect(days.some(({ hrvList }) => hrvList.some(({ hrv }) => hrv === 0))).toBe(true);
    // Three at night in Buenos Aires, one in New York: nobody there has woken yet.
    visit.pass(20 * HOUR_MS);
    const early: Day[] = [];
    for (const person of PEOPLE) early.push(...(await daily(visit, await join(visit, person), 1)).slice(-1));
    expect(early.some(({ rhr }) => rhr === 0)).toBe(true);
    expect(early.some((day) => !("rhr" in day))).toBe(true);
  });

  it("can be told in small calories, or withheld from the application in two ways", async () => {
    const visit = await visitSim();
    const one = await join(visit);
    const [inKcal] = await daily(visit, one, 3);
    visit.sim.control.turn("coros", "dailyCalorie", "calories");
    expect((await daily(visit, one, 3))[0]!.calorie).toBe(inKcal!.calorie * 1000);
    const refused = async (position: string): Promise<unknown[]> => {
      visit.sim.control.turn("coros", "dailyData", position);
      const answer = await ask(visit, "/coros/daily/query", one, { startDate: "20261101", endDate: "20261102" });
      return [answer.statusCode, told(answer).result];
    };
    expect(await refused("30009")).toEqual([200, "30009"]);
    expect(await refused("403")).toEqual([403, "30009"]);
  });
});

describe("COROS's pushes", () => {
  it("bring each new workout once it is in, to the address that staff wrote down, with client id and secret in headers", async () => {
    const answers = { now: RECEIPT };
    const visit = await visitReceiver(answers);
    const one = await join(visit);
    const before = await workouts(visit, one);
    for (let hour = 0; hour < 24 * 20; hour++) {
      visit.pass(HOUR_MS);
      await visit.sim.control.tick();
    }
    const after = (await workouts(visit, one)).filter(({ labelId }) => !before.some((each) => each.labelId === labelId));
    expect(after.length).toBeGreaterThan(2);
    expect(visit.sent.length).toBeGreaterThanOrEqual(after.length);
    for (const { url, headers } of visit.sent) {
      expect(url).toBe(HOOK);
      expect(headers).toMatchObject({ client: "coros-id", secret: "coros-secret", "content-type": "application/json" });
    }
    const sent = pushed(visit).flat();
    expect(sent.every(({ openId }) => openId === one.openId)).toBe(true);
    expect(new Set(sent.map(({ labelId }) => labelId))).toEqual(new Set(after.map(({ labelId }) => labelId)));
  });

  it("hold several people's workouts in one body, and some come twice", async () => {
    const visit = await visitReceiver({ now: RECEIPT });
    const ids = new Map<string, string>();
    for (const person of PEOPLE) ids.set((await join(visit, person)).openId, person);
    for (let day = 0; day < 30; day++) {
      visit.pass(DAY_MS);
      await visit.sim.control.tick();
    }
    const bodies = visit.sent.map(({ body }) => body);
    expect(new Set(bodies).size).toBeLessThan(bodies.length);
    expect(pushed(visit).some((body) => new Set(body.map(({ openId }) => openId)).size > 1)).toBe(true);
  });

  it("tell a walk, many days, or a triathlon with its legs at a visitor's wish", async () => {
    const visit = await visitReceiver({ now: RECEIPT });
    await join(visit);
    await visit.sim.control.push("coros", "ana", "triathlon");
    const [[race]] = pushed(visit) as [[Workout]];
    expect(race).toMatchObject({ mode: 13, subMode: 1, avgSpeed: 0, avgFrequency: 0 });
    expect(race.triathlonItemList.map(({ mode, subMode }) => [mode, subMode])).toEqual([[10, 2], [9, 1], [8, 1]]);
    expect(race.triathlonItemList.reduce((sum, { distance }) => sum + distance, 0)).toBe(Number(race.distance));
    await visit.sim.control.push("coros", "ana", "workout");
    expect(pushed(visit)).toMatchObject([[{ mode: 31, subMode: 1, endTime: Math.floor(START_MS / 1000), triathlonItemList: [] }]]);
    await visit.sim.control.push("coros", "ana", "workout", { days: 14 });
    expect(pushed(visit)[0]!.length).toBeGreaterThan(3);
    // To other clouds its legs are outings of their own.
    const strava = await visit.connect("strava");
    const known = (await visit.get("/strava/api/v3/athlete/activities?per_page=20", strava.access_token)).json<{ type: string }[]>();
    expect(known.slice(0, 4).map(({ type }) => type)).toEqual(expect.arrayContaining(["Swim", "Ride", "Run"]));
  });

  it("are sent again until the receipt has COROS's own words", async () => {
    const answers = { now: { status: 200, body: '{"received":true}' } };
    const visit = await visitReceiver(answers);
    await join(visit);
    const [first] = await visit.sim.control.push("coros", "ana", "workout");
    expect(first).toMatchObject({ status: 200, attempt: 1, retryMs: START_MS + 60_000 });
    for (const wrong of [{ status: 500, body: "" }, { status: 200, body: '{"result":"2001"}' }, { status: 200, body: "null" }, { status: 201, body: RECEIPT.body }]) {
      answers.now = wrong;
      visit.pass(6 * HOUR_MS);
      expect((await visit.sim.control.tick()).some(({ retryMs }) => retryMs !== null)).toBe(true);
    }
    answers.now = RECEIPT;
    visit.pass(6 * HOUR_MS);
    await visit.sim.control.tick();
    expect(visit.sim.control.waitingPushes()).toBe(0);
    const [walk] = visit.sent;
    expect(visit.sent.filter(({ body }) => body === walk!.body)).toHaveLength(6);
  });

  it("end after many tries without a receipt, as long as the switch stands", async () => {
    const answers = { now: { status: 500, body: "" } };
    const visit = await visitReceiver(answers, sim({ refusedBeforeDisabled: "2" }));
    await join(visit);
    await visit.sim.control.push("coros", "ana", "workout");
    await visit.sim.control.push("coros", "ana", "workout");
    expect(await visit.sim.control.push("coros", "ana", "workout")).toEqual([]);
    visit.sim.control.turn("coros", "refusedBeforeDisabled", "0");
    answers.now = RECEIPT;
    expect(await visit.sim.control.push("coros", "ana", "workout")).toMatchObject([{ status: 200, retryMs: null }]);
    visit.sim.control.turn("coros", "refusedBeforeDisabled", "2");
    expect(await visit.sim.control.push("coros", "ana", "workout")).toHaveLength(1);
  });

  it("say nothing of people who have left, whichever way, alone or among others", async () => {
    const answers = { now: { status: 500, body: "" } };
    const visit = await visitReceiver(answers);
    const [tomas, priya] = [await join(visit, "tomas"), await join(visit, "priya")];
    visit.pass(6 * DAY_MS);
    await visit.sim.control.tick();
    expect(pushed(visit).flat().map(({ openId }) => openId)).toEqual(expect.arrayContaining([tomas.openId, priya.openId]));
    await visit.form(`/coros/oauth2/deauthorize?token=${tomas.access_token}`, {});
    visit.sim.control.setFault("coros", { kind: "token_revoked", person: "priya" });
    visit.pass(DAY_MS);
    await visit.sim.control.tick();
    expect(visit.sent).toEqual([]);
    expect(visit.sim.control.waitingPushes()).toBe(0);
  });

  it("go nowhere without an address", async () => {
    const visit = await visitSim({ webhookUrls: {} });
    await join(visit);
    expect(await visit.sim.control.push("coros", "ana", "workout")).toEqual([]);
  });
});

describe("COROS out of order", () => {
  it("says so in its own form", async () => {
    const visit = await visitSim();
    const one = await join(visit);
    const met = async (fault: Parameters<Visit["sim"]["control"]["setFault"]>[1]): Promise<unknown[]> => {
      visit.sim.control.setFault("coros", fault);
      const answer = await ask(visit, "/coros/bindState", one);
      return [answer.statusCode, told(answer).result, answer.headers["retry-after"]];
    };
    expect(await met({ kind: "rate_limited", retryAfterSeconds: 9, times: 1 })).toEqual([429, "2001", "9"]);
    expect(await met({ kind: "server_error", status: 503, times: 1 })).toEqual([503, "2001", undefined]);
    expect(await met({ kind: "token_expired" })).toEqual([200, "5006", undefined]);
  });
});
