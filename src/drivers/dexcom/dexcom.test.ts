import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import type { MapResult, SampleRecord, TreatmentRecord } from "#driver/records.ts";
import type { DriverCall, PulledPage, PullRequest } from "#driver/types.ts";
import type { AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { formatInstant, HOUR_MS, DAY_MS } from "#units/time.ts";
import { dexcom } from "./index.ts";

const RECEIVED_MS = Date.UTC(2026, 1, 10);

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as unknown;
}

function map(resource: string, payload: unknown): MapResult {
  return dexcom.map(resource, payload, { receivedMs: RECEIVED_MS, zone: "Europe/Madrid" });
}

/** Samples of one metric as "time value flags", which reads like a table. */
function lines(result: MapResult, metric: string): string[] {
  return result.records
    .filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric)
    .map((sample) => [formatInstant(sample.startMs), Number(sample.value.toFixed(3)), ...(sample.flags ?? [])].join(" "));
}

function egvs(...records: object[]): unknown {
  return { recordType: "egv", records: records.map((record) => ({ systemTime: "2026-01-05T09:12:35+00:00", ...record })) };
}

function treatments(result: MapResult): TreatmentRecord[] {
  return result.records.filter((record): record is TreatmentRecord => record.record === "treatment");
}

function contractError(action: () => unknown): ProviderContractBroken {
  try {
    action();
  } catch (error) {
    if (error instanceof ProviderContractBroken) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

async function collect(call: DriverCall, request: PullRequest): Promise<PulledPage[]> {
  const pages: PulledPage[] = [];
  for await (const page of dexcom.pull(call, request)) pages.push(page);
  return pages;
}

describe("Dexcom glucose", () => {
  it("gives readings, LOW and HIGH as flagged clamped values, and skips gaps [DA-12]", () => {
    const result = map("egvs", fixture("egvs-phone"));
    expect(result.problems).toEqual([]);
    expect(lines(result, "glucose")).toEqual([
      "2026-01-05T09:12:35.000Z 122",
      "2026-01-05T09:07:35.000Z 39 below_range",
      "2026-01-05T09:02:35.000Z 39 below_range",
      "2026-01-05T08:57:35.000Z 401 above_range",
      "2026-01-05T08:47:35.000Z 99.086",
    ]);
    expect(result.records[0]).toEqual({
      record: "sample", metric: "glucose", startMs: Date.UTC(2026, 0, 5, 9, 12, 35), value: 122, offsetMinutes: 60,
      device: { id: "d55dd55dd55dd55d", name: "Dexcom G7" },
    });
  });

  it("gives the trend rate in mg/dL a minute, but not where the trend says that there is none", () => {
    expect(lines(map("egvs", fixture("egvs-phone")), "glucose_trend_rate")).toEqual([
      "2026-01-05T09:12:35.000Z -0.4",
      "2026-01-05T09:07:35.000Z -2.6",
      "2026-01-05T08:47:35.000Z 1.802",
    ]);
  });

  it.each([
    [{ value: 39, status: "ok" }, "39 below_range"],
    [{ value: 13, status: "unknown" }, "39 below_range"],
    [{ value: 40, status: "low" }, "39 below_range"],
    [{ value: 0, status: "low" }, "39 below_range"],
    [{ value: 40, status: "ok" }, "40"],
    [{ value: 400, status: null }, "400"],
    [{ value: 400, status: "high" }, "401 above_range"],
    [{ value: 450 }, "401 above_range"],
    [{ status: "high" }, "401 above_range"],
    [{ value: 2.1, unit: "mmol/L", status: "LOW" }, "39 below_range"],
    [{ value: 10, unit: "mmol/L" }, "180.156"],
    [{ value: 100, unit: "" }, "100"],
    [{ value: 100, unit: "unknown" }, "100"],
    [{ value: " 100 " }, "100"],
    [{ value: "39", status: "low" }, "39 below_range"],
  ])("reads %j as %s", (record, expected) => {
    const result = map("egvs", egvs(record));
    expect(result.problems).toEqual([]);
    expect(lines(result, "glucose")).toEqual([`2026-01-05T09:12:35.000Z ${expected}`]);
  });

  it("takes receivers' times without offset as UTC and infers the local offset [VA-10]", () => {
    const result = map("egvs", fixture("egvs-receiver"));
    expect(result.problems).toEqual([]);
    const glucose = result.records.filter((record) => record.record === "sample" && record.metric === "glucose") as SampleRecord[];
    expect(glucose.map((sample) => [formatInstant(sample.startMs), sample.offsetMinutes, sample.device?.id])).toEqual([
      ["2026-02-03T14:15:20.000Z", -420, "0f6a0f6a0f6a0f6a"],
      ["2026-02-03T14:20:00.000Z", -420, "0f6a0f6a0f6a0f6a"],
      ["2026-02-03T04:05:06.000Z", -420, "0f6a0f6a0f6a0f6a"],
      ["2026-02-03T14:30:20.000Z", -420, "g6"],
      ["2026-02-03T14:35:20.000Z", 330, "g6 pro"],
    ]);
  });

  it("keeps the good records and names the place of each bad one, never its value [VA-05] [DA-08] [DA-10] [VA-13]", () => {
    const result = map("egvs", fixture("egvs-messy"));
    expect(lines(result, "glucose")).toEqual(["2026-01-05T09:10:00.000Z 121", "2026-01-05T09:20:00.000Z 120", "2026-01-05T09:30:00.000Z 121"]);
    expect(result.problems.map(({ path }) => path)).toEqual([
      "/records/0/systemTime", "/records/1/systemTime", "/records/2/systemTime", "/records/3/value", "/records/4/value",
      "/records/6/unit", "/records/7/status", "/records/8/value", "/records/9", "/records/10",
      "/records/11/trendRate", "/records/12/value", "/records/13/systemTime",
    ]);
    for (const { reason } of result.problems) expect(reason).not.toMatch(/\d{2}|fast|g\/L|not a record/);
  });

  it("accepts the day after the receipt and refuses what lies further ahead", () => {
    const [allowed, refused] = [DAY_MS, DAY_MS + 1].map((aheadMs) =>
      map("egvs", egvs({ systemTime: formatInstant(RECEIVED_MS + aheadMs), value: 100 })),
    );
    expect(allowed?.problems).toEqual([]);
    expect(refused?.problems.map(({ path }) => path)).toEqual(["/records/0/systemTime"]);
  });

  it("leaves the offset open when the display time is missing, impossible or a day away", () => {
    for (const displayTime of [undefined, null, "2026-02-30T10:00:00", "2026-01-06T09:12:35"]) {
      const result = map("egvs", egvs({ displayTime, value: 100 }));
      expect(result.problems).toEqual([]);
      expect(result.records).toMatchObject([{ offsetMinutes: null, value: 100 }]);
    }
  });

  it("takes a rate that is a text for the number, and the glucose without a rate that is none", () => {
    const result = map("egvs", egvs({ value: 100, trendRate: "-1.2" }, { value: 101, trendRate: "steep", systemTime: "2026-01-05T09:17:35+00:00" }));
    expect(lines(result, "glucose_trend_rate")).toEqual(["2026-01-05T09:12:35.000Z -1.2"]);
    expect(lines(result, "glucose")).toHaveLength(2);
    expect(result.problems.map(({ path }) => path)).toEqual(["/records/1/trendRate"]);
  });

  it("maps what comes late like any other reading", () => {
    expect(map("egvs_late", fixture("egvs-phone"))).toEqual(map("egvs", fixture("egvs-phone")));
  });

  it("reads recordings of version 2", () => {
    const result = map("egvs", fixture("egvs-version-2"));
    expect(lines(result, "glucose")).toEqual(["2018-02-06T09:12:35.000Z 119"]);
    expect(result.records[0]).toMatchObject({ offsetMinutes: -480 });
    expect(result.records[0]).not.toHaveProperty("device");
    expect(result.problems).toEqual([{ path: "/egvs/1/systemTime", reason: "not a possible time" }]);
    const mmol = { unit: "mmol/L", egvs: [{ systemTime: "2018-02-06T09:12:35", value: 10 }] };
    expect(lines(map("egvs", mmol), "glucose")).toEqual(["2018-02-06T09:12:35.000Z 180.156"]);
  });

  it("reads the list without its envelope, and one record alone", () => {
    const one = { systemTime: "2026-01-05T09:12:35Z", displayTime: "2026-01-05T10:12:35+01:00", value: 119, unit: "mg/dL" };
    for (const payload of [[one], one]) expect(lines(map("egvs", payload), "glucose")).toEqual(["2026-01-05T09:12:35.000Z 119"]);
  });
});

describe("Dexcom events", () => {
  it("maps every event type, and a deletion to a withdrawal [VA-12]", () => {
    const result = map("events", fixture("events"));
    expect(result.problems).toEqual([]);
    expect(treatments(result).map(({ kind, amount, text }) => [kind, amount, text])).toEqual([
      ["insulin_rapid", 4.5, undefined],
      ["insulin_long", 18, undefined],
      ["insulin_unspecified", 2, undefined],
      ["carbohydrates", 45, undefined],
      ["exercise", 30, "medium"],
      ["exercise", undefined, "light"],
      ["health", undefined, "illness"],
      ["meter_glucose", 110, undefined],
      ["meter_glucose", expect.closeTo(109.895, 3), undefined],
      ["note", undefined, "Felt shaky after the walk"],
      ["note", undefined, "Second spelling"],
      ["carbohydrates", undefined, undefined],
      ["insulin_rapid", undefined, undefined],
    ]);
    expect(result.records.at(-1)).toEqual({ record: "withdrawal", of: "treatment", vendorId: "00000000-0000-4000-8000-000000000113" });
    expect(result.records[0]).toEqual({
      record: "treatment", kind: "insulin_rapid", vendorId: "00000000-0000-4000-8000-000000000100", atMs: Date.UTC(2026, 0, 5, 8),
      offsetMinutes: 60, amount: 4.5, device: { id: "d55dd55dd55dd55d", name: "Dexcom G7" },
    });
  });

  it("takes no insulin for more than it says", () => {
    const dose = { systemTime: "2026-01-05T08:00:00Z", eventType: "insulin", value: "4", unit: "units" };
    const kinds = (...events: object[]): string[] => treatments(map("events", { records: events.map((event) => ({ ...dose, ...event })) })).map(({ kind }) => kind);
    expect(kinds({ eventSubType: "constructor" }, { eventSubType: null }, { eventStatus: { toString: 1 } })).toEqual(["insulin_unspecified", "insulin_unspecified", "insulin_unspecified"]);
  });

  it("leaves an amount out that cannot be meant, and says so", () => {
    const result = map("events", fixture("events-messy"));
    expect(treatments(result).map(({ kind, amount, text, vendorId }) => [kind, amount, text, vendorId === null])).toEqual([
      ["carbohydrates", undefined, undefined, false],
      ["carbohydrates", undefined, undefined, false],
      ["insulin_rapid", undefined, undefined, false],
      ["insulin_rapid", undefined, undefined, false],
      ["carbohydrates", undefined, undefined, false],
      ["health", undefined, "stress", true],
    ]);
    expect(result.problems.map(({ path }) => path)).toEqual([
      "/records/0/value", "/records/1/unit", "/records/2/value", "/records/3/value", "/records/4/value", "/records/5/unit",
      "/records/6/value", "/records/7/eventType", "/records/8/systemTime", "/records/9/recordId", "/records/10/value",
    ]);
  });

  it("strips what no database text can hold from notes", () => {
    const event = { systemTime: "2026-01-05T09:12:35", eventType: "notes", value: "a\u0000b\ud800 " };
    expect(treatments(map("events", { records: [event] }))[0]?.text).toBe("ab\ufffd");
  });
});

describe("Dexcom calibrations, alerts, devices", () => {
  it("gives calibrations as meter samples with a flag", () => {
    const result = map("calibrations", fixture("calibrations"));
    expect(lines(result, "glucose_meter")).toEqual([
      "2026-01-05T01:30:00.000Z 104 calibration",
      "2026-01-05T02:30:00.000Z 104.49 calibration",
      "2026-01-05T03:30:00.000Z 118 calibration",
    ]);
    expect(result.records).toHaveLength(3);
    expect(result.problems.map(({ path }) => path)).toEqual(["/records/3/value", "/records/4/value"]);
    const typed = { records: [{ systemTime: "2026-01-05T01:30:00", unit: "mg/dL", value: "104" }] };
    expect(lines(map("calibrations", typed), "glucose_meter")).toEqual(["2026-01-05T01:30:00.000Z 104 calibration"]);
  });

  it("gives alerts as treatments with the alert's name and state", () => {
    const result = map("alerts", fixture("alerts"));
    expect(treatments(result).map(({ kind, text }) => [kind, text])).toEqual([
      ["alert", "urgentLow activeAlarming"], ["alert", "urgentLow inactive"], ["alert", "noReadings"],
    ]);
    expect(result.problems.map(({ path }) => path)).toEqual(["/records/3/alertName"]);
  });

  it("gives no records for devices and the data range", () => {
    expect(map("devices", fixture("devices"))).toEqual({ records: [], problems: [] });
    expect(map("dataRange", fixture("data-range"))).toEqual({ records: [], problems: [] });
  });
});

describe("Dexcom envelopes", () => {
  it.each([
    ["egvs", null, ""],
    ["egvs", "[]", ""],
    ["egvs", { recordType: "egv" }, "/records"],
    ["egvs", { recordType: "egv", records: { secret: 1 } }, "/records"],
    ["egvs", { recordType: "alert", records: [] }, "/recordType"],
    ["events", { recordType: 7, records: [] }, "/recordType"],
    ["dataRange", { egvs: {} }, "/userId"],
  ])("refuses %s that is %j with the path %s [VA-04]", (resource, payload, path) => {
    expect(contractError(() => map(resource, payload)).path).toBe(path);
  });

  it("knows no other resource", () => {
    expect(() => map("toString", {})).toThrow(InvalidInput);
  });
});

describe("Dexcom endpoints", () => {
  it("follows the region for consent and data alike", () => {
    expect(dexcom.endpoints({})).toEqual({
      auth: "https://api.dexcom.com/v3/oauth2", token: "https://api.dexcom.com/v3/oauth2", api: "https://api.dexcom.com",
    });
    expect(["ous", "jp", "sandbox"].map((region) => dexcom.endpoints({ region }).api)).toEqual([
      "https://api.dexcom.eu", "https://api.dexcom.jp", "https://sandbox-api.dexcom.com",
    ]);
  });

  it("takes version 2 of the consent page, a replaced host, and another host for the browser", () => {
    const settings = { region: "ous", oauth_version: "v2", base_url: "http://127.0.0.1:1/dexcom", browser_base_url: "https://home.example/dexcom" };
    expect(dexcom.endpoints(settings)).toEqual({
      auth: "https://home.example/dexcom/v2/oauth2", token: "http://127.0.0.1:1/dexcom/v2/oauth2", api: "http://127.0.0.1:1/dexcom",
    });
  });

  it("refuses a region or version that is not offered", () => {
    expect(() => dexcom.endpoints({ region: "mars" })).toThrow(InvalidInput);
    expect(() => dexcom.endpoints({ oauth_version: "v1" })).toThrow(InvalidInput);
  });
});

describe("Dexcom pulls", () => {
  const NOW_MS = Date.UTC(2026, 5, 1, 12);
  interface Asked {
    readonly path: string;
    readonly options: AuthorizedFetchOptions;
  }

  function cloud(answers: Readonly<Record<string, unknown>>, settings: Record<string, string> = {}, vendorUserId: string | null = null): { asked: Asked[]; call: DriverCall } {
    const asked: Asked[] = [];
    const fetch = async (path: string, options: AuthorizedFetchOptions = {}): Promise<VendorResponse> => {
      asked.push({ path, options });
      const body = Buffer.from(JSON.stringify(answers[path]));
      return { status: 200, headers: {}, body, json: () => JSON.parse(body.toString("utf8")) as unknown };
    };
    const call: DriverCall = { fetch, settings, account: { vendorUserId, grantedScopes: null }, nowMs: NOW_MS, signal: new AbortController().signal };
    return { asked, call };
  }

  const egvAnswer = { recordType: "egv", userId: "me", records: [] };
  const window = { fromMs: NOW_MS - 60 * DAY_MS, toMs: NOW_MS };

  it("asks in windows under 30 days, oldest first, in UTC without offset, overlapping by a second", async () => {
    const { asked, call } = cloud({ "/v3/users/self/egvs": egvAnswer });
    const pages = await collect(call, { resource: "egvs", window });
    expect(asked.map(({ options }) => options.query)).toEqual([
      { startDate: "2026-04-02T11:59:59", endDate: "2026-05-01T12:00:00" },
      { startDate: "2026-05-01T11:59:59", endDate: "2026-05-30T12:00:00" },
      { startDate: "2026-05-30T11:59:59", endDate: "2026-06-01T12:00:00" },
    ]);
    expect(asked.every(({ options }) => options.timeoutMs === 60_000)).toBe(true);
    expect(pages.map(({ resource, body }) => [resource, new TextDecoder().decode(body)])).toEqual(
      Array.from({ length: 3 }, () => ["egvs", JSON.stringify(egvAnswer)]),
    );
  });

  it("asks the list of readings for those that come late, too", async () => {
    const { asked, call } = cloud({ "/v3/users/self/egvs": egvAnswer });
    const pages = await collect(call, { resource: "egvs_late", window: { fromMs: NOW_MS - 14 * DAY_MS, toMs: NOW_MS } });
    expect(asked.map(({ path }) => path)).toEqual(["/v3/users/self/egvs"]);
    expect(pages.map(({ resource }) => resource)).toEqual(["egvs"]);
  });

  it("asks nothing for an empty window, and refuses what Dexcom cannot be asked", async () => {
    const { asked, call } = cloud({});
    expect(await collect(call, { resource: "egvs", window: { fromMs: NOW_MS, toMs: NOW_MS } })).toEqual([]);
    await expect(collect(call, { resource: "egvs", objectId: "7" })).rejects.toThrow(InvalidInput);
    await expect(collect(call, { resource: "sleeps", window })).rejects.toThrow(InvalidInput);
    expect(asked).toEqual([]);
  });

  it("never takes in another person's page [VA-15]", async () => {
    const { call } = cloud({ "/v3/users/self/egvs": egvAnswer, "/v3/users/self/dataRange": { userId: "you" } }, {}, "you");
    await expect(collect(call, { resource: "egvs", window })).rejects.toMatchObject({ code: "provider_contract", path: "/userId" });
    expect(await collect(call, { resource: "dataRange", window })).toHaveLength(1);
  });

  it("moves a window back to where the sandbox has data", async () => {
    const end = { systemTime: "2023-06-01T12:00:00", displayTime: "2023-06-01T05:00:00" };
    const answers = { "/v3/users/self/egvs": egvAnswer, "/v3/users/self/dataRange": { userId: "me", egvs: { start: end, end } } };
    const { asked, call } = cloud(answers, { region: "sandbox" });
    await collect(call, { resource: "egvs", window: { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS } });
    expect(asked.map(({ options }) => options.query)).toEqual([undefined, { startDate: "2023-06-01T11:00:00", endDate: "2023-06-01T12:00:01" }]);
  });

  it("leaves a sandbox window alone when the data is new, or when there is none", async () => {
    const end = { systemTime: formatInstant(NOW_MS - HOUR_MS), displayTime: "x" };
    for (const range of [{ userId: "me", egvs: { start: end, end } }, { userId: "me" }]) {
      const { asked, call } = cloud({ "/v3/users/self/egvs": egvAnswer, "/v3/users/self/dataRange": range }, { region: "sandbox" });
      await collect(call, { resource: "egvs", window: { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS } });
      expect(asked[1]?.options.query).toMatchObject({ endDate: "2026-06-01T12:00:00" });
    }
  });

  it("knows the person by the data range", async () => {
    const { call } = cloud({ "/v3/users/self/dataRange": fixture("data-range") });
    expect(await dexcom.identify(call, {})).toEqual({ vendorUserId: "5b32".repeat(16), grantedScopes: null });
  });
});
