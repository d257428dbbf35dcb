import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { describe, expect, it } from "vitest";
import type { Visit } from "../testing.ts";
import { START_MS, visitSim } from "../testing.ts";
import { accessTokenFor, sha1 } from "./site.ts";

type Row = Record<string, unknown>;
interface Jwt {
  readonly token: string;
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
}

const tokenOf = (visit: Visit, person: string): string => String(visit.sim.control.people().find(({ id }) => id === person)!.facts["nightscout"]!["accessToken"]);
const secretOf = (visit: Visit, person: string): string => visit.sim.control.people().find(({ id }) => id === person)!.keys["nightscout"]!;

async function jwtOf(visit: Visit, person: string): Promise<string> {
  return (await visit.get(`/nightscout/api/v2/authorization/request/${tokenOf(visit, person)}`)).json<Jwt>().token;
}

const with1 = (visit: Visit, path: string, headers: Record<string, string>) => visit.app.inject({ url: `/sim/nightscout${path}`, headers });
const asAdmin = (visit: Visit, person: string): Record<string, string> => ({ "api-secret": sha1(secretOf(visit, person)) });
const list1 = async (visit: Visit, person: string, path: string): Promise<Row[]> => (await with1(visit, path, asAdmin(visit, person))).json<Row[]>();
const list3 = async (visit: Visit, jwt: string, path: string): Promise<Row[]> => (await visit.get(`/nightscout/api/v3/${path}`, jwt)).json<{ result: Row[] }>().result;

describe("Nightscout's doors", () => {
  it("make tokens as the server does", () => {
    expect(sha1("my-test-api-secret")).toBe("e42fc3cb3ac247f3d102f598cfd87ba9444bd4cf");
    expect(accessTokenFor("this is my long pass phrase", { id: "507f1f77bcf86cd799439011", name: "Test Reader" })).toBe("testreader-dc79e75bb84b8a08");
  });

  it("give a JWT of eight hours for an access token, and 401 for anything else", async () => {
    const visit = await visitSim();
    const answer = await visit.get(`/nightscout/api/v2/authorization/request/${tokenOf(visit, "ana")}`);
    const jwt = answer.json<Jwt>();
    expect(jwt.exp - jwt.iat).toBe(8 * 3600);
    expect(jwt.token.split(".")).toHaveLength(3);
    expect((await visit.get("/nightscout/api/v3/entries?limit=1", jwt.token)).statusCode).toBe(200);
    visit.pass(8 * HOUR_MS + 1000);
    expect((await visit.get("/nightscout/api/v3/entries?limit=1", jwt.token)).statusCode).toBe(401);
    const wrong = await visit.get("/nightscout/api/v2/authorization/request/ana-0123456789abcdef");
    expect(wrong.statusCode).toBe(401);
    expect(wrong.json()).toEqual({ status: 401, message: "Unauthorized", description: "Invalid/Missing" });
  });

  it("take secret and token in version 1 alone, and a JWT in both", async () => {
    const visit = await visitSim();
    const path = "/api/v1/entries.json?count=1";
    for (const headers of [asAdmin(visit, "ana"), { "api-secret": tokenOf(visit, "ana") }, { authorization: `Bearer ${await jwtOf(visit, "ana")}` }]) {
      expect((await with1(visit, path, headers)).statusCode).toBe(200);
    }
    expect((await with1(visit, path, { "api-secret": secretOf(visit, "ana") })).statusCode).toBe(401);
    expect((await with1(visit, "/api/v3/entries", asAdmin(visit, "ana"))).json()).toEqual({ status: 401, message: "Missing or bad access token or JWT" });
  });

  it("say of everybody with 200 whether they may read", async () => {
    const visit = await visitSim();
    const canRead = async (headers: Record<string, string>): Promise<unknown> => (await with1(visit, "/api/v1/verifyauth", headers)).json<{ message: Row }>().message;
    expect(await canRead({})).toMatchObject({ canRead: false, permissions: "DEFAULT" });
    expect(await canRead(asAdmin(visit, "ana"))).toMatchObject({ canRead: true, isAdmin: true, message: "OK" });
    expect(await canRead({ "api-secret": sha1("wrong") })).toMatchObject({ canRead: false, message: "UNAUTHORIZED" });
    visit.sim.control.turn("nightscout", "publicSite", "liam");
    expect(await canRead({})).toMatchObject({ canRead: true, message: "UNAUTHORIZED", permissions: "DEFAULT" });
    expect((await visit.get("/nightscout/api/v1/entries.json?count=1")).statusCode).toBe(200);
    expect((await visit.get("/nightscout/api/v3/entries")).statusCode).toBe(401);
  });
});

describe("Nightscout's version 1", () => {
  it("gives ten entries of the last four days, newest first, and as many of a window as are asked for", async () => {
    const visit = await visitSim();
    const few = await list1(visit, "liam", "/api/v1/entries.json");
    expect(few).toHaveLength(10);
    expect(few.every((row, index) => index === 0 || Number(row["date"]) <= Number(few[index - 1]!["date"]))).toBe(true);
    expect((await list1(visit, "liam", "/api/v1/entries.json?count=100000")).every(({ date }) => Number(date) >= START_MS - 4 * DAY_MS)).toBe(true);
    const [fromMs, toMs] = [START_MS - 10 * DAY_MS, START_MS - 9 * DAY_MS];
    const day = await list1(visit, "liam", `/api/v1/entries/sgv.json?count=2000&find[date][$gte]=${fromMs}&find[date][$lt]=${toMs}`);
    expect(day.length).toBeGreaterThan(200);
    expect(day.every(({ date, type }) => Number(date) >= fromMs && Number(date) < toMs && type === "sgv")).toBe(true);
  });

  it("answers with a table unless JSON is asked for, and with 500 to a time that is none", async () => {
    const visit = await visitSim();
    const table = await with1(visit, "/api/v1/entries?count=3", { ...asAdmin(visit, "ana"), accept: "*/*" });
    expect(table.headers["content-type"]).toContain("tab-separated");
    expect(table.body.split("\r\n")).toHaveLength(3);
    expect((await with1(visit, "/api/v1/treatments.json?find[created_at][$gte]=yesterday", asAdmin(visit, "ana"))).statusCode).toBe(500);
  });

  it("shows carbohydrates and insulin as null where a row has none, and both units", async () => {
    const visit = await visitSim();
    const since = new Date(START_MS - 60 * DAY_MS).toISOString();
    const rows = (await Promise.all(["ana", "liam", "aroha"].map((person) => list1(visit, person, `/api/v1/treatments.json?count=9999&find[created_at][$gte]=${since}`)))).flat();
    expect(rows.every((row) => "carbs" in row && "insulin" in row)).toBe(true);
    const kinds = new Set(rows.map(({ eventType }) => eventType));
    for (const kind of ["Meal Bolus", "Correction Bolus", "Combo Bolus", "Carb Correction", "BG Check", "Exercise", "Temp Basal", "Profile Switch", "Site Change", "Sensor Start", "Note", "Temporary Target"]) {
      expect(kinds).toContain(kind);
    }
    expect(new Set(rows.map(({ units }) => units).filter(Boolean)).size).toBeGreaterThanOrEqual(3);
    expect(rows.filter(({ eventType }) => eventType === "Sensor Start").length).toBeGreaterThan(100);
  });

  it("has the traps of real sites in every month: error codes as texts, dates with fractions, contradicting times", async () => {
    const visit = await visitSim();
    const month = (person: string): Promise<Row[]> => list1(visit, person, `/api/v1/entries.json?count=99999&find[date][$gte]=${START_MS - 30 * DAY_MS}`);
    const [phone, bridge] = [await month("ana"), await month("tomas")];
    expect(phone.some(({ sgv }) => sgv === "5" || sgv === "10")).toBe(true);
    expect(phone.some(({ date }) => !Number.isInteger(date))).toBe(true);
    expect(bridge.some(({ date, dateString }) => Math.abs(Date.parse(String(dateString)) - Number(date)) > HOUR_MS)).toBe(true);
    expect(bridge.filter(({ device }) => device === "nightscout-connect").length).toBeGreaterThan(10);
    expect(phone.some(({ type }) => type === "cal")).toBe(true);
  });
});

describe("Nightscout's version 3", () => {
  it("searches with filters, order, limit and fields, and refuses what it does not know", async () => {
    const visit = await visitSim();
    const jwt = await jwtOf(visit, "aroha");
    const rows = await list3(visit, jwt, `entries?type=sgv&date$gte=${START_MS - DAY_MS}&date$lt=${START_MS}&sort$desc=date&limit=5&fields=date,sgv`);
    expect(rows).toHaveLength(5);
    expect(Object.keys(rows[0]!).toSorted()).toEqual(["date", "sgv"]);
    expect(await list3(visit, jwt, `entries?type=sgv&date$gte=${START_MS - DAY_MS}&sort$desc=date&limit=2&skip=3&fields=date,sgv`)).toEqual(rows.slice(3));
    for (const bad of ["entries?limit=5000", "entries?date$near=1", "entries?sort=date&sort$desc=date"]) expect((await visit.get(`/nightscout/api/v3/${bad}`, jwt)).statusCode).toBe(400);
    expect((await visit.get("/nightscout/api/v3/secrets", jwt)).json()).toMatchObject({ status: 404, message: "Bad operation or collection" });
  });

  it("hides what was deleted from a search and tells of it in the history", async () => {
    const visit = await visitSim();
    const jwt = await jwtOf(visit, "aroha");
    const changed = (await Promise.all([10, 8, 6, 4, 2].map((days) => visit.get(`/nightscout/api/v3/treatments/history/${START_MS - days * DAY_MS}`, jwt)))).flatMap((answer) => {
      const { result } = answer.json<{ result: Row[] }>();
      expect(answer.headers["etag"]).toBe(`W/"${Math.max(...result.map((row) => Number(row["srvModified"])))}"`);
      return result;
    });
    const deleted = changed.find(({ isValid }) => isValid === false)!;
    expect(deleted).toBeDefined();
    expect("_id" in deleted).toBe(false);
    expect((await visit.get(`/nightscout/api/v3/treatments/${String(deleted["identifier"])}`, jwt)).statusCode).toBe(410);
    const around = await list3(visit, jwt, `treatments?created_at$gte=${String(deleted["created_at"])}&created_at$lte=${String(deleted["created_at"])}`);
    expect(around.map(({ identifier }) => identifier)).not.toContain(deleted["identifier"]);
  });

  it("has carbohydrates that were entered ahead of their time, and nothing else of the future", async () => {
    const visit = await visitSim();
    let ahead: Row[] = [];
    for (let tries = 0; tries < 40 && ahead.length === 0; tries++) {
      visit.pass(3 * HOUR_MS);
      const now = visit.now();
      const rows = await list3(visit, await jwtOf(visit, "aroha"), `treatments?created_at$gt=${new Date(now).toISOString()}`);
      ahead = rows;
      expect(rows.every(({ eventType, carbs }) => eventType === "Carb Correction" && Number(carbs) > 0)).toBe(true);
    }
    expect(ahead.length).toBeGreaterThan(0);
  });

  it("is not there on a server from before it", async () => {
    const visit = await visitSim();
    const jwt = await jwtOf(visit, "ana");
    visit.sim.control.turn("nightscout", "apiV3", "absent");
    for (const path of ["version", "entries"]) expect((await visit.get(`/nightscout/api/v3/${path}`, jwt)).statusCode).toBe(404);
  });
});

describe("Nightscout and the other clouds", () => {
  it("tell of the same glucose", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom", { person: "ana" });
    const text = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
    const { records } = (await visit.get(`/dexcom/v3/users/self/egvs?startDate=${text(START_MS - DAY_MS)}&endDate=${text(START_MS)}`, access_token)).json<{ records: { systemTime: string; value: number | null; status: string }[] }>();
    const entries = await list1(visit, "ana", `/api/v1/entries/sgv.json?count=2000&find[date][$gte]=${START_MS - DAY_MS}`);
    const here = new Map(entries.map(({ date, sgv }) => [Math.floor(Number(date)), Number(sgv)]));
    const measured = records.filter(({ status }) => status === "ok");
    expect(measured.length).toBeGreaterThan(150);
    expect(measured.filter(({ systemTime, value }) => here.get(Date.parse(systemTime)) !== value)).toEqual([]);
  });

  it("show nothing that has not happened", async () => {
    const visit = await visitSim();
    const entries = await list1(visit, "ana", `/api/v1/entries.json?count=10&find[date][$gte]=${START_MS - HOUR_MS}`);
    expect(entries.every(({ date }) => Number(date) <= START_MS)).toBe(true);
  });
});
