/** The main job on real input, three ways, in a real browser against the real process. */
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection, GlucoseSeries, GlucoseSummary, MetricsReply, Provenance, Workout } from "#api/schemas.ts";
import { launchBrowser } from "../kit/browser.ts";
import { runIslet, startIslet, type RunningIslet } from "../kit/process.ts";
import { apiSession, connect, openPage, signIn, simulator } from "./portal-kit.ts";

const GOLDEN = fileURLToPath(new URL("../../../shared/golden/", import.meta.url));
const REAL_FILE = join(GOLDEN, "data", "hall_2133-004.csv");
const REFERENCE = join(GOLDEN, "iglu");
const hasGolden = existsSync(REAL_FILE);
const isCi = process.env["CI"] !== undefined;

let islet: RunningIslet;
let browser: Browser;
beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet(), launchBrowser()]);
}, 90_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

const text = (page: Page, testId: string): Promise<string> => page.getByTestId(testId).first().innerText();
const numberIn = async (page: Page, testId: string): Promise<number> => Number((await text(page, testId)).replace(/[^\d.]/g, ""));

describe("a person connects Dexcom", () => {
  it("sees 90 days of glucose within 10 s of the consent [E4 E5 R2]", async () => {
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet);
    await connect(page, islet, "dexcom");
    const consentedMs = Date.now();
    await page.goto(`${islet.origin}/`);
    await page.getByTestId("current-value").first().waitFor();
    expect(await numberIn(page, "current-value")).toBeGreaterThan(39);
    expect(await text(page, "current-trend")).toMatch(/\w/);
    expect(await text(page, "current-age")).toMatch(/ago|now/);
    await page.getByTestId("glucose-curve").locator("canvas").waitFor();
    await page.getByTestId("tir-value").waitFor();

    const api = await apiSession(islet);
    const from = new Date(consentedMs - 90 * 86_400_000).toISOString();
    await expect.poll(async () => (await api.get<GlucoseSeries>(`/patients/me/glucose/series?from=${from}`)).times.length, { timeout: 10_000 - (Date.now() - consentedMs) }).toBeGreaterThan(22_000);

    await page.getByRole("link", { name: "Trends" }).click();
    await page.getByRole("radio", { name: "90 days" }).or(page.getByRole("button", { name: "90 days" })).first().click();
    await expect.poll(async () => (await api.get<{ data: Connection[] }>("/patients/me/connections")).data[0]?.isSyncing, { timeout: 10_000 }).toBe(false);
    const summary = await api.get<GlucoseSummary>("/patients/me/glucose/summary?days=90");
    expect(summary.isSufficient).toBe(true);
    await expect.poll(() => numberIn(page, "stat-mean-value")).toBe(Math.round(summary.mean!));
    // The page follows the back-fill by itself: each number settles as its last pages come in.
    await expect.poll(() => numberIn(page, "stat-gmi-value")).toBeCloseTo(summary.gmiPercent!, 0);
    await expect.poll(() => numberIn(page, "stat-cv-value")).toBeCloseTo(summary.cvPercent!, 0);
    await expect.poll(() => numberIn(page, "stat-wear-value")).toBeGreaterThan(80);
    expect(Date.now() - consentedMs).toBeLessThan(20_000);
    expect(faults).toEqual([]);
    await close();
  }, 60_000);

  it("shows the same in mmol/L when asked", async () => {
    const { page, close } = await openPage(browser);
    await signIn(page, islet);
    await page.getByTestId("current-value").first().waitFor();
    const inMgDl = await numberIn(page, "current-value");
    await page.getByTestId("preferences-open").click();
    await page.getByRole("radio", { name: "mmol/L" }).click({ force: true });
    await expect.poll(() => numberIn(page, "current-value")).toBeLessThan(30);
    expect(await numberIn(page, "current-value")).toBeCloseTo(inMgDl / 18.01559, 0);
    expect(await text(page, "current-unit")).toBe("mmol/L");
    await page.getByRole("radio", { name: "mg/dL" }).click({ force: true });
    await expect.poll(() => numberIn(page, "current-value")).toBeGreaterThan(30);
    await close();
  }, 40_000);

  it("leads from a value back to the raw bytes it came in", async () => {
    const api = await apiSession(islet);
    const series = await api.get<GlucoseSeries>("/patients/me/glucose/series");
    const at = series.times.at(-1)!;
    const { value, delivery } = await api.get<Provenance>(`/patients/me/provenance?metric=glucose&at=${new Date(at).toISOString()}`);
    expect(value.value).toBe(series.values.at(-1));
    expect(delivery).toMatchObject({ provider: "dexcom", via: "pull", resource: "egvs", state: "done" });
    const raw = await api.get<{ records: { systemTime: string; value: number }[] }>(`/patients/me/deliveries/${delivery.id}/raw`);
    const record = raw.records.find((each) => Date.parse(each.systemTime) === at);
    expect(record?.value).toBe(value.value);
  });

  it("says kindly that nothing was connected when the person refuses", async () => {
    const { page, close } = await openPage(browser);
    await signIn(page, islet, "patient@demo.islet");
    await page.goto(`${islet.origin}/connections`);
    await page.getByTestId("connect-strava").click();
    await page.getByTestId("connect-continue").click();
    await page.waitForURL(/\/sim\/strava\//);
    await page.getByRole("button", { name: /^(deny|cancel|refuse|do not)/i }).first().click();
    await page.waitForURL(/error=access_denied/);
    expect(await text(page, "connect-error")).toContain("permission was not given");
    await close();
  }, 40_000);
});

describe("Garmin and Strava push", () => {
  it("puts new sleep, stress, VO2max, steps and a workout onto the open page without reload [W1 W2 W3]", async () => {
    const { page, faults, close } = await openPage(browser);
    await signIn(page, islet);
    await connect(page, islet, "garmin");
    await connect(page, islet, "strava");
    await page.goto(`${islet.origin}/`);
    let loads = 0;
    page.on("load", () => (loads += 1));
    const person = await firstPerson(islet);
    for (const what of ["sleeps", "stressDetails", "userMetrics", "dailies"]) await simulator(islet, "push", { vendor: "garmin", person, what, days: 2 });
    for (const card of ["sleep-duration", "stress-value", "vo2max-value", "steps-value"]) await page.getByTestId(card).first().waitFor({ timeout: 20_000 });
    expect(await numberIn(page, "vo2max-value")).toBeGreaterThan(20);

    const api = await apiSession(islet);
    const before = (await api.get<{ data: Workout[] }>("/patients/me/workouts")).data;
    await simulator(islet, "push", { vendor: "strava", person, what: "activity_create" });
    await expect.poll(async () => newest((await api.get<{ data: Workout[] }>("/patients/me/workouts")).data, "strava")?.start, { timeout: 15_000 }).not.toBe(newest(before, "strava")?.start);
    const workout = newest((await api.get<{ data: Workout[] }>("/patients/me/workouts")).data, "strava")!;
    expect(workout.link?.text).toBe("View on Strava");
    expect(workout.source.attribution).toBe("Powered by Strava");
    await expect.poll(() => text(page, "card-workout"), { timeout: 15_000 }).toContain(workout.title ?? "");
    expect(loads, "the page was not loaded again").toBe(0);
    expect(faults).toEqual([]);

    const stress = await api.get<MetricsReply>("/patients/me/metrics?metrics=stress");
    expect(stress.series[0]!.values.every((value) => value >= 0 && value <= 100)).toBe(true);
    await close();
  }, 90_000);
});

describe("a CGM file", () => {
  it.skipIf(!hasGolden && !isCi)(`is imported by one command and shown${hasGolden ? "" : " (skipped: no ../shared/golden here)"}`, async () => {
    const environment = { ISLET_DATA_DIR: islet.folder };
    const imported = await runIslet(["import", REAL_FILE, "--patient", "demo", "--tz", "Europe/London", "--json"], environment);
    expect(imported.stderr).toBe("");
    expect(JSON.parse(imported.stdout)).toMatchObject({ format: "glucose-csv", rows: 1776, stored: 1776 });
    const again = await runIslet(["import", REAL_FILE, "--patient", "demo", "--tz", "Europe/London"], environment);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("imported for this patient before");
    const api = await apiSession(islet);
    const summary = await api.get<GlucoseSummary>("/patients/me/glucose/summary?from=2016-09-20T00:00:00Z&to=2016-10-01T00:00:00Z");
    expect(summary.mean).toBeCloseTo(reference("mean_glu.csv", "hall_2133-004"), 9);
    expect(summary.readings).toBe(1776);
  }, 40_000);

  it.skipIf(!hasGolden && !isCi)(`has its statistics printed without any server${hasGolden ? "" : " (skipped: no ../shared/golden here)"}`, async () => {
    const printed = await runIslet(["stats", REAL_FILE, "--tz", "Europe/London", "--json"]);
    const stats = JSON.parse(printed.stdout) as Record<string, number> & { ranges: Record<string, number> };
    expect(stats["mean"]).toBeCloseTo(reference("mean_glu.csv", "hall_2133-004"), 9);
    expect(stats["sd"]).toBeCloseTo(reference("sd_glu.csv", "hall_2133-004"), 9);
    expect(stats["cv"]).toBeCloseTo(reference("cv_glu.csv", "hall_2133-004"), 9);
    expect(stats["gmi"]).toBeCloseTo(reference("gmi.csv", "hall_2133-004"), 9);
    expect(Object.values(stats.ranges).length).toBe(6);
  });

  it("of Dexcom Clarity is imported with insulin and carbohydrates", async () => {
    const file = join(islet.folder, "clarity.csv");
    await writeFile(file, clarityExport());
    const imported = await runIslet(["import", file, "--patient", "demo", "--tz", "Europe/Madrid"], { ISLET_DATA_DIR: islet.folder });
    expect(imported.code, imported.stderr).toBe(0);
    const api = await apiSession(islet);
    const series = await api.get<GlucoseSeries>("/patients/me/glucose/series?from=2019-05-01T00:00:00Z&to=2019-05-03T00:00:00Z");
    expect(series.values).toEqual([39, 110, 401]);
    expect(series.flags).toEqual([["below_range"], [], ["above_range"]]);
    expect(new Date(series.times[1]!).toISOString()).toBe("2019-05-02T06:05:00.000Z");
    const { data } = await api.get<{ data: { kind: string; amount: number }[] }>("/patients/me/treatments?from=2019-05-01T00:00:00Z&to=2019-05-03T00:00:00Z");
    expect(data.map(({ kind, amount }) => ({ kind, amount }))).toEqual([{ kind: "carbohydrates", amount: 45 }, { kind: "insulin_rapid", amount: 4.5 }]);
  }, 40_000);

  it("can be what a simulated Dexcom user serves instead of generated readings", async () => {
    const person = await firstPerson(islet);
    const nowMs = Date.now();
    const rows = Array.from({ length: 288 }, (_, index) => `s,${new Date(nowMs - (287 - index) * 300_000).toISOString()},${100 + (index % 50)}`);
    await simulator(islet, `dexcom/series?person=${person}&zone=UTC`, `id,time,gl\n${rows.join("\n")}\n`);
    const { page, close } = await openPage(browser);
    await signIn(page, islet);
    await page.goto(`${islet.origin}/connections`);
    await page.getByTestId("sync-dexcom").click();
    await page.getByTestId("sync-result-dexcom").waitFor({ timeout: 30_000 });
    const api = await apiSession(islet);
    const series = await api.get<GlucoseSeries>("/patients/me/glucose/series");
    expect(series.values.at(-1)).toBe(100 + (287 % 50));
    await close();
  }, 60_000);
});

async function firstPerson(running: RunningIslet): Promise<string> {
  const reply = await fetch(`${running.origin}/sim/control/state`);
  const { connections, people } = (await reply.json()) as { connections: { person: string }[]; people: { id: string }[] };
  return connections[0]?.person ?? people[0]!.id;
}

function newest(workouts: readonly Workout[], provider: string): Workout | undefined {
  return workouts.find((workout) => workout.source.provider === provider);
}

/** A reference's value of one series, from a two-column file with the id in the first. */
function reference(file: string, id: string): number {
  const line = readFileSync(join(REFERENCE, file), "utf8").split("\n").find((row) => row.replace(/"/g, "").startsWith(`${id},`));
  if (!line) throw new Error(`${file} has no line for ${id}`);
  return Number(line.replace(/"/g, "").split(",").at(-1));
}

function clarityExport(): string {
  const header = "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID";
  const row = (index: number, time: string, type: string, fields: Record<number, string> = {}): string =>
    Array.from({ length: 14 }, (_, column) => (column === 0 ? String(index) : column === 1 ? time : column === 2 ? type : (fields[column] ?? ""))).join(",");
  return [
    `\uFEFF${header}`,
    row(1, "", "FirstName", { 4: "Synthetic" }),
    row(2, "", "LastName", { 4: "Person" }),
    row(3, "", "Device", { 5: "G6", 6: "iPhone" }),
    row(4, "", "Alert", { 3: "High", 7: "250" }),
    row(5, "2019-05-02T08:00:00", "EGV", { 6: "iPhone", 7: "Low", 12: "1000", 13: "8XXXXX" }),
    row(6, "2019-05-02T08:05:00", "EGV", { 6: "iPhone", 7: "110", 12: "1300", 13: "8XXXXX" }),
    row(7, "2019-05-02T08:10:00", "EGV", { 6: "iPhone", 7: "High", 12: "1600", 13: "8XXXXX" }),
    row(8, "2019-05-02T08:12:00", "Insulin", { 3: "Fast-Acting", 6: "iPhone", 8: "4.5" }),
    row(9, "2019-05-02T08:15:00", "Carbs", { 6: "iPhone", 9: "45" }),
  ].join("\r\n");
}
