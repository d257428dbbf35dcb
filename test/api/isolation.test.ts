/**
 * Who may reach whose data. The routes come from the OpenAPI document, so that a new one cannot be forgotten: a route without a row in
 * CALLS fails here.
 */
import { randomUUID } from "node:crypto";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VendorRecord } from "#driver/records.ts";
import { readDelivery, readDeliveryBody } from "#inbox/read.ts";
import { patientFor } from "#people/access.ts";
import { readMetric } from "#samples/read.ts";
import { listRecords } from "#samples/records.ts";
import { listSeries } from "#samples/store/series.ts";
import { deliveryOfSample } from "#samples/store/store.ts";
import { listConnections, readConnection } from "#sync/connections.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { give, iso, makeConnection, MINUTE, NOW_MS, problemOf, readings } from "./kit.ts";

let test: TestApp;
let connectionId: string;
let deliveryId: string;
/** Of a sleep, and of a workout. */
let recordId: string;

beforeAll(async () => {
  test = await startTestApp();
  const { patient } = test.people;
  connectionId = await makeConnection(test, patient, "garmin");
  const times = { startMs: NOW_MS - 600 * MINUTE, endMs: NOW_MS - 200 * MINUTE, offsetMinutes: 120 };
  const records: VendorRecord[] = [
    { record: "sleep", vendorId: "s", ...times, isNap: false, stages: [], totals: {} }, { record: "workout", vendorId: "w", ...times, sport: "running" },
    ...readings([100, 110, 120], NOW_MS - MINUTE),
  ];
  deliveryId = await give(test, patient, { records, connectionId, provider: "garmin" });
  const found = await test.db.asOwner<{ sleep: string; workout: string }>("select (select max(id) from sleeps)::text as sleep, (select max(id) from workouts)::text as workout");
  recordId = found[0]!.sleep;
  expect(found[0]!.workout).toBe(recordId);
});
afterAll(() => test.close());

interface Call {
  /** What is asked for: what a view grant allows, or a write with the grant it needs. */
  readonly needs: "view" | "upload" | "manage";
  readonly query?: () => string;
  readonly send?: () => Pick<InjectOptions, "payload" | "headers">;
}

const reading: Call = { needs: "view" };
const CALLS: Readonly<Record<string, Call>> = {
  "get /connections": reading,
  "post /connections": { needs: "manage", send: () => ({ payload: { provider: "dexcom" } }) },
  "get /connections/{connectionId}": reading,
  "post /connections/{connectionId}/sync": { needs: "manage" },
  "delete /connections/{connectionId}": { needs: "manage" },
  "get /metrics": { needs: "view", query: () => "?metrics=glucose,steps" },
  "get /metrics/stream": { needs: "view", query: () => "?metrics=glucose" },
  "get /latest": { needs: "view", query: () => "?metrics=glucose" },
  "get /changes": reading,
  "get /glucose/latest": reading,
  "get /glucose/series": reading,
  "get /glucose/summary": reading,
  "get /sleeps": reading,
  "get /sleeps/latest": reading,
  "get /workouts": reading,
  "get /workouts/{workoutId}": reading,
  "get /sleeps/{sleepId}": reading,
  "get /treatments": reading,
  "get /sleeps/{sleepId}/versions": reading,
  "get /workouts/{workoutId}/versions": reading,
  "get /score-versions": { needs: "view", query: () => "?metric=readiness" },
  "get /days": reading,
  "get /source-rules": reading,
  "put /source-rules/{metric}": { needs: "manage", send: () => ({ payload: { order: [{ provider: "garmin" }] } }) },
  "delete /source-rules/{metric}": { needs: "manage" },
  "get /zones": reading,
  "put /zones": { needs: "manage", send: () => ({ payload: { data: [{ from: iso(NOW_MS), zone: "Asia/Tokyo" }] } }) },
  "post /zones": { needs: "manage", send: () => ({ payload: { zone: "Asia/Tokyo" } }) },
  "get /provenance": { needs: "view", query: () => `?metric=glucose&at=${iso(NOW_MS - MINUTE)}` },
  "get /deliveries/{deliveryId}": reading,
  "get /deliveries/{deliveryId}/raw": reading,
  "get /live": reading,
  "post /readings": { needs: "upload", send: () => ({ payload: { readings: [{ at: iso(NOW_MS - 90 * MINUTE), value: 104, unit: "mg/dL" }] } }) },
  "post /imports": { needs: "upload", send: () => ({ headers: { "content-type": "text/csv" }, payload: `time,gl\n${iso(NOW_MS - 60 * MINUTE)},101\n` }) },
};
const BELOW = "/api/v1/patients/{patientId}";

async function routes(): Promise<{ name: string; method: InjectOptions["method"]; path: string }[]> {
  const { paths } = (await test.request({ method: "GET", url: "/openapi.json" })).json<{ paths: Record<string, Record<string, unknown>> }>();
  return Object.entries(paths).flatMap(([path, operations]) =>
    path.startsWith(`${BELOW}/`)
      ? Object.keys(operations).map((method) => ({ name: `${method} ${path.slice(BELOW.length)}`, method: method.toUpperCase() as "GET", path: path.slice(BELOW.length) }))
      : [],
  );
}

interface Asked {
  readonly name: string;
  readonly method: InjectOptions["method"];
  readonly path: string;
}

function ask(route: Asked, as: Person | null, patientId: string, ids: { connectionId?: string; deliveryId?: string; recordId?: string } = {}): Promise<LightMyRequestResponse> {
  const call = CALLS[route.name]!;
  const path = route.path
    .replace("{connectionId}", ids.connectionId ?? connectionId).replace("{deliveryId}", ids.deliveryId ?? deliveryId).replace(/\{(?:sleep|workout)Id\}/, ids.recordId ?? recordId).replace("{metric}", "glucose");
  return test.request({ ...(as ? { as } : {}), method: route.method ?? "GET", url: `/api/v1/patients/${patientId}${path}${call.query?.() ?? ""}`, ...call.send?.() });
}

/** A problem without what names the request. */
function bare(answer: LightMyRequestResponse): object {
  return { ...problemOf(answer), instance: "", trace_id: "" };
}

/** The live stream of the owner never ends: its status line is enough. */
async function statusOfStream(as: Person, patientId: string): Promise<number> {
  const stop = new AbortController();
  const answer = await fetch(`${test.origin}/api/v1/patients/${patientId}/live`, { headers: { authorization: `Bearer ${as.token}` }, signal: stop.signal });
  stop.abort();
  return answer.status;
}

async function statusOf(route: Asked, as: Person, patientId: string): Promise<number> {
  return route.path === "/live" ? statusOfStream(as, patientId) : (await ask(route, as, patientId)).statusCode;
}

describe("every route of a patient", () => {
  it("is in the table of this test, and the table names no other", async () => {
    expect((await routes()).map(({ name }) => name).toSorted()).toEqual(Object.keys(CALLS).toSorted());
  });

  it("is a 401 to a stranger, with the same words everywhere", async () => {
    const words = new Set<string>();
    for (const route of await routes()) {
      const answer = await ask(route, null, test.people.patient.patientId!);
      expect(answer.statusCode, route.name).toBe(401);
      words.add(JSON.stringify(bare(answer)));
    }
    expect(words.size).toBe(1);
  });

  it("is one and the same 404 for a foreign, an ungranted, a missing and an impossible patient [AU-13] [AU-14]", async () => {
    const { patient, stranger, foreigner, clinician } = test.people;
    for (const route of await routes()) {
      const answers = {
        "another patient of the clinic": await ask(route, stranger, patient.patientId!),
        "a patient of another clinic": await ask(route, foreigner, patient.patientId!),
        "a clinician without a grant": await ask(route, clinician, stranger.patientId!),
        "a clinician's own data": await ask(route, clinician, "me"),
        "nobody's id": await ask(route, patient, randomUUID()),
        "no id": await ask(route, patient, "everybody"),
        "no uuid of the right length": await ask(route, patient, "-".repeat(36)),
        "another spelling of one's own": await ask(route, patient, patient.patientId!.toUpperCase()),
        "SQL": await ask(route, patient, encodeURIComponent("' or true --")),
      };
      const [first] = Object.values(answers);
      for (const [who, answer] of Object.entries(answers)) {
        expect(answer.statusCode, `${route.name}: ${who}`).toBe(404);
        expect(bare(answer), `${route.name}: ${who}`).toEqual(bare(first!));
      }
    }
  });

  it("lets a clinician with a view grant read, and answers 403 to every write [AU-16]", async () => {
    const { patient, clinician } = test.people;
    for (const route of await routes()) {
      const needs = CALLS[route.name]!.needs;
      const expected = needs === "view" ? 200 : 403;
      expect(await statusOf(route, clinician, patient.patientId!), route.name).toBe(expected);
    }
  });

  it("lets an upload grant import and nothing more", async () => {
    const { patient, clinician } = test.people;
    await test.db.asOwner("update grants set scope = 'upload'");
    try {
      for (const route of (await routes()).filter(({ name }) => CALLS[name]!.needs !== "view")) {
        const expected = CALLS[route.name]!.needs === "upload" ? [200, 201] : [403];
        expect(expected, route.name).toContain((await ask(route, clinician, patient.patientId!)).statusCode);
      }
    } finally {
      await test.db.asOwner("update grants set scope = 'view'");
    }
  });

  it("is a 404 again with a grant that has ended or has not begun [AU-14]", async () => {
    const { patient, clinician } = test.people;
    const spans = { ended: "valid_from = now() - interval '2 days', valid_to = now() - interval '1 second'", "not begun": "valid_from = now() + interval '1 hour', valid_to = 'infinity'" };
    try {
      for (const [name, span] of Object.entries(spans)) {
        await test.db.asOwner(`update grants set ${span}`);
        for (const route of await routes()) expect((await ask(route, clinician, patient.patientId!)).statusCode, `${name}: ${route.name}`).toBe(404);
      }
    } finally {
      await test.db.asOwner("update grants set valid_from = now() - interval '1 hour', valid_to = 'infinity'");
    }
  });

  it("gives nobody a connection or delivery of somebody else under one's own name [OA-25]", async () => {
    const { stranger, foreigner } = test.people;
    const inner = (await routes()).filter(({ path }) => path.includes("{connectionId}") || path.includes("{deliveryId}"));
    expect(inner).toHaveLength(5);
    for (const route of inner) {
      for (const who of [stranger, foreigner]) {
        const theirs = await ask(route, who, "me");
        const missing = await ask(route, who, "me", { connectionId: randomUUID(), deliveryId: "999999999" });
        expect(theirs.statusCode, route.name).toBe(404);
        expect(bare(theirs), route.name).toEqual(bare(missing));
      }
      const odd = await ask(route, stranger, "me", { connectionId: "-".repeat(36), deliveryId: "9".repeat(18), recordId: "9".repeat(18) });
      expect(odd.statusCode, route.name).toBe(404);
    }
    expect(await test.db.asOwner("select 1 from connections where disconnected_at is not null")).toEqual([]);
  });

  it("opens to the owner, by id and as `me`", async () => {
    const { patient } = test.people;
    const all = (await routes()).toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"));
    for (const patientId of [patient.patientId!, "me"]) {
      await test.db.asOwner("update connections set status = 'active', disconnected_at = null where id = $1", [connectionId]);
      for (const route of all) {
        // The same file again is a conflict of the owner's own.
        const expected = { "post /connections": 201, "delete /connections/{connectionId}": 204, "delete /source-rules/{metric}": 204, "post /imports": 409 }[route.name] ?? 200;
        expect(await statusOf(route, patient, patientId), `${route.name} of ${patientId}`).toBe(expected);
      }
    }
  });

  it("leaves a line in the audit log for whoever reaches for another's data, also in vain, and none for one's own [PR-08]", async () => {
    const { patient, stranger, clinician } = test.people;
    const lines = () => test.db.asOwner<{ actor_user_id: string; action: string; patient_id: string; outcome: string; object_id: string }>(
      "select actor_user_id, action, patient_id, outcome, object_id from audit_log where action like 'patient.%' order by id",
    );
    const before = (await lines()).length;
    for (const who of [patient, clinician, stranger]) await test.request({ as: who, method: "GET", url: `/api/v1/patients/${patient.patientId}/glucose/latest` });
    const route = "/api/v1/patients/:patientId/glucose/latest";
    expect((await lines()).slice(before)).toEqual([
      { actor_user_id: clinician.userId, action: "patient.view", patient_id: patient.patientId, outcome: "done", object_id: route },
      { actor_user_id: stranger.userId, action: "patient.view", patient_id: patient.patientId, outcome: "refused", object_id: route },
    ]);
  });
});

describe("the second wall", () => {
  it("shows a foreigner's transaction nothing of the patient, even where the application forgot to ask", async () => {
    const { patient, foreigner } = test.people;
    const [foreign] = await test.db.asOwner<{ organization_id: string }>("select organization_id from patients where id = $1", [foreigner.patientId]);
    const { patientId } = patient;
    const looks = (organizationId: string) =>
      test.db.database.withOrganization(organizationId, async (tx) => ({
        series: (await listSeries(tx, patientId!)).length,
        samples: (await readMetric(tx, { patientId: patientId!, metric: "glucose", fromMs: 0, toMs: NOW_MS, resolution: "raw", zone: "UTC", limit: 10 })).samples.values.length,
        sleeps: (await listRecords(tx, "sleeps", patientId!, { fromMs: 0, toMs: NOW_MS, limit: 10, after: null })).length,
        provenance: await deliveryOfSample(tx, patientId!, "1", NOW_MS - MINUTE) !== null,
        delivery: (await readDelivery(tx, patientId!, deliveryId)) !== null,
        body: (await readDeliveryBody(tx, patientId!, deliveryId)) !== null,
        connections: (await listConnections(tx, patientId!)).length,
        connection: await readConnection(tx, patientId!, connectionId).then(() => true, () => false),
        patient: await patientFor(tx, { ...(await actorOf(patient)) }, patientId!, "view").then(() => true, () => false),
      }));
    const nothing = { series: 0, samples: 0, sleeps: 0, provenance: false, delivery: false, body: false, connections: 0, connection: false, patient: false };
    expect(await looks(foreign!.organization_id)).toEqual(nothing);
    const seen = await looks(test.people.organizationId);
    expect({ ...seen, sleeps: 0 }).toEqual({ series: 3, samples: 4, sleeps: 0, provenance: true, delivery: true, body: true, connections: 1, connection: true, patient: true });
  });

  async function actorOf(person: Person) {
    const actor = await test.app.api.sessions.find(person.token);
    if (!actor) throw new Error("the token is no session");
    return actor;
  }
});
