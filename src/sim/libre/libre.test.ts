import { createHash } from "node:crypto";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, it } from "vitest";
import { START_MS, visitSim, type Visit } from "../testing.ts";

const APP = { product: "llu.android", version: "4.16.0" };

interface Login {
  readonly status: number;
  readonly data: { readonly redirect?: boolean; readonly region?: string; readonly user: { readonly id: string; readonly uom: string }; readonly authTicket: { readonly token: string; readonly expires: number; readonly duration: number } };
}
interface Item {
  readonly FactoryTimestamp: string;
  readonly Timestamp: string;
  readonly type: number;
  readonly ValueInMgPerDl: number;
  readonly Value: number;
  readonly GlucoseUnits: number;
  readonly TrendArrow?: number;
}
interface Connection {
  readonly patientId: string;
  readonly firstName: string;
  readonly uom: number;
  readonly sensor: { readonly sn: string; readonly a: number };
  readonly glucoseMeasurement: Item | null;
  readonly glucoseItem: Item | null;
}

const personAt = (visit: Visit, person: string) => visit.sim.control.people().find(({ id }) => id === person)!;

function login(visit: Visit, change: { person?: string; password?: string; headers?: Record<string, string> } = {}): Promise<LightMyRequestResponse> {
  const { userName, password } = personAt(visit, change.person ?? "ana");
  return visit.app.inject({ method: "POST", url: "/sim/libre/llu/auth/login", headers: change.headers ?? APP, payload: { email: userName, password: change.password ?? password } });
}

/** Headers of a signed-in follower. */
async function follow(visit: Visit, person = "ana"): Promise<Record<string, string>> {
  visit.sim.control.turn("libre", "redirect", "off");
  const { data } = (await login(visit, { person })).json<Login>();
  return { ...APP, authorization: `Bearer ${data.authTicket.token}`, "account-id": createHash("sha256").update(data.user.id).digest("hex") };
}

const ask = (visit: Visit, headers: Record<string, string>, path = ""): Promise<LightMyRequestResponse> => visit.app.inject({ url: `/sim/libre/llu/connections${path}`, headers });
const dataOf = async <T>(answer: Promise<LightMyRequestResponse>): Promise<T> => (await answer).json<{ data: T }>().data;

async function graphOf(visit: Visit, person = "ana"): Promise<{ connection: Connection; graphData: Item[] }> {
  const headers = await follow(visit, person);
  const [one] = await dataOf<Connection[]>(ask(visit, headers));
  return dataOf(ask(visit, headers, `/${one!.patientId}/graph`));
}

const utc = (text: string): number => Date.parse(`${text} UTC`);

describe("LibreLinkUp's sign-in", () => {
  it("names the region first, then gives a session of 180 days", async () => {
    const visit = await visitSim();
    expect((await login(visit)).json()).toEqual({ status: 0, data: { redirect: true, region: "de" } });
    const { status, data } = (await login(visit)).json<Login>();
    expect({ status, user: data.user.id.length, expires: data.authTicket.expires, duration: data.authTicket.duration }).toEqual({ status: 0, user: 36, expires: START_MS / 1000 + 15_552_000, duration: 15_552_000_000 });
    expect(data.user.id).not.toBe(personAt(visit, "ana").facts["libre"]!["userId"]);
  });

  it("answers 200 to a wrong password, and locks after three", async () => {
    const visit = await visitSim();
    for (let tries = 0; tries < 3; tries += 1) {
      const answer = await login(visit, { password: "wrong" });
      expect({ status: answer.statusCode, body: answer.json<unknown>() }).toEqual({ status: 200, body: { status: 2, error: { message: "notAuthenticated" } } });
    }
    expect((await login(visit)).json()).toEqual({ status: 429, data: { code: 60, data: { failures: 3, interval: 60, lockout: 300 }, message: "locked" } });
    expect((await login(visit, { person: "liam" })).json()).toMatchObject({ status: 0 });
    visit.pass(5 * MINUTE_MS);
    expect((await login(visit)).json()).toMatchObject({ status: 0 });
  });

  it("lets no old version in, at any door, and names the one it wants where it is turned so", async () => {
    const visit = await visitSim();
    for (const version of ["4.15.9", "4.9.30", "3.99.0"]) {
      const answer = await login(visit, { headers: { ...APP, version } });
      expect({ status: answer.statusCode, body: answer.json<unknown>() }).toEqual({ status: 403, body: { status: 920, data: { minimumVersion: "4.16.0" } } });
    }
    expect((await login(visit, { headers: { ...APP, version: "4.16.0.1" } })).statusCode).toBe(200);
    expect((await login(visit, { headers: { ...APP, version: "5.0" } })).statusCode).toBe(200);
    const headers = await follow(visit);
    visit.sim.control.configure({ minimumVersion: "4.99.1", namesVersion: "no" });
    expect((await ask(visit, headers)).json()).toEqual({ status: 920, data: {} });
  });

  it("waits for terms, policy and the e-mail check, and gives no session meanwhile", async () => {
    const visit = await visitSim();
    visit.sim.control.turn("libre", "redirect", "off");
    for (const type of ["tou", "pp", "verifyEmail"]) {
      visit.sim.control.turn("libre", "step", type);
      const answer = (await login(visit)).json<{ status: number; data: { step: { type: string }; user?: object } }>();
      expect(answer).toMatchObject({ status: 4, data: { step: { type } } });
      expect(answer.data.user).toBeUndefined();
    }
    expect(visit.sim.control.connections()).toEqual([]);
  });

  it("is shut to everybody by the gate, in HTML", async () => {
    const visit = await visitSim();
    const headers = await follow(visit);
    visit.sim.control.turn("libre", "gate", "shut");
    for (const answer of [await login(visit), await ask(visit, headers)]) expect([answer.statusCode, answer.headers["content-type"]]).toEqual([403, "text/html"]);
  });
});

describe("LibreLinkUp's data doors", () => {
  it("want product, version, a live session and the digest of the account's id", async () => {
    const visit = await visitSim();
    const headers = await follow(visit);
    expect((await ask(visit, headers)).statusCode).toBe(200);
    for (const name of ["product", "version", "account-id"]) expect((await ask(visit, { ...headers, [name]: "" })).json(), name).toEqual({ message: "RequiredHeaderMissing" });
    const { "account-id": others } = await follow(visit, "liam");
    expect((await ask(visit, { ...headers, "account-id": others! })).statusCode).toBe(400);
    expect((await ask(visit, { ...headers, "account-id": headers["account-id"]!.toUpperCase() })).statusCode).toBe(200);
    expect((await ask(visit, { ...headers, authorization: "Bearer another" })).statusCode).toBe(401);
    visit.pass(180 * DAY_MS);
    expect((await ask(visit, headers)).statusCode).toBe(401);
  });

  it("make digests as the facts' example has it", () => {
    expect(createHash("sha256").update("00000000-1111-2222-3333-444444444444").digest("hex")).toBe("d16fe322fd5b8ed6a57156e84401aedb251297941f3f339408bc78186903a8ed");
  });

  it("tell only of those who share with the account", async () => {
    const visit = await visitSim();
    const headers = await follow(visit);
    const idsAt = async (follows: string): Promise<string[]> => {
      visit.sim.control.turn("libre", "follows", follows);
      return (await dataOf<Connection[]>(ask(visit, headers))).map(({ patientId }) => patientId);
    };
    const [ana, liam] = ["ana", "liam"].map((person) => String(personAt(visit, person).facts["libre"]!["userId"]));
    expect(await idsAt("one")).toEqual([ana]);
    expect((await ask(visit, headers, `/${liam}/graph`)).json()).not.toHaveProperty("data");
    expect(await idsAt("two")).toEqual([ana, liam]);
    expect(await idsAt("another")).toEqual([liam]);
    expect((await ask(visit, headers, `/${ana}/logbook`)).json()).not.toHaveProperty("data");
    expect(await idsAt("nobody")).toEqual([]);
  });

  it("write UTC and the phone's time month first, and both units", async () => {
    const visit = await visitSim();
    const { connection, graphData } = await graphOf(visit, "liam");
    expect(connection.uom).toBe(0);
    for (const item of graphData) {
      expect(item.FactoryTimestamp).toMatch(/^11\/\d{1,2}\/2026 (1[0-2]|[1-9]):\d{2}:\d{2} [AP]M$/);
      expect(item.GlucoseUnits).toBe(0);
      expect(Math.abs(item.Value * 18.0156 - item.ValueInMgPerDl)).toBeLessThan(1);
    }
    const { graphData: Madrid } = await graphOf(visit, "ana");
    expect(Madrid.every((item) => utc(item.Timestamp) - utc(item.FactoryTimestamp) === HOUR_MS && item.GlucoseUnits === 1 && item.Value === item.ValueInMgPerDl)).toBe(true);
  });

  it("give twelve hours that lag behind the current reading, five or fifteen minutes apart, and nothing to come", async () => {
    const visit = await visitSim();
    const { connection, graphData } = await graphOf(visit);
    const times = graphData.map(({ FactoryTimestamp }) => utc(FactoryTimestamp));
    expect(times.length).toBeGreaterThan(100);
    expect(times[0]).toBeGreaterThanOrEqual(START_MS - 12 * HOUR_MS);
    expect(times.at(-1)).toBeLessThanOrEqual(START_MS - 10 * MINUTE_MS);
    expect(utc(connection.glucoseMeasurement!.FactoryTimestamp)).toBeLessThanOrEqual(START_MS);
    expect(utc(connection.glucoseMeasurement!.FactoryTimestamp)).toBeGreaterThan(times.at(-1)!);
    expect(connection.glucoseMeasurement!.TrendArrow).toBeDefined();
    expect(graphData.every((item) => item.TrendArrow === undefined)).toBe(true);
    visit.sim.control.turn("libre", "spacing", "15");
    expect((await graphOf(visit)).graphData.length).toBeLessThan(times.length / 2.5);
  });

  it("repeat the current reading, now and then with another arrow", async () => {
    const visit = await visitSim();
    let others = 0;
    for (let minutes = 0; minutes < 100; minutes += 1) {
      visit.pass(MINUTE_MS);
      const { connection } = await graphOf(visit);
      const [current, again] = [connection.glucoseMeasurement, connection.glucoseItem];
      expect(again?.FactoryTimestamp).toBe(current?.FactoryTimestamp);
      expect(again?.ValueInMgPerDl).toBe(current?.ValueInMgPerDl);
      if (again?.TrendArrow !== current?.TrendArrow) others += 1;
    }
    expect(others).toBeGreaterThan(0);
    expect(others).toBeLessThan(50);
  });

  it("cut to 40 and 500, and have no current reading when the sensor says nothing", async () => {
    const visit = await visitSim();
    visit.sim.control.serveSeries("libre", "ana", [30, 120, 520].map((mgDl, index) => ({ atMs: START_MS - (60 - 5 * index) * MINUTE_MS, mgDl })));
    const { connection, graphData } = await graphOf(visit);
    expect(graphData).toMatchObject([{ ValueInMgPerDl: 40, isLow: true }, { ValueInMgPerDl: 120, isLow: false, isHigh: false }, { ValueInMgPerDl: 500, isHigh: true }]);
    expect(connection.glucoseMeasurement).toBeNull();
  });

  it("keep fourteen days of scans and alarms, newest first", async () => {
    const visit = await visitSim();
    const headers = await follow(visit);
    const items = await dataOf<Item[]>(ask(visit, headers, `/${personAt(visit, "ana").facts["libre"]!["userId"]}/logbook`));
    const times = items.map(({ FactoryTimestamp }) => utc(FactoryTimestamp));
    expect(times.length).toBeGreaterThan(20);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times.at(-1)).toBeGreaterThanOrEqual(START_MS - 14 * DAY_MS);
    expect(items.filter(({ type }) => type === 2).every((item) => item.ValueInMgPerDl < 65)).toBe(true);
    expect(new Set(items.map(({ type }) => type)).has(1)).toBe(true);
  });

  it("carry the session once more with each answer, which no page of ours may keep", async () => {
    const visit = await visitSim();
    const headers = await follow(visit);
    const { ticket } = (await ask(visit, headers)).json<{ ticket: { token: string; duration: number } }>();
    expect(`Bearer ${ticket.token}`).toBe(headers["authorization"]);
    expect(ticket.duration).toBe(15_552_000_000);
    expect(JSON.stringify(visit.sim.control.received("libre"))).not.toContain(ticket.token);
  });

  it("tell of the same glucose as Dexcom's cloud", async () => {
    const visit = await visitSim();
    const { graphData } = await graphOf(visit, "grace");
    const { access_token: token } = await visit.connect("dexcom", { person: "grace" });
    const [from, to] = [START_MS - 12 * HOUR_MS, START_MS].map((ms) => new Date(ms).toISOString().slice(0, 19));
    const { records } = (await visit.get(`/dexcom/v3/users/self/egvs?startDate=${from}&endDate=${to}`, token)).json<{ records: { systemTime: string; value: number; status: string }[] }>();
    const minute = (ms: number): number => Math.floor(ms / MINUTE_MS);
    const toldByDexcom = new Map(records.filter(({ status }) => status === "ok").map(({ systemTime, value }) => [minute(Date.parse(systemTime)), value]));
    const both = graphData.filter((item) => toldByDexcom.has(minute(utc(item.FactoryTimestamp))));
    expect(both.length).toBeGreaterThan(50);
    expect(both.filter((item) => toldByDexcom.get(minute(utc(item.FactoryTimestamp))) !== item.ValueInMgPerDl)).toEqual([]);
  });

  it("name the regions to anybody", async () => {
    const visit = await visitSim();
    const answer = await visit.get("/libre/llu/config/country?country=DE");
    expect(answer.json()).toMatchObject({ status: 0, data: { regionalMap: { de: { lslApi: "https://api-de.libreview.io" }, eu2: { lslApi: "https://api-eu2.libreview.io" } } } });
  });
});
