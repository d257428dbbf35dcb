/** A clinic's list: filters and orders against a plain model, pages, search, file, groups, tags, targets, reviews, and who may what. Requirements D6, D7. */
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SORTS } from "#clinic/population/filter.ts";
import { CONNECTION_HEALTHS } from "#clinic/population/groups.ts";
import { GROUPS } from "#clinic/population/rules.ts";
import { createUser } from "#people/accounts/accounts.ts";
import { keepPopulation } from "#clinic/population/keep.ts";
import type { Attention, AttentionRulesShown, ClinicOverview, ClinicPatient, ClinicPatientList, ReviewShown, TagShown } from "../../src/api/schemas.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { sharedBefore } from "#test/kit/consent.ts";
import { keepLines, populationOf } from "#test/kit/population.ts";
import { seeded } from "#test/kit/random.ts";
import { DAY, give, HOUR, iso, makeConnection, NOW_MS, problemOf, readings } from "./kit.ts";

const PATIENTS = 40;
let test: TestApp;
let clinician: Person;
const ids: string[] = [];
const tags: TagShown[] = [];

beforeAll(async () => {
  test = await startTestApp();
  ({ clinician } = test.people);
  const { organizationId, stranger } = test.people;
  const random = seeded(3);
  const names = ["Álvaro Núñez", "=cmd|' /C calc'!A0", "Zoë O'Hara", "María-José Peña", "alvaro nunez"];
  for (let index = 0; index < PATIENTS; index += 1) {
    const [row] = await test.db.asOwner<{ id: string }>("insert into patients (organization_id, display_name, zone) values ($1, $2, 'Europe/Madrid') returning id", [organizationId, names[index] ?? `Patient ${index % 13}`]);
    await test.db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view')", [organizationId, row!.id, clinician.userId]);
    ids.push(row!.id);
    const who = { ...stranger, patientId: row!.id };
    if (index % 8 === 7) continue;
    const connectionId = await makeConnection(test, who, "dexcom", `account ${index}`);
    if (index % 5 === 0) await test.db.asOwner("update connections set status = $2 where id = $1", [connectionId, index % 2 === 0 ? "error" : "needs_reauthorization"]);
    const level = 70 + random() * 170;
    const wear = index % 4 === 0 ? 0.3 : 0.97;
    const values = Array.from({ length: 30 * 96 }, (_, at) => Math.round(Math.max(41, level + 60 * Math.sin(at / 14) + (random() - 0.5) * 40 + (at > 1_500 && index % 6 === 1 ? 90 : 0)))).filter(() => random() < wear);
    await give(test, who, { records: readings(values, NOW_MS - Math.floor(random() * random() * 12) * DAY - HOUR, { everyMinutes: 15 }), connectionId, provider: "dexcom" });
  }
  await sharedBefore(test.db);
  for (const [index, name] of ["Pump", "Pregnancy", "Trial"].entries()) tags.push((await post<TagShown>("/tags", { name, color: index })).body);
  for (const [index, tag] of tags.entries()) await post(`/tags/${tag.id}/patients`, { add: ids.filter((_, at) => at % (index + 2) === 0) });
  for (const [index, id] of ids.entries()) if (index % 3 === 0) await put(`/patients/${id}/targets`, { preset: ["older", "pregnancy", "tight"][index % 9 / 3]! });
  await keepLines(test);
  for (const [index, id] of ids.entries()) if (index % 3 === 1) await ask(id, (["pending", "accepted", "created", "resolved"] as const)[index % 4]!, index);
  for (const [index, id] of ids.entries()) {
    if (index % 4 === 1) await post(`/patients/${id}/reviews`, index % 8 === 1 ? { snooze: { until: iso(NOW_MS + 3 * DAY), reason: "seen last week" } } : {});
    if (index % 4 === 1) test.clock.advance(60_000);
  }
}, 120_000);
afterAll(() => test.close());

/** A request for an appointment that is so many hours old. */
async function ask(patientId: string, state: "pending" | "accepted" | "created" | "resolved", hours: number): Promise<void> {
  await test.db.asOwner(
    `insert into appointments (organization_id, patient_id, state, requested_at, state_at, changed_at) select organization_id, id, $2, $3::timestamptz - interval '1 hour', $3, $3 from patients where id = $1`,
    [patientId, state, iso(NOW_MS - hours * HOUR)],
  );
}

interface Answered<T> {
  readonly status: number;
  readonly body: T;
}

async function send<T>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", url: string, payload?: object, as: Person = clinician): Promise<Answered<T>> {
  const answer = await test.request({ as, method, url: `/api/v1${url}`, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.body === "" ? (null as T) : answer.json<T>() };
}
const post = <T>(url: string, payload: object, as?: Person): Promise<Answered<T>> => send<T>("POST", url, payload, as);
const put = <T>(url: string, payload: object, as?: Person): Promise<Answered<T>> => send<T>("PUT", url, payload, as);
async function get<T>(url: string, as?: Person): Promise<T> {
  const { status, body } = await send<T>("GET", url, undefined, as);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}
const list = (query = "", as?: Person): Promise<ClinicPatientList> => get(`/clinic/patients?limit=200&${query}`, as);

/** What a filter means, said again in the words of what is shown. */
const MODEL: readonly (readonly [query: string, holds: (row: ClinicPatient) => boolean])[] = [
  ["timeBelowFrom=4", (row) => row.timeBelow !== null && row.timeBelow >= 4],
  ["veryLowFrom=1", (row) => row.ranges !== null && row.ranges.veryLow >= 1],
  ["timeAboveFrom=25", (row) => row.timeAbove !== null && row.timeAbove >= 25],
  ["veryHighFrom=5", (row) => row.ranges !== null && row.ranges.veryHigh >= 5],
  ["timeInRangeBelow=70", (row) => row.timeInRange !== null && row.timeInRange < 70],
  ["timeInRangeFrom=50", (row) => row.timeInRange !== null && row.timeInRange >= 50],
  ["wearBelow=70", (row) => (row.wearPercent ?? 0) < 70],
  ["wearFrom=70", (row) => (row.wearPercent ?? 0) >= 70],
  ["noDataDays=2", (row) => row.lastData === null || row.lastData.ageSeconds > 2 * 86_400],
  ["age=day,never", (row) => row.age === "day" || row.age === "never"],
  ["connection=error,reconnect", (row) => ["error", "reconnect"].includes(row.connection.health)],
  ["connection=none", (row) => row.connection.vendors.length === 0],
  ["untagged=true", (row) => row.tags.length === 0],
  ["group=low,high", (row) => row.group === "low" || row.group === "high"],
  ["flag=lowWear,drop", (row) => row.flags.some(({ group }) => group === "lowWear" || group === "drop")],
  ["snoozed=true", (row) => row.isSnoozed],
  ["snoozed=false", (row) => !row.isSnoozed],
  ["appointment=pending,created", (row) => row.appointment?.state === "pending" || row.appointment?.state === "created"],
  ["appointment=none", (row) => row.appointment === null],
  ["preset=older,tight", (row) => row.target.preset === "older" || row.target.preset === "tight"],
];

const KEYS: Readonly<Record<(typeof SORTS)[number], (row: ClinicPatient) => number | string | null>> = {
  name: (row) => row.displayName, lastData: (row) => row.lastData && Date.parse(row.lastData.at), lastValue: (row) => row.lastData?.value.mgDl ?? null, timeInRange: (row) => row.timeInRange,
  timeBelow: (row) => row.timeBelow, veryLow: (row) => row.ranges?.veryLow ?? null, timeAbove: (row) => row.timeAbove, veryHigh: (row) => row.ranges?.veryHigh ?? null, tight: (row) => row.ranges?.tight ?? null,
  mean: (row) => row.mean?.mgDl ?? null, gmi: (row) => row.gmiPercent, cv: (row) => row.cvPercent, wear: (row) => row.wearPercent, change: (row) => row.change?.points ?? null,
  lowEvents: (row) => row.lowEvents?.level1 ?? null, highEvents: (row) => row.highEvents?.level1 ?? null, connection: (row) => CONNECTION_HEALTHS.indexOf(row.connection.health),
  lastReviewed: (row) => row.lastReview && Date.parse(row.lastReview.reviewedAt), preset: (row) => row.target.preset, tags: (row) => row.tags.length, group: (row) => (row.group ? GROUPS.indexOf(row.group) : null),
  appointment: (row) => row.appointment && Date.parse(row.appointment.stateAt),
};

describe("the list of a clinic's patients", () => {
  it("[D6] shows by every filter, and every two of them, whom a plain model shows", async () => {
    const { data: all, total } = await list();
    expect(total).toBe(PATIENTS + 1);
    const combined = MODEL.flatMap(([query, holds], index) => [[query, holds] as const, ...MODEL.slice(index + 1).filter(([other]) => other.split("=")[0] !== query.split("=")[0]).map(([other, also]) => [`${query}&${other}`, (row: ClinicPatient) => holds(row) && also(row)] as const)]);
    let some = 0;
    for (const [query, holds] of combined) {
      const { data, total: count, all: everybody } = await list(query);
      const wanted = all.filter(holds).map(({ id }) => id);
      expect(data.map(({ id }) => id), query).toEqual(wanted);
      expect([count, everybody]).toEqual([wanted.length, PATIENTS + 1]);
      if (wanted.length > 0 && wanted.length < all.length) some += 1;
    }
    // Filters that show all or nobody would show nothing of themselves.
    expect(some).toBeGreaterThan(combined.length / 2);
    expect(combined.length).toBeGreaterThan(140);
  }, 120_000);

  it("[D6] stands in every order, both ways, equals by id and who has no number last", async () => {
    const { data: all } = await list();
    for (const sort of SORTS.filter((name) => name !== "name")) {
      for (const order of ["asc", "desc"] as const) {
        const sign = order === "asc" ? 1 : -1;
        const wanted = all.toSorted((a, b) => {
          const [x, y] = [KEYS[sort](a), KEYS[sort](b)];
          if (x === y) return a.id < b.id ? -1 : 1;
          return x === null ? 1 : y === null ? -1 : x < y ? -sign : sign;
        });
        const { data } = await list(`sort=${sort}&order=${order}&days=14`);
        expect(data.map(({ id }) => id), `${sort} ${order}`).toEqual(wanted.map(({ id }) => id));
      }
    }
    expect((await list("order=desc")).data.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toReversed());
  }, 60_000);

  it("comes in pages without gap and double, whose cursors fit no other question", async () => {
    for (const query of ["sort=timeBelow&order=desc", "sort=connection", "", "tags=" + tags[0]!.id]) {
      const whole = (await list(query)).data.map(({ id }) => id);
      const seen: string[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const page: ClinicPatientList = await get(`/clinic/patients?limit=7&${query}${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
        expect(page.total).toBe(whole.length);
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(seen, query).toEqual(whole);
    }
    const { nextCursor } = await get<ClinicPatientList>("/clinic/patients?limit=7&sort=cv");
    expect(Buffer.from(nextCursor!.split(".")[0]!, "base64url").toString()).toMatch(/^\["[0-9a-f-]{36}"\]$/);
    expect((await send("GET", `/clinic/patients?limit=7&sort=mean&cursor=${nextCursor}`)).status).toBe(400);
    for (const query of ["sort=nothing", "group=low,nobody", "days=8", "wearBelow=abc", "reviewedBefore=yesterday"]) expect((await send("GET", `/clinic/patients?${query}`)).status, query).toBe(400);
  });

  it("is filtered by any and by all of several tags, and by when somebody was reviewed", async () => {
    const { data: all } = await list();
    const has = (row: ClinicPatient, tag: TagShown): boolean => row.tags.some(({ id }) => id === tag.id);
    const [pump, pregnancy] = [tags[0]!, tags[1]!];
    expect((await list(`tags=${pump.id},${pregnancy.id}`)).data.map(({ id }) => id)).toEqual(all.filter((row) => has(row, pump) || has(row, pregnancy)).map(({ id }) => id));
    expect((await list(`tags=${pump.id},${pregnancy.id}&tagsMatch=all`)).data.map(({ id }) => id)).toEqual(all.filter((row) => has(row, pump) && has(row, pregnancy)).map(({ id }) => id));
    const middle = iso(NOW_MS + 5 * 60_000);
    expect((await list(`reviewedBefore=${middle}`)).data.map(({ id }) => id)).toEqual(all.filter(({ lastReview }) => lastReview === null || lastReview.reviewedAt < middle).map(({ id }) => id));
  });

  it("finds names without regard to accents and case, national ids and hospital accounts, and nobody else's patients by them", async () => {
    const { patient, stranger } = test.people;
    const { identities } = test.app.api.accounts;
    for (const [who, dni, account] of [[patient, "12345678Z", "HC-0042"], [stranger, "87654321X", "HC-0043"]] as const) {
      await test.db.asOwner("update users set national_id_index = $2, national_id_sealed = $3, hospital_account = $4 where id = $1", [who.userId, identities.index(dni), identities.seal(dni, who.userId), account]);
    }
    const search = async (text: string): Promise<string[]> => (await post<ClinicPatientList>("/clinic/patients/search", { text, filters: { sort: "name" } })).body.data.map(({ displayName }) => displayName);
    expect((await search("NUNEZ alv")).toSorted()).toEqual(["alvaro nunez", "Álvaro Núñez"]);
    expect(await search("peña")).toEqual(["María-José Peña"]);
    expect(await search("12.345.678-z")).toEqual(["patient"]);
    expect(await search("hc-00")).toEqual(["patient"]);
    expect(await search("87654321X")).toEqual([]);
    expect(await search("%")).toEqual([]);
    const filtered = (await post<ClinicPatientList>("/clinic/patients/search", { text: "patient", filters: { timeBelowFrom: 4, sort: "timeBelow", order: "desc" } })).body;
    expect(filtered.data.length).toBe(filtered.total);
    expect(filtered.data.every(({ timeBelow }) => timeBelow! >= 4)).toBe(true);
    expect((await post("/clinic/patients/search", { text: "x", filters: { nobody: 1 } })).status).toBe(400);
  });

  it("is a file of exactly what the filters show, harmless to spreadsheets and noted with everybody in it", async () => {
    const answer = await test.request({ as: clinician, method: "GET", url: "/api/v1/clinic/patients.csv?sort=timeInRange&wearFrom=1" });
    expect(answer.headers["content-type"]).toContain("text/csv");
    expect(answer.headers["content-disposition"]).toContain("attachment");
    const rows = parse(answer.body, { columns: true }) as Record<string, string>[];
    const { data } = await list("sort=timeInRange&wearFrom=1");
    expect(rows.map(({ id }) => id)).toEqual(data.map(({ id }) => id));
    for (const [index, row] of rows.entries()) {
      expect(Number(row["in_range_percent"])).toBe(data[index]!.timeInRange);
      expect(Number(row["mean_mmol_l"])).toBeCloseTo(Number(row["mean_mg_dl"]) / 18.01559, 9);
    }
    expect(answer.body).not.toMatch(/(^|,)=/m);
    expect(rows.map((row) => row["appointment"])).toEqual(data.map(({ appointment }) => appointment?.state ?? ""));
    expect(rows.map((row) => row["appointment_since"])).toEqual(data.map(({ appointment }) => appointment?.stateAt ?? ""));
    const [noted] = await test.db.asOwner<{ count: number }>("select count(distinct patient_id)::int as count from audit_log where action = 'population.exported'");
    expect(noted!.count).toBe(rows.length);
  });

  it("shows nobody who does not share, whose grant has ended, or who is another clinic's; and is for clinicians alone", async () => {
    const { organizationId, patient, stranger, foreigner } = test.people;
    const before = (await list()).data.map(({ id }) => id);
    expect(before).not.toContain(stranger.patientId);
    expect(before).not.toContain(foreigner.patientId);
    await test.db.asOwner("update grants set valid_to = now() - interval '1 second' where patient_id = $1", [ids[0]]);
    await test.db.asOwner("insert into consents (organization_id, patient_id, purpose, decision, via) values ($1, $2, 'sharing', 'withdrawn', 'api')", [organizationId, ids[1]]);
    const after = await list();
    expect(after.data.map(({ id }) => id)).toEqual(before.filter((id) => id !== ids[0] && id !== ids[1]));
    expect(after.all).toBe(PATIENTS - 1);
    const { patients } = await get<ClinicOverview>("/clinic/overview");
    expect(patients).toBe(PATIENTS - 1);
    await test.db.asOwner("update grants set valid_to = 'infinity'");
    await test.db.asOwner("delete from consents where patient_id = $1 and decision = 'withdrawn'", [ids[1]]);
    expect((await send("GET", "/clinic/patients", undefined, patient)).status).toBe(403);
    const person = async (name: string, role: "admin" | "clinician"): Promise<Person> => {
      const email = `${name}@example.org`;
      const made = await createUser(test.db.database, { organizationId, email, password: TEST_PASSWORD, displayName: name, roles: [role], zone: "UTC" });
      return { email, ...made, token: await test.signIn(email) };
    };
    expect((await send("GET", "/clinic/patients", undefined, await person("boss", "admin"))).status).toBe(403);
    const colleague = await person("colleague", "clinician");
    expect(await list("", colleague)).toMatchObject({ total: 0, all: 0, data: [] });
    expect((await send("GET", `/patients/${ids[2]}/targets`, undefined, colleague)).status).toBe(404);
    expect((await post(`/patients/${ids[2]}/reviews`, {}, colleague)).status).toBe(404);
    expect((await post(`/tags/${tags[0]!.id}/patients`, { add: [ids[2]!] }, colleague)).status).toBe(404);
  });

  it("[D3] tells the open request of who shares with the clinic, and not of whom it reaches in an emergency alone", async () => {
    const { data } = await list("appointment=pending,accepted,created&sort=appointment");
    expect(new Set(data.map(({ appointment }) => appointment!.state))).toEqual(new Set(["pending", "accepted", "created"]));
    expect((await send("GET", "/clinic/patients?appointment=resolved")).status).toBe(400);
    const id = data[0]!.id;
    await test.db.asOwner("update grants set kind = 'break_glass' where patient_id = $1", [id]);
    await test.db.asOwner("insert into consents (organization_id, patient_id, purpose, decision, via) values ($1, $2, 'sharing', 'withdrawn', 'api')", [test.people.organizationId, id]);
    expect((await list("appointment=pending,accepted,created")).data.map((row) => row.id)).not.toContain(id);
    expect((await list("appointment=none")).data.find((row) => row.id === id)).toMatchObject({ isEmergency: true, appointment: null });
    await test.db.asOwner("update grants set kind = 'shared' where patient_id = $1", [id]);
    await test.db.asOwner("delete from consents where patient_id = $1 and decision = 'withdrawn'", [id]);
  });

  it("[D1] tells who is blocked, and stays as it was otherwise", async () => {
    const { patient } = test.people;
    const own = async (): Promise<ClinicPatient> => (await list()).data.find(({ id }) => id === patient.patientId)!;
    const before = await own();
    expect(before.account).toEqual({ userId: patient.userId, isBlocked: false });
    expect((await list()).data.find(({ id }) => id === ids[0])!.account).toBeNull();
    await test.db.asOwner("update users set blocked_at = now() where id = $1", [patient.userId]);
    expect(await own()).toEqual({ ...before, account: { userId: patient.userId, isBlocked: true } });
    await test.db.asOwner("update users set blocked_at = null where id = $1", [patient.userId]);
  });

  it("notes each patient who is shown, and whom of them the person can read of", async () => {
    const { patient } = test.people;
    await list("sort=cv");
    const { data } = await get<{ data: { what: string; topic: string }[] }>("/patients/me/accesses", patient);
    expect(data.map(({ topic }) => topic)).toContain("patients");
  });
});

describe("groups that need a look first", () => {
  it("[D6] hold each patient once, with counts and rules that the list agrees with", async () => {
    const { data: all } = await list();
    const { groups, ungrouped, snoozed } = await get<Attention>("/clinic/attention?first=50");
    expect(groups.map(({ group }) => group)).toEqual([...GROUPS]);
    for (const { group, count, patients, rule } of groups) {
      const wanted = all.filter((row) => row.group === group && !row.isSnoozed);
      expect(count, group).toBe(wanted.length);
      expect(patients.map(({ id }) => id).toSorted(), group).toEqual(wanted.map(({ id }) => id).toSorted());
      expect(rule.en.length).toBeGreaterThan(10);
    }
    expect(snoozed).toBe(all.filter((row) => row.isSnoozed).length);
    expect(snoozed).toBeGreaterThan(0);
    expect(groups.reduce((sum, { count }) => sum + count, 0) + snoozed + ungrouped).toBe(all.length);
    expect(all.flatMap(({ flags, wearPercent }) => flags.map(({ isLowData }) => isLowData || (wearPercent ?? 0) >= 70)).every(Boolean)).toBe(true);
    const overview = await get<ClinicOverview>("/clinic/overview");
    expect(overview.groups.map(({ listed }) => listed)).toEqual(groups.map(({ count }) => count));
    expect(Object.values(overview.ages).reduce((sum, count) => sum + count, 0)).toBe(all.length);
    expect(overview.connections.error).toBe(all.filter(({ connection }) => connection.health === "error").length);
  });

  it("follow the clinic's own numbers, within limits, at once", async () => {
    const { body } = await send<AttentionRulesShown>("PATCH", "/clinic/attention-rules", { lowPercent: 10, noDataDays: 1 });
    expect(body.rules).toMatchObject({ lowPercent: 10, noDataDays: 1, targetPercent: 70 });
    expect(body.groups.find(({ group }) => group === "low")!.rule.es).toContain("10 %");
    const { data } = await list("flag=low");
    expect(data.filter(({ target }) => target.preset === "standard").every(({ timeBelow }) => timeBelow! >= 10)).toBe(true);
    expect((await send("PATCH", "/clinic/attention-rules", { lowPercent: 11 })).status).toBe(400);
    expect((await send("PATCH", "/clinic/attention-rules", { unknown: 1 })).status).toBe(400);
    const back = await send<AttentionRulesShown>("PATCH", "/clinic/attention-rules", { lowPercent: null, noDataDays: null });
    expect(back.body.rules).toEqual(back.body.defaults);
  });

  it("are changed by who saw them as they are: with another version nothing is done, and it says who was faster", async () => {
    const url = "/api/v1/clinic/attention-rules";
    const change = (version: string, payload: object) => test.request({ as: clinician, method: "PATCH", url, payload, headers: { "if-match": version } });
    const found = await test.request({ as: clinician, method: "GET", url });
    const seen = found.headers["etag"] as string;
    expect(seen).toBe(`"${found.json<AttentionRulesShown>().version}"`);
    const first = await change(seen, { highPercent: 30 });
    expect(first.statusCode).toBe(200);
    expect(first.json()).toMatchObject({ rules: { highPercent: 30 }, updatedByName: "clinician" });
    expect(first.headers["etag"]).not.toBe(seen);
    // The clock has not moved: the second change of the same millisecond is another version all the same.
    const late = await change(seen, { highPercent: 40 });
    expect(late.statusCode).toBe(412);
    expect(late.json()).toMatchObject({ code: "changed_meanwhile", changed: { by: "clinician", version: first.json<AttentionRulesShown>().version } });
    expect((await change(first.headers["etag"] as string, { highPercent: null })).statusCode).toBe(200);
    expect((await change("what I saw", { highPercent: 40 })).statusCode).toBe(400);
    expect((await get<AttentionRulesShown>("/clinic/attention-rules")).groups.map(({ group, by }) => [group, by])).toContainEqual(["lowTarget", "targetPercent"]);
  });
});

describe("tags", () => {
  it("[D6] are the clinic's: made, renamed, deleted; each name once, 50 at most", async () => {
    expect((await post("/tags", { name: "pump", color: 3 })).status).toBe(409);
    const { body } = await post<TagShown>("/tags", { name: "Study", color: 3 });
    expect((await send<TagShown>("PATCH", `/tags/${body.id}`, { name: "Study B" })).body).toEqual({ id: body.id, name: "Study B", color: 3 });
    expect((await send("PATCH", `/tags/${body.id}`, { name: "Trial" })).status).toBe(409);
    await post(`/tags/${body.id}/patients`, { add: [ids[5]!] });
    expect((await list(`tags=${body.id}`)).total).toBe(1);
    expect((await send("DELETE", `/tags/${body.id}`)).status).toBe(204);
    expect((await list(`tags=${body.id}`)).total).toBe(0);
    expect((await send("DELETE", `/tags/${body.id}`)).status).toBe(404);
    const { data } = await get<{ data: TagShown[] }>("/tags");
    for (let count = data.length; count < 50; count += 1) expect((await post("/tags", { name: `tag ${count}`, color: 0 })).status).toBe(201);
    expect(problemOf(await test.request({ as: clinician, method: "POST", url: "/api/v1/tags", payload: { name: "one more", color: 0 } })).code).toBe("too_many_tags");
  });

  it("are told with how many of the clinic carry each, also whom the asking clinician does not see", async () => {
    const counts = async () => (await get<{ data: { id: string; patients: number }[] }>("/tags")).data.find(({ id }) => id === tags[2]!.id)!.patients;
    const mine = (await list(`tags=${tags[2]!.id}`)).total;
    expect(await counts()).toBe(mine);
    const { organizationId, stranger: { patientId: unseen } } = test.people;
    await test.db.asOwner("insert into patient_tags (organization_id, patient_id, tag_id, added_by) values ($1, $2, $3, $2)", [organizationId, unseen, tags[2]!.id]);
    expect((await list(`tags=${tags[2]!.id}`)).total).toBe(mine);
    expect(await counts()).toBe(mine + 1);
    await test.db.asOwner("delete from patient_tags where patient_id = $1", [unseen]);
  });

  it("[D6] are put on many at once or on none, and the reply undoes it", async () => {
    const tag = tags[2]!;
    const before = (await list(`tags=${tag.id}`)).data.map(({ id }) => id).toSorted();
    const refused = await post(`/tags/${tag.id}/patients`, { add: [ids[3]!, test.people.stranger.patientId!] });
    expect(refused.status).toBe(404);
    expect((await list(`tags=${tag.id}`)).data.map(({ id }) => id).toSorted()).toEqual(before);
    const { body } = await post<{ added: string[]; removed: string[] }>(`/tags/${tag.id}/patients`, { add: ids.slice(0, 10), remove: ids.slice(10, 20) });
    expect(body.added.every((id) => !before.includes(id))).toBe(true);
    await post(`/tags/${tag.id}/patients`, { add: body.removed, remove: body.added });
    expect((await list(`tags=${tag.id}`)).data.map(({ id }) => id).toSorted()).toEqual(before);
  });
});

describe("one patient's tags and identity", () => {
  it("[D6] tells a clinician which tags are on the patient, and nobody else", async () => {
    const { patient, stranger } = test.people;
    const { id, name, color } = (await get<{ data: TagShown[] }>("/tags")).data.at(-1)!;
    const tag = { id, name, color };
    await post(`/tags/${tag.id}/patients`, { add: [patient.patientId] });
    expect((await get<{ data: object[] }>(`/patients/${patient.patientId}/tags`)).data).toContainEqual(tag);
    for (const [as, status] of [[patient, 403], [stranger, 404]] as const) expect((await test.request({ as, method: "GET", url: `/api/v1/patients/${patient.patientId}/tags` })).statusCode).toBe(status);
    await post(`/tags/${tag.id}/patients`, { remove: [patient.patientId] });
    expect((await get<{ data: { id: string }[] }>(`/patients/${patient.patientId}/tags`)).data.map((each) => each.id)).not.toContain(tag.id);
  });

  it("[D6] tells the national id by a read of its own alone, which the person reads of in the list of accesses", async () => {
    const { patient, stranger } = test.people;
    const { identities } = test.app.api.accounts;
    const url = `/patients/${patient.patientId}/identity`;
    await test.db.asOwner("update users set national_id_index = $2, national_id_sealed = $3, hospital_account = 'HC-0042' where id = $1", [patient.userId, identities.index("12345678Z"), identities.seal("12345678Z", patient.userId)]);
    expect(await get(url)).toEqual({ nationalId: "12345678Z", hospitalAccount: "HC-0042" });
    expect(JSON.stringify(await get(`/patients/${patient.patientId}`))).not.toContain("12345678Z");
    for (const [as, status] of [[patient, 403], [stranger, 404]] as const) expect((await test.request({ as, method: "GET", url: `/api/v1${url}` })).statusCode).toBe(status);
    const [row] = await test.db.asOwner<{ count: number }>("select count(*)::int as count from audit_log where patient_id = $1 and actor_user_id = $2 and object_id like '%/identity' and outcome = 'done'", [patient.patientId, test.people.clinician.userId]);
    expect(row!.count).toBe(1);
    const told = await get<{ data: { what: string }[] }>("/patients/me/accesses", patient);
    expect(told.data.map(({ what }) => what)).toContain("Looked at national id and hospital account");
    // One whom nobody signs in as has neither.
    const [bare] = await test.db.asOwner<{ id: string }>("select p.id from patients p join grants g on g.patient_id = p.id and g.user_id = $1 where p.user_id is null limit 1", [test.people.clinician.userId]);
    expect(await get(`/patients/${bare!.id}/identity`)).toEqual({ nationalId: null, hospitalAccount: null });
  });
});

describe("targets", () => {
  it("keep who set what when, and are shown to the patient", async () => {
    const { patient } = test.people;
    const url = `/patients/${patient.patientId}/targets`;
    await put(url, { preset: "older" });
    test.clock.advance(1_000);
    const { body } = await put<{ current: { preset: string; setByName: string }; history: { preset: string; thresholds: object }[] }>(url, { preset: "custom", bounds: { unit: "mmol/L", veryLow: 3, low: 3.9, high: 9, veryHigh: 13.9 }, unit: "mmol/L" });
    expect(body.current).toMatchObject({ preset: "custom", setByName: "clinician", unit: "mmol/L", thresholds: { "mg/dL": { veryLow: 54, low: 70, veryHigh: 250 }, "mmol/L": { high: 9 } } });
    expect(body.history.map(({ preset }) => preset)).toEqual(["custom", "older"]);
    expect(await get<{ current: object }>("/patients/me/targets", patient)).toMatchObject({ current: { preset: "custom" } });
    expect((await put("/patients/me/targets", { preset: "older" }, patient)).status).toBe(403);
    for (const wrong of [{ preset: "custom" }, { preset: "older", bounds: { unit: "mg/dL", veryLow: 54, low: 70, high: 180, veryHigh: 250 } }, { preset: "custom", bounds: { unit: "mg/dL", veryLow: 80, low: 70, high: 180, veryHigh: 250 } }, { preset: "standard", goals: { target: 101, below: null, veryLow: null, above: null, veryHigh: null } }]) {
      expect((await put(url, wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
    await keepPopulation(populationOf(test));
    expect((await list("preset=custom")).data[0]).toMatchObject({ isBehind: false, target: { preset: "custom" } });
  });
});

describe("reviews", () => {
  it("are one's own, undone within half an hour, and snooze until their end or another group", async () => {
    const id = ids[10]!;
    const { body } = await post<{ data: ReviewShown[]; undoUntil: string | null }>(`/patients/${id}/reviews`, {});
    expect(body.data[0]).toMatchObject({ reviewedByName: "clinician", snooze: null });
    expect(body.undoUntil).not.toBeNull();
    expect((await list("sort=lastReviewed&order=desc")).data[0]!.id).toBe(id);
    const undone = await send<{ data: ReviewShown[] }>("DELETE", `/patients/${id}/reviews/${body.data[0]!.id}`);
    expect(undone.body.data).toEqual([]);
    expect((await send("DELETE", `/patients/${id}/reviews/${body.data[0]!.id}`)).status).toBe(404);
    const again = await post<{ data: ReviewShown[] }>(`/patients/${id}/reviews`, { snooze: { until: iso(test.clock.now() + DAY), reason: "is in touch" } });
    expect(again.body.data[0]!.snooze).toMatchObject({ reason: "is in touch" });
    expect((await list("snoozed=true")).data.map((row) => row.id)).toContain(id);
    test.clock.advance(31 * 60_000);
    expect((await send("DELETE", `/patients/${id}/reviews/${again.body.data[0]!.id}`)).status).toBe(409);
    test.clock.advance(DAY);
    expect((await list("snoozed=true")).data.map((row) => row.id)).not.toContain(id);
    for (const until of [iso(NOW_MS - 1), iso(NOW_MS + 400 * DAY), "tomorrow"]) expect((await post(`/patients/${id}/reviews`, { snooze: { until, reason: "a reason" } })).status, until).toBe(400);
  });
});
