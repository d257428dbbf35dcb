/** How soon a clinician sees the list of 5,000 patients: a real browser with an empty cache, from the address to the first row on the screen. */
import type { FastifyInstance } from "fastify";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../test/kit/browser.ts";
import { CLINICIAN } from "./clinic.ts";
import { atMost, percentile, told, type Figure } from "./figure.ts";

const ROUNDS = 9;
const MOST_MS = 1_500;

const FIRST_ROW = "[data-testid=patients-table] tbody a";

/** Runs in the page: notes when the frame after the first row was drawn. */
const NOTE_FIRST_ROW = `
  const look = () => {
    if (!document.querySelector("${FIRST_ROW}")) return void requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame((at) => { window.isletFirstRowMs = at; }));
  };
  look();
`;

/** @param server is set to listen on the port, and stays so */
export async function paintFigures(server: FastifyInstance, port: number): Promise<Figure[]> {
  await server.listen({ port, host: "127.0.0.1" });
  const browser = await launchBrowser();
  try {
    const cold: number[] = [];
    const again: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { first, second } = await visit(browser, `http://localhost:${port}`);
      cold.push(first);
      again.push(second);
    }
    return [
      atMost("office: first list of 5,000 painted, nothing cached, p50", percentile(cold, 0.5), "ms", MOST_MS), atMost("office: … the slowest of nine", Math.max(...cold), "ms", MOST_MS),
      told("office: … with the browser's cache, p50", percentile(again, 0.5), "ms"),
    ];
  } finally {
    await browser.close();
  }
}

/** Signs in by the API in a browser profile of its own, so that none of the pages has been fetched before the first visit. */
async function visit(browser: Browser, origin: string): Promise<{ first: number; second: number }> {
  const context = await browser.newContext();
  try {
    const signedIn = await context.request.post(`${origin}/api/v1/session`, { data: CLINICIAN, headers: { origin } });
    if (!signedIn.ok()) throw new Error(`The sign-in was answered ${signedIn.status()}.`);
    const page = await context.newPage();
    await page.addInitScript(NOTE_FIRST_ROW);
    const paint = async (): Promise<number> => {
      await page.goto(`${origin}/office/patients`);
      await page.locator(FIRST_ROW).first().waitFor();
      // Its frame and the one after: in a promise, since the page's policy lets nothing be made of text.
      return page.evaluate<number>("new Promise((resolve) => { const ask = () => (window.isletFirstRowMs ? resolve(window.isletFirstRowMs) : requestAnimationFrame(ask)); ask(); })");
    };
    return { first: await paint(), second: await paint() };
  } finally {
    await context.close();
  }
}
