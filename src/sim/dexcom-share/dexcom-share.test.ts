import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import { START_MS, visitSim, type Visit } from "../testing.ts";

const BASE = "/sim/dexcom-share/ShareWebServices/Services";
const APPLICATION = "d89443d2-327c-4a6f-89e5-496bbb0317db";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NOBODY = "00000000-0000-0000-0000-000000000000";

interface Reading {
  readonly WT: string;
  readonly ST: string;
  readonly DT: string;
  readonly Value: number;
  readonly Trend: string | number;
}

const personAt = (visit: Visit, person: string) => visit.sim.control.people().find(({ id }) => id === person)!;
const post = (visit: Visit, path: string, payload: object = {}): Promise<LightMyRequestResponse> => visit.app.inject({ method: "POST", url: `${BASE}/${path}`, payload });

function authenticate(visit: Visit, change: object = {}, person = "ana"): Promise<LightMyRequestResponse> {
  const { userName, password } = personAt(visit, person);
  return post(visit, "General/AuthenticatePublisherAccount", { accountName: userName, password, applicationId: APPLICATION, ...change });
}

async function signIn(visit: Visit, person = "ana"): Promise<string> {
  const accountId = (await authenticate(visit, {}, person)).json<string>();
  return (await post(visit, "General/LoginPublisherAccountById", { accountId, password: personAt(visit, person).password, applicationId: APPLICATION })).json<string>();
}

const latest = (visit: Visit, session: string, minutes = 1440, maxCount = 288): Promise<LightMyRequestResponse> =>
  post(visit, `Publisher/ReadPublisherLatestGlucoseValues?sessionId=${session}&minutes=${minutes}&maxCount=${maxCount}`);
const readings = async (visit: Visit, person = "ana", ...limits: number[]): Promise<Reading[]> => (await latest(visit, await signIn(visit, person), ...limits)).json<Reading[]>();
const codeOf = (answer: LightMyRequestResponse): string => `${answer.statusCode} ${answer.json<{ Code: string }>().Code}`;
const msOf = (date: string): number => Number(/\((\d+)/.exec(date)?.[1]);

describe("Dexcom Share's sign-in", () => {
  it("gives an account's id by name, and a session by that id", async () => {
    const visit = await visitSim();
    const id = (await authenticate(visit)).json<string>();
    expect(id).toMatch(UUID);
    expect(id).toBe(personAt(visit, "ana").facts["dexcom-share"]!["userId"]);
    const session = await signIn(visit);
    expect(session).toMatch(UUID);
    expect(session).not.toBe(id);
    expect(await signIn(visit, "liam")).not.toBe(session);
  });

  it("refuses with 500 and a code", async () => {
    const visit = await visitSim();
    expect(codeOf(await authenticate(visit, { password: "wrong" }))).toBe("500 AccountPasswordInvalid");
    const unknown = await authenticate(visit, { accountName: "nobody@people.example" });
    expect(codeOf(unknown)).toBe("500 SSO_InternalError");
    expect(unknown.json<{ Message: string }>().Message).toContain("Cannot Authenticate by AccountName");
    for (const change of [{ accountName: "" }, { password: "" }, { applicationId: "another" }]) expect(codeOf(await authenticate(visit, change))).toBe("500 InvalidArgument");
    expect((await authenticate(visit, { applicationId: "d8665ade-9673-4e27-9ff6-92db4ce13d13" })).statusCode).toBe(200);
  });

  it("gives an id of zeros for a wrong pair of id and password", async () => {
    const visit = await visitSim();
    const accountId = (await authenticate(visit)).json<string>();
    expect((await post(visit, "General/LoginPublisherAccountById", { accountId, password: "wrong", applicationId: APPLICATION })).json()).toBe(NOBODY);
    expect(codeOf(await post(visit, "General/LoginPublisherAccountById", { accountId: "ana", password: "x", applicationId: APPLICATION }))).toBe("500 InvalidArgument");
  });

  it("locks an account after too many wrong tries, for ten minutes, and no other", async () => {
    const visit = await visitSim();
    visit.sim.control.turn("dexcom-share", "wrongSignIns", "2");
    for (let tries = 0; tries < 2; tries += 1) await authenticate(visit, { password: "wrong" });
    expect(codeOf(await authenticate(visit))).toBe("500 SSO_AuthenticateMaxAttemptsExceeded");
    expect((await authenticate(visit, {}, "liam")).statusCode).toBe(200);
    visit.pass(10 * MINUTE_MS);
    expect((await authenticate(visit)).statusCode).toBe(200);
  });
});

describe("Dexcom Share's readings", () => {
  it("are a day's at most, newest first, no more than asked for and none to come", async () => {
    const visit = await visitSim();
    const day = await readings(visit);
    const times = day.map(({ WT }) => msOf(WT));
    expect(times.length).toBeGreaterThan(200);
    expect(times.length).toBeLessThanOrEqual(288);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times[0]).toBeLessThanOrEqual(START_MS);
    expect(START_MS - times[0]!).toBeLessThan(10 * MINUTE_MS);
    expect(times.at(-1)).toBeGreaterThanOrEqual(START_MS - DAY_MS);
    expect(await readings(visit, "ana", 1440, 3)).toEqual(day.slice(0, 3));
    expect((await readings(visit, "ana", 60)).every(({ WT }) => msOf(WT) >= START_MS - 60 * MINUTE_MS)).toBe(true);
    expect((await readings(visit, "ana", 1)).length).toBeLessThan(2);
  });

  it("are refused beyond the limits of minutes and count", async () => {
    const visit = await visitSim();
    const session = await signIn(visit);
    for (const [minutes, count] of [[0, 1], [1441, 1], [10, 0], [10, 289], [1.5, 1]] as const) expect(codeOf(await latest(visit, session, minutes, count))).toBe("500 InvalidArgument");
  });

  it("need a live session, whose key has two spellings, and say with 500 when it has ended", async () => {
    const visit = await visitSim();
    const session = await signIn(visit);
    expect((await post(visit, `Publisher/ReadPublisherLatestGlucoseValues?sessionID=${session}&minutes=10&maxCount=1`)).statusCode).toBe(200);
    expect(codeOf(await latest(visit, "4b1d5cbb-0000-4000-8000-000000000001"))).toBe("500 SessionIdNotFound");
    expect(codeOf(await latest(visit, "no-uuid"))).toBe("500 InvalidArgument");
    const { statusCode, body } = await latest(visit, NOBODY);
    expect({ statusCode, body }).toEqual({ statusCode: 200, body: "" });
    visit.pass(DAY_MS);
    expect(codeOf(await latest(visit, session))).toBe("500 SessionIdNotFound");
  });

  it("write instants in two spellings, with the phone's offset, and trends as words or numbers", async () => {
    const visit = await visitSim();
    const [plain] = await readings(visit, "priya", 1440, 1);
    expect(plain!.WT).toMatch(/^Date\(\d{13}\)$/);
    expect(plain!.DT).toMatch(/^Date\(\d{13}\+0530\)$/);
    expect(typeof plain!.Trend).toBe("string");
    expect((await readings(visit, "grace", 1440, 1))[0]!.DT).toMatch(/-0500\)$/);
    visit.sim.control.configure({ dates: "slashes", trends: "numbers" });
    const [old] = await readings(visit, "priya", 1440, 1);
    expect(old!.WT).toBe(`/${plain!.WT}/`);
    expect(typeof old!.Trend).toBe("number");
  });

  it("say 39 and 401 beyond what the sensor shows", async () => {
    const visit = await visitSim();
    visit.sim.control.serveSeries("dexcom-share", "ana", [39, 40, 400, 455].map((mgDl, index) => ({ atMs: START_MS - (30 - 5 * index) * MINUTE_MS, mgDl })));
    expect((await readings(visit)).map(({ Value }) => Value)).toEqual([401, 400, 40, 39]);
    expect((await readings(visit)).map(({ Trend }) => Trend)).toContain("RateOutOfRange");
  });

  it("are now and then a code of an old receiver, where it is turned so", async () => {
    const visit = await visitSim();
    expect((await readings(visit)).every(({ Value }) => Value >= 39)).toBe(true);
    visit.sim.control.turn("dexcom-share", "receiver", "old receiver with error codes");
    const codes = (await readings(visit)).filter(({ Value }) => Value < 13);
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.length).toBeLessThan(30);
  });

  it("are those of Dexcom's own cloud", async () => {
    const visit = await visitSim();
    const { access_token: token } = await visit.connect("dexcom", { person: "ana" });
    const [from, to] = [START_MS - DAY_MS, START_MS].map((ms) => new Date(ms).toISOString().slice(0, 19));
    const { records } = (await visit.get(`/dexcom/v3/users/self/egvs?startDate=${from}&endDate=${to}`, token)).json<{ records: { systemTime: string; value: number; status: string }[] }>();
    const minute = (ms: number): number => Math.floor(ms / MINUTE_MS);
    const official = new Map(records.filter(({ status }) => status === "ok").map(({ systemTime, value }) => [minute(Date.parse(systemTime)), value]));
    const both = (await readings(visit)).filter(({ WT }) => official.has(minute(msOf(WT))));
    expect(both.length).toBeGreaterThan(150);
    expect(both.filter(({ WT, Value }) => official.get(minute(msOf(WT))) !== Value)).toEqual([]);
  });

  it("leave no session in what the cloud shows of its calls", async () => {
    const visit = await visitSim();
    const session = await signIn(visit);
    await latest(visit, session);
    const shown = JSON.stringify(visit.sim.control.received("dexcom-share"));
    expect(shown).toContain("ReadPublisherLatestGlucoseValues");
    for (const secret of [session, personAt(visit, "ana").password]) expect(shown).not.toContain(secret);
  });
});
