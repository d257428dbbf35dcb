/** The queue under pressure: a hundred for the last place, ten thousand through five, and what listeners hear. Requirement D3. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureDemoQueue } from "#clinic/appointments/demo.ts";
import { expireSome } from "#clinic/appointments/expire.ts";
import { applyMove, askForAppointment, takePlace, type Mover, type Wish } from "#clinic/appointments/moves.ts";
import { activeOf, countOpen } from "#clinic/appointments/queue.ts";
import { listLine, positionOf } from "#clinic/appointments/read.ts";
import { OPEN_STATES } from "#clinic/appointments/state-machine.ts";
import type { Appointment } from "#clinic/appointments/types.ts";
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import { seeded } from "./kit/random.ts";
import { startTestApp, type Person, type TestApp } from "./kit/app.ts";
import { sharedBefore } from "./kit/consent.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
afterEach(async () => {
  for (const table of ["appointment_events", "appointment_details", "appointment_resolutions", "appointments", "appointment_queues"]) await test.db.asOwner(`delete from ${table}`);
});

const inClinic = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => test.db.database.withOrganization(test.people.organizationId, work);
const mover = (kind: Mover["kind"], nowMs = test.clock.now()): Mover => ({ organizationId: test.people.organizationId, userId: null, kind, nowMs });
const wish = (patientId: string): Wish => ({ patientId, motives: ["questions"], otherMotive: null, isSevere: false, locale: "en" });

async function makePatients(count: number): Promise<string[]> {
  const rows = await test.db.asOwner<{ id: string }>("insert into patients (organization_id, display_name) select $1, 'Patient ' || n from generate_series(1, $2::int) as n returning id", [test.people.organizationId, count]);
  await sharedBefore(test.db);
  return rows.map(({ id }) => id);
}

async function setCapacity(capacity: number): Promise<void> {
  await test.db.asOwner(
    `insert into appointment_queues (organization_id, capacity, pending_days, accepted_days, created_days, emergency_text_en, emergency_text_es, changed_at) values ($1, $2, 14, 14, 60, 'Call us now.', 'Llame ahora.', now())`,
    [test.people.organizationId, capacity],
  );
}

/** Ends a request as people do. */
async function end(tx: Tx, asked: Appointment, { ending, nowMs }: { readonly ending: "deny" | "cancel" | "resolve"; readonly nowMs: number }): Promise<void> {
  if (ending !== "resolve") return void (await applyMove(tx, mover(ending === "deny" ? "clinician" : "patient", nowMs), asked, { move: ending }));
  const accepted = await applyMove(tx, mover("clinician", nowMs), asked, { move: "accept" });
  const created = await applyMove(tx, mover("patient", nowMs), accepted, { move: "add_details" });
  await applyMove(tx, mover("clinician", nowMs), created, { move: "resolve" });
}

describe("the appointment queue under pressure", () => {
  it("[D3] gives the last place to exactly one of a hundred who ask at once, and says why to the others", async () => {
    const patients = await makePatients(104);
    await setCapacity(5);
    for (const patientId of patients.slice(0, 4)) await inClinic((tx) => askForAppointment(tx, mover("patient"), wish(patientId)));
    const asked = await Promise.allSettled(patients.slice(4).map((patientId) => inClinic((tx) => askForAppointment(tx, mover("patient"), wish(patientId)))));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const each of asked) if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "queue_full" });
    expect(activeOf(await inClinic(countOpen))).toBe(5);
  }, 30_000);

  it("[D3] lets one person in once, however often they ask at the same moment", async () => {
    const [patientId] = await makePatients(1);
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => inClinic((tx) => askForAppointment(tx, mover("patient"), wish(patientId!)))));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const each of asked) if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "already_open" });
  });

  it("[D3] never locks itself: 10,000 requests come and go through a queue of five, which the earlier system's place number filled for good", async () => {
    const patients = await makePatients(6);
    await setCapacity(5);
    const five = patients.slice(0, 5);
    const random = seeded(7);
    const endings = ["deny", "cancel", "expire", "resolve"] as const;
    let nowMs = test.clock.now();
    let come = 0;
    for (let batch = 0; batch < 20; batch += 1) {
      await inClinic(async (tx) => {
        for (let round = 0; round < 100; round += 1, come += 5) {
          nowMs += 15 * DAY_MS;
          // Nine rounds of ten come and go as the rows that a request leaves; the tenth comes and goes by every way that there is.
          if (round % 10 !== 0) {
            await tx.prepared("five_come", "insert into appointments (organization_id, patient_id, requested_at, state_at, changed_at) select $1, p, to_timestamp($3::float8 / 1000), to_timestamp($3::float8 / 1000), now() from unnest($2::uuid[]) as p", [test.people.organizationId, five, nowMs]);
            await tx.prepared("five_go", "update appointments set state = 'expired', version = version + 1 where patient_id = any($1::uuid[]) and state = 'pending'", [five]);
            continue;
          }
          const open: Appointment[] = [];
          for (const [index, patientId] of five.entries()) open.push(await takePlace(tx, mover("patient", nowMs + index), wish(patientId)));
          // Full, and full only now.
          await expect(takePlace(tx, mover("patient", nowMs), wish(patients[5]!))).rejects.toMatchObject({ code: "queue_full" });
          expect(await positionOf(tx, { patientId: patients[4]!, appointmentId: open[4]!.id })).toBe(5);
          const ending = endings[Math.floor(random() * endings.length)]!;
          if (ending === "expire") expect(await expireSome(tx, test.people.organizationId, nowMs + 15 * DAY_MS)).toBe(5);
          else for (const each of open) await end(tx, each, { ending, nowMs });
        }
      });
    }
    expect(come).toBe(10_000);
    expect(activeOf(await inClinic(countOpen))).toBe(0);
    const [count] = await test.db.asOwner<{ n: number }>("select count(*)::int as n from appointments");
    expect(count!.n).toBe(10_000);
    await inClinic((tx) => askForAppointment(tx, mover("patient", nowMs), wish(patients[5]!)));
  }, 60_000);

  it("is read in one statement however long the line is, positions and names with it", async () => {
    const patients = await makePatients(300);
    await setCapacity(1_000);
    await inClinic(async (tx) => {
      for (const [index, patientId] of patients.entries()) await takePlace(tx, mover("patient", test.clock.now() + index), wish(patientId));
    });
    await inClinic(async (tx) => {
      let statements = 0;
      const counting: Tx = {
        query: (text, values) => ((statements += 1), tx.query(text, values)),
        prepared: (name, text, values) => ((statements += 1), tx.prepared(name, text, values)),
      };
      const page = await listLine(counting, { states: OPEN_STATES, name: null, patientId: null }, { limit: 100, after: null });
      expect(statements).toBe(1);
      expect(page.map(({ position }) => position)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    });
  });
});

describe("the demo's queue", () => {
  it("has a request in each state that people see, once", async () => {
    const patientIds = await makePatients(9);
    const queue = { organizationId: test.people.organizationId, clinicianId: test.people.clinician.userId, patientIds, nowMs: test.clock.now() };
    expect([await ensureDemoQueue(test.db.database, queue), await ensureDemoQueue(test.db.database, queue)]).toEqual([9, 0]);
    const states = await test.db.asOwner<{ state: string }>("select distinct state from appointments order by state");
    expect(states.map(({ state }) => state)).toEqual(["accepted", "cancelled", "created", "denied", "pending", "resolved"]);
    const [first] = await inClinic((tx) => listLine(tx, { states: OPEN_STATES, name: null, patientId: null }, { limit: 1, after: null }));
    expect(first).toMatchObject({ isEmergency: true, position: 1, motives: ["hypoglycaemia"] });
  });
});

/** The events of a stream as they come. */
function listen(as: Person, path: string, lastEventId?: string): { readonly events: { id: string; event: string; data: Record<string, unknown> }[]; readonly status: Promise<number>; readonly ended: Promise<void>; stop(): void } {
  const stop = new AbortController();
  const events: { id: string; event: string; data: Record<string, unknown> }[] = [];
  const answer = fetch(`${test.origin}${path}`, { headers: { authorization: `Bearer ${as.token}`, ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) }, signal: stop.signal });
  const ended = answer.then(async ({ body }) => {
    let text = "";
    for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(piece).toString();
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const lines: Record<string, string> = Object.fromEntries(text.slice(0, end).split("\n").map((line) => [line.split(": ")[0]!, line.slice(line.indexOf(": ") + 2)]));
        text = text.slice(end + 2);
        if (lines["id"] !== undefined) events.push({ id: lines["id"], event: lines["event"] ?? "place", data: JSON.parse(lines["data"] ?? "{}") as Record<string, unknown> });
      }
    }
  }).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return { events, status: answer.then(({ status }) => status, () => 0), ended, stop: () => stop.abort() };
}

describe("who listens", () => {
  it("[D3] hears of each move: the patient of their own, the clinic of all, neither of what is in it, and goes on where it left", async () => {
    const { patient, clinician, stranger } = test.people;
    const clinic = listen(clinician, "/api/v1/clinic/live");
    const own = listen(patient, "/api/v1/patients/me/live");
    await expect.poll(() => [clinic.events.length, own.events.length], { timeout: 10_000 }).toEqual([1, 1]);
    await test.request({ as: stranger, method: "POST", url: "/api/v1/patients/me/appointments", payload: { motives: ["ketosis"] } });
    await test.request({ as: patient, method: "POST", url: "/api/v1/patients/me/appointments", payload: {} });
    await expect.poll(() => [clinic.events.length, own.events.length], { timeout: 10_000 }).toEqual([3, 2]);
    expect(clinic.events.slice(1).map(({ event, data }) => [event, data])).toEqual([["change", { kind: "appointment", patientId: stranger.patientId }], ["change", { kind: "appointment", patientId: patient.patientId }]]);
    expect(own.events[1]).toMatchObject({ event: "change", data: { kind: "appointment", metric: null, count: 1 } });
    clinic.stop();
    const again = listen(clinician, "/api/v1/clinic/live", clinic.events[1]!.id);
    await expect.poll(() => again.events.map(({ data }) => data["patientId"]), { timeout: 10_000 }).toEqual([patient.patientId]);
    const strange = listen(clinician, "/api/v1/clinic/live", "99999999999-1");
    await expect.poll(() => strange.events.map(({ event }) => event), { timeout: 10_000 }).toEqual(["reset"]);
    for (const each of [own, again, strange]) each.stop();
  }, 30_000);

  it("hears nothing of another clinic, nor of measurements, and needs the clinic's role until the end", async () => {
    const { patient, clinician, foreigner } = test.people;
    expect(await listen(patient, "/api/v1/clinic/live").status).toBe(403);
    const clinic = listen(clinician, "/api/v1/clinic/live");
    await expect.poll(() => clinic.events.length, { timeout: 10_000 }).toBe(1);
    await test.request({ as: foreigner, method: "POST", url: "/api/v1/patients/me/appointments", payload: {} });
    await test.request({ as: patient, method: "POST", url: "/api/v1/patients/me/readings", payload: { readings: [{ at: new Date(test.clock.now()).toISOString(), value: 104, unit: "mg/dL" }] } });
    await test.request({ as: patient, method: "POST", url: "/api/v1/patients/me/appointments", payload: {} });
    await expect.poll(() => clinic.events.length, { timeout: 10_000 }).toBe(2);
    expect(clinic.events[1]!.data).toEqual({ kind: "appointment", patientId: patient.patientId });
    await test.db.asOwner("update users set roles = '{follower}', session_version = session_version + 1 where id = $1", [clinician.userId]);
    await clinic.ended;
    await test.db.asOwner("update users set roles = '{clinician}' where id = $1", [clinician.userId]);
  }, 30_000);
});
