/** The deliveries of the crash harness: Terra's signed pushes, number n of which carries one glucose reading that says which it is. */
import { createHmac } from "node:crypto";

export const PEOPLE = 24;
export const SIGNING_SECRET = "crash-signing-secret";
const MINUTE_MS = 60_000;
/** Older than the months that are kept of raw deliveries, but for samples any time will do. */
const FIRST_MS = Date.UTC(2024, 0, 1);

export const accountOf = (person: number): string => `crash-user-${person}`;

/** What is to be stored of delivery n: whose, when, and how much. One person has one reading a minute. */
export function readingOf(n: number): { readonly person: number; readonly atMs: number; readonly value: number } {
  return { person: n % PEOPLE, atMs: FIRST_MS + Math.floor(n / PEOPLE) * MINUTE_MS, value: 40 + ((n * 7_919) % 3_600) / 10 };
}

/** Which delivery a stored reading must have come in. Not a whole number where none can have brought it. */
export function numberOf(person: number, atMs: number): number {
  return ((atMs - FIRST_MS) / MINUTE_MS) * PEOPLE + person;
}

export function bodyOf(n: number): string {
  const { person, atMs, value } = readingOf(n);
  const day = new Date(atMs).toISOString().slice(0, 10);
  return JSON.stringify({
    type: "body", version: "2022-03-16", crash_n: n, user: { user_id: accountOf(person), provider: "DEXCOM", reference_id: "crash" },
    data: [{
      metadata: { start_time: `${day}T00:00:00+00:00`, end_time: `${day}T23:59:59+00:00`, timestamp_localization: 1, upload_type: 1 },
      glucose_data: { blood_glucose_samples: [{ timestamp: new Date(atMs).toISOString().replace("Z", "+00:00"), blood_glucose_mg_per_dL: value, glucose_level_flag: 0 }] },
    }],
  });
}

export function headersOf(n: number, body: string, nowMs: number): Record<string, string> {
  const seconds = Math.floor(nowMs / 1_000);
  const signature = createHmac("sha256", SIGNING_SECRET).update(`${seconds}.`).update(body).digest("hex");
  return { "content-type": "application/json", "terra-signature": `t=${seconds},v1=${signature}`, "x-terra-trace-id": `crash-${n}` };
}
