/** Every vendor that has a simulated cloud, connected by a person in the browser, with data that arrives. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Connection } from "#api/schemas.ts";
import { SIM_CLOUDS } from "#sim/sim.ts";
import { launchBrowser } from "../kit/browser.ts";
import { startIslet, type RunningIslet } from "../kit/process.ts";
import { apiSession, connect, openPage, signIn } from "./portal-kit.ts";

let islet: RunningIslet;
let browser: Browser;
beforeAll(async () => {
  [islet, browser] = await Promise.all([startIslet(), launchBrowser()]);
}, 90_000);
afterAll(async () => {
  await browser.close();
  expect(await islet.stop()).toBe(0);
});

it("can be connected one after the other, and each brings data [R1]", async () => {
  const { page, faults, close } = await openPage(browser);
  await signIn(page, islet);
  for (const { id } of SIM_CLOUDS) await connect(page, islet, id);
  const api = await apiSession(islet);
  const connections = async (): Promise<Connection[]> => (await api.get<{ data: Connection[] }>("/patients/me/connections")).data;
  await expect.poll(async () => (await connections()).filter(({ lastDataAt }) => lastDataAt === null).map(({ provider }) => provider), { timeout: 60_000 }).toEqual([]);
  const made = await connections();
  expect(made.map(({ provider }) => provider).toSorted()).toEqual(SIM_CLOUDS.map(({ id }) => id).toSorted());
  for (const { provider, status, statusDetail } of made) expect({ provider, status, statusDetail }).toEqual({ provider, status: "active", statusDetail: null });
  expect(faults).toEqual([]);
  await close();
}, 240_000);
