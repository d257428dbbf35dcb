import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { describe, expect, it } from "vitest";
import type { Visit } from "../testing.ts";
import { START_MS, visitSim } from "../testing.ts";

interface Egv {
  recordId: string;
  systemTime: string;
  displayTime: string;
  value: number | null;
  status: string | null;
  trend: string | null;
  trendRate: number | null;
}
interface Listed<T> {
  recordType: string;
  userId: string;
  records: T[];
}
interface Event {
  recordId: string;
  systemTime: string;
  eventType: string;
  eventStatus: string;
  eventSubType: string | null;
  unit: string | null;
  value: string | number | null;
}

interface Alert {
  alertName: string;
  alertState: string;
}

const text = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
const windowed = (name: string, fromMs: number, toMs: number): string => `/dexcom/v3/users/self/${name}?startDate=${text(fromMs)}&endDate=${text(toMs)}`;

async function egvs(visit: Visit, token: string, fromMs: number, toMs: number): Promise<Egv[]> {
  return (await visit.get(windowed("egvs", fromMs, toMs), token)).json<Listed<Egv>>().records;
}

describe("Dexcom's data", () => {
  it("serves 90 days in windows of 30, the same records at each call", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const windows = [3, 2, 1].map((part) => [START_MS - part * 30 * DAY_MS, START_MS - (part - 1) * 30 * DAY_MS] as const);
    const all = (await Promise.all(windows.map(([fromMs, toMs]) => egvs(visit, access_token, fromMs, toMs)))).flat();
    expect(all.length).toBeGreaterThan(24_000);
    expect(new Set(all.map((record) => record.recordId)).size).toBe(all.length);
    expect(await egvs(visit, access_token, ...windows[0]!)).toEqual(all.filter((record) => Date.parse(record.systemTime) <= windows[0]![1]));
  });

  it("has the current value: nothing is held back unless told to", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const newest = (await egvs(visit, access_token, START_MS - DAY_MS, START_MS + DAY_MS)).at(-1)!;
    expect(START_MS - Date.parse(newest.systemTime)).toBeLessThan(15 * MINUTE_MS);
    visit.sim.control.configure({ delayMinutes: 180 });
    const delayed = (await egvs(visit, access_token, START_MS - DAY_MS, START_MS)).at(-1)!;
    expect(START_MS - Date.parse(delayed.systemTime)).toBeGreaterThanOrEqual(3 * HOUR_MS);
  });

  it("refuses windows beyond 30 days, without ends, backwards or with offsets", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const status = async (query: string): Promise<number> => (await visit.get(`/dexcom/v3/users/self/egvs${query}`, access_token)).statusCode;
    expect(await status(`?startDate=${text(START_MS - 30 * DAY_MS)}&endDate=${text(START_MS)}`)).toBe(200);
    expect(await status(`?startDate=${text(START_MS - 30 * DAY_MS - 1000)}&endDate=${text(START_MS)}`)).toBe(400);
    expect(await status(`?startDate=${text(START_MS)}`)).toBe(400);
    expect(await status(`?startDate=${text(START_MS)}&endDate=${text(START_MS - DAY_MS)}`)).toBe(400);
    expect(await status(`?startDate=${text(START_MS - DAY_MS)}Z&endDate=${text(START_MS)}Z`)).toBe(400);
    expect(await status("?startDate=2026-02-30T00:00:00&endDate=2026-03-02T00:00:00")).toBe(400);
  });

  it("names the person by 64 hexadecimal digits, the same everywhere and for ever", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const range = (await visit.get("/dexcom/v3/users/self/dataRange", access_token)).json<{ userId: string; egvs: { end: { systemTime: string } } }>();
    expect(range.userId).toMatch(/^[0-9a-f]{64}$/);
    expect(Date.parse(range.egvs.end.systemTime)).toBeLessThanOrEqual(START_MS);
    for (const name of ["egvs", "events", "calibrations", "alerts", "devices"]) {
      expect((await visit.get(windowed(name, START_MS - DAY_MS, START_MS), access_token)).json<Listed<unknown>>().userId).toBe(range.userId);
    }
    const other = await visit.connect("dexcom", { person: "liam" });
    expect((await visit.get("/dexcom/v3/users/self/dataRange", other.access_token)).json<{ userId: string }>().userId).not.toBe(range.userId);
  });

  it("wants an offset on lastSyncTime", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const since = text(START_MS - DAY_MS);
    expect((await visit.get(`/dexcom/v3/users/self/dataRange?lastSyncTime=${since}`, access_token)).statusCode).toBe(400);
    const answer = await visit.get(`/dexcom/v3/users/self/dataRange?lastSyncTime=${since}Z`, access_token);
    expect(Date.parse(answer.json<{ egvs: { start: { systemTime: string } } }>().egvs.start.systemTime)).toBeGreaterThanOrEqual(START_MS - DAY_MS);
  });

  it("writes offsets from a phone and none from a receiver", async () => {
    const visit = await visitSim();
    const phone = await visit.connect("dexcom", { person: "ana" });
    const receiver = await visit.connect("dexcom", { person: "aroha" });
    const [fromPhone] = await egvs(visit, phone.access_token, START_MS - DAY_MS, START_MS);
    expect(fromPhone!.systemTime).toMatch(/\+00:00$/);
    expect(fromPhone!.displayTime).toMatch(/\+01:00$/);
    const [fromReceiver] = await egvs(visit, receiver.access_token, START_MS - DAY_MS, START_MS);
    expect(fromReceiver!.systemTime).toMatch(/T\d{2}:\d{2}:\d{2}$/);
    expect(Date.parse(`${fromReceiver!.displayTime}Z`) - Date.parse(`${fromReceiver!.systemTime}Z`)).toBe(13 * HOUR_MS);
  });

  it("writes odd times now and then for one phone, which still mean the same instant", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom", { person: "priya" });
    const records = await egvs(visit, access_token, START_MS - 10 * DAY_MS, START_MS);
    expect(records.some((record) => /T\d{2}:\d{2}Z$/.test(record.systemTime))).toBe(true);
    const odd = records.find((record) => record.displayTime.endsWith("+05:29:58"))!;
    const wallMs = Date.parse(`${odd.displayTime.slice(0, 19)}Z`);
    expect(wallMs - (5 * 3600 + 29 * 60 + 58) * 1000).toBe(Date.parse(odd.systemTime));
  });

  it("puts values out of range at the edge, with a status, or leaves them out", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const readings = Array.from({ length: 400 }, (_, index) => ({ atMs: START_MS - index * 5 * MINUTE_MS, mgDl: index % 2 === 0 ? 33 : 447 }));
    visit.sim.control.serveSeries("dexcom", "ana", readings);
    const records = await egvs(visit, access_token, START_MS - 2 * DAY_MS, START_MS);
    const seen = new Set(records.map((record) => `${record.status} ${record.value}`));
    expect(seen).toEqual(new Set(["low 40", "low 39", "low null", "high 400", "high 401", "high null"]));
  });

  it("names the trend that fits the rate", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const slopes = [0, 1.4, 2.4, 3.6, -1.4, -2.4, -3.6, 12];
    const expected = ["flat", "fortyFiveUp", "singleUp", "doubleUp", "fortyFiveDown", "singleDown", "doubleDown", "rateOutOfRange"];
    for (const [index, slope] of slopes.entries()) {
      const readings = Array.from({ length: 5 }, (_, step) => ({ atMs: START_MS - (4 - step) * 5 * MINUTE_MS, mgDl: Math.round(150 + slope * 5 * step) }));
      visit.sim.control.serveSeries("dexcom", "ana", readings);
      const last = (await egvs(visit, access_token, START_MS - DAY_MS, START_MS)).at(-1)!;
      expect(last.trend).toBe(expected[index]);
      if (last.trendRate !== null) expect(last.trendRate).toBeCloseTo(slope, 0);
    }
  });

  it("holds a receiver's readings back until its sensor is changed, when told to", async () => {
    const visit = await visitSim({ switches: { dexcom: { receiverUploads: "each session" } } });
    const receiver = await visit.connect("dexcom", { person: "aroha" });
    const phone = await visit.connect("dexcom", { person: "ana" });
    const newestOf = async (token: string): Promise<number> => Date.parse(`${(await egvs(visit, token, visit.now() - 25 * DAY_MS, visit.now())).at(-1)!.systemTime.slice(0, 19)}Z`);
    expect(START_MS - (await newestOf(phone.access_token))).toBeLessThan(HOUR_MS);
    const before = await newestOf(receiver.access_token);
    const ages: number[] = [];
    for (let day = 1; day <= 12; day++) {
      visit.pass(DAY_MS);
      const { access_token } = await visit.connect("dexcom", { person: "aroha" });
      ages.push(visit.now() - (await newestOf(access_token)));
    }
    expect(Math.max(...ages)).toBeGreaterThan(8 * DAY_MS);
    expect(Math.max(...ages)).toBeLessThan(11 * DAY_MS);
    expect(START_MS + 12 * DAY_MS - ages.at(-1)!).toBeGreaterThan(before);
  });

  it("serves dates that cannot be, when told to", async () => {
    const visit = await visitSim({ switches: { dexcom: { oddDates: "on" } } });
    const { access_token } = await visit.connect("dexcom");
    const records = await egvs(visit, access_token, START_MS - HOUR_MS, START_MS);
    expect(records.slice(-2).map(({ systemTime }) => systemTime)).toEqual(["2044-01-01T00:00:00+00:00", "2018-02-29T10:00:00+00:00"]);
    expect(new Set(records.map(({ recordId }) => recordId)).size).toBe(records.length);
  });

  it("answers 429 to more calls in an hour than it allows, and starts afresh with the next", async () => {
    const visit = await visitSim({ switches: { dexcom: { callsPerHour: "3" } } });
    const { access_token } = await visit.connect("dexcom");
    const status = async (): Promise<number> => (await visit.get("/dexcom/v3/users/self/dataRange", access_token)).statusCode;
    expect([await status(), await status(), await status(), await status()]).toEqual([200, 200, 200, 429]);
    visit.pass(HOUR_MS);
    expect(await status()).toBe(200);
  });

  it("tells the range of readings, events and calibrations", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const range = (await visit.get("/dexcom/v3/users/self/dataRange", access_token)).json<Record<string, { start: { systemTime: string }; end: { systemTime: string } }>>();
    for (const section of ["egvs", "events"]) expect(Date.parse(range[section]!.start.systemTime)).toBeLessThan(Date.parse(range[section]!.end.systemTime));
    const receiver = await visit.connect("dexcom", { person: "aroha" });
    const { calibrations } = (await visit.get("/dexcom/v3/users/self/dataRange", receiver.access_token)).json<{ calibrations: { end: { systemTime: string } } }>();
    const listed = (await visit.get(windowed("calibrations", START_MS - 30 * DAY_MS, START_MS), receiver.access_token)).json<Listed<Egv>>().records;
    expect(listed.at(-1)!.systemTime).toBe(calibrations.end.systemTime);
  });

  it("serves a given series, shifted to now when asked, without the generated events", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const csv = "id,time,gl\nx,2018-11-01T00:02:05,115\nx,2018-11-01T00:12:06,121.6\nx,2018-11-01T00:07:06,Low\nx,nonsense,100\n";
    const given = (query: string): Promise<number> =>
      visit.app.inject({ method: "POST", url: `/sim/control/dexcom/series?person=ana&zone=Europe/London${query}`, headers: { "content-type": "text/csv" }, payload: csv }).then((answer) => {
        expect(answer.json()).toEqual({ person: "ana", readings: 3, problems: [{ line: 5, reason: "no time" }] });
        return answer.statusCode;
      });
    expect(await given("")).toBe(200);
    const old = await egvs(visit, access_token, Date.UTC(2018, 10, 1), Date.UTC(2018, 10, 2));
    expect(old.map((record) => [record.systemTime, record.status])).toEqual([
      ["2018-11-01T00:02:05+00:00", "ok"], ["2018-11-01T00:07:06+00:00", "low"], ["2018-11-01T00:12:06+00:00", "ok"],
    ]);
    expect(old[2]!.value).toBe(122);
    expect(await given("&shift=1")).toBe(200);
    const shifted = await egvs(visit, access_token, START_MS - DAY_MS, START_MS);
    expect(shifted.length).toBe(3);
    expect(Date.parse(shifted[2]!.systemTime)).toBe(START_MS);
    expect((await visit.get(windowed("events", START_MS - DAY_MS, START_MS), access_token)).json<Listed<Event>>().records).toEqual([]);
    await visit.app.inject({ method: "DELETE", url: "/sim/control/dexcom/series?person=ana" });
    expect((await egvs(visit, access_token, START_MS - DAY_MS, START_MS)).length).toBeGreaterThan(200);
  });
});

describe("Dexcom's events", () => {
  it("belong to the meals, and are corrected or taken back later under the same id", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom");
    const { records } = (await visit.get(windowed("events", START_MS - 30 * DAY_MS, START_MS), access_token)).json<Listed<Event>>();
    const kinds = new Set(records.map((record) => record.eventType));
    for (const kind of ["carbs", "insulin", "exercise", "health"]) expect(kinds).toContain(kind);
    expect(new Set(records.map((record) => record.recordId)).size).toBe(records.length);
    const deleted = records.find((record) => record.eventStatus === "deleted")!;
    const atMs = Date.parse(deleted.systemTime);
    visit.pass(atMs + MINUTE_MS - START_MS);
    const early = (await visit.connect("dexcom")).access_token;
    const before = (await visit.get(windowed("events", atMs - HOUR_MS, atMs + HOUR_MS), early)).json<Listed<Event>>().records;
    expect(before.find((record) => record.recordId === deleted.recordId)).toMatchObject({ eventStatus: "created" });
  });

  it("carry what real ones carry: texts and numbers, empty amounts, junk, both units, types without a meaning", async () => {
    const visit = await visitSim();
    const found: Event[] = [];
    for (const person of ["ana", "liam", "grace", "aroha", "priya"]) {
      const { access_token } = await visit.connect("dexcom", { person });
      for (let month = 0; month < 12; month++) {
        const toMs = START_MS - month * 30 * DAY_MS;
        found.push(...(await visit.get(windowed("events", toMs - 30 * DAY_MS, toMs), access_token)).json<Listed<Event>>().records);
      }
    }
    const [meals, feelings, sticks] = [["carbs"], ["health"], ["bloodGlucose"]].map((kinds) => found.filter(({ eventType }) => kinds.includes(eventType)));
    expect(new Set(meals!.map(({ value, unit }) => `${typeof value} ${value === "" ? "empty" : ""} ${unit}`))).toEqual(
      new Set(["string  grams", "number  grams", "string empty ", "object  null"]),
    );
    expect(new Set(feelings!.map(({ value }) => value))).toEqual(new Set([null, "0"]));
    expect(feelings!.map(({ eventSubType }) => eventSubType)).toContain("cycle");
    expect(new Set(sticks!.map(({ unit }) => unit))).toEqual(new Set(["mg/dL", "mmol/L"]));
    expect(found.map(({ eventType }) => eventType)).toEqual(expect.arrayContaining(["unknown", "note", "notes", "exercise", "insulin"]));
  });

  it("are none for a Dexcom ONE+, and dataRange leaves the section out", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("dexcom", { person: "tomas" });
    expect((await visit.get(windowed("events", START_MS - 20 * DAY_MS, START_MS), access_token)).json<Listed<Event>>().records).toEqual([]);
    expect((await visit.get("/dexcom/v3/users/self/dataRange", access_token)).json()).not.toHaveProperty("events");
  });
});

describe("Dexcom's alerts", () => {
  it("tell of levels, of fast changes, of lows to come and of silence, each from its begin to its end", async () => {
    const visit = await visitSim();
    const namesOf = async (person: string): Promise<Set<string>> => {
      const { access_token } = await visit.connect("dexcom", { person });
      const { records } = (await visit.get(windowed("alerts", START_MS - 30 * DAY_MS, START_MS), access_token)).json<Listed<Alert>>();
      expect(new Set(records.map(({ alertState }) => alertState))).toEqual(new Set(["activeAlarming", "activeSnoozed", "inactive"]));
      return new Set(records.map(({ alertName }) => alertName));
    };
    expect(await namesOf("ana")).toEqual(new Set(["urgentLow", "low", "high", "rise", "fall", "urgentLowSoon", "noReadings"]));
    expect(await namesOf("aroha")).toEqual(new Set(["fixedLow", "low", "high", "rise", "fall", "urgentLowSoon", "outOfRange"]));
  });
});
