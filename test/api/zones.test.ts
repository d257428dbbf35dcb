/** Where a person lived, told and changed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ZoneHistoryReply } from "../../src/api/schemas.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { DAY, iso, NOW_MS, problemOf } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate zone_entries, changes"));

const send = (method: "GET" | "PUT" | "POST", payload?: object, as: Person = test.people.patient, who = "me") =>
  test.request({ as, method, url: `/api/v1/patients/${who}/zones`, ...(payload ? { payload } : {}) });
const put = async (data: object[]): Promise<ZoneHistoryReply> => {
  const answer = await send("PUT", { data });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<ZoneHistoryReply>();
};
const announced = () => test.db.asOwner<{ metric: number | null; from_ms: number | null; to_at: Date | null }>(
  "select metric, extract(epoch from from_at)::float8 * 1000 as from_ms, to_at from changes where kind = 'zone' and patient_id = $1 order by id", [test.people.patient.patientId],
);

describe("a patient's zones", () => {
  it("[R7] are home alone until they move", async () => {
    expect((await send("GET")).json()).toEqual({ home: "Europe/Madrid", current: "Europe/Madrid", data: [] });
  });

  it("are replaced as a whole, told in UTC, and announced from where they differ", async () => {
    const trip = [{ from: "2026-10-01T12:00:00+02:00", zone: "Asia/Tokyo" }, { from: iso(NOW_MS + DAY), zone: "Europe/Madrid" }];
    expect(await put(trip)).toEqual({ home: "Europe/Madrid", current: "Asia/Tokyo", data: [{ from: "2026-10-01T10:00:00.000Z", zone: "Asia/Tokyo" }, { from: iso(NOW_MS + DAY), zone: "Europe/Madrid" }] });
    await put(trip);
    await put([trip[0]!, { from: iso(NOW_MS), zone: "Europe/Madrid" }]);
    await put([]);
    expect(await announced()).toEqual([Date.parse("2026-10-01T10:00:00Z"), NOW_MS, Date.parse("2026-10-01T10:00:00Z")].map((fromMs) => ({ metric: null, from_ms: fromMs, to_at: null })));
    expect((await send("GET")).json()).toMatchObject({ data: [] });
  });

  it("take one more, from now on unless said; saying it again changes nothing", async () => {
    expect((await send("POST", { zone: "Asia/Tokyo" })).json()).toEqual({ home: "Europe/Madrid", current: "Asia/Tokyo", data: [{ from: iso(NOW_MS), zone: "Asia/Tokyo" }] });
    test.clock.advance(60_000);
    await send("POST", { zone: "Asia/Tokyo" });
    expect(await announced()).toHaveLength(1);
    const earlier = (await send("POST", { from: "2026-01-01T00:00:00Z", zone: "America/Lima" })).json<ZoneHistoryReply>();
    expect(earlier.data.map(({ zone }) => zone)).toEqual(["America/Lima", "Asia/Tokyo"]);
    const instead = (await send("POST", { from: "2026-01-01T00:00:00Z", zone: "America/Bogota" })).json<ZoneHistoryReply>();
    expect(instead.data.map(({ zone }) => zone)).toEqual(["America/Bogota", "Asia/Tokyo"]);
  });

  it("refuse what cannot be, saying what, where and what to do", async () => {
    const good = { from: "2026-03-01T00:00:00Z", zone: "Asia/Tokyo" };
    for (const [data, pointer] of [
      [[good, { ...good, zone: "Europe/Madrid" }], "/body/data/1/from"], [[good, { from: "2026-02-01T00:00:00Z", zone: "UTC" }], "/body/data/1/from"],
      [[{ ...good, from: "2026-03-01T00:00:00" }], "/body/data/0/from"], [[{ ...good, from: "soon" }], "/body/data/0/from"], [[good, { from: "2026-04-01T00:00:00Z", zone: "+09:00" }], "/body/data/1/zone"],
      [[{ ...good, zone: "Mars/Olympus" }], "/body/data/0/zone"], [[{ ...good, zone: "" }], "/body/data/0/zone"], [[{ zone: "UTC" }], "/body/data/0/from"],
    ] as const) {
      const answer = await send("PUT", { data });
      expect(answer.statusCode, answer.body).toBe(400);
      expect(problemOf(answer).errors?.[0]).toMatchObject({ pointer, detail: expect.stringMatching(/./) as string });
    }
    for (const [payload, pointer] of [[{ zone: "+01:00" }, "/body/zone"], [{ zone: "UTC", from: "x" }, "/body/from"]] as const) {
      const answer = await send("POST", payload);
      expect(answer.statusCode, answer.body).toBe(400);
      expect(problemOf(answer).errors?.[0]?.pointer).toBe(pointer);
    }
    expect((await send("PUT", { data: Array.from({ length: 2_001 }, (_, index) => ({ from: iso(index * DAY), zone: "UTC" })) })).statusCode).toBe(400);
    expect(await announced()).toEqual([]);
  });

  it("may be seen by whoever may see the patient, and changed only by whoever manages; each change is audited", async () => {
    const { patient, clinician } = test.people;
    expect((await send("GET", undefined, clinician, patient.patientId!)).statusCode).toBe(200);
    expect((await send("PUT", { data: [] }, clinician, patient.patientId!)).statusCode).toBe(403);
    expect((await send("POST", { zone: "UTC" }, clinician, patient.patientId!)).statusCode).toBe(403);
    await test.db.asOwner("update grants set scope = 'manage' where user_id = $1", [clinician.userId]);
    expect((await send("POST", { zone: "UTC" }, clinician, patient.patientId!)).statusCode).toBe(200);
    const entries = await test.db.asOwner("select 1 from audit_log where action = 'zones.added' and actor_user_id = $1 and patient_id = $2", [clinician.userId, patient.patientId]);
    expect(entries).toHaveLength(1);
  });

  it("change with the home that the person chooses, over all time", async () => {
    await test.request({ as: test.people.patient, method: "PATCH", url: "/api/v1/me", payload: { zone: "Europe/Lisbon" } });
    await test.request({ as: test.people.patient, method: "PATCH", url: "/api/v1/me", payload: { zone: "Europe/Lisbon" } });
    expect(await announced()).toEqual([{ metric: null, from_ms: null, to_at: null }]);
    expect((await send("GET")).json()).toMatchObject({ home: "Europe/Lisbon" });
  });
});
