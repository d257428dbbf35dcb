/** The office as it was built, in a real browser, before a server that answers as a test says: for what forms send, and for answers that a real server gives seldom. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page, Route } from "playwright-core";
import type { Operations } from "#web/client/operations.d.ts";

const DIST = fileURLToPath(new URL("../../web/dist", import.meta.url));
const ORIGIN = "http://office.test";
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };

export type Name = keyof Operations;

/** What a page asked for. */
export interface Sent {
  readonly name: Name;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly ifMatch: string | null;
}

export class Refusal {
  readonly status: number;
  readonly problem: object;

  constructor(status: number, code: string, more: object = {}) {
    this.status = status;
    this.problem = { type: "about:blank", title: code, status, code, detail: `Refused: ${code}.`, trace_id: "t", ...more };
  }
}

export type Answers = { readonly [Each in Name]?: Operations[Each]["reply"] | Refusal | ((sent: Sent) => Operations[Each]["reply"] | Refusal) };

export interface FakeOffice {
  readonly page: Page;
  /** Everything but what was only read, in its order. */
  readonly writes: Sent[];
  readonly reads: Sent[];
  /** From now on. */
  readonly answer: (answers: Answers) => void;
  readonly close: () => Promise<void>;
}

const SESSION: Operations["get /session"]["reply"] = {
  userId: "me", email: "kim@example.org", displayName: "Kim Prueba", roles: ["admin"], organization: { id: "o", name: "A clinic" }, patientId: null, preferences: { glucoseUnit: "mg/dL", locale: "en", zone: "Europe/Madrid" },
  csrfToken: "csrf", expiresAt: "2099-01-01T00:00:00Z",
};

export interface FakeAsked {
  /** Below /office. */
  readonly path: string;
  readonly answers: Answers;
  readonly roles?: readonly ("admin" | "clinician")[];
  readonly locale?: "en" | "es";
}

export async function openFakeOffice(browser: Browser, { path, answers: first, roles = ["admin"], locale = "en" }: FakeAsked): Promise<FakeOffice> {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Madrid", viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  let answers: Answers = { "get /session": { ...SESSION, roles: [...roles], preferences: { ...SESSION.preferences, locale } }, ...first };
  const [writes, reads]: [Sent[], Sent[]] = [[], []];
  await context.route("**/*", async (route) => {
    const sent = sentOf(route, answers);
    if (sent === null) return route.fulfill(await fileOf(new URL(route.request().url()).pathname));
    if (sent === "unknown") return route.fulfill({ status: 404, contentType: "application/problem+json", body: JSON.stringify(new Refusal(404, "not_found").problem) });
    (sent.name.startsWith("get ") ? reads : writes).push(sent);
    const given = answers[sent.name] as unknown;
    const reply: unknown = typeof given === "function" ? (given as (asked: Sent) => unknown)(sent) : given;
    if (reply instanceof Refusal) return route.fulfill({ status: reply.status, contentType: "application/problem+json", body: JSON.stringify(reply.problem) });
    return reply === null ? route.fulfill({ status: 204 }) : route.fulfill({ status: 200, contentType: "application/json", body: JSON.stringify(reply) });
  });
  await page.goto(`${ORIGIN}/office${path}`);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  return {
    page, writes, reads, close: () => context.close(),
    answer: (more) => {
      answers = { ...answers, ...more };
    },
  };
}

/** Null: a file of the page. */
function sentOf(route: Route, answers: Answers): Sent | "unknown" | null {
  const request = route.request();
  const { pathname, searchParams } = new URL(request.url());
  if (!pathname.startsWith("/api/v1/")) return null;
  const path = pathname.slice("/api/v1".length);
  const asked = `${request.method().toLowerCase()} ${path}`;
  // What is named outright comes before what a part of a path may be.
  const name = (Object.keys(answers) as Name[]).toSorted((one, other) => one.split("{").length - other.split("{").length).find((each) => new RegExp(`^${each.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(asked));
  if (name === undefined) return "unknown";
  const body = request.postData();
  return { name, path, query: Object.fromEntries(searchParams), body: body === null ? null : (JSON.parse(body) as unknown), ifMatch: request.headers()["if-match"] ?? null };
}

async function fileOf(pathname: string): Promise<{ status: number; contentType?: string; body?: Buffer }> {
  const file = extname(pathname) === "" ? "office/index.html" : pathname.replace(/^\/office\//, "/");
  for (const place of [join(DIST, file), join(DIST, pathname)]) {
    if (!existsSync(place)) continue;
    return { status: 200, contentType: TYPES[extname(place)] ?? "application/octet-stream", body: await readFile(place) };
  }
  return { status: 404 };
}
