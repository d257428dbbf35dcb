/** Lines of a clinic's patients: right, kept as things change and as days turn, and made without what clinics may not see. Requirements D6, R7. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClinicPatient, ClinicPatientList, GlucoseStatistics } from "../src/api/schemas.ts";
import { keepPopulation, remakeLines } from "#clinic/population/keep.ts";
import { addZone, changeHome } from "#people/zones.ts";
import { recomputePatient } from "#summaries/recompute.ts";
import type { VendorRecord } from "#driver/records.ts";
import { fakeVendor } from "#test/kit/fake-driver.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { sharedBefore } from "#test/kit/consent.ts";
import { keepLines, populationOf } from "#test/kit/population.ts";
import { seeded } from "#test/kit/random.ts";
import { DAY, give, HOUR, iso, makeConnection, MINUTE, NOW_MS, readings } from "./api/kit.ts";

let test: TestApp;
let clinician: Person;
const people: Person[] = [];
const connections: string[] = [];
const ZONES = ["Europe/Madrid", "America/New_York", "Asia/Kolkata", "Pacific/Apia"];

beforeAll(async () => {
  test = await startTestApp();
  const { organizationId, patient, stranger } = test.people;
  ({ clinician } = test.people);
  people.push(patient);
  for (const [index, zone] of ZONES.slice(1).entries()) {
    const [row] = await test.db.asOwner<{ id: string }>("insert into patients (organization_id, display_name, zone) values ($1, $2, $3) returning id", [organizationId, `other ${index}`, zone]);
    await test.db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view')", [organizationId, row!.id, clinician.userId]);
    people.push({ ...stranger, patientId: row!.id });
  }
  await sharedBefore(test.db);
  const random = seeded(31);
  for (const [index, who] of people.entries()) {
    const connectionId = await makeConnection(test, who, "dexcom", `account ${index}`);
    connections.push(connectionId);
    await give(test, who, { records: readings(wander(random, 40 * 288).filter(() => random() < 0.6 + 0.1 * index), NOW_MS - 3 * MINUTE), connectionId, provider: "dexcom" });
  }
  await keepLines(test);
});
afterAll(() => test.close());

/** Values that go up and down as glucose does. */
function wander(random: () => number, count: number): number[] {
  let value = 140;
  return Array.from({ length: count }, () => (value = Math.round(Math.min(320, Math.max(42, value + (random() + random() - 1) * 22)))));
}

async function list(query = ""): Promise<ClinicPatient[]> {
  const answer = await test.request({ as: clinician, method: "GET", url: `/api/v1/clinic/patients${query}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<ClinicPatientList>().data;
}

const near = (mine: number | null, theirs: number | null, what: string): void => {
  if (theirs === null) expect(mine, what).toBeNull();
  else expect(Math.abs(mine! - theirs), what).toBeLessThan(1e-9);
};

/** Holds a line against the route that reads all samples, over the same whole local days and by the same target. */
async function expectRight(line: ClinicPatient): Promise<void> {
  const { preset, thresholds } = line.target;
  const { veryLow, low, high, veryHigh } = thresholds["mg/dL"];
  const by = preset === "custom" ? `&preset=custom&bounds=${veryLow},${low},${high},${veryHigh}` : `&preset=${preset}`;
  const answer = await test.request({ as: clinician, method: "GET", url: `/api/v1/patients/${line.id}/glucose/statistics?from=${line.from}&to=${line.to}${by}` });
  const raw = answer.json<GlucoseStatistics>();
  const what = `${line.displayName} ${line.days} ${preset}`;
  expect(line.readings, what).toBe(raw.readings);
  for (const name of ["veryLow", "low", "target", "high", "veryHigh", "tight"] as const) near(line.ranges?.[name] ?? null, raw.ranges?.[name] ?? null, `${what} ${name}`);
  near(line.mean?.mgDl ?? null, raw.mean, `${what} mean`);
  near(line.cvPercent, raw.cv, `${what} cv`);
  near(line.wearPercent, raw.wearPercent, `${what} wear`);
  near(line.timeBelow, raw.tbr, `${what} below`);
  near(line.timeAbove, raw.tar, `${what} above`);
  near(line.gmiPercent, (raw.wearPercent ?? 0) < 70 ? null : raw.gmi, `${what} gmi`);
  // Episodes are those of the consensus, whatever the target.
  const { episodes } = (await test.request({ as: clinician, method: "GET", url: `/api/v1/patients/${line.id}/glucose/statistics?from=${line.from}&to=${line.to}` })).json<GlucoseStatistics>();
  expect(line.lowEvents, what).toEqual(episodes && { level1: episodes.hypoLevel1.count, level2: episodes.hypoLevel2.count });
  expect(line.highEvents, what).toEqual(episodes && { level1: episodes.hyperLevel1.count, level2: episodes.hyperLevel2.count });
}

const kept = (): Promise<unknown[]> => test.db.asOwner("select patient_id, days, from_at, to_at, readings, days_read, very_low, low, target, high, very_high, tight, mean, sd, cv, gmi, wear, before_days, before_target, low_events, very_low_events, high_events, very_high_events, last_at, last_value from population_lines order by patient_id, days");

async function anew(): Promise<unknown[]> {
  const { organizationId } = test.people;
  for (const { patientId } of people) await recomputePatient(test.db.database, { organizationId, patientId: patientId! });
  await test.db.asOwner("delete from population_lines");
  await remakeLines(populationOf(test), organizationId, people.map(({ patientId }) => patientId!));
  return kept();
}

describe("kept lines", () => {
  it("[D6] [R7] have the numbers of the patient's statistics over the same whole local days, of every period", async () => {
    for (const days of [7, 14, 30]) {
      const lines = await list(`?days=${days}`);
      expect(lines).toHaveLength(4);
      for (const line of lines) await expectRight(line);
      expect(lines.every(({ isBehind, readings: count }) => !isBehind && count > 0)).toBe(true);
    }
    const [first] = await list("?sort=name");
    expect(first!.lastData).toMatchObject({ at: iso(NOW_MS - 3 * MINUTE), ageSeconds: 180 });
  });

  it("go by the target that holds: a preset's ranges, chosen ones, and back", async () => {
    const targets: readonly object[] = [
      { preset: "pregnancy" }, { preset: "tight" }, { preset: "older", unit: "mmol/L" }, { preset: "custom", bounds: { unit: "mg/dL", veryLow: 60, low: 80, high: 160, veryHigh: 220 }, goals: { target: 60, below: 5, veryLow: 2, above: null, veryHigh: null } },
    ];
    for (const [index, target] of targets.entries()) {
      const answer = await test.request({ as: clinician, method: "PUT", url: `/api/v1/patients/${people[index]!.patientId}/targets`, payload: target });
      expect(answer.statusCode, answer.body).toBe(200);
    }
    expect((await list()).every(({ isBehind }) => isBehind)).toBe(true);
    await keepLines(test);
    const lines = await list();
    expect(lines.map((line) => line.target.preset).toSorted()).toEqual(["custom", "older", "pregnancy", "tight"]);
    for (const line of lines) {
      await expectRight(line);
      const compared = await test.request({
        as: clinician, method: "GET",
        url: `/api/v1/patients/${line.id}/glucose/compare?from=${line.from}&to=${line.to}&againstFrom=${iso(2 * Date.parse(line.from!) - Date.parse(line.to!))}&againstTo=${line.from}&${line.target.preset === "custom" ? "preset=custom&bounds=60,80,160,220" : `preset=${line.target.preset}`}`,
      });
      const { current, against } = compared.json<{ current: { ranges: { target: number } }; against: { ranges: { target: number } } }>();
      expect(line.change!.points).toBeCloseTo(current.ranges.target - against.ranges.target, 9);
    }
    // A reading of today leaves the counted days alone, and is the last one.
    await give(test, people[0]!, { records: readings([111], NOW_MS + 2 * MINUTE), connectionId: connections[0]!, provider: "dexcom" });
    await keepLines(test);
    const [again] = (await list()).filter(({ id }) => id === people[0]!.patientId);
    expect(again!.lastData!.at).toBe(iso(NOW_MS + 2 * MINUTE));
    await expectRight(again!);
  });

  it("kept step by step are those made from scratch, after changes of every kind in any order", async () => {
    const random = seeded(77);
    const { organizationId } = test.people;
    for (let step = 0; step < 12; step += 1) {
      const who = people[Math.floor(random() * people.length)]!;
      const owner = { organizationId, patientId: who.patientId! };
      const kind = Math.floor(random() * 5);
      if (kind === 0) await give(test, who, { records: readings(wander(random, 100), NOW_MS - Math.floor(random() * 100) * HOUR - 7 * MINUTE), provider: "dexcom" });
      if (kind === 1) await give(test, who, { records: readings(wander(random, 300), NOW_MS - Math.floor(random() * 60) * DAY, { everyMinutes: 15, device: `meter ${step}` }), provider: "libre" });
      if (kind === 2) await test.db.database.withOrganization(organizationId, (tx) => addZone(tx, owner, { fromMs: NOW_MS - Math.floor(random() * 20) * DAY, zone: ZONES[Math.floor(random() * 4)]! }));
      if (kind === 3) await test.db.database.withOrganization(organizationId, (tx) => changeHome(tx, owner, ZONES[Math.floor(random() * 4)]!));
      if (kind === 4) await test.request({ as: clinician, method: "PUT", url: `/api/v1/patients/${who.patientId}/targets`, payload: { preset: ["standard", "pregnancy", "tight"][step % 3] } });
      if (random() < 0.6) await keepLines(test);
    }
    await keepLines(test);
    const byStep = await kept();
    expect(byStep.length).toBe(16);
    expect(await anew()).toEqual(byStep);
  }, 120_000);

  it("move their window at each one's local midnight, also on days of 25 and 23 hours", async () => {
    const { organizationId } = test.people;
    const windows = async (): Promise<Map<string, string>> => new Map((await list("?days=7")).map(({ displayName, to }) => [displayName, to!]));
    for (const [index, zone] of ["Europe/Madrid", "America/New_York"].entries()) {
      await test.db.asOwner("delete from zone_entries where patient_id = $1", [people[index]!.patientId]);
      await test.db.database.withOrganization(organizationId, (tx) => changeHome(tx, { organizationId, patientId: people[index]!.patientId! }, zone));
      await test.db.asOwner("insert into population_work (organization_id, patient_id) values ($1, $2)", [organizationId, people[index]!.patientId]);
    }
    const names = ["patient", "other 0"];
    const go = async (to: string): Promise<(string | undefined)[]> => {
      test.clock.advance(Date.parse(to) - test.clock.now());
      clinician = { ...clinician, token: await test.signIn(clinician.email) };
      await keepLines(test);
      const found = await windows();
      return names.map((name) => found.get(name));
    };
    // Madrid goes back an hour on 25 October (25 h), New York on 1 November: midnights are 22:00Z then 23:00Z, and 04:00Z then 05:00Z.
    expect(await go("2026-10-24T21:59:59Z")).toEqual(["2026-10-23T22:00:00.000Z", "2026-10-24T04:00:00.000Z"]);
    expect(await go("2026-10-24T22:00:00Z")).toEqual(["2026-10-24T22:00:00.000Z", "2026-10-24T04:00:00.000Z"]);
    expect(await go("2026-10-25T22:59:59Z")).toEqual(["2026-10-24T22:00:00.000Z", "2026-10-25T04:00:00.000Z"]);
    expect(await go("2026-10-25T23:00:00Z")).toEqual(["2026-10-25T23:00:00.000Z", "2026-10-25T04:00:00.000Z"]);
    expect(await go("2026-11-02T04:59:59Z")).toEqual(["2026-11-01T23:00:00.000Z", "2026-11-01T04:00:00.000Z"]);
    expect(await go("2026-11-02T05:00:00Z")).toEqual(["2026-11-01T23:00:00.000Z", "2026-11-02T05:00:00.000Z"]);
    // And forward, on 14 March 2027 in New York and 28 March in Madrid.
    expect(await go("2027-03-15T04:00:00Z")).toEqual(["2027-03-14T23:00:00.000Z", "2027-03-15T04:00:00.000Z"]);
    expect(await go("2027-03-28T22:00:00Z")).toEqual(["2027-03-28T22:00:00.000Z", "2027-03-28T04:00:00.000Z"]);
    test.clock.advance(DAY);
    expect((await list("?days=7")).every(({ isBehind }) => isBehind)).toBe(true);
    await keepPopulation(populationOf(test));
    expect((await list("?days=7")).some(({ isBehind }) => isBehind)).toBe(false);
  }, 120_000);
});

describe("what only the person may see", () => {
  it("has no part in the clinic's lines, and its vendor no place among the connections", async () => {
    const own = await startTestApp({ moreDrivers: [fakeVendor({ id: "owners-only", change: { brand: { connectText: "Connect", colour: "#000000", textColour: "#ffffff", disclosure: { en: "Made up for a test.", es: "Made up for a test." }, isForOwnerOnly: true } } }).driver] });
    try {
      const { patient } = own.people;
      const connectionId = await makeConnection(own, patient, "owners-only");
      const records: VendorRecord[] = readings(Array.from({ length: 2_000 }, () => 50), NOW_MS - 2 * DAY);
      await give(own, patient, { records, connectionId, provider: "owners-only" });
      await give(own, patient, { records: readings(Array.from({ length: 1_000 }, () => 150), NOW_MS - 9 * DAY), provider: "dexcom" });
      await keepLines(own);
      const answer = await own.request({ as: own.people.clinician, method: "GET", url: "/api/v1/clinic/patients" });
      const [line] = answer.json<ClinicPatientList>().data;
      expect(line).toMatchObject({ readings: expect.any(Number) as number, ranges: { target: 100, veryLow: 0 }, mean: { mgDl: expect.closeTo(150, 6) as number }, connection: { health: "none", vendors: [] } });
      expect(line!.lastData!.at).toBe(iso(NOW_MS - 9 * DAY));
    } finally {
      await own.close();
    }
  }, 60_000);
});
