/**
 * Who may reach whose data. The routes come from the OpenAPI document, so that a new one cannot be forgotten: a route without a row in
 * CALLS fails here.
 */
import { randomUUID } from "node:crypto";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tx } from "#db/database.ts";
import { readDelivery, readDeliveryBody } from "#inbox/read.ts";
import { patientFor } from "#people/access/access.ts";
import { readMetric } from "#samples/read.ts";
import { listRecords } from "#samples/records.ts";
import { listSeries } from "#samples/store/series.ts";
import { deliveryOfSample } from "#samples/store/store.ts";
import { listConnections, readConnection } from "#sync/connections.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { CALLS, requestOf, restore, routesOf, seed, type Ids, type Route, type Who } from "./calls.ts";
import { MINUTE, NOW_MS, problemOf } from "./kit.ts";

let test: TestApp;
let ids: Ids;
beforeAll(async () => {
  test = await startTestApp();
  ids = await seed(test);
});
afterAll(() => test.close());

const BELOW = "/api/v1/patients/{patientId}/";
const needs = (route: Route): Who => CALLS[route.name]!.who;

async function routes(): Promise<Route[]> {
  return (await routesOf(test)).filter(({ path }) => path.startsWith(BELOW));
}

function ask(route: Route, as: Person | null, patientId: string, others: Partial<Ids> = {}): Promise<LightMyRequestResponse> {
  return test.request({ ...(as ? { as } : {}), ...requestOf(route, patientId, { ...ids, ...others }) });
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

async function statusOf(route: Route, as: Person, patientId: string): Promise<number> {
  return route.path.endsWith("/live") ? statusOfStream(as, patientId) : (await ask(route, as, patientId)).statusCode;
}

describe("every route of a patient", () => {
  it("is in the table of this test, and the table names no other", async () => {
    expect((await routes()).map(({ name }) => name).toSorted()).toEqual(Object.keys(CALLS).filter((name) => name.includes(BELOW)).toSorted());
  });

  it("is a 401 to a stranger, with the same words everywhere", async () => {
    const words = new Set<string>();
    for (const route of await routes()) {
      const answer = await ask(route, null, test.people.patient.patientId!);
      expect(answer.statusCode, route.name).toBe(401);
      words.add(JSON.stringify(bare(answer)));
    }
    expect(words.size).toBe(1);
  }, 90_000);

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
  }, 90_000);

  it("lets a clinician with a view grant read, and answers 403 to every write [AU-16]", async () => {
    const { patient, clinician } = test.people;
    for (const route of await routes()) {
      if (route.name.endsWith("/my-grant")) continue;
      // What the clinic says of its patients is a clinician's to write, and a review that is not there is a 404.
      const expected = needs(route) === "view" ? [200] : needs(route) === "treat" ? [200, 404] : [403];
      expect(expected, route.name).toContain(await statusOf(route, clinician, patient.patientId!));
    }
  }, 90_000);

  it("lets an upload grant import and nothing more", async () => {
    const { patient, clinician } = test.people;
    await test.db.asOwner("update grants set scope = 'upload'");
    try {
      for (const route of (await routes()).filter((each) => needs(each) !== "view" && needs(each) !== "treat")) {
        const expected = needs(route) === "upload" ? [200, 201] : [403];
        expect(expected, route.name).toContain((await ask(route, clinician, patient.patientId!)).statusCode);
      }
    } finally {
      await test.db.asOwner("update grants set scope = 'view'");
    }
  }, 90_000);

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
  }, 90_000);

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
      for (const route of all) {
        if (route.method !== "GET") await restore(test, ids);
        expect(await statusOf(route, patient, patientId), `${route.name} of ${patientId}`).toBe(CALLS[route.name]!.done ?? 200);
      }
    }
    await restore(test, ids);
  }, 90_000);

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
  /** Everything of the patient that can be read, without asking whether it may be. */
  const lookAt = (tx: Tx) => async () => ({
    series: (await listSeries(tx, test.people.patient.patientId!)).length,
    samples: (await readMetric(tx, { patientId: test.people.patient.patientId!, metric: "glucose", fromMs: 0, toMs: NOW_MS, resolution: "raw", zone: "UTC", limit: 10 })).samples.values.length,
    sleeps: (await listRecords(tx, "sleeps", test.people.patient.patientId!, { fromMs: 0, toMs: NOW_MS, limit: 10, after: null })).length,
    provenance: await deliveryOfSample(tx, test.people.patient.patientId!, "1", NOW_MS - MINUTE) !== null,
    delivery: (await readDelivery(tx, test.people.patient.patientId!, ids.deliveryId)) !== null,
    body: (await readDeliveryBody(tx, test.people.patient.patientId!, ids.deliveryId)) !== null,
    connections: (await listConnections(tx, test.people.patient.patientId!)).length,
    connection: await readConnection(tx, test.people.patient.patientId!, ids.connectionId).then(() => true, () => false),
    patient: await patientFor(tx, await actorOf(test.people.patient), test.people.patient.patientId!, { scope: "view" }).then(() => true, () => false),
  });
  const NOTHING = { series: 0, samples: 0, sleeps: 0, provenance: false, delivery: false, body: false, connections: 0, connection: false, patient: false };
  const ALL = { series: 3, samples: 4, sleeps: 0, provenance: true, delivery: true, body: true, connections: 1, connection: true, patient: true };
  const withoutSleeps = (seen: object): object => ({ ...seen, sleeps: 0 });

  it("shows a foreigner's organization nothing of the patient, even where the application forgot to ask", async () => {
    const [foreign] = await test.db.asOwner<{ organization_id: string }>("select organization_id from patients where id = $1", [test.people.foreigner.patientId]);
    expect(await test.db.database.withOrganization(foreign!.organization_id, (tx) => lookAt(tx)())).toEqual(NOTHING);
    expect(withoutSleeps(await test.db.database.withOrganization(test.people.organizationId, (tx) => lookAt(tx)()))).toEqual(ALL);
  });

  it("shows a person's transaction the patients whom the person may see, even where the application forgot to ask [AU-13] [AU-14]", async () => {
    const { patient, stranger, foreigner, clinician, organizationId } = test.people;
    const as = (who: Person, patientId?: string, organization = organizationId) =>
      test.db.database.withPerson({ organizationId: organization, userId: who.userId, patientId: who.patientId, ...(patientId ? { askedPatientId: patientId } : {}) }, (tx) => lookAt(tx)());
    const [foreign] = await test.db.asOwner<{ organization_id: string }>("select organization_id from patients where id = $1", [foreigner.patientId]);
    expect(withoutSleeps(await as(patient))).toEqual(ALL);
    expect(withoutSleeps(await as(patient, patient.patientId!))).toEqual(ALL);
    expect(withoutSleeps(await as(clinician))).toEqual(ALL);
    expect(await as(stranger)).toEqual(NOTHING);
    expect(await as(stranger, patient.patientId!)).toEqual(NOTHING);
    expect(await as(foreigner, undefined, foreign!.organization_id)).toEqual(NOTHING);
    expect(await as(patient, stranger.patientId!), "a request that names somebody else").toEqual({ ...NOTHING });
    await test.db.asOwner("update grants set valid_to = now() - interval '1 second'");
    expect(await as(clinician), "a grant that has ended").toEqual(NOTHING);
    await test.db.asOwner("update grants set valid_to = 'infinity'");
  });

  it("lets a person's transaction change nothing that is measured, and read no secret", async () => {
    const { patient, organizationId } = test.people;
    const tried = (sql: string) => test.db.database.withPerson({ organizationId, userId: patient.userId, patientId: patient.patientId }, (tx) => tx.query(sql)).then(() => "done", (error: Error) => error.message);
    for (const sql of [
      "update samples set value = 1", "delete from day_blocks", "insert into grants select * from grants", "update users set roles = '{admin}'", "select password_hash from users", "select * from sessions",
      "select access_sealed from credentials", "select * from patient_keys", "delete from audit_log", "select * from device_tokens", "update patients set user_id = null",
    ]) expect(await tried(sql), sql).toMatch(/permission denied/);
  });

  async function actorOf(person: Person) {
    const actor = await test.app.api.sessions.find(person.token);
    if (!actor) throw new Error("the token is no session");
    return actor;
  }
});
