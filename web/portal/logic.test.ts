import { describe, expect, it } from "vitest";
import { ApiError } from "#web/client/errors.ts";
import type { MetricSeries, Patient, Provider, Source, Workout } from "#web/client/types.ts";
import { FAKE_PROVIDERS } from "#web/fake/api.ts";
import { workouts } from "#web/fake/people.ts";
import { DAY_MS } from "#units/time.ts";
import { choosePatient } from "./App.tsx";
import { guessLocale } from "./language.tsx";
import { httpAddress } from "./parts/http-address.ts";
import { firstPage } from "./parts/PagedList.tsx";
import { daysOfPeriod } from "./parts/Period.tsx";
import { zonesWith } from "./parts/Preferences.tsx";
import { type ProviderNames, sourceName } from "./parts/Source.tsx";
import { errorMessage } from "./parts/States.tsx";
import { periodSpan } from "./resources.ts";
import { hrefWith, keepingPatient } from "./router.tsx";
import { callbackError, callbackResult } from "./screens/Connections.tsx";
import { deviceLines, groupWorkouts } from "./same.ts";
import { dayValues, meanOf, newestMetric, newestSource } from "./series.ts";
import { readsOf, regionName, treatmentName } from "./words.ts";

const NOW = Date.parse("2026-03-12T15:22:00Z");

const source = (id: string, facts: Partial<Source> = {}): Source => ({ id, provider: "garmin", connectionId: null, device: null, attribution: null, ...facts });

const series = (facts: Partial<MetricSeries>): MetricSeries => ({
  metric: "stress", unit: "{score}", resolution: "raw", aggregate: "mean", times: [], endTimes: null, values: [], offsets: [], flags: null, sourceIndexes: [], ...facts,
});

const patient = (id: string): Patient => ({ id, displayName: id, zone: "UTC", isSelf: false });

const NAMES: ProviderNames = { of: (id) => (id === "garmin" ? "Garmin" : "Strava"), all: ["Garmin", "Strava"] };

const providerOf = (id: string): Provider => FAKE_PROVIDERS.find((provider) => provider.id === id)!;

const named = (status: number, code: string, kind: "problem" | "network" = "problem") => errorMessage(new ApiError({ kind, status, code }));

const deviceAt = (id: string, name: string | null, day: number) => ({ id, name, lastDataAt: new Date(day * DAY_MS).toISOString() });

describe("addresses", () => {
  it("change one parameter and keep the others", () => {
    expect(hrefWith("/trends", new URLSearchParams("patient=p&days=7"), { days: "90" })).toBe("/trends?patient=p&days=90");
    expect(hrefWith("/connections", new URLSearchParams("connected=dexcom"), { connected: undefined })).toBe("/connections");
  });

  it("keep the person a clinician looks at", () => {
    expect(keepingPatient("/connections", new URLSearchParams())).toBe("/connections");
    expect(keepingPatient("/trends?days=90", new URLSearchParams("patient=p"))).toBe("/trends?days=90&patient=p");
  });

  it("lead to a vendor by http and https only", () => {
    expect(httpAddress("https://vendor.example/consent?x=1")).toBe("https://vendor.example/consent?x=1");
    expect(httpAddress("/sim/dexcom/consent")).toBe("/sim/dexcom/consent");
    expect(() => httpAddress("javascript:alert(1)")).toThrow("not http");
  });
});

describe("the vendor's answer in the address", () => {
  it("is read as success or as one of the known errors", () => {
    expect(callbackResult(new URLSearchParams("connected=dexcom"))).toEqual({ provider: "dexcom", error: null });
    expect(callbackResult(new URLSearchParams("error=access_denied&provider=strava"))).toEqual({ provider: "strava", error: "access_denied" });
    expect(callbackResult(new URLSearchParams("days=7"))).toBeNull();
    expect(callbackError("state_expired")).toBe("connections.error.state_expired");
    expect(callbackError("a_later_invention")).toBe("connections.error.other");
  });
});

describe("whose data are shown", () => {
  it("is the person asked for, else oneself, else the only one, else nobody yet", () => {
    const [a, b] = [patient("a"), patient("b")];
    expect(choosePatient([a, b], "b", "a")).toBe(b);
    expect(choosePatient([a, b], "somebody else", "a")).toBe(a);
    expect(choosePatient([b], null, null)).toBe(b);
    expect(choosePatient([a, b], null, null)).toBeNull();
    expect(choosePatient([], "a", null)).toBeNull();
  });
});

describe("the language before sign-in", () => {
  it("is the remembered one, else the browser's first that there is, else English", () => {
    expect(guessLocale("es", ["en-GB"])).toBe("es");
    expect(guessLocale(null, ["fr-FR", "es-AR", "en"])).toBe("es");
    expect(guessLocale("klingon", ["fr"])).toBe("en");
  });
});

describe("series", () => {
  const sources = [source("watch"), source("ring", { provider: "oura" })];

  it("never mix two sources in one number: the one with the newest value counts", () => {
    const mixed = series({ times: [1, 2, 3], values: [20, 90, 40], sourceIndexes: [0, 1, 0] });
    const newest = newestSource({ sources }, mixed);
    expect(newest?.source.id).toBe("watch");
    expect(newest?.points).toEqual([{ atMs: 1, value: 20 }, { atMs: 3, value: 40 }]);
    expect(meanOf(newest?.points ?? [])).toBe(30);
  });

  it("are nothing when nothing was measured", () => {
    expect(newestSource({ sources }, series({}))).toBeNull();
    expect(newestMetric({ from: "", to: "", sources, series: [], nextFrom: null }, ["vo2max"])).toBeNull();
  });

  it("of like metrics: the one measured last", () => {
    const running = series({ metric: "vo2max_running", times: [1], values: [49], sourceIndexes: [0] });
    const cycling = series({ metric: "vo2max_cycling", times: [5], values: [52], sourceIndexes: [0] });
    const reply = { from: "", to: "", sources, series: [running, cycling], nextFrom: null };
    expect(newestMetric(reply, ["vo2max_running", "vo2max_cycling"])?.last.value).toBe(52);
  });

  it("of days leave out days without the metric (missing is not zero) and fall on the patient's own days", () => {
    const midnights = ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-31T22:00:00Z"].map((instant) => Date.parse(instant));
    const steps = series({ metric: "steps", resolution: "1d", times: midnights, values: [5, 10, 15], sourceIndexes: [0, 0, 1] });
    expect(dayValues({ sources, series: [steps] }, "steps", "Europe/Madrid").map(({ date, value, source: from }) => [date, value, from.id])).toEqual([
      ["2026-03-29", 5, "watch"], ["2026-03-30", 10, "watch"], ["2026-04-01", 15, "ring"],
    ]);
    expect(dayValues({ sources, series: [] }, "steps", "UTC")).toEqual([]);
  });
});

describe("a list in pages", () => {
  it("keeps the span of its first page, to which the cursor belongs", async () => {
    const span = { fromMs: 1, toMs: 2 };
    const page = await firstPage(span, (asked) => Promise.resolve({ data: [asked.toMs], nextCursor: "c" }));
    expect(page).toEqual({ data: [2], nextCursor: "c", span });
  });
});

describe("a source's name", () => {
  it("keeps the maker of a device apart from the vendor who tells of it", () => {
    expect(sourceName(source("a", { provider: "strava", device: "Garmin Forerunner 265" }), NAMES)).toBe("Strava · Garmin Forerunner 265");
  });

  it("has vendor and device, the vendor once", () => {
    expect(sourceName(source("a", { device: "Forerunner 965" }), NAMES)).toBe("Garmin Forerunner 965");
    expect(sourceName(source("a", { device: "Garmin Venu 3" }), NAMES)).toBe("Garmin Venu 3");
    expect(sourceName(source("a"), NAMES)).toBe("Garmin");
    expect(sourceName(source("a", { provider: null }), NAMES)).toBeNull();
  });
});

describe("periods", () => {
  it("have every local day of a week with a clock change, also those without data", () => {
    const day = { date: "2026-03-28", readings: 288, mean: 120, inTargetPercent: 80, min: 60, max: 240 };
    const days = daysOfPeriod({ from: "2026-03-26T23:00:00.000Z", to: "2026-03-30T10:00:00.000Z", zone: "Europe/Madrid", daily: [day] });
    expect(days.map(({ date, day: found }) => [date, found?.readings ?? null])).toEqual([
      ["2026-03-27", null], ["2026-03-28", 288], ["2026-03-29", null], ["2026-03-30", null],
    ]);
  });

  it("begin at the local midnight of their first day", () => {
    const now = Date.parse("2026-03-30T10:00:00Z");
    expect(new Date(periodSpan("Europe/Madrid", "2026-03-30", 7, now).fromMs).toISOString()).toBe("2026-03-23T23:00:00.000Z");
    expect(periodSpan("Europe/Madrid", "2026-03-30", 7, now).toMs).toBe(now);
  });
});

describe("one thing from several sources", () => {
  const base = workouts(NOW - 4 * DAY_MS, NOW)[0]!;
  const shifted = (minutes: number, facts: Partial<Workout>): Workout => ({
    ...base, start: new Date(Date.parse(base.start) + minutes * 60_000).toISOString(), end: new Date(Date.parse(base.end) + minutes * 60_000).toISOString(), ...facts,
  });

  it("is one workout with all its sources, the most detailed telling first", () => {
    const strava = shifted(0, { id: "s", energyKcal: null });
    const garmin = shifted(-1, { id: "g", source: source("watch"), link: null, averageCadence: 170, averagePowerW: 200, maxPowerW: 300 });
    const [group, ...rest] = groupWorkouts([strava, garmin]);
    expect(rest).toEqual([]);
    expect([group?.main.id, group?.others.map(({ id }) => id)]).toEqual(["g", ["s"]]);
  });

  it("is two workouts when one vendor tells both, or when they hardly overlap", () => {
    expect(groupWorkouts([shifted(0, { id: "a" }), shifted(1, { id: "b" })])).toHaveLength(2);
    expect(groupWorkouts([shifted(0, { id: "a" }), shifted(40, { id: "b", source: source("watch") })])).toHaveLength(2);
    expect(groupWorkouts([])).toEqual([]);
  });

  it("is one device by name, with its newest data on top", () => {
    expect(deviceLines([deviceAt("a", "Dexcom G7", 5), deviceAt("b", "Dexcom G7", 9), deviceAt("c", null, 20)])).toEqual([
      { name: "c", lastDataMs: 20 * DAY_MS }, { name: "Dexcom G7", lastDataMs: 9 * DAY_MS },
    ]);
  });
});

describe("words", () => {
  it("say plainly what a vendor reads", () => {
    expect(readsOf(providerOf("dexcom"))).toEqual(["reads.glucose", "reads.treatment"]);
    expect(readsOf(providerOf("garmin"))).toEqual(["reads.heart", "reads.activity", "reads.fitness", "reads.stress", "reads.sleep", "reads.workout"]);
  });

  it("fall back where the API knows more than the page", () => {
    expect(treatmentName("insulin_rapid")).toBe("treatment.insulinRapid");
    expect(treatmentName("something_new")).toBe("treatment.note");
    expect(regionName("OUS")).toBe("region.ous");
    expect(regionName("mars")).toBeNull();
  });

  it("name every kind of failure", () => {
    expect(named(0, "offline", "network")).toBe("error.offline");
    expect(named(429, "too_many_requests")).toBe("error.tooMany");
    expect(named(403, "not_permitted")).toBe("error.forbidden");
    expect(named(404, "not_found")).toBe("error.notFound");
    expect(named(409, "conflict")).toBe("error.conflict");
    expect(named(409, "reauthorization_required")).toBe("error.provider");
    expect(named(503, "provider_rate_limited")).toBe("error.provider");
    expect(named(422, "invalid_input")).toBe("error.invalid");
    expect(named(500, "internal")).toBe("error.server");
    expect(named(0, "page_error")).toBe("error.server");
  });

  it("offer the present time zone even when the browser does not know it", () => {
    expect(zonesWith("Mars/Olympus")).toContain("Mars/Olympus");
    expect(zonesWith("Europe/Madrid").filter((zone) => zone === "Europe/Madrid")).toHaveLength(1);
  });
});
