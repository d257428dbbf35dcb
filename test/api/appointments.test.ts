/** The appointment queue by its API: every state and refusal, who may, what each sees, clearing and undoing, expiry, files. Requirements D3, D4. */
import { randomUUID } from "node:crypto";
import type { LightMyRequestResponse } from "fastify";
import { afterEach, beforeAll, afterAll, describe, expect, it } from "vitest";
import { expireAppointments } from "#clinic/appointments/expire.ts";
import { movesTable } from "#clinic/appointments/state-machine.ts";
import { createUser } from "#people/accounts/accounts.ts";
import { ONE_PAGE, pdf } from "#uploads/test-kit.ts";
import { readFileSync } from "node:fs";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { consentToAll, decide } from "#test/kit/consent.ts";
import { DAY, HOUR, problemOf } from "./kit.ts";

let test: TestApp;
let colleague: Person;
let admin: Person;
let other: Person;

async function person(name: string, role: "patient" | "clinician" | "admin", organizationId = test.people.organizationId): Promise<Person> {
  const email = `${name}@queue.example`;
  const { userId, patientId } = await createUser(test.db.database, { organizationId, email, password: TEST_PASSWORD, displayName: name, roles: [role], zone: "UTC" });
  if (patientId !== null) await consentToAll(test.db, { organizationId, patientId, userId }, []);
  return { email, userId, patientId, token: await test.signIn(email) };
}

beforeAll(async () => {
  test = await startTestApp();
  const [elsewhere] = await test.db.asOwner<{ id: string }>("select organization_id as id from patients where id = $1", [test.people.foreigner.patientId]);
  [colleague, admin, other] = await Promise.all([person("colleague", "clinician"), person("admin", "admin"), person("other", "clinician", elsewhere!.id)]);
});
afterAll(() => test.close());
afterEach(async () => {
  for (const table of ["appointment_events", "appointment_files", "appointment_details", "appointment_resolutions", "appointments", "appointment_clearings", "appointment_queues"]) await test.db.asOwner(`delete from ${table}`);
});

type Answer = LightMyRequestResponse;
const OWN = "/api/v1/patients/me/appointments";
const LINE = "/api/v1/appointments";
const QUEUE = "/api/v1/appointment-queue";
const call = (as: Person, method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", url: string, ...[payload, version]: [payload?: object | undefined, version?: number]): Promise<Answer> =>
  test.request({ as, method, url, ...(payload ? { payload } : {}), ...(version === undefined ? {} : { headers: { "if-match": `"${version}"` } }) });
interface Told {
  id: string; version: number; state: string; position: number | null; displayName: string; isEmergency: boolean; handledBy: { displayName: string } | null; denialReason: string | null;
  details: Record<string, unknown> | null; resolution: { text: string; version: number; author: { displayName: string } } | null; resolutions: { version: number; text: string }[];
  controlData: { id: string; name: string; sizeBytes: number }[]; history: { move: string; to: string; kind: string; by: { displayName: string } | null; reason: string | null }[];
}
const told = (answer: Answer): Told => answer.json<Told>();

async function ask(as: Person, body: object = {}): Promise<Told> {
  const answer = await call(as, "POST", OWN, body);
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<{ appointment: Told }>().appointment;
}
const accept = (id: string, version = 1, as = test.people.clinician): Promise<Answer> => call(as, "POST", `${LINE}/${id}/accept`, undefined, version);
const current = async (as: Person) => (await call(as, "GET", `${OWN}/current`)).json<{ state: string; position: number | null; isTaking: boolean; appointment: Told | null; emergency: { text: string; phone: string | null } }>();
const line = async (query = "", as = test.people.clinician) => (await call(as, "GET", `${LINE}${query}`)).json<{ data: Told[]; hidden: number; nextCursor: string | null }>();

describe("a request", () => {
  it("[D3] [D4] goes from pending to resolved, with who and when, and each version of what was written", async () => {
    const { patient, clinician } = test.people;
    expect(await current(patient)).toMatchObject({ state: "none", appointment: null, position: null, isTaking: true });
    const { id } = await ask(patient, { motives: ["AJUSTE", "questions"], otherMotive: "a journey" });
    expect(await current(patient)).toMatchObject({ state: "pending", position: 1, appointment: { motives: ["adjustment", "questions"], otherMotive: "a journey", version: 1 } });
    expect((await line("?state=pending")).data).toMatchObject([{ id, displayName: "patient", position: 1, state: "pending" }]);
    test.clock.advance(HOUR);
    const accepted = await accept(id);
    expect([accepted.statusCode, accepted.headers["etag"]]).toEqual([200, '"2"']);
    const details = { glucoseObjective: { value: 6.5, unit: "mmol/L" }, insulinType: "glargina", dose: { amount: 18, unit: "U" }, fastInsulin: "lispro", fixedDose: "4 U con la cena", ratio: "1:10", sensitivity: "1:50", pumpType: "ninguna", otherTreatment: "metformina\n850 mg", motives: ["DUDAS"] };
    const created = await call(patient, "POST", `${OWN}/${id}/details`, details, 2);
    expect(told(created)).toMatchObject({ state: "created", motives: ["questions"], details: { glucoseObjective: { value: 6.5, unit: "mmol/L" }, dose: { amount: 18, unit: "U" }, fixedDose: "4 U con la cena", version: 1 } });
    expect(created.headers["x-islet-notice"]).toContain("not for diagnosis");
    expect(told(await call(patient, "POST", `${OWN}/${id}/details`, { ...details, ratio: "1:12" }))).toMatchObject({ state: "created", details: { ratio: "1:12", version: 2 } });
    const words = { changeBasal: { type: "degludec", dose: "16 U", time: "22:00" }, changeFast: { ratio: "1:12" }, needsPhysicalAppointment: true, text: "Nos vemos el martes.\nTraiga el sensor." };
    const resolved = await call(clinician, "POST", `${LINE}/${id}/resolution`, words, 4);
    expect(told(resolved)).toMatchObject({ state: "resolved", handledBy: { displayName: "clinician" }, resolution: { text: words.text, version: 1, author: { displayName: "clinician" } } });
    const revised = await call(colleague, "POST", `${LINE}/${id}/resolution`, { ...words, text: "El miércoles." }, 5);
    expect(told(revised).resolutions.map(({ version, text }) => [version, text])).toEqual([[2, "El miércoles."], [1, words.text]]);
    const own = told(await call(patient, "GET", `${OWN}/${id}`));
    expect(own).toMatchObject({ state: "resolved", resolution: { text: "El miércoles.", author: { displayName: "colleague" }, changeBasal: { type: "degludec", dose: "16 U", time: "22:00" }, needsEmergencyCare: false } });
    expect(own.history.map(({ move, kind, by }) => [move, kind, by?.displayName])).toEqual([
      ["ask", "patient", "patient"], ["accept", "clinician", "clinician"], ["add_details", "patient", "patient"], ["change_details", "patient", "patient"], ["resolve", "clinician", "clinician"], ["revise", "clinician", "colleague"],
    ]);
    expect(await current(patient)).toMatchObject({ state: "resolved", appointment: null, position: null });
    expect((await line()).data).toEqual([]);
    expect((await line("?state=resolved")).data).toMatchObject([{ id, position: null }]);
    const audited = await test.db.asOwner<{ action: string }>("select action from audit_log where object_id = $1 and action like 'appointment.%' order by id", [id]);
    expect(audited.map(({ action }) => action)).toEqual(["appointment.asked", "appointment.accepted", "appointment.detailed", "appointment.details_changed", "appointment.resolved", "appointment.revised"]);
    // Never a word of it.
    const [said] = await test.db.asOwner<{ n: number }>("select count(*)::int as n from audit_log where audit_log::text ~ 'glargina|martes|journey'");
    expect(said!.n).toBe(0);
  });

  it("[D3] is one at a time, and is asked for anew once it has ended", async () => {
    const { patient, clinician } = test.people;
    const { id } = await ask(patient);
    const again = await call(patient, "POST", OWN, {});
    expect([again.statusCode, problemOf(again).code]).toEqual([409, "already_open"]);
    const denied = await call(clinician, "POST", `${LINE}/${id}/deny`, { reason: "Please ask your doctor first." }, 1);
    expect(told(denied)).toMatchObject({ state: "denied", denialReason: "Please ask your doctor first." });
    expect(told(await call(patient, "GET", `${OWN}/${id}`))).toMatchObject({ denialReason: "Please ask your doctor first." });
    const second = await ask(patient);
    expect((await call(patient, "POST", `${OWN}/${second.id}/cancel`)).json()).toMatchObject({ state: "cancelled" });
    await ask(patient);
    const list = (await call(patient, "GET", `${OWN}?limit=2`)).json<{ data: Told[]; nextCursor: string }>();
    expect(list.data.length).toBe(2);
    expect((await call(patient, "GET", `${OWN}?limit=2&cursor=${list.nextCursor}`)).json<{ data: Told[] }>().data.length).toBe(1);
  });

  it("[D3] refuses every move that its state does not allow, naming both", async () => {
    const { patient, clinician } = test.people;
    const { id } = await ask(patient);
    const refused = async (answer: Promise<Answer>, state: string, move: string): Promise<void> => {
      const got = await answer;
      expect([got.statusCode, problemOf(got).code]).toEqual([409, "illegal_move"]);
      expect(problemOf(got).detail).toContain(state);
      expect(problemOf(got).detail).toContain(move);
    };
    await refused(call(patient, "POST", `${OWN}/${id}/details`, {}), "pending", "add_details");
    await refused(call(clinician, "POST", `${LINE}/${id}/resolution`, { text: "Words." }, 1), "pending", "resolve");
    await refused(test.request({ as: patient, method: "POST", url: `${OWN}/${id}/control-data`, payload: pdf(ONE_PAGE), headers: { "content-type": "application/pdf" } }), "pending", "control data");
    await accept(id);
    await refused(call(clinician, "POST", `${LINE}/${id}/deny`, { reason: "Too late." }, 2), "accepted", "deny");
    await refused(accept(id, 2), "accepted", "accept");
    await call(patient, "POST", `${OWN}/${id}/cancel`);
    await refused(call(patient, "POST", `${OWN}/${id}/cancel`), "cancelled", "cancel");
    await refused(call(clinician, "PUT", `${LINE}/${id}/priority`, { priority: "high", reason: "Too late." }, 3), "cancelled", "prioritize");
  });

  it("[D3] is taken by the clinician who was faster: the other hears who it was and when, and nothing is undone", async () => {
    const { patient } = test.people;
    const { id } = await ask(patient);
    const [first, second] = await Promise.all([accept(id, 1, colleague), call(test.people.clinician, "POST", `${LINE}/${id}/deny`, { reason: "No room this week." }, 1)]);
    const statuses = [first.statusCode, second.statusCode].toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, 412]);
    const late = first.statusCode === 412 ? first : second;
    expect(late.json()).toMatchObject({ code: "changed_meanwhile", changed: { version: 2, by: first.statusCode === 200 ? "colleague" : "clinician", at: new Date(test.clock.now()).toISOString() } });
    for (const header of ["1", '"x"', ""]) expect((await test.request({ as: colleague, method: "POST", url: `${LINE}/${id}/accept`, headers: { "if-match": header } })).statusCode, header).toBe(400);
    expect((await test.request({ as: colleague, method: "POST", url: `${LINE}/${id}/accept` })).statusCode).toBe(400);
  });

  it("needs consent to sharing; of who shares no more the clinic sees nothing, and the place still counts", async () => {
    const { stranger, clinician, organizationId } = test.people;
    const consent = (decision: "given" | "withdrawn") => decide(test.db, { organizationId, patientId: stranger.patientId!, userId: stranger.userId }, "sharing", decision);
    await consent("withdrawn");
    const refused = await call(stranger, "POST", OWN, {});
    expect([refused.statusCode, problemOf(refused).code]).toEqual([403, "consent_missing"]);
    await consent("given");
    const { id } = await ask(stranger);
    await consent("withdrawn");
    expect(await line()).toMatchObject({ data: [], hidden: 1 });
    for (const answer of [await call(clinician, "GET", `${LINE}/${id}`), await accept(id), await call(clinician, "GET", `${LINE}/${id}/resolution`)]) expect([answer.statusCode, problemOf(answer).code]).toEqual([403, "consent_missing"]);
    expect((await call(clinician, "GET", QUEUE)).json()).toMatchObject({ active: 1, byState: { pending: 1 } });
    await consent("given");
    expect((await line()).data).toMatchObject([{ id }]);
  });

  it("[AU-13] is not there for another clinic, for another patient, and by an impossible id: one and the same 404", async () => {
    const { patient, stranger, clinician } = test.people;
    const { id } = await ask(patient);
    const bare = (answer: Answer): object => ({ ...problemOf(answer), instance: "", trace_id: "" });
    const answers = [
      await call(other, "GET", `${LINE}/${id}`), await call(other, "POST", `${LINE}/${id}/accept`, undefined, 1), await call(clinician, "GET", `${LINE}/${randomUUID()}`), await call(clinician, "GET", `${LINE}/nonsense`),
      await call(stranger, "GET", `${OWN}/${id}`), await call(stranger, "POST", `${OWN}/${id}/cancel`), await call(stranger, "POST", `${OWN}/${id}/details`, {}),
    ];
    for (const answer of answers) expect([answer.statusCode, bare(answer)]).toEqual([404, bare(answers[0]!)]);
    expect((await line("", other)).data).toEqual([]);
    for (const as of [patient, admin]) expect((await call(as, "GET", LINE)).statusCode).toBe(403);
    expect((await call(patient, "GET", QUEUE)).statusCode).toBe(403);
  });

  it("refuses what says nothing, says too much, or looks like another unit", async () => {
    const { patient, clinician } = test.people;
    for (const body of [{ motives: ["HUNGER"] }, { otherMotive: "x".repeat(501) }, { otherMotive: "a\u0000b" }]) expect((await call(patient, "POST", OWN, body)).statusCode).toBe(400);
    const { id } = await ask(patient);
    expect((await call(clinician, "POST", `${LINE}/${id}/deny`, { reason: "  " }, 1)).statusCode).toBe(400);
    await accept(id);
    for (const goal of [{ value: 6.5, unit: "mg/dL" }, { value: 120, unit: "mmol/L" }]) expect((await call(patient, "POST", `${OWN}/${id}/details`, { glucoseObjective: goal })).statusCode).toBe(400);
    await call(patient, "POST", `${OWN}/${id}/details`, {});
    for (const body of [{}, { changeBasal: {} }, { text: "   " }]) expect((await call(clinician, "POST", `${LINE}/${id}/resolution`, body, 3)).statusCode).toBe(400);
  });
});

describe("the line", () => {
  it("[D3] stands by emergency, priority and age; an emergency stands on top by itself and its reply says to call", async () => {
    const people = await Promise.all(["one", "two", "three", "four"].map((name) => person(`line-${name}`, "patient")));
    const ids: string[] = [];
    for (const each of people.slice(0, 3)) {
      ids.push((await ask(each)).id);
      test.clock.advance(1_000);
    }
    await call(test.people.clinician, "PUT", `${LINE}/${ids[2]!}/priority`, { priority: "high", reason: "Pregnant." }, 1);
    const answer = await test.request({ as: people[3]!, method: "POST", url: OWN, payload: { motives: ["CETOSIS"] }, headers: { "accept-language": "es-AR" } });
    expect(answer.json()).toMatchObject({ position: 1, appointment: { isEmergency: true }, emergency: { text: expect.stringContaining("llame ahora") as string, phone: null } });
    expect((await line()).data.map(({ displayName, position }) => [displayName, position])).toEqual([["line-four", 1], ["line-three", 2], ["line-one", 3], ["line-two", 4]]);
    expect(await current(people[1]!)).toMatchObject({ position: 4, emergency: { text: expect.stringContaining("call your clinic") as string } });
    // Why a priority was changed is the clinic's own business.
    const own = told(await call(people[2]!, "GET", `${OWN}/${ids[2]!}`));
    expect(own).toMatchObject({ priority: "high" });
    expect(JSON.stringify(own)).not.toContain("Pregnant");
    expect(told(await call(test.people.clinician, "GET", `${LINE}/${ids[2]!}`))).toMatchObject({ priorityReason: "Pregnant.", history: [{}, { move: "prioritize", reason: "Pregnant." }] });
    // Said with the details only, it counts as well.
    await accept(ids[0]!);
    expect((await call(people[0]!, "POST", `${OWN}/${ids[0]!}/details`, { motives: ["hypoglycaemia"], isSevere: true })).json()).toMatchObject({ isEmergency: true, position: 1, emergency: { phone: null } });
  });

  it("is told in pages, by state and by part of a name whatever its accents, each patient's reading audited", async () => {
    const names = ["Ángela Núñez", "Angel Bravo", "Berta Ruiz"];
    for (const [index, name] of names.entries()) {
      const each = await person(`page-${index}`, "patient");
      await test.db.asOwner("update patients set display_name = $2 where id = $1", [each.patientId, name]);
      await ask(each);
      test.clock.advance(1_000);
    }
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { data: Told[]; nextCursor: string | null } = await line(`?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...page.data.map(({ displayName }) => displayName));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(names);
    expect((await line("?search=ANGEL")).data.map(({ displayName }) => displayName)).toEqual(["Ángela Núñez", "Angel Bravo"]);
    expect((await line(`?search=${encodeURIComponent("nuñ")}`)).data.length).toBe(1);
    expect((await line("?search=%25")).data).toEqual([]);
    expect((await call(test.people.clinician, "GET", `${LINE}?patientId=nonsense`)).statusCode).toBe(400);
    const audited = await test.db.asOwner("select distinct patient_id from audit_log where action = 'appointment.listed' and actor_user_id = $1 and patient_id in (select patient_id from appointments)", [test.people.clinician.userId]);
    expect(audited.length).toBe(3);
  });

  it("pages what has ended, the newest first, without losing or repeating one", async () => {
    const ended: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const { id } = await ask(test.people.patient);
      test.clock.advance(index === 2 ? 0 : 1_234);
      await call(test.people.patient, "POST", `${OWN}/${id}/cancel`);
      ended.unshift(id);
    }
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { data: Told[]; nextCursor: string | null } = await line(`?state=cancelled&limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen.length).toBe(5);
    expect(new Set(seen)).toEqual(new Set(ended));
  });
});

describe("the queue", () => {
  it("[D3] takes no more than its capacity, tells an emergency to call even then, and takes nobody's place away when it is made smaller", async () => {
    const { patient, stranger, clinician } = test.people;
    const set = async (capacity: number, version: number): Promise<Answer> => call(admin, "PATCH", QUEUE, { capacity }, version);
    expect((await call(clinician, "GET", QUEUE)).json()).toMatchObject({ capacity: 50, active: 0, free: 50, version: 0, undo: null });
    expect((await set(1, 0)).json()).toMatchObject({ capacity: 1, version: 1 });
    await ask(patient);
    const full = await call(stranger, "POST", OWN, { motives: ["ketosis"] });
    expect([full.statusCode, problemOf(full).code]).toEqual([409, "queue_full"]);
    expect(problemOf(full).detail).toContain("call your clinic or the emergency services now");
    expect(await current(stranger)).toMatchObject({ isTaking: false });
    expect((await set(0, 1)).json()).toMatchObject({ capacity: 0, active: 1, free: 0 });
    const late = await set(9, 1);
    expect([late.statusCode, late.json()]).toMatchObject([412, { changed: { by: "admin", version: 2 } }]);
    const words = { emergencyText: { es: "Llame a la guardia del hospital." }, emergencyPhone: "+54 11 5555 0000", expiryDays: { pending: 3 } };
    expect((await call(clinician, "PATCH", QUEUE, words, 2)).json()).toMatchObject({ emergencyText: { es: "Llame a la guardia del hospital.", en: expect.stringContaining("emergency") as string }, expiryDays: { pending: 3, accepted: 14 } });
    for (const body of [{}, { capacity: -1 }, { emergencyPhone: "javascript:" }]) expect((await call(admin, "PATCH", QUEUE, body, 3)).statusCode).toBe(400);
  });

  it("[D3] is cleared only by who says how many go, and brought back for a day, but for who has asked anew", async () => {
    const people = await Promise.all(["a", "b", "c"].map((name) => person(`clear-${name}`, "patient")));
    const ids: string[] = [];
    for (const each of people) ids.push((await ask(each)).id);
    await accept(ids[1]!);
    const wrong = await call(admin, "POST", `${QUEUE}/clear`, { confirm: 2 });
    expect([wrong.statusCode, problemOf(wrong).code]).toEqual([409, "confirm_mismatch"]);
    expect(problemOf(wrong).detail).toContain("3 requests");
    expect((await call(admin, "POST", `${QUEUE}/clear`, { confirm: 3 })).json()).toEqual({ cleared: 3, undoUntil: new Date(test.clock.now() + DAY).toISOString() });
    expect((await call(admin, "GET", QUEUE)).json()).toMatchObject({ active: 0, undo: { entries: 3 } });
    await ask(people[2]!);
    test.clock.advance(DAY - 1_000);
    expect((await call(admin, "POST", `${QUEUE}/restore`)).json()).toEqual({ restored: 2, left: 1 });
    expect(await current(people[0]!)).toMatchObject({ state: "pending", appointment: { id: ids[0] } });
    expect(await current(people[1]!)).toMatchObject({ state: "accepted" });
    expect(told(await call(people[1]!, "GET", `${OWN}/${ids[1]!}`)).history.map(({ move }) => move)).toEqual(["ask", "accept", "clear", "restore"]);
    const twice = await call(admin, "POST", `${QUEUE}/restore`);
    expect([twice.statusCode, problemOf(twice).code]).toEqual([409, "nothing_to_restore"]);
    await call(admin, "POST", `${QUEUE}/clear`, { confirm: 3 });
    test.clock.advance(DAY + 1_000);
    expect(problemOf(await call(admin, "POST", `${QUEUE}/restore`)).code).toBe("nothing_to_restore");
    const audited = await test.db.asOwner<{ action: string }>("select action from audit_log where action like 'appointment_queue.%' order by id desc limit 3");
    expect(audited.map(({ action }) => action)).toEqual(["appointment_queue.cleared", "appointment_queue.restored", "appointment_queue.cleared"]);
  });

  it("[D3] lets expire what nobody goes on with, by its own days", async () => {
    const { patient, stranger, clinician } = test.people;
    await call(clinician, "PATCH", QUEUE, { expiryDays: { pending: 2, accepted: 5 } }, 0);
    const [pending, accepted] = [await ask(patient), await ask(stranger)];
    await accept(accepted.id);
    const expire = () => expireAppointments({ database: test.db.database, nowMs: test.clock.now() });
    test.clock.advance(2 * DAY - 1);
    expect(await expire()).toBe(0);
    test.clock.advance(1);
    expect(await expire()).toBe(1);
    expect(told(await call(patient, "GET", `${OWN}/${pending.id}`))).toMatchObject({ state: "expired", history: [{}, { move: "expire", kind: "clock", by: null }] });
    test.clock.advance(3 * DAY);
    expect(await expire()).toBe(1);
    expect(await current(stranger)).toMatchObject({ state: "expired" });
    expect(await expire()).toBe(0);
  });
});

describe("docs/appointments.md", () => {
  it("[D3] has the state machine as the code has it", () => {
    expect(readFileSync(new URL("../../docs/appointments.md", import.meta.url), "utf8")).toContain(movesTable());
  });
});
