/** The screens in all their states, as they are drawn without a browser. */
import { readFileSync } from "node:fs";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createApi } from "#web/client/api.ts";
import { ResourceCache, type ResourceSpec } from "#web/client/cache.ts";
import { Requester } from "#web/client/request.ts";
import type { GlucoseLatest, Reading, SyncReply } from "#web/client/types.ts";
import { fakeConnections, fakeLatest, fakeSeries, fakeSummary, type FakeOptions, type FakeReply, fakeSession } from "#web/fake/api.ts";
import { type Asked, fakeFetch } from "#web/fake/fetch.ts";
import { IDS, nightOf, SOURCES, workouts } from "#web/fake/people.ts";
import { DAY_MS, localDate } from "#units/time.ts";
import type { ReactNode } from "react";
import { DataProvider, type DataSource, WhoProvider } from "./data.tsx";
import { createFormatter } from "#web/language/format.ts";
import { LanguageProvider } from "./language.tsx";
import { en } from "./messages/en.ts";
import { es } from "./messages/es.ts";
import { createTranslate } from "./messages/translate.ts";
import { INKS } from "#charts/palette.ts";
import { AmbulatoryProfile } from "./parts/AmbulatoryProfile.tsx";
import { syncText } from "./parts/ConnectionCard.tsx";
import { CurrentGlucose } from "./parts/CurrentGlucose.tsx";
import { SleepCard, sleepTotals } from "./parts/SleepCard.tsx";
import { Statistics } from "./parts/Statistics.tsx";
import { TimeInRange } from "./parts/TimeInRange.tsx";
import { VendorLink, WorkoutCard } from "./parts/WorkoutCard.tsx";
import {
  connectionsOf, dailyOf, fitnessOf, lastSleepOf, latestOf, periodSeriesOf, periodSummaryOf, providersOf, recentSeriesOf,
  recentTreatmentsOf, recentWorkoutsOf, stressOf, todaySummaryOf,
} from "./resources.ts";
import { Connections } from "./screens/Connections.tsx";
import { SignInForm } from "./screens/SignIn.tsx";
import { Today } from "./screens/Today.tsx";
import { Trends } from "./screens/Trends.tsx";

const NOW = Date.parse("2026-03-12T15:22:00Z");
const ZONE = "Europe/Madrid";
const MARKS = { veryLow: 54, low: 70, high: 180, veryHigh: 250 };

const storage = new Map<string, string>();
beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  storage.clear();
  vi.stubGlobal("localStorage", { getItem: (name: string) => storage.get(name) ?? null, setItem: (name: string, value: string) => storage.set(name, value) });
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

interface Scene extends Partial<FakeOptions> {
  readonly override?: (asked: Asked) => FakeReply | undefined;
}

/** The page's surroundings, with everything that the screens ask for already asked. */
async function scene({ override, ...facts }: Scene = {}): Promise<{ source: DataSource; wrap: (page: ReactNode) => string }> {
  const options: FakeOptions = { nowMs: NOW, ...facts };
  const { unit = "mg/dL", locale = "en" } = options;
  const source: DataSource = { api: createApi(new Requester({ fetch: fakeFetch(options, override).fetch })), cache: new ResourceCache(() => NOW) };
  const { api, cache } = source;
  const date = localDate(ZONE, NOW);
  const day = { unit, zone: ZONE, date };
  const specs: ResourceSpec<unknown>[] = [
    providersOf(api), connectionsOf(api, IDS.patient), latestOf(api, IDS.patient), recentSeriesOf(api, IDS.patient, unit),
    todaySummaryOf(api, IDS.patient, day), recentTreatmentsOf(api, IDS.patient), recentWorkoutsOf(api, IDS.patient), lastSleepOf(api, IDS.patient),
    dailyOf(api, IDS.patient, day), stressOf(api, IDS.patient, day), fitnessOf(api, IDS.patient),
    periodSummaryOf(api, IDS.patient, { ...day, days: 14 }), periodSeriesOf(api, IDS.patient, { ...day, days: 14 }),
  ];
  for (const spec of specs) cache.watch(spec, () => undefined);
  while (specs.some((spec) => cache.read(spec.key).isLoading)) await new Promise((resolve) => setImmediate(resolve));
  const patient = { id: IDS.patient, displayName: "Ana Demo", zone: ZONE, isSelf: true };
  const catalogue = locale === "es" ? { locale, messages: es } : { locale, messages: en };
  const wrap = (page: ReactNode): string =>
    renderToStaticMarkup(
      <DataProvider value={source}>
        <LanguageProvider catalogue={catalogue} unit={unit} zone={ZONE}>
          <WhoProvider value={{ patient, userId: IDS.user }}>{page}</WhoProvider>
        </LanguageProvider>
      </DataProvider>,
    );
  return { source, wrap };
}

/** What a person reads: the text without tags. */
const words = (html: string): string => html.replace(/<[^>]+>/g, " ").replace(/&amp;/g, "&").replace(/&#x27;/g, "'").replace(/&lt;/g, "<").replace(/\s+/g, " ");
const byTestId = (html: string, id: string): string => words(new RegExp(`data-testid="${id}"[^>]*>(.*?)</(?:p|span|s|div|dd|li)>`, "s").exec(html)?.[1] ?? "").trim();
/** Answers one path of the API with this, all others as usual. */
const answering = (end: string, reply: FakeReply) => ({ path }: Asked): FakeReply | undefined => (path.endsWith(end) ? reply : undefined);
const readNotice = (): void => void storage.set(`islet.notice.${IDS.user}`, "1");

/** A fresh reading of 112 mg/dL, three minutes old. */
const latest = (facts: Partial<Reading> = {}): GlucoseLatest & { receivedMs: number } => {
  const fake = fakeLatest({ nowMs: NOW });
  return { ...fake, reading: { ...fake.reading!, valueMgDl: 112, valueMmolL: 6.2168, trend: "flat", deltaMgDl: -4, ageSeconds: 180, isStale: false, ...facts }, receivedMs: NOW };
};

describe("the current value", () => {
  it("has value, unit, arrow's name, change and age, and one sentence for screen readers", async () => {
    const html = (await scene()).wrap(<CurrentGlucose latest={latest()} nowMs={NOW} thresholds={MARKS} />);
    expect(byTestId(html, "current-value")).toBe("112");
    expect(byTestId(html, "current-unit")).toBe("mg/dL");
    expect(byTestId(html, "current-trend")).toBe("steady");
    expect(byTestId(html, "current-delta")).toBe("-4 mg/dL");
    expect(byTestId(html, "current-age")).toMatch(/^3 min/);
    expect(byTestId(html, "current-spoken")).toBe("112 mg/dL, steady, 3 minutes ago");
    expect(words(html)).toContain("In range");
    expect(words(html)).toContain("Source: Dexcom G7");
  });

  it("says the same in Spanish and mmol/L, without a word of mg/dL", async () => {
    const html = (await scene({ locale: "es", unit: "mmol/L" })).wrap(<CurrentGlucose latest={latest()} nowMs={NOW} />);
    expect(byTestId(html, "current-spoken")).toBe("6,2 mmol/L, estable, hace 3 minutos");
    expect(html).not.toContain("mg/dL");
  });

  it("counts its age up from the server's, whatever the device's clock says", async () => {
    const html = (await scene()).wrap(<CurrentGlucose latest={latest()} nowMs={NOW + 4 * 60_000} />);
    expect(byTestId(html, "current-spoken")).toContain("7 minutes ago");
  });

  it("is struck, and never said as current, once it is older than 15 minutes", async () => {
    const { wrap } = await scene();
    const fresh = wrap(<CurrentGlucose latest={latest({ ageSeconds: 15 * 60 })} nowMs={NOW} />);
    expect(fresh).not.toContain("current-stale");
    for (const [reading, nowMs] of [[latest({ ageSeconds: 15 * 60 + 1 }), NOW], [latest(), NOW + 13 * 60_000], [latest({ isStale: true }), NOW]] as const) {
      const html = wrap(<CurrentGlucose latest={reading} nowMs={nowMs} />);
      expect(html).toMatch(/<s [^>]*data-testid="current-value"/);
      expect(byTestId(html, "current-stale")).toBe("No current data");
      expect(byTestId(html, "current-spoken")).not.toContain("112");
    }
  });

  it("names the vendor's usual delay when that explains an old value", async () => {
    const html = (await scene()).wrap(<CurrentGlucose latest={latest({ ageSeconds: 5_760 })} nowMs={NOW} latencySeconds={10_800} />);
    expect(words(html)).toContain("Data from Dexcom can arrive up to 3 h late.");
  });

  it("says LOW and HIGH where the sensor has no number", async () => {
    const { wrap } = await scene();
    expect(byTestId(wrap(<CurrentGlucose latest={latest({ flags: ["below_range"] })} nowMs={NOW} />), "current-value")).toBe("LOW");
    expect(byTestId(wrap(<CurrentGlucose latest={latest({ flags: ["above_range"] })} nowMs={NOW} />), "current-value")).toBe("HIGH");
  });

  it("says that there is none", async () => {
    const html = (await scene()).wrap(<CurrentGlucose latest={{ reading: null, notice: "", receivedMs: NOW }} nowMs={NOW} />);
    expect(words(html)).toContain("No glucose reading yet");
  });
});

describe("today", () => {
  it("shows nothing of glucose before the notice has been confirmed [E10]", async () => {
    const html = (await scene()).wrap(<Today />);
    expect(html).toContain("notice-accept");
    expect(html).not.toContain("current-value");
    expect(html).not.toContain("card-sleep");
  });

  it("shows value, curve, range and every card with its source", async () => {
    readNotice();
    const html = (await scene()).wrap(<Today />);
    const text = words(html);
    for (const id of ["current-glucose", "glucose-curve", "time-in-range", "card-sleep", "card-stress", "card-steps", "card-vo2max", "card-resting-heart-rate", "card-workout"]) {
      expect(html, id).toContain(`data-testid="${id}"`);
    }
    expect(byTestId(html, "sleep-duration")).toBe("7 h 14 min");
    expect(byTestId(html, "vo2max-value")).toMatch(/^\d\d\.\d/);
    expect(byTestId(html, "steps-value")).toBe("12,194");
    expect(text).toContain("Scale of Garmin, 0–100");
    expect(text).toContain("Estimate by Garmin · running");
    expect(text).toContain("View on Strava");
    expect(text).toContain("Powered by Strava");
    expect(text).toMatch(/144 readings in the last 12 h, from \d+ to \d+ mg\/dL/);
    expect(text).toContain("Target 70–180 mg/dL");
  });

  it("follows the unit everywhere: no mg/dL is left after the switch", async () => {
    readNotice();
    const { wrap } = await scene({ unit: "mmol/L", locale: "es" });
    for (const html of [wrap(<Today />), wrap(<Trends />)]) {
      expect(html).toContain("mmol/L");
      expect(html).not.toContain("mg/dL");
    }
  });

  it("has one thing to do for somebody with nothing connected, and no empty cards", async () => {
    readNotice();
    const html = (await scene({ isEmpty: true })).wrap(<Today />);
    expect(words(html)).toContain("No device is connected yet.");
    expect(html).toContain('href="/connections"');
    expect(html).not.toContain("card-sleep");
  });

  it("offers earlier data when a connected sensor has been silent for a day", async () => {
    readNotice();
    const html = (await scene({ isEmpty: true, override: answering("/connections", { status: 200, body: { data: fakeConnections(NOW) } }) })).wrap(<Today />);
    expect(words(html)).toContain("No readings in the last 24 hours.");
    expect(html).toContain('href="/trends?days=90"');
    expect(words(html)).toContain("No data yet");
  });

  it("says which part failed, with code and a way to try again, while the rest is there", async () => {
    readNotice();
    const text = words((await scene({ override: answering("/sleeps/latest", { status: 503, body: { code: "unavailable", trace_id: "4bf9" } }) })).wrap(<Today />));
    expect(text).toContain("Something went wrong on our side. Code: unavailable · 4bf9 Try again");
    expect(text).toContain("Last sleep");
    expect(text).toContain("12,194");
  });

  it("says which connection needs a person, and how far the history is", async () => {
    readNotice();
    const text = words((await scene()).wrap(<Today />));
    expect(text).toContain("Strava: Needs a new sign-in.");
    expect(text).toContain("Fetching your history: 43%");
  });
});

describe("time in range", () => {
  it("names every band with limits and share, the worst on top", async () => {
    const summary = fakeSummary({ nowMs: NOW }, { fromMs: NOW - 14 * DAY_MS, toMs: NOW }, ZONE);
    const html = (await scene()).wrap(<TimeInRange heading="x" summary={{ ...summary, rangesPercent: { veryLow: 0.4, low: 3.2, target: 72.1, high: 20.3, veryHigh: 4, tight: 50 } }} hasTimePerDay />);
    expect(byTestId(html, "tir-value")).toBe("72%");
    expect(words(html)).toMatch(/Very high above 250 mg\/dL 4% 58 min High 181–250 20% 4 h 52 min In range 70–180 72% 17 h 18 min Low 54–69 3% 46 min Very low below 54 mg\/dL 0\.4% 6 min/);
    expect(html).toContain('aria-label="72% in range, 4% below, 24% above."');
  });

  it("prints the limits of mmol/L as guidelines do", async () => {
    const summary = fakeSummary({ nowMs: NOW, unit: "mmol/L" }, { fromMs: NOW - DAY_MS, toMs: NOW }, ZONE);
    const text = words((await scene({ unit: "mmol/L" })).wrap(<TimeInRange heading="x" summary={summary} />));
    for (const limit of ["above 13.9 mmol/L", "10.1–13.9", "3.9–10.0", "3.0–3.8", "below 3.0 mmol/L"]) expect(text).toContain(limit);
  });

  it("says so when most of the time has no data", async () => {
    const summary = fakeSummary({ nowMs: NOW }, { fromMs: NOW - DAY_MS, toMs: NOW }, ZONE);
    const text = words((await scene()).wrap(<TimeInRange heading="x" summary={{ ...summary, wearPercent: 41 }} />));
    expect(text).toContain("Incomplete: sensor data for only 41% of the time");
  });
});

describe("trends", () => {
  it("shows the numbers of the period and its lists", async () => {
    readNotice();
    const html = (await scene()).wrap(<Trends />);
    expect(byTestId(html, "stat-mean-value")).toMatch(/^\d{3}$/);
    expect(byTestId(html, "stat-gmi-value")).toMatch(/^\d\.\d%$/);
    expect(byTestId(html, "stat-cv-value")).toMatch(/^\d\d\.\d%$/);
    expect(byTestId(html, "stat-wear-value")).toMatch(/^\d+%$/);
    expect(html).not.toContain("preliminary");
    expect(words(html)).toContain("Time in range, day by day");
  });

  it("draws a typical day, with a sentence, a table and classes for the theme, and no inline style in it [E9]", async () => {
    readNotice();
    for (const [locale, unit, sentence] of [
      ["en", "mg/dL", /Over 14 days the median is lowest around \d\d:30 \(\d+ mg\/dL\) and highest around \d\d:30 \(\d+ mg\/dL\)\./],
      ["es", "mmol/L", /En 14 días, la mediana es más baja hacia las \d\d:30 \(\d+,\d mmol\/L\) y más alta hacia las \d\d:30 \(\d+,\d mmol\/L\)\./],
    ] as const) {
      const html = (await scene({ locale, unit })).wrap(<Trends />);
      expect(words(html)).toMatch(sentence);
      const svg = /<div class="picture">(<svg.*?<\/svg>)/s.exec(html)![1]!;
      expect(svg).toContain('role="img"');
      expect(svg).toContain('class="stroke-median"');
      expect(svg).not.toContain("style=");
      expect(svg).not.toContain(unit === "mg/dL" ? "mmol/L" : "mg/dL");
    }
  });

  it("says instead of a typical day that there is too little for one", async () => {
    const html = (await scene()).wrap(<AmbulatoryProfile series={fakeSeries({ nowMs: NOW }, { fromMs: NOW - 3 * DAY_MS, toMs: NOW })} />);
    expect(words(html)).toContain("A profile of the day needs 7 days");
    expect(html).not.toContain("<svg");
  });

  it("has a rule of the page's colours for every ink of a picture", () => {
    const rules = readFileSync(new URL("styles/pictures.css", import.meta.url), "utf8");
    expect(Object.keys(INKS).filter((ink) => !rules.includes(`.picture .fill-${ink} {`) || !rules.includes(`.picture .stroke-${ink} {`))).toEqual([]);
  });

  it("calls numbers preliminary until there is enough, and shows a dash for a number that is withheld", async () => {
    const summary = fakeSummary({ nowMs: NOW }, { fromMs: NOW - 3 * DAY_MS, toMs: NOW }, ZONE);
    const html = (await scene()).wrap(<Statistics summary={{ ...summary, gmiPercent: null, gmiMmolMol: null, wearPercent: 61.2 }} />);
    expect(words(html)).toMatch(/Preliminary These numbers settle with 14 days and at least 70 % of the readings\. Here: \d days with data, 61% of the readings\./);
    expect(byTestId(html, "stat-gmi-value")).toBe("–");
  });

  it("offers the longest period when there is nothing in this one", async () => {
    readNotice();
    const html = (await scene({ isEmpty: true })).wrap(<Trends />);
    expect(words(html)).toContain("No glucose readings in this period. Show 90 days");
  });
});

describe("connections", () => {
  it("show state, trouble, progress, devices and the person's own settings, but none of the operator's", async () => {
    const html = (await scene()).wrap(<Connections />);
    const text = words(html);
    expect(text).toContain("Dexcom G7 · 4 min");
    expect(text).toContain("Region of your account Outside the United States");
    expect(text).not.toContain("base_url");
    expect(text).not.toContain("localhost");
    expect(text).toContain("Strava no longer accepts our key.");
    expect(text).toContain("Not allowed at Strava: activity:read_all.");
    expect(text).toContain("Fetching your history · 43%");
    expect(html).toContain('data-testid="reconnect-strava"');
    expect(html).not.toContain('data-testid="reconnect-dexcom"');
    expect(html).not.toContain('data-testid="sync-strava"');
  });

  it("offer what is not connected with the vendor's own words and colours, and name what the operator has not set up", async () => {
    const html = (await scene({ isEmpty: true })).wrap(<Connections />);
    expect(html).toMatch(/<button[^>]*style="background-color:#fc5200;color:#ffffff"[^>]*data-testid="connect-strava"[^>]*>Connect with Strava<\/button>/);
    expect(words(html)).toContain("Usual delay: 1 h");
    expect(words(html)).toContain("Simulated");
    expect(html).not.toContain('data-testid="connect-withings"');
    expect(words(html)).toContain("Not set up on this server: Withings.");
  });

  it("say what a sync brought", () => {
    const language = { catalogue: { locale: "en" as const, messages: en }, t: createTranslate({ locale: "en", messages: en }), f: createFormatter({ unit: "mg/dL", locale: "en", zone: ZONE }) };
    const reply: SyncReply = { outcome: "done", stored: { samples: 288, sleeps: 1, workouts: 0, treatments: 2 }, lastSyncAt: null, detail: null };
    expect(syncText(reply, language)).toBe("Up to date. New: 288 measurements, 1 sleep and 2 entries.");
    expect(syncText({ ...reply, stored: { samples: 0, sleeps: 0, workouts: 0, treatments: 0 } }, language)).toBe("Up to date. Nothing new.");
    expect(syncText({ ...reply, outcome: "running" }, language)).toContain("Still working");
    expect(syncText({ ...reply, outcome: "failed", detail: "Dexcom is away." }, language)).toBe("The sync did not work. Dexcom is away.");
  });
});

describe("cards", () => {
  it("of sleep take the vendor's totals, else the stages' sum, and never invent a zero", () => {
    const night = nightOf(20_000);
    expect(sleepTotals({ ...night, deepS: 600 }).find(({ stage }) => stage === "deep")?.seconds).toBe(600);
    expect(sleepTotals({ ...night, deepS: null }).find(({ stage }) => stage === "deep")?.seconds).toBeCloseTo(night.deepS!, -1);
    expect(sleepTotals({ ...night, stages: [], deepS: null }).map(({ stage }) => stage)).toEqual(["awake", "rem", "light"]);
  });

  it("of sleep show a night without stages by its length alone", async () => {
    const html = (await scene()).wrap(<SleepCard sleep={{ ...nightOf(20_000), stages: [], deepS: null, lightS: null, remS: null, awakeS: null }} />);
    expect(byTestId(html, "sleep-duration")).toMatch(/^\d h \d+ min$/);
    expect(html).not.toContain("hypnogram");
    expect(html).not.toContain("View as table");
  });

  it("of workouts link to the vendor, by http only", async () => {
    const { wrap } = await scene();
    const workout = workouts(NOW - 4 * DAY_MS, NOW)[0]!;
    const html = wrap(<WorkoutCard group={{ main: workout, others: [] }} />);
    expect(html).toMatch(/<a class="vendor-link" href="https:\/\/www\.strava\.com\/activities\/\d+" target="_blank" rel="noreferrer">View on Strava<\/a>/);
    expect(wrap(<VendorLink workout={{ ...workout, link: { text: "x", url: "javascript:alert(1)" } }} />)).toBe("");
  });

  it("of workouts say only what was sent", async () => {
    const workout = { ...workouts(NOW - 4 * DAY_MS, NOW)[0]!, distanceM: null, averageHeartRate: null, energyKcal: null, elevationGainM: null, averagePaceSKm: null, averagePowerW: null, source: SOURCES.activities };
    const text = words((await scene()).wrap(<WorkoutCard group={{ main: workout, others: [] }} />));
    expect(text).toContain("51 min");
    expect(text).not.toMatch(/km|bpm|kcal|NaN|null/);
  });
});

describe("signing in", () => {
  it("lets browsers and password managers fill in, and remembers who it was", async () => {
    const html = (await scene()).wrap(<SignInForm identifier={fakeSession({ nowMs: NOW }).email ?? ""} onSignedIn={() => undefined} />);
    expect(html).toMatch(/<label for="([^"]+)">E-mail, username or national ID<\/label><input id="\1"[^>]*autoComplete="username"[^>]*value="ana@example.org"/);
    expect(html).toMatch(/<input [^>]*autoComplete="current-password"[^>]*type="password"/);
  });
});
