/** What a vendor's webhook does with mutated bodies: read, refuse with a typed error, or say what it could not use; never crash, hang or believe. */
import { readdirSync, readFileSync } from "node:fs";
import { faultOfRecord } from "./record-fault.ts";
import type { Driver, DriverWebhook, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { parseWebhookBody } from "#sync/payload.ts";
import { IsletError, WebhookRejected } from "#errors.ts";
import { seeded } from "../kit/random.ts";
import { mutated } from "./mutate.ts";

export interface FuzzResult {
  readonly provider: string;
  readonly bodies: number;
  /** Bodies that were read in spite of all. */
  readonly read: number;
  /** Errors that are none of ours, by their first words, with the number of the body. */
  readonly crashes: readonly string[];
  readonly slowestMs: number;
  /** Bodies whose forged signature was believed, though the vendor signs. */
  readonly believed: number;
  /** Records that must never be stored. */
  readonly wrong: readonly string[];
}

const RECEIVED_MS = Date.UTC(2026, 10, 21, 12);
export const CONTEXT = { receivedMs: RECEIVED_MS, zone: "Europe/Madrid" };
const FIXTURES = new URL("../../src/drivers/", import.meta.url);

/** Bodies as the vendor sends them, and payloads of its API, which it must not take for such. */
export function corpusOf(driver: Driver): Uint8Array[] {
  const forms = ["userid=363&appli=1&startdate=1795075199&enddate=1795075201", "userid=363&appli=44&date=2026-11-19&deviceid=x", "userid=363&appli=46&action=unlink"];
  return driver.webhook?.bodyFormat === "form" ? forms.map((text) => new TextEncoder().encode(text)) : fixturesOf(driver);
}

export function fixturesOf(driver: Driver): Uint8Array[] {
  const folder = new URL(`${driver.id}/fixtures/`, FIXTURES);
  const texts = readdirSync(folder).filter((name) => name.endsWith(".json")).flatMap((name) => {
    const content: unknown = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
    if (Array.isArray(content)) return [JSON.stringify(content)];
    const { _source, ...rest } = content as Record<string, unknown>;
    if ("answers" in rest) return Object.values(rest["answers"] as object).map((answer) => JSON.stringify(answer));
    const payload = "payload" in rest ? rest["payload"] : rest;
    // Garmin's pushes are its summaries under their names.
    return [payload, ...(driver.id === "garmin" && !Array.isArray(payload) ? [] : [{ [name.replace(".json", "")]: payload }])].map((value) => JSON.stringify(value));
  });
  return texts.map((text) => new TextEncoder().encode(text));
}

export function isRead({ webhook }: { readonly webhook: DriverWebhook }, body: Uint8Array): boolean {
  try {
    return webhook.parse(parseWebhookBody(webhook, body)).events.length > 0;
  } catch (error) {
    if (error instanceof IsletError) return false;
    throw error;
  }
}

/** Sends so many mutated bodies of a seed through check, parser and mapping. */
export function fuzzWebhook(driver: Driver & { readonly webhook: DriverWebhook }, options: { readonly bodies: number; readonly seed: number }): FuzzResult {
  const random = seeded(options.seed);
  const corpus = corpusOf(driver);
  const readable = corpus.filter((body) => isRead(driver, body));
  const result = { provider: driver.id, bodies: options.bodies, read: 0, crashes: [] as string[], slowestMs: 0, believed: 0, wrong: [] as string[] };
  for (let number = 0; number < options.bodies; number += 1) {
    // Half of them begin as something that is read: a vendor's many other answers would crowd them out.
    const body = mutated(random, random() < 0.5 ? readable : corpus);
    const begun = performance.now();
    try {
      if (isBelieved(driver.webhook, body, random) && driver.webhook.isSigned) result.believed += 1;
      const { read, wrong } = follow(driver, body);
      if (read) result.read += 1;
      for (const fault of wrong) result.wrong.push(`body ${number}: ${fault}`);
    } catch (error) {
      if (!(error instanceof IsletError)) result.crashes.push(`body ${number}: ${error instanceof Error ? (error.stack ?? "").split("\n").slice(0, 4).join("") : String(error)}`.slice(0, 400));
    }
    result.slowestMs = Math.max(result.slowestMs, performance.now() - begun);
  }
  return result;
}

const SECRETS: WebhookSecrets = {
  clientId: "client", clientSecrets: ["client-secret"], verifyToken: "verify-token", subscriptionId: "17", subscriptionSecret: "subscription-secret", signingKeys: null,
  settings: { webhook_token: "webhook-token", signing_secret: "signing-secret" },
};
const HEADERS = [
  "x-fitbit-signature", "google-health-api-signature", "x-healthapi-signature", "authorization", "x-oura-signature", "x-oura-timestamp", "polar-webhook-signature", "x-strava-signature",
  "x-hmac-sha256-signature", "x-terra-signature", "terra-signature", "x-whoop-signature", "x-whoop-signature-timestamp", "secret", "client", "garmin-client-id",
];
const GIVEN = ["", "0", "t=1795262400,v1=00", `t=${RECEIVED_MS / 1000},v1=${"ab".repeat(32)}`, "ab".repeat(32), "AB".repeat(32), "A".repeat(43) + "=", String(RECEIVED_MS), String(RECEIVED_MS / 1000), "é", "Bearer x"];

/** Throws what is no refusal. */
function isBelieved(webhook: DriverWebhook, body: Uint8Array, random: () => number): boolean {
  const headers = Object.fromEntries(HEADERS.filter(() => random() < 0.6).map((name) => [name, GIVEN[Math.floor(random() * GIVEN.length)]]));
  const request: WebhookRequest = { headers, query: {}, body, receivedMs: RECEIVED_MS };
  try {
    webhook.challenge?.(request, SECRETS);
    webhook.verify(request, SECRETS);
    return true;
  } catch (error) {
    if (error instanceof WebhookRejected) return false;
    throw error;
  }
}

function follow(driver: Driver & { readonly webhook: DriverWebhook }, body: Uint8Array): { read: boolean; wrong: string[] } {
  const { events } = driver.webhook.parse(parseWebhookBody(driver.webhook, body));
  const wrong: string[] = [];
  for (const event of events) {
    if (typeof event.account !== "string" || event.account === "") wrong.push("an event of nobody");
    if (event.kind !== "data") continue;
    for (const record of driver.map(event.resource, event.payload, CONTEXT).records) {
      const fault = faultOfRecord(record);
      if (fault !== null) wrong.push(fault);
    }
  }
  return { read: events.length > 0, wrong };
}
