/** Patients with their glucose of the last days. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { patientSummaryList, type GlucoseComparison, type GlucoseStatistics, type GlucoseSummary, type PatientSummary } from "../../src/api/schemas.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { sharedBefore } from "#test/kit/consent.ts";
import { keepAll } from "#test/kit/keep.ts";
import { seeded } from "#test/kit/random.ts";
import { give, HOUR, iso, makeConnection, MINUTE, NOW_MS, problemOf, readings } from "./kit.ts";

interface Page {
  readonly asOf: string;
  readonly data: PatientSummary[];
  readonly nextCursor: string | null;
}

let test: TestApp;
const others: Person[] = [];
beforeAll(async () => {
  test = await startTestApp();
  const { organizationId, clinician, patient, stranger } = test.people;
  const random = seeded(5);
  for (const [index, zone] of ["America/New_York", "Asia/Tokyo", "Europe/Madrid", "Pacific/Apia"].entries()) {
    const [row] = await test.db.asOwner<{ id: string }>("insert into patients (organization_id, display_name, zone) values ($1, $2, $3) returning id", [organizationId, `other ${index}`, zone]);
    await test.db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view')", [organizationId, row!.id, clinician.userId]);
    others.push({ ...stranger, patientId: row!.id });
  }
  await sharedBefore(test.db);
  for (const [index, who] of [patient, ...others.slice(0, 3)].entries()) {
    const connectionId = await makeConnection(test, who, "dexcom", `account ${index}`);
    const values = Array.from({ length: 17 * 288 }, () => 50 + index * 20 + Math.floor(random() * 200)).filter(() => random() < 0.9);
    await give(test, who, { records: readings(values, NOW_MS - 3 * MINUTE), connectionId, provider: "dexcom" });
  }
});
afterAll(() => test.close());

const list = async (query = "", as: Person = test.people.clinician): Promise<Page> => {
  const answer = await test.request({ as, method: "GET", url: `/api/v1/patients/summaries${query}` });
  expect(answer.statusCode, answer.body).toBe(200);
  expect(answer.headers["x-islet-notice"]).toMatch(/not for diagnosis/);
  return answer.json<Page>();
};

async function expectSummaries(page: Page): Promise<void> {
  for (const told of page.data) {
    const answer = await test.request({ as: test.people.clinician, method: "GET", url: `/api/v1/patients/${told.id}/glucose/summary?from=${told.from}&to=${told.asOf}` });
    const raw = answer.json<GlucoseSummary>();
    expect([told.readings, told.days]).toEqual([raw.readings, raw.days]);
    for (const [mine, theirs] of [
      [told.meanMgDl, raw.mean], [told.sdMgDl, raw.sd], [told.cvPercent, raw.cvPercent], [told.gmiPercent, raw.gmiPercent], [told.gmiMmolMol, raw.gmiMmolMol], [told.wearPercent, raw.wearPercent],
      ...(["veryLow", "low", "target", "high", "veryHigh", "tight"] as const).map((name) => [told.rangesPercent?.[name] ?? null, raw.rangesPercent?.[name] ?? null] as const),
    ] as const) {
      if (theirs === null) expect(mine).toBeNull();
      else expect(Math.abs(mine! - theirs)).toBeLessThan(1e-9);
    }
    await expectAnalysis(told);
    expect(told.meanMmolL === null ? null : told.meanMmolL * 18.01559).toEqual(told.meanMgDl === null ? null : expect.closeTo(told.meanMgDl, 9));
  }
}

/** Risks, episodes and the change are those of the routes that read all samples. */
async function expectAnalysis(told: PatientSummary): Promise<void> {
  const get = async <T>(path: string): Promise<T> => (await test.request({ as: test.people.clinician, method: "GET", url: `/api/v1/patients/${told.id}/glucose/${path}?from=${told.from}&to=${told.asOf}${path === "compare" ? before(told) : ""}` })).json<T>();
  const raw = await get<GlucoseStatistics>("statistics");
  for (const name of ["tbr", "tar", "gri", "griHypo", "griHyper", "lbgi", "hbgi", "bgri", "adrr", "jIndex"] as const) {
    if (raw[name] === null) expect(told[name], name).toBeNull();
    else expect(Math.abs(told[name]! - raw[name]), name).toBeLessThan(1e-9);
  }
  expect(told.griZone).toBe(raw.griZone);
  const { hypoLevel1, hypoLevel2, hyperLevel1, hyperLevel2 } = raw.episodes ?? {};
  expect(told.lowEvents).toEqual(raw.episodes && { level1: hypoLevel1!.count, level2: hypoLevel2!.count });
  expect(told.highEvents).toEqual(raw.episodes && { level1: hyperLevel1!.count, level2: hyperLevel2!.count });
  const { current, against } = await get<GlucoseComparison>("compare");
  if (current.mean === null || against.mean === null) expect(told.change).toBeNull();
  else {
    expect(Math.abs(told.change!.meanMgDl - (current.mean - against.mean))).toBeLessThan(1e-9);
    expect(Math.abs(told.change!.targetPoints - (current.ranges!.target - against.ranges!.target))).toBeLessThan(1e-9);
    expect(told.change!.meanMmolL).toBeCloseTo(told.change!.meanMgDl / 18.01559, 9);
    expect(told.change!.daysBefore).toBe(against.days);
  }
}

/** The same number of whole local days; no clock changes in these weeks. */
function before({ from, asOf }: PatientSummary): string {
  return `&againstFrom=${iso(2 * Date.parse(from) - Date.parse(asOf))}&againstTo=${from}`;
}

describe("patients with their summaries", () => {
  it("[R7] have the numbers of their raw readings over the same local days, before and after these were kept", async () => {
    const before = await list();
    expect(before.asOf).toBe(iso(NOW_MS));
    expect(before.data.map(({ displayName }) => displayName)).toEqual(["other 0", "other 1", "other 2", "other 3", "patient"]);
    await expectSummaries(before);
    await keepAll(test.db);
    const after = await list();
    for (const [index, told] of after.data.entries()) {
      const { lastReading } = before.data[index]!;
      expect(told.lastReading).toEqual(lastReading);
      expect({ ...told, sdMmolL: 0 }).toMatchObject({ readings: before.data[index]!.readings, days: before.data[index]!.days });
    }
    await expectSummaries(after);
    expect(after.data[4]!.days).toBe(14);
  });

  it("are told by whole local days of each one's zone, and until when", async () => {
    const { data } = await list("?days=7");
    const tokyo = data.find(({ zone }) => zone === "Asia/Tokyo")!;
    expect([tokyo.from, tokyo.asOf]).toEqual(["2026-10-07T15:00:00.000Z", "2026-10-14T15:00:00.000Z"]);
    const york = data.find(({ zone }) => zone === "America/New_York")!;
    expect([york.from, york.asOf]).toEqual(["2026-10-08T04:00:00.000Z", "2026-10-15T04:00:00.000Z"]);
    await expectSummaries({ asOf: "", data, nextCursor: null });
  });

  it("name the last reading in both units, with its age; and are null where there is nothing to say", async () => {
    const { data } = await list();
    expect(data[4]!.lastReading).toMatchObject({ at: iso(NOW_MS - 3 * MINUTE), ageSeconds: 180, isStale: false });
    expect(data[4]!.lastReading!.valueMmolL).toBeCloseTo(data[4]!.lastReading!.valueMgDl / 18.01559, 2);
    expect(data[3]).toMatchObject({ displayName: "other 3", zone: "Pacific/Apia", days: 0, readings: 0, rangesPercent: null, meanMgDl: null, meanMmolL: null, gmiPercent: null, cvPercent: null, wearPercent: null, lastReading: null });
  });

  it("are never behind: what was just stored counts, whether the follower ran or not", async () => {
    const who = others[0]!;
    await give(test, who, { records: [{ record: "sample", metric: "glucose", startMs: NOW_MS - MINUTE, value: 222, offsetMinutes: 0 }, { record: "sample", metric: "glucose", startMs: NOW_MS - 30 * HOUR, value: 40, offsetMinutes: 0, device: { id: "meter" } }] });
    const told = await list();
    expect(told.data[0]!.lastReading?.valueMgDl).toBe((await test.request({ as: test.people.clinician, method: "GET", url: `/api/v1/patients/${who.patientId}/glucose/latest` })).json<{ reading: { valueMgDl: number } }>().reading.valueMgDl);
    await expectSummaries(told);
    await keepAll(test.db);
    await expectSummaries(await list());
  });

  it("[R7] have their episodes also where days of several rhythms follow one another", async () => {
    const who = others[3]!;
    const rhythm = (values: number, everyMinutes: number, lastMs: number): ReturnType<typeof readings> => readings(Array.from({ length: values }, (_, index) => 60 + ((index * 7) % 230)), lastMs, { everyMinutes });
    await give(test, who, { records: [...rhythm(6 * 288, 5, NOW_MS - 4 * 24 * HOUR), ...rhythm(3 * 96, 15, NOW_MS - 3 * MINUTE)] });
    const find = async (): Promise<PatientSummary> => (await list()).data.find(({ id }) => id === who.patientId)!;
    const told = await find();
    expect(told.lowEvents!.level1).toBeGreaterThan(0);
    await expectAnalysis(told);
    await keepAll(test.db);
    expect((await find()).lowEvents).toEqual(told.lowEvents);
    await expectAnalysis(await find());
    await test.db.asOwner("delete from samples where patient_id = $1", [who.patientId]);
    await test.db.asOwner("delete from day_blocks where patient_id = $1", [who.patientId]);
    await test.db.asOwner("delete from day_summaries where patient_id = $1", [who.patientId]);
  });

  it("tell nothing that the document does not name", async () => {
    const page = await list();
    expect(patientSummaryList.parse(page)).toEqual(page);
  });

  it("come in the asked order, those without a number last, page by page each once", async () => {
    const whole = await list("?sort=timeInRange");
    const shares = whole.data.map(({ rangesPercent }) => rangesPercent?.target ?? Number.POSITIVE_INFINITY);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    for (const sort of ["name", "timeInRange", "timeBelow", "mean", "cv", "wear", "lastReading"]) {
      const all = (await list(`?sort=${sort}`)).data.map(({ id }) => id);
      expect(all).toHaveLength(5);
      const seen: string[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const page: Page = await list(`?sort=${sort}&limit=2${cursor && `&cursor=${cursor}`}`);
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(seen, sort).toEqual(all);
      if (sort !== "name") expect(all.at(-1)).toBe(others[3]!.patientId);
    }
  });

  it("are those that one may see, and each look at another's is audited", async () => {
    const looks = async (): Promise<number> => (await test.db.asOwner("select 1 from audit_log where action = 'patient.view' and object_id = '/api/v1/patients/summaries'")).length;
    const before = await looks();
    expect((await list("", test.people.patient)).data.map(({ id, isSelf }) => [id, isSelf])).toEqual([[test.people.patient.patientId, true]]);
    expect((await list("", test.people.foreigner)).data.map(({ id }) => id)).toEqual([test.people.foreigner.patientId]);
    expect(await looks()).toBe(before);
    await list("?limit=2");
    expect(await looks()).toBe(before + 2);
    expect((await test.request({ method: "GET", url: "/api/v1/patients/summaries" })).statusCode).toBe(401);
  });

  it("refuse what cannot be asked, saying where", async () => {
    const { nextCursor } = await list("?limit=1");
    for (const [query, pointer] of [["days=0", "days"], ["days=91", "days"], ["limit=501", "limit"], ["sort=age", "sort"], ["cursor=x.y", "cursor"], [`sort=mean&cursor=${nextCursor}`, "cursor"], [`days=7&cursor=${nextCursor}`, "cursor"]] as const) {
      const answer = await test.request({ as: test.people.clinician, method: "GET", url: `/api/v1/patients/summaries?${query}` });
      expect(answer.statusCode, query).toBe(400);
      expect(problemOf(answer).errors?.[0]?.pointer, query).toBe(`/querystring/${pointer}`);
    }
  });

  it("put no name and no value into an address", async () => {
    const { nextCursor } = await list("?limit=1&sort=mean");
    expect(JSON.parse(Buffer.from(nextCursor!.split(".")[0]!, "base64url").toString())).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });
});
