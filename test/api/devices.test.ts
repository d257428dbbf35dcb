/** Phones and meters: paired once, then they send; and what people type. [D5] [R1] */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connection, ConnectReply, Provider, Treatment } from "../../src/api/schemas.ts";
import type { Driver } from "#driver/types.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { fakeVendor } from "#test/kit/fake-driver.ts";
import { iso, MINUTE, NOW_MS, problemOf, read } from "./kit.ts";

const phone: Driver = fakeVendor({
  id: "phone",
  resources: [{ name: "push", format: "json", metrics: ["steps"], records: ["sample"] }, { name: "other", format: "json", metrics: ["steps"], records: ["sample"] }],
  change: { auth: { kind: "device", pushes: ["push"] }, capabilities: { delivery: "device-push", historyLimitDays: null, latencySeconds: 0, allowsSeveral: true } },
}).driver;
const bridge: Driver = { ...phone, id: "bridge" };

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ moreDrivers: [phone, bridge], env: { ISLET_DATA_DIR: await mkdtemp(join(tmpdir(), "islet-devices-")) } });
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate connections, credentials, provider_accounts, oauth_states, samples, day_blocks, series, treatments, device_tokens cascade"));

const post = (url: string, payload: object, headers: Record<string, string> = {}, as?: Person): Promise<LightMyRequestResponse> =>
  test.request({ method: "POST", url, payload, headers, ...(as ? { as } : {}) });
const begin = async (provider = "phone"): Promise<ConnectReply> =>
  (await post("/api/v1/patients/me/connections", { provider }, {}, test.people.patient)).json<ConnectReply>();
const pair = async (provider = "phone"): Promise<{ token: string; connectionId: string }> =>
  (await post("/api/v1/devices/pair", { code: (await begin(provider)).pairing!.code, name: "Ana's phone" })).json();
const push = (token: string, payload: object, path = "phone"): Promise<LightMyRequestResponse> =>
  post(`/api/v1/push/${path}`, payload, { authorization: `Bearer ${token}` });
const steps = (count: number) => [{ record: "sample", metric: "steps", startMs: NOW_MS - 10 * MINUTE, endMs: NOW_MS - 5 * MINUTE, value: count, offsetMinutes: 60 }];
const connections = async (): Promise<Connection[]> => (await read<{ data: Connection[] }>(test, test.people.patient, "/connections")).data;

describe("pairing", () => {
  it("leads by a code of ten minutes to a token that is shown once and kept as a digest", async () => {
    const reply = await begin();
    expect(reply).toMatchObject({ authorizeUrl: null, connectionId: null, expiresAt: iso(NOW_MS + 10 * MINUTE) });
    expect(reply.pairing?.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    const paired = await post("/api/v1/devices/pair", { code: reply.pairing!.code.toLowerCase().replace("-", " "), name: "Ana's phone" });
    expect(paired.statusCode).toBe(201);
    const { token, pushUrl } = paired.json<{ token: string; pushUrl: string }>();
    expect(pushUrl).toBe(`${test.origin}/api/v1/push/phone`);
    for (const table of ["device_tokens", "connections", "oauth_states", "audit_log"]) {
      expect(JSON.stringify(await test.db.asOwner(`select * from ${table}`)), table).not.toContain(token);
    }
    expect(await connections()).toMatchObject([{ provider: "phone", status: "active", backfillProgress: 1, settings: { device_name: "Ana's phone" } }]);
  });

  it("spends a code once, and takes no wrong or old one [OA-01]", async () => {
    const { pairing } = await begin();
    expect((await post("/api/v1/devices/pair", { code: "0000-0000" })).statusCode).toBe(400);
    expect((await post("/api/v1/devices/pair", { code: pairing!.code })).statusCode).toBe(201);
    const again = await post("/api/v1/devices/pair", { code: pairing!.code });
    expect(again.statusCode).toBe(400);
    expect(problemOf(again).code).toBe("pairing_refused");
    const old = await begin();
    test.clock.advance(10 * MINUTE);
    expect((await post("/api/v1/devices/pair", { code: old.pairing!.code })).statusCode).toBe(400);
    test.clock.advance(-10 * MINUTE);
  });

  it("pairs several phones of one person, each with its own token", async () => {
    const [first, second] = [await pair(), await pair()];
    expect(first.connectionId).not.toBe(second.connectionId);
    expect(await connections()).toHaveLength(2);
  });
});

describe("a paired device", () => {
  it("sends what becomes records, and the same body again is one delivery [WH-05]", async () => {
    const { token } = await pair();
    const first = await push(token, steps(500));
    expect(first.statusCode).toBe(202);
    expect(first.json()).toMatchObject({ isNew: true });
    expect((await push(token, steps(500))).json()).toMatchObject({ isNew: false });
    await test.runJobs();
    const { series } = await read<{ series: { values: number[] }[] }>(test, test.people.patient, `/metrics?metrics=steps&from=${iso(NOW_MS - 60 * MINUTE)}`);
    expect(series.flatMap(({ values }) => values)).toEqual([500]);
    expect((await connections())[0]?.lastSyncAt).toBe(iso(NOW_MS));
  });

  it("can do nothing else with its token, and only as what it is [AU-01]", async () => {
    const { token } = await pair();
    const headers = { authorization: `Bearer ${token}` };
    expect((await test.request({ method: "GET", url: "/api/v1/patients/me/connections", headers })).statusCode).toBe(401);
    expect((await push(token, steps(1), "bridge")).statusCode).toBe(401);
    expect((await push(token, steps(1), "phone/other")).statusCode).toBe(404);
    expect((await push(token, steps(1), "phone/push")).statusCode).toBe(202);
  });

  it.each<[string, Record<string, string>, string, number]>([
    ["no token", {}, "[]", 401], ["somebody's session", { authorization: "Bearer session" }, "[]", 401], ["a made-up token", { authorization: `Bearer ${"a".repeat(43)}` }, "[]", 401],
  ])("is refused with %s", async (_, headers, payload, status) => {
    const bearer = headers["authorization"] === "Bearer session" ? { authorization: `Bearer ${test.people.patient.token}` } : headers;
    const answer = await test.request({ method: "POST", url: "/api/v1/push/phone", payload, headers: { "content-type": "application/json", ...bearer } });
    expect(answer.statusCode).toBe(status);
  });

  it("is told at once of a body that is no JSON, compressed, or of another kind", async () => {
    const { token } = await pair();
    const send = (headers: Record<string, string>, payload: string) =>
      test.request({ method: "POST", url: "/api/v1/push/phone", payload, headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers } });
    expect(problemOf(await send({}, '{"a":')).code).toBe("malformed_json");
    expect((await send({ "content-encoding": "gzip" }, "{}")).statusCode).toBe(415);
    expect((await send({ "content-type": "text/plain" }, "{}")).statusCode).toBe(415);
  });

  it("sends no more once it is disconnected", async () => {
    const { token, connectionId } = await pair();
    const gone = await test.request({ as: test.people.patient, method: "DELETE", url: `/api/v1/patients/me/connections/${connectionId}` });
    expect(gone.statusCode).toBe(204);
    expect((await push(token, steps(1))).statusCode).toBe(401);
    expect(await test.db.asOwner("select * from device_tokens")).toEqual([]);
  });
});

describe("typed readings", () => {
  const url = "/api/v1/patients/me/readings";
  const reading = { at: iso(NOW_MS - 30 * MINUTE), value: 6.1, unit: "mmol/L", meal: "CENA", sequence: 12, sampleType: "capillary_plasma" };
  const treatments = async (): Promise<Treatment[]> => (await read<{ data: Treatment[] }>(test, test.people.patient, "/treatments")).data;

  it("are stored with their meal, once however often they are sent [D5]", async () => {
    const body = { device: { id: "meter-1" }, readings: [reading] };
    const first = await post(url, body, {}, test.people.patient);
    expect(first.statusCode).toBe(201);
    expect(first.json()).toMatchObject({ isNew: true, stored: 2, problems: [] });
    expect((await post(url, body, {}, test.people.patient)).json()).toMatchObject({ isNew: false, stored: 0 });
    // The meter is read again with one reading more.
    const more = { ...body, readings: [reading, { ...reading, sequence: 13, at: iso(NOW_MS - 5 * MINUTE) }] };
    expect((await post(url, more, {}, test.people.patient)).json()).toMatchObject({ stored: 2 });
    expect(await treatments()).toHaveLength(2);
    expect((await treatments())[1]).toMatchObject({ kind: "meter_glucose", unit: "mg/dL", meal: "dinner", sampleType: "capillary_plasma" });
  });

  it("keep the good ones and list the bad ones; all bad is a 422 with their places", async () => {
    const bad = { ...reading, sequence: 14, value: 900 };
    const mixed = await post(url, { device: { id: "m" }, readings: [bad, reading] }, {}, test.people.patient);
    expect(mixed.json()).toMatchObject({ stored: 2, problems: [{ path: "/readings/0/value" }] });
    const none = await post(url, { readings: [bad] }, {}, test.people.patient);
    expect(none.statusCode).toBe(422);
    expect(problemOf(none).errors?.map(({ pointer }) => pointer)).toEqual(["/readings/0/value"]);
    expect(none.body).not.toContain("900");
  });

  it("are refused from whoever may only look, and there is nothing to connect", async () => {
    const answer = await post(`/api/v1/patients/${test.people.patient.patientId}/readings`, { readings: [reading] }, {}, test.people.clinician);
    expect(answer.statusCode).toBe(403);
    const connect = await post("/api/v1/patients/me/connections", { provider: "manual" }, {}, test.people.patient);
    expect(problemOf(connect).code).toBe("nothing_to_connect");
  });
});

describe("a vendor's logo", () => {
  it("is shown where the operator has put one, and can run nothing [W7]", async () => {
    const folder = join(test.config.dataDir, "logos");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "dexcom.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>");
    try {
      const { data } = (await test.request({ as: test.people.patient, method: "GET", url: "/api/v1/providers" })).json<{ data: Provider[] }>();
      expect(data.filter(({ logoUrl }) => logoUrl !== null).map(({ id, logoUrl }) => [id, logoUrl])).toEqual([["dexcom", "/logos/dexcom"]]);
      const answer = await test.request({ method: "GET", url: "/logos/dexcom" });
      expect(answer.headers).toMatchObject({ "content-type": "image/svg+xml", "x-content-type-options": "nosniff" });
      expect(String(answer.headers["content-security-policy"])).toContain("sandbox");
      for (const odd of ["garmin", "nobody", "..%2F..%2Fpackage", "dexcom.svg"]) expect((await test.request({ method: "GET", url: `/logos/${odd}` })).statusCode, odd).toBe(404);
    } finally {
      await rm(test.config.dataDir, { recursive: true, force: true });
    }
  });
});
