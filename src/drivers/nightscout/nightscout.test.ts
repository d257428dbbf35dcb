import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CredentialsAuth } from "#driver/auth.ts";
import { checkDriver } from "#driver/check.ts";
import type { MapResult, SampleRecord, TreatmentRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage } from "#driver/types.ts";
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import type { AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { DAY_MS, formatInstant, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { nightscout } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 0, 6);
const auth = nightscout.auth as CredentialsAuth;

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as unknown;
}

function map(resource: string, payload: unknown): MapResult {
  return nightscout.map(resource, payload, { receivedMs: RECEIVED_MS, zone: "Europe/Madrid" });
}

/** Readings as "time value flags", which reads like a table. */
function readings(...entries: object[]): string[] {
  return map("entries", entries).records
    .filter((record): record is SampleRecord => record.record === "sample")
    .map((sample) => [formatInstant(sample.startMs), sample.metric, sample.value, ...(sample.flags ?? [])].join(" "));
}

/** Treatments as "time kind amount [until] text". */
function lines({ records }: MapResult): string[] {
  return records.map((record) => {
    if (record.record !== "treatment") return `${record.record} ${record.record === "withdrawal" ? record.vendorId : ""}`;
    const { atMs, endMs, kind, amount, text } = record;
    const time = (ms: number): string => formatInstant(ms).slice(11, 16);
    return [time(atMs), kind, ...(amount === undefined ? [] : [Number(amount.toFixed(3))]), ...(endMs === undefined ? [] : [`until ${time(endMs)}`]), ...(text === undefined ? [] : [text])].join(" ");
  });
}

const treatments = (...rows: object[]): MapResult => map("treatments", rows.map((row, index) => ({ _id: `row${index}`, created_at: "2026-01-05T12:00:00.000Z", ...row })));
const ids = ({ records }: MapResult): (string | null)[] => records.map((record) => (record.record === "sample" ? null : record.vendorId));

describe("Nightscout's sheet", () => {
  it("is without contradiction, and leads to the person's own site", () => {
    expect(() => checkDriver(nightscout)).not.toThrow();
    expect(nightscout.endpoints({ url: "https://ana.example.org/some/page?token=x" }).api).toBe("https://ana.example.org");
    expect(nightscout.endpoints({ url: "https://ana.example.org", base_url: "http://127.0.0.1:1/sim/nightscout" }).api).toBe("http://127.0.0.1:1/sim/nightscout");
  });

  it("carries a session where each way in wants it", () => {
    expect(auth.sessionIn({ mode: "token" })).toEqual({ place: "bearer" });
    expect(auth.sessionIn({ mode: "secret" })).toEqual({ place: "header", name: "api-secret" });
    expect(auth.sessionIn({ mode: "public" })).toEqual({ place: "none" });
  });
});

describe("Nightscout's readings", () => {
  const at = { type: "sgv", date: Date.UTC(2026, 0, 5, 8) };

  it.each(["5", 5, 9, 10, 12, 0, 38, "38"])("are none where the sensor gives its error code %j [DA-12]", (sgv) => {
    expect(map("entries", [{ ...at, sgv }])).toEqual({ records: [], problems: [] });
  });

  it("are kept where a low one is real, and marked at the ends of the sensor's range [DA-12]", () => {
    const line = (sgv: unknown): string | undefined => readings({ ...at, sgv })[0]?.slice(25);
    expect([32, 39, "40", 399, 400, 401, 500].map(line)).toEqual([
      "glucose 32", "glucose 39 below_range", "glucose 40", "glucose 399", "glucose 400 above_range", "glucose 401 above_range", "glucose 500",
    ]);
  });

  it.each([5.5, -1, 1e308, "high", {}, true])("are a problem where %j stands for one, and it is not repeated", (sgv) => {
    const { records, problems } = map("entries", [{ ...at, sgv }]);
    expect(records).toEqual([]);
    expect(problems).toMatchObject([{ path: "/0/sgv" }]);
  });

  it("stand at `date`, with or without a fraction, whatever the texts beside it say", () => {
    const expected = "2026-01-05T08:00:00.000Z glucose 100";
    const date = Date.UTC(2026, 0, 5, 8);
    for (const time of [{ date }, { date: date + 0.7 }, { date: String(date) }, { date: date / 1000 }, { date, dateString: "2026-01-05T11:00:00.000Z" }, { dateString: "2026-01-05T09:00:00+01:00" }, { date: null, sysTime: "2026-01-05T08:00:00Z" }]) {
      expect(readings({ type: "sgv", sgv: 100, ...time })).toEqual([expected]);
    }
  });

  it.each([0, -1, 1e308, Date.UTC(1999, 11, 31), RECEIVED_MS + 2 * DAY_MS, "never", null])("are refused at the time %j [DA-08]", (date) => {
    const { records, problems } = map("entries", [{ type: "sgv", sgv: 100, date }]);
    expect(records).toEqual([]);
    expect(problems.map(({ path }) => path)).toEqual(["/0/date"]);
  });

  it("are in mmol/L where the row says so and the number can be no mg/dL", () => {
    const date = Date.UTC(2026, 0, 5, 12);
    expect(readings({ type: "sgv", date, sgv: 5.5, units: "mmol" }, { type: "sgv", date, sgv: 5, units: "mg/dl" })).toEqual([`2026-01-05T12:00:00.000Z glucose ${5.5 * 18.01559}`]);
    expect(readings({ type: "sgv", date, sgv: 120, units: "mmol" })).toEqual(["2026-01-05T12:00:00.000Z glucose 120"]);
  });

  it("may come alone, bare or as a result", () => {
    const one = { type: "sgv", date: Date.UTC(2026, 0, 5, 12), sgv: 120 };
    for (const payload of [one, { status: 200, result: one }]) expect(map("entries", payload)).toEqual(map("entries", [one]));
  });

  it("have the offset that the uploader tells; that of the server, 0, tells nothing", () => {
    const offset = (more: object): unknown => (map("entries", [{ ...at, sgv: 100, ...more }]).records[0] as SampleRecord).offsetMinutes;
    expect(offset({ utcOffset: 60 })).toBe(60);
    expect(offset({ utcOffset: "-300" })).toBe(-300);
    expect(offset({ utcOffset: 0, dateString: "2026-01-05T08:00:00Z" })).toBeNull();
    expect(offset({ dateString: "2026-01-05T13:30:00+05:30" })).toBe(330);
    expect(offset({ dateString: "2026-01-05T08:00:00+05:30" })).toBeNull();
    expect(offset({ utcOffset: 5_000 })).toBeNull();
  });

  it("come from rows of both versions; calibrations, deleted rows and unknown types give nothing", () => {
    expect(map("entries", fixture("entries-v1"))).toMatchObject({ problems: [], records: [{ value: 121 }, { value: 118 }, { value: 39 }, { value: 401 }, { metric: "glucose_meter", value: 127 }] });
    expect(map("entries_late", fixture("entries-v3"))).toMatchObject({ problems: [], records: [{ value: 104, device: { id: "AndroidAPS-DexcomG6" } }, { value: 98 }, { value: 32 }] });
  });
});

describe("Nightscout's treatments", () => {
  it("are told apart by what they hold", () => {
    const result = map("treatments", fixture("treatments-v1"));
    expect(result.problems).toEqual([]);
    expect(lines(result)).toEqual([
      "11:31 carbohydrates 52 lentils", "11:31 insulin_rapid 4.5", "15:00 carbohydrates 15", "16:00 meter_glucose 100.887", "16:10 meter_glucose 104",
      "16:00 exercise 45 until 16:45 run", "18:00 note Site Change: left", "21:00 insulin_unspecified 18 Basal pen", "19:00 insulin_rapid 0.55",
      "20:00 note Profile Switch: Weekend", "20:30 note until 22:00 Temporary Target: Activity",
    ]);
  });

  it("of a pump are cut, joined and withdrawn as the pump meant them", () => {
    const result = map("treatments", fixture("treatments-v3"));
    expect(result.problems).toEqual([]);
    expect(lines(result).filter((line) => !line.startsWith("withdrawal id-empty"))).toEqual([
      "11:30 insulin_rapid 3", "11:30 insulin_rapid 2 until 13:30", "15:00 carbohydrates 20 until 16:00", "13:00 insulin_rapid 1.5", "13:33 note Sensor Start",
      "12:00 insulin_basal 0.2 until 12:10", "12:10 insulin_basal 0 until 12:30", "12:30 insulin_basal until 12:50 -50 % of the basal rate",
      "withdrawal id-gone/carbs", "withdrawal id-gone/insulin",
    ]);
    expect(result.records.find((record) => record.record === "treatment" && record.amount === 3)).toMatchObject({ device: { id: "SIM-00042", name: "SIMULATED" }, offsetMinutes: 780 });
  });

  it("take null, an empty text and 0 for nothing, and a text for its number", () => {
    expect(lines(treatments({ eventType: "Meal Bolus", insulin: 0, carbs: null }, { eventType: "Snack Bolus", insulin: "2.5", carbs: "" }))).toEqual(["12:00 insulin_rapid 2.5"]);
  });

  it.each([{ insulin: -1 }, { insulin: 900 }, { carbs: 1e308 }, { carbs: "many" }, { carbs: [5] }])("leave out an amount that cannot be meant: %j [DA-08]", (amount) => {
    const { records, problems } = treatments({ eventType: "Meal Bolus", ...amount }, { eventType: "Carb Correction", created_at: "2026-01-05T13:00:00Z", carbs: 5 });
    expect(lines({ records, problems: [] })).toEqual(["13:00 carbohydrates 5"]);
    expect(problems).toEqual([{ path: `/0/${Object.keys(amount)[0]}`, reason: "not an amount that can be: it was left out" }]);
  });

  it("divide a bolus in two parts by what the row tells of it", () => {
    const combo = (more: object): string[] => lines(treatments({ eventType: "Combo Bolus", duration: 60, ...more }));
    expect(combo({ enteredinsulin: 4, insulin: 2, splitNow: 50, splitExt: 50 })).toEqual(["12:00 insulin_rapid 2", "12:00 insulin_rapid 2 until 13:00"]);
    expect(combo({ insulin: 1, relative: 3 })).toEqual(["12:00 insulin_rapid 1", "12:00 insulin_rapid 3 until 13:00"]);
    expect(combo({ insulin: 5, splitNow: 20, splitExt: 80 })).toEqual(["12:00 insulin_rapid 1", "12:00 insulin_rapid 4 until 13:00"]);
    expect(combo({ enteredinsulin: 3, insulin: null, splitNow: 0, splitExt: 100 })).toEqual(["12:00 insulin_rapid 3 until 13:00"]);
  });

  it("tell long insulin and what fills a tube from a bolus", () => {
    expect(lines(treatments({ eventType: "Correction Bolus", insulin: 12, isBasalInsulin: true }, { eventType: "Correction Bolus", insulin: 7, type: "PRIMING" }, { eventType: "", insulin: 3 }))).toEqual([
      "12:00 insulin_long 12", "12:00 insulin_unspecified 3",
    ]);
  });

  it("have finger-sticks in the unit of each row, and none of the sensor's own readings", () => {
    const check = (more: object): string[] => lines(treatments({ eventType: "BG Check", glucoseType: "Finger", ...more }));
    expect(check({ glucose: 120, units: "mg/dL" })).toEqual(["12:00 meter_glucose 120"]);
    expect(check({ glucose: "6,1", units: "mmol/L" })).toEqual([]);
    expect(check({ glucose: 6.1, units: "mmol/L" })).toEqual(["12:00 meter_glucose 109.895"]);
    expect(check({ glucose: 6.1 })).toEqual(["12:00 meter_glucose 109.895"]);
    expect(check({ glucose: 61 })).toEqual(["12:00 meter_glucose 61"]);
    expect(check({ glucose: 120, units: "mg/dl", glucoseType: "Sensor" })).toEqual([]);
    expect(treatments({ eventType: "BG Check", glucose: 120, units: "mmol" }).problems).toMatchObject([{ path: "/0/glucose" }]);
    expect(treatments({ eventType: "BG Check", glucose: 120, units: "stones" }).problems).toMatchObject([{ path: "/0/units" }]);
  });

  it("stand at the time that was meant, unless that lies too far off to be believed", () => {
    const carbs = { eventType: "Carb Correction", carbs: 9 };
    expect(lines(treatments({ ...carbs, eventTime: "2026-01-05T13:10:00+01:00" }))).toEqual(["12:10 carbohydrates 9"]);
    expect(lines(treatments({ ...carbs, eventTime: "2026-01-04T12:00:00Z" }))).toEqual(["12:00 carbohydrates 9"]);
    expect(lines(treatments({ ...carbs, created_at: undefined, date: Date.UTC(2026, 0, 5, 7) }))).toEqual(["07:00 carbohydrates 9"]);
  });

  it("may lie ahead by a day, not by a week, and never at a date that there is not [DA-08]", () => {
    const row = { eventType: "Carb Correction", carbs: 9 };
    expect(treatments({ ...row, created_at: formatInstant(RECEIVED_MS + DAY_MS) }).records).toHaveLength(1);
    for (const created_at of [formatInstant(RECEIVED_MS + 7 * DAY_MS), "2026-02-30T10:00:00Z", "0001-01-01T00:00:00Z", "soon", null]) {
      expect(treatments({ ...row, created_at })).toMatchObject({ records: [], problems: [{ path: "/0/created_at" }] });
    }
  });

  it("have the same identity through both versions: identifier, sync id, pump, database id, time and type", () => {
    const pump = { pumpId: 7, pumpType: "T", pumpSerial: "S" };
    const id = "65a5c1234567890abcdef101";
    const of = (row: object): string | null => ids(treatments({ _id: undefined, eventType: "Meal Bolus", insulin: 1, ...row }))[0] ?? null;
    expect(of({ identifier: "own", syncIdentifier: "s", ...pump, _id: id })).toBe("own/insulin");
    expect(of({ syncIdentifier: "s", ...pump, _id: id })).toBe("sync:s/insulin");
    expect(of({ syncIdentifier: "s", ...pump, identifier: id })).toBe("sync:s/insulin");
    expect(of({ ...pump, _id: id })).toBe("pump:T/S/7/insulin");
    expect(of({ ...pump, pumpSerial: null, _id: id })).toBe(`${id}/insulin`);
    expect(of({ identifier: id })).toBe(of({ _id: id }));
    expect(of({})).toBe(`Meal Bolus:${Date.UTC(2026, 0, 5, 12)}/insulin`);
  });

  it("count once what two rows tell of one doing, whichever comes first", () => {
    const pump = { pumpId: 7, pumpType: "T", pumpSerial: "S" };
    const rows = [{ eventType: "Correction Bolus", insulin: 2, ...pump }, { identifier: "own", eventType: "Correction Bolus", insulin: 2.05, ...pump }];
    for (const order of [rows, rows.toReversed()]) expect(ids(treatments(...order))).toEqual(["own/insulin"]);
    expect(treatments({ eventType: "Meal Bolus", insulin: 2, carbs: 30 }, { eventType: "Carb Correction", carbs: 30 }).records).toHaveLength(2);
    expect(treatments({ eventType: "Meal Bolus", insulin: 2 }, { eventType: "Meal Bolus", insulin: 2, created_at: "2026-01-05T12:00:01Z" }).records).toHaveLength(2);
  });

  it("count twice what a pump itself numbers apart, though amount and time are one", () => {
    const bolus = { eventType: "Bolus", insulin: 1.5, pumpType: "OMNIPOD_DASH", pumpSerial: "4711" };
    expect(lines(treatments({ ...bolus, pumpId: 1 }, { ...bolus, pumpId: 2 }))).toHaveLength(2);
    expect(lines(treatments({ ...bolus, pumpId: 1 }, { ...bolus, pumpId: 1 }))).toHaveLength(1);
    expect(lines(treatments({ ...bolus, pumpId: 1 }, { eventType: "Bolus", insulin: 1.5 }))).toHaveLength(1);
  });

  it("announce one sensor once, however often a program tells of it, and the next one again", () => {
    const rows = Array.from({ length: 300 }, (_, index) => ({ eventType: "Sensor Start", created_at: formatInstant(Date.UTC(2026, 0, 2) + index * 5 * MINUTE_MS) }));
    expect(treatments(...rows).records).toHaveLength(1);
    expect(treatments(...rows, { eventType: "Sensor Start", created_at: "2026-01-05T23:00:00Z" }, { eventType: "Sensor Stop", created_at: "2026-01-05T22:00:00Z" }).records).toHaveLength(3);
  });

  it("are withdrawn where they say that they are gone, unless they were written anew under the same name", () => {
    const pump = { pumpId: 7, pumpType: "T", pumpSerial: "S" };
    const row = { eventType: "Correction Bolus", insulin: 2, ...pump };
    expect(lines(treatments({ ...row, isValid: false }))).toEqual(["withdrawal pump:T/S/7/insulin"]);
    expect(lines(treatments({ ...row, isValid: false }, row))).toEqual(["12:00 insulin_rapid 2"]);
  });
});

describe("Nightscout's basal rates", () => {
  const order = (time: string, more: object): object => ({ eventType: "Temp Basal", created_at: `2026-01-05T${time}:00Z`, ...more });

  it("count for as long as they held: until the next order, however long they were to last", () => {
    const rows = ["12:00", "12:05", "12:10"].map((time) => order(time, { absolute: 1.2, duration: 30 }));
    expect(lines(treatments(...rows))).toEqual(["12:00 insulin_basal 0.1 until 12:05", "12:05 insulin_basal 0.1 until 12:10", "12:10 insulin_basal 0.6 until 12:40"]);
    expect(lines(treatments(...rows.toReversed()))).toEqual(lines(treatments(...rows)));
  });

  it("end with an order of no length, with an end, and at a change of mind in the same instant", () => {
    expect(lines(treatments(order("12:00", { rate: 2, duration: 60 }), order("12:30", { duration: 0 })))).toEqual(["12:00 insulin_basal 1 until 12:30"]);
    expect(lines(treatments(order("12:00", { rate: 2, duration: 60 }), order("12:15", { eventType: "Temp Basal End" })))).toEqual(["12:00 insulin_basal 0.5 until 12:15"]);
    expect(treatments(order("12:00", { rate: 2, duration: 60 }), order("12:00", { identifier: "best", rate: 1, duration: 60 })).records).toMatchObject([{ vendorId: "best/basal", amount: 1 }]);
  });

  it("have an amount only where one is known: none in percent, but 0 where all is taken away", () => {
    expect(lines(treatments(order("12:00", { percent: 30, duration: 30 }), order("14:00", { percent: -100, duration: 30 }), order("16:00", { absolute: 0, duration: 30 })))).toEqual([
      "12:00 insulin_basal until 12:30 +30 % of the basal rate", "14:00 insulin_basal 0 until 14:30", "16:00 insulin_basal 0 until 16:30",
    ]);
  });

  it("are never insulin of a bolus, and never last longer than a day", () => {
    expect(lines(treatments(order("12:00", { absolute: 1, duration: 60, insulin: 3 })))).toEqual(["12:00 insulin_basal 1 until 13:00"]);
    expect(treatments(order("12:00", { absolute: 1, duration: 9_000 }))).toMatchObject({ records: [], problems: [{ path: "/0/duration" }] });
    expect(treatments(order("12:00", { absolute: 1, duration: -5 }))).toMatchObject({ records: [], problems: [{ path: "/0/duration" }] });
  });
});

describe("a page of treatments", () => {
  const page = (rows: readonly object[], to: number | null = Date.UTC(2026, 0, 5, 13)): MapResult => map("treatments", { from: Date.UTC(2026, 0, 5, 12), to, rows });
  const row = { _id: "a", eventType: "Carb Correction", created_at: "2026-01-05T12:30:00Z", carbs: 9 };

  it("gives what starts in its window, and knows what lies around it", () => {
    const result = map("treatments", fixture("treatments-page"));
    expect(result.problems).toEqual([]);
    expect(lines(result)).toEqual(["12:00 carbohydrates 12", "12:50 carbohydrates 8", "12:55 insulin_basal 0.25 until 13:10"]);
  });

  it("says that nothing else is left of its window, up to its receipt at most", () => {
    expect(page([row]).replaces).toEqual({ fromMs: Date.UTC(2026, 0, 5, 12), toMs: Date.UTC(2026, 0, 5, 13), of: ["treatment"], metrics: [] });
    expect(page([row], null).replaces).toMatchObject({ toMs: RECEIVED_MS });
  });

  it("says nothing where a row could not be read, where the site holds none at all, or where nobody knows what was asked", () => {
    expect(page([row, { ...row, created_at: "never" }]).replaces).toBeUndefined();
    expect(page([]).replaces).toBeUndefined();
    expect(map("treatments", [row]).replaces).toBeUndefined();
  });
});

describe("asking Nightscout", () => {
  const NOW_MS = Date.UTC(2026, 0, 6);
  /** A site that has a reading and a row of treatments a minute, and answers as a server of either version. */
  function site(settings: Readonly<Record<string, string>>, change: (rows: object[]) => unknown = (rows) => rows): { call: DriverCall; asked: { path: string; query: Readonly<Record<string, string | number>> }[] } {
    const asked: { path: string; query: Readonly<Record<string, string | number>> }[] = [];
    const fetch = async (path: string, options: AuthorizedFetchOptions = {}): Promise<VendorResponse> => {
      const query = options.query ?? {};
      asked.push({ path, query });
      const bound = (op: string): number => {
        const value = Object.entries(query).find(([name]) => name.endsWith(`$${op}`) || name.endsWith(`[$${op}]`))?.[1];
        return typeof value === "number" ? value : Date.parse(String(value));
      };
      const rows: object[] = [];
      const limit = Number(query["count"] ?? query["limit"]);
      for (let ms = Math.ceil(Math.min(bound("lt"), NOW_MS) / MINUTE_MS) * MINUTE_MS - MINUTE_MS; ms >= bound("gte") && rows.length < limit; ms -= MINUTE_MS) {
        rows.push({ _id: String(ms), date: ms, type: "sgv", sgv: 100, created_at: formatInstant(ms), eventType: "Carb Correction", carbs: 5 });
      }
      const answer = path.startsWith("/api/v3") ? { status: 200, result: change(rows) } : change(rows);
      return Promise.resolve({ status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(answer)), json: () => answer });
    };
    const call: DriverCall = { fetch, settings, account: { vendorUserId: "site", grantedScopes: null }, nowMs: NOW_MS, signal: new AbortController().signal };
    return { call, asked };
  }
  async function pull(call: DriverCall, resource: string, hours: number): Promise<PulledPage[]> {
    const pages: PulledPage[] = [];
    for await (const page of nightscout.pull(call, { resource, window: { fromMs: NOW_MS - hours * HOUR_MS, toMs: NOW_MS } })) pages.push(page);
    return pages;
  }
  const V3 = { mode: "token", site_api: "v3" };

  it.each([["v1", { mode: "secret" }], ["v3", V3]] as const)("reads all that a sensor says each minute, page by page, by version %s [E4]", async (version, settings) => {
    const { call, asked } = site(settings);
    const pages = await pull(call, "entries", 100);
    expect(pages.length).toBeGreaterThan(3);
    const times = new Set(pages.flatMap(({ body }) => map("entries", JSON.parse(new TextDecoder().decode(body))).records.map((record) => (record as SampleRecord).startMs)));
    expect(times.size).toBe(6_000);
    expect(asked.every(({ path }) => path.startsWith(`/api/${version}/entries`))).toBe(true);
    expect(asked.every(({ query }) => Number(query["count"] ?? query["limit"]) <= 2_000)).toBe(true);
  });

  it("gives all rows of a stretch of treatments as one page, once each", async () => {
    const { call, asked } = site(V3);
    const pages = await pull(call, "treatments", 48);
    expect(pages).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(3);
    const { rows, from, to } = JSON.parse(new TextDecoder().decode(pages[0]!.body)) as { rows: { _id: string }[]; from: number; to: number | null };
    expect(new Set(rows.map(({ _id }) => _id)).size).toBe(rows.length);
    expect(rows).toHaveLength(54 * 60);
    expect([from, to]).toEqual([NOW_MS - 48 * HOUR_MS, null]);
    expect(map("treatments", JSON.parse(new TextDecoder().decode(pages[0]!.body))).records).toHaveLength(48 * 60);
  });

  it("ends with an error where a site gives one full page for ever [VA-06]", async () => {
    const stuck = Array.from({ length: 2_000 }, (_, index) => ({ date: NOW_MS - 1, type: "sgv", sgv: 100, _id: index }));
    const { call, asked } = site({ mode: "secret" }, () => stuck);
    await expect(pull(call, "entries", 24)).rejects.toBeInstanceOf(ProviderContractBroken);
    expect(asked.length).toBeLessThan(5);
  });

  it.each([
    [{ mode: "token", site_api: "v3" }, "v3"], [{ mode: "token", site_api: "v1" }, "v1"], [{ mode: "token", site_api: "v3", api: "v1" }, "v1"],
    [{ mode: "token", site_api: "v1", api: "v3" }, "v3"], [{ mode: "secret", site_api: "v3", api: "v3" }, "v1"], [{ mode: "public", api: "auto" }, "v1"],
  ])("takes the version for %j: %s", async (settings, version) => {
    const { call, asked } = site(settings as unknown as Record<string, string>);
    await pull(call, "profile", 24);
    expect(asked.map(({ path }) => path.split("/")[2])).toEqual([version]);
  });

  it("takes windows of resources that there are, and nothing else", async () => {
    const { call } = site(V3);
    await expect(pull(call, "devicestatus", 1)).rejects.toBeInstanceOf(InvalidInput);
    await expect(nightscout.pull(call, { resource: "entries", objectId: "1" })[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(InvalidInput);
    expect(() => map("devicestatus", [])).toThrow(InvalidInput);
  });
});

/** Every treatment of the fixtures is one that `TreatmentRecord` allows. */
describe("the fixtures", () => {
  it("give treatments whose ends never lie before their starts", () => {
    const all = ["treatments-v1", "treatments-v3", "treatments-page"].flatMap((name) => map("treatments", fixture(name)).records);
    const ended = all.filter((record): record is TreatmentRecord => record.record === "treatment" && record.endMs !== undefined);
    expect(ended.length).toBeGreaterThan(5);
    expect(ended.filter(({ atMs, endMs = 0 }) => endMs <= atMs)).toEqual([]);
  });
});
