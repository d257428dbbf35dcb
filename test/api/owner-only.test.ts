/** Data that a vendor lets be shown to the person alone. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MetricsReply, Workout } from "../../src/api/schemas.ts";
import type { VendorRecord } from "#driver/records.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { give, HOUR, iso, makeConnection, MINUTE, NOW_MS } from "./kit.ts";

let test: TestApp;
let deliveryId: string;
beforeAll(async () => {
  test = await startTestApp();
  const run: VendorRecord = { record: "workout", vendorId: "w1", startMs: NOW_MS - 2 * HOUR, endMs: NOW_MS - HOUR, offsetMinutes: 120, sport: "running" };
  const beat: VendorRecord = { record: "sample", metric: "heart_rate", startMs: NOW_MS - HOUR, value: 120, offsetMinutes: 120 };
  for (const provider of ["garmin", "strava"]) {
    const connectionId = await makeConnection(test, test.people.patient, provider);
    deliveryId = await give(test, test.people.patient, { records: [run, beat], provider, connectionId });
  }
});
afterAll(() => test.close());

async function ask<T>(as: Person, path: string): Promise<T> {
  const answer = await test.request({ as, method: "GET", url: `/api/v1/patients/${test.people.patient.patientId!}${path}` });
  expect(answer.statusCode).toBe(200);
  return answer.json<T>();
}

async function providersOf(person: Person): Promise<{ workouts: string[]; heart: string[] }> {
  const workouts = await ask<{ data: Workout[] }>(person, "/workouts");
  const metrics = await ask<MetricsReply>(person, `/metrics?metrics=heart_rate&from=${iso(NOW_MS - 3 * HOUR)}&to=${iso(NOW_MS + MINUTE)}`);
  return { workouts: workouts.data.map(({ source }) => String(source.provider)).toSorted(), heart: metrics.sources.map(({ provider }) => String(provider)).toSorted() };
}

it("is seen by its owner beside the rest, and by a clinician with a grant not at all [W7]", async () => {
  expect(await providersOf(test.people.patient)).toEqual({ workouts: ["garmin", "strava"], heart: ["garmin", "strava"] });
  expect(await providersOf(test.people.clinician)).toEqual({ workouts: ["garmin"], heart: ["garmin"] });
});

it("keeps its raw deliveries from the clinician, too", async () => {
  const url = `/api/v1/patients/${test.people.patient.patientId!}/deliveries/${deliveryId}`;
  expect((await test.request({ as: test.people.patient, method: "GET", url })).statusCode).toBe(200);
  expect((await test.request({ as: test.people.clinician, method: "GET", url })).statusCode).toBe(404);
});
