/** Readings of people and meters: stored once, listed, summed up, taken back and given back. D5. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keepSummaries } from "#summaries/keep.ts";
import type { Reading, ReadingStatistics } from "../../src/api/schemas.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { DAY, give, HOUR, iso, MINUTE, NOW_MS, problemOf, read, readings as sensor } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.db.asOwner("truncate samples, day_blocks, series, treatments, withdrawn_readings, changes, deliveries, delivery_keys, day_summaries, summary_work");
  await test.db.asOwner("update grants set scope = 'view'");
});

interface List { readonly data: Reading[]; readonly nextCursor: string | null }

const url = "/api/v1/patients/me/readings";
const post = (payload: object, as: Person = test.people.patient, at = url) => test.request({ as, method: "POST", url: at, payload });
const list = (query = "") => read<List>(test, test.people.patient, `/readings${query}`);
const meter = { id: "meter-1", name: "Contour Next One" };
const fromMeter = (sequence: number, minutesAgo: number, value = 104, more: object = {}) => ({ device: meter, readings: [{ sequence, at: iso(NOW_MS - minutesAgo * MINUTE), value, unit: "mg/dL", ...more }] });
const count = async (table: string): Promise<number> => Number((await test.db.asOwner<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n);

describe("storing readings", () => {
  it("tells a reading with its type in both languages, both units, and how it came [D5]", async () => {
    const answer = await post({ device: meter, readings: [{ sequence: 7, at: "2026-10-15T09:30:00+02:00", value: 5.8, unit: "mmol/L", type: "DESAYUNO", mealRelation: "before", sampleType: 2, sampleLocation: "finger", note: "after a run" }] });
    expect(answer.statusCode).toBe(201);
    const [reading] = answer.json<{ readings: Reading[] }>().readings;
    expect(reading).toMatchObject({
      at: "2026-10-15T09:30:00+02:00", date: "2026-10-15", valueMmolL: 5.8, unit: "mmol/L", type: "BREAKFAST", typeEs: "DESAYUNO", mealRelation: "before", sampleType: "capillary_plasma",
      sampleLocation: "finger", device: meter, sequence: "7", syncSource: "bluetooth", note: "after a run", enteredBy: null, outOfRange: null,
    });
    expect(reading!.valueMgDl).toBeCloseTo(5.8 * 18.01559, 9);
    expect((await list()).data).toEqual([reading]);
  });

  it.each(["BREAKFAST", "ALMUERZO", "snack", "Cena", "EXERCISE", "OTRAS_COMIDAS", "OTRO"])("takes the type %s", async (type) => {
    expect((await post({ readings: [{ at: iso(NOW_MS), value: 100, unit: "mg/dL", type }] })).statusCode).toBe(201);
  });

  it.each(["AYUNO", "NOCHE", "1"])("answers 422 to the type %s, and lists the ones that are taken [D5]", async (type) => {
    const answer = await post({ readings: [{ at: iso(NOW_MS), value: 100, unit: "mg/dL", type }] });
    expect(answer.statusCode).toBe(422);
    const [error] = problemOf(answer).errors!;
    expect(error!.pointer).toBe("/readings/0/type");
    for (const name of ["BREAKFAST (DESAYUNO)", "LUNCH (ALMUERZO)", "SNACK (MERIENDA)", "DINNER (CENA)", "EXERCISE (EJERCICIO)", "OTHER_MEALS (OTRAS_COMIDAS)", "OTHER (OTRO)"]) expect(error!.detail).toContain(name);
    expect(await count("deliveries")).toBe(0);
  });

  it("stores a meter's reading once, sent twice, at the same moment, and with its fields in another order [D5] [ST-01]", async () => {
    const one = { sequence: 12, at: iso(NOW_MS - 5 * MINUTE), value: 104, unit: "mg/dL" };
    const other = { unit: "mg/dL", value: 104, at: iso(NOW_MS - 5 * MINUTE), sequence: 12 };
    const answers = await Promise.all([post({ device: meter, readings: [one] }), post({ readings: [other], device: { name: meter.name, id: meter.id } }), post({ device: meter, readings: [one] })]);
    for (const { statusCode } of answers) expect([200, 201]).toContain(statusCode);
    expect((await post({ device: meter, readings: [one] })).json()).toMatchObject({ isNew: false, stored: 0 });
    expect([await count("treatments"), await count("samples")]).toEqual([1, 1]);
    expect((await list()).data).toHaveLength(1);
  });

  it("says who entered it for the person, and takes nobody's word for that", async () => {
    await test.db.asOwner("update grants set scope = 'upload'");
    const { clinician, patient } = test.people;
    await post({ readings: [{ at: iso(NOW_MS), value: 100, unit: "mg/dL" }], enteredBy: patient.userId }, clinician, `/api/v1/patients/${patient.patientId}/readings`);
    await post({ readings: [{ at: iso(NOW_MS - HOUR), value: 90, unit: "mg/dL" }], enteredBy: clinician.userId });
    expect((await list()).data.map(({ enteredBy }) => enteredBy)).toEqual([{ userId: clinician.userId, name: "clinician" }, null]);
  });
});

describe("listing readings", () => {
  it("goes newest first over pages, through diary and curves, without a sensor's and without one twice", async () => {
    await post({ readings: Array.from({ length: 7 }, (_, index) => ({ at: iso(NOW_MS - index * HOUR), value: 100 + index, unit: "mg/dL", type: index % 2 ? "LUNCH" : "DINNER" })) });
    await give(test, test.people.patient, {
      records: [
        ...sensor([120, 121], NOW_MS), { record: "sample", metric: "glucose_meter", startMs: NOW_MS - 90 * MINUTE, value: 130, offsetMinutes: null, device: { id: "strip" } },
        { record: "sample", metric: "glucose_meter", startMs: NOW_MS - 91 * MINUTE, value: 131, offsetMinutes: null, flags: ["calibration"] },
        // Both of one instant.
        { record: "sample", metric: "glucose_meter", startMs: NOW_MS - 2 * HOUR, value: 102, offsetMinutes: null, device: { id: "strip" } },
      ],
    });
    const all = (await list()).data;
    expect(all.map(({ valueMgDl }) => valueMgDl)).toEqual([100, 101, 130, 102, 102, 103, 104, 105, 106]);
    expect(all[2]).toMatchObject({ syncSource: "import", type: null, device: { id: "strip", name: null }, at: "2026-10-15T12:30:00+02:00" });
    const paged: Reading[] = [];
    for (let query = "?limit=2"; ; ) {
      const { data, nextCursor } = await list(query);
      paged.push(...data);
      if (nextCursor === null) break;
      query = `?limit=2&cursor=${encodeURIComponent(nextCursor)}`;
    }
    expect(paged).toEqual(all);
    expect((await list("?type=ALMUERZO")).data.map(({ type }) => type)).toEqual(["LUNCH", "LUNCH", "LUNCH"]);
    expect((await list(`?from=${iso(NOW_MS - 2 * HOUR)}&to=${iso(NOW_MS)}`)).data).toHaveLength(4);
  });

  it("answers 422 to a type that is none, with those that are", async () => {
    const answer = await test.request({ as: test.people.patient, method: "GET", url: `${url}?type=AYUNO` });
    expect(answer.statusCode).toBe(422);
    expect(problemOf(answer).errors![0]!.detail).toContain("BREAKFAST");
  });
});

describe("statistics of readings", () => {
  const statistics = (query = "") => read<ReadingStatistics>(test, test.people.patient, `/readings/statistics${query}`);

  it("count readings and not time, by type and local day, and give no estimate of few of them", async () => {
    await post({ readings: [[60, "DINNER"], [100, "LUNCH"], [200, "LUNCH"], [300, "OTHER"]].map(([value, type], index) => ({ at: iso(NOW_MS - index * 10 * HOUR), value, unit: "mg/dL", type })) });
    const found = await statistics();
    expect(found).toMatchObject({
      count: 4, meanMgDl: 165, days: 2, zone: "Europe/Madrid", rangesCount: { veryLow: 0, low: 1, target: 1, high: 1, veryHigh: 1, tight: 1 }, rangesPercent: { target: 25 },
      eA1cPercent: null, eA1cReason: "under_14_days", gmiPercent: null, gmiReason: "needs_sensor", computedFrom: "meter_readings",
    });
    expect(found.byType.find(({ type }) => type === "LUNCH")).toMatchObject({ count: 2, meanMgDl: 150, typeEs: "ALMUERZO" });
    expect(found.daily.map(({ date, count: n }) => [date, n])).toEqual([["2026-10-15", 2], ["2026-10-14", 2]]);
  });

  it("estimate A1C (ADAG) of three a day over fourteen days", async () => {
    await post({ readings: Array.from({ length: 42 }, (_, index) => ({ at: iso(NOW_MS - index * 8 * HOUR), value: 154, unit: "mg/dL" })) });
    const { eA1cPercent, eA1cReason, days } = await statistics();
    expect([eA1cReason, days >= 14]).toEqual([null, true]);
    expect(eA1cPercent).toBeCloseTo((154 + 46.7) / 28.7, 9);
  });

  it("have null and a reason without readings", async () => {
    expect(await statistics()).toMatchObject({ count: 0, meanMgDl: null, rangesPercent: null, eA1cReason: "no_readings", byType: [], daily: [] });
  });
});

describe("taking a reading back", () => {
  const remove = (id: string, query = "") => test.request({ as: test.people.patient, method: "DELETE", url: `${url}/${id}${query}` });
  const restore = (id: string) => test.request({ as: test.people.patient, method: "POST", url: `${url}/${id}/restore` });
  const curve = async (): Promise<number[]> => (await read<{ series: { values: number[] }[] }>(test, test.people.patient, "/metrics?metrics=glucose_meter")).series.flatMap(({ values }) => values);

  it("removes it from list, curve, statistics and day, keeps its meter from bringing it again, and gives it back [D5]", async () => {
    await post(fromMeter(1, 30, 104));
    await post(fromMeter(2, 20, 111));
    await keepSummaries(test.db.database);
    const [, first] = (await list()).data;
    const taken = await remove(first!.id, "?reason=duplicate");
    expect(taken.json()).toEqual({ id: first!.id, restorableUntil: iso(test.clock.now() + 30 * DAY) });
    // Sent again: as it was, in another order, and with another time, as by a meter whose clock was set.
    await post(fromMeter(1, 30, 104));
    await post({ readings: [{ unit: "mg/dL", value: 104, at: iso(NOW_MS - 30 * MINUTE), sequence: 1 }], device: meter });
    await post(fromMeter(1, 25, 104));
    expect((await list()).data.map(({ valueMgDl }) => valueMgDl)).toEqual([111]);
    expect(await curve()).toEqual([111]);
    expect((await read<ReadingStatistics>(test, test.people.patient, "/readings/statistics")).count).toBe(1);
    await keepSummaries(test.db.database);
    const day = async () => (await read<{ data: { metrics: { count: number }[] }[] }>(test, test.people.patient, "/days?metrics=glucose_meter&from=2026-10-15&to=2026-10-15")).data[0]!.metrics[0]!.count;
    expect(await day()).toBe(1);
    const { data } = await read<{ data: object[] }>(test, test.people.patient, "/readings/withdrawn");
    expect(data).toEqual([expect.objectContaining({ id: first!.id, valueMgDl: 104, reason: "duplicate", withdrawnBy: { userId: test.people.patient.userId, name: "patient" } })]);
    expect((await restore(first!.id)).statusCode).toBe(200);
    expect((await list()).data).toContainEqual(first);
    expect((await curve()).toSorted((a, b) => a - b)).toEqual([104, 111]);
    await keepSummaries(test.db.database);
    expect(await day()).toBe(2);
    expect((await restore(first!.id)).statusCode).toBe(404);
  });

  it("is audited with who and which, without a value, and announced", async () => {
    await post(fromMeter(5, 5, 117));
    const { id } = (await list()).data[0]!;
    await remove(id);
    await restore(id);
    const entries = await test.db.asOwner("select action, actor_user_id, object_id from audit_log where action like 'reading.%' order by id desc limit 2");
    expect(entries).toEqual(["reading.restored", "reading.withdrawn"].map((action) => ({ action, actor_user_id: test.people.patient.userId, object_id: id })));
    const changes = await test.db.asOwner<{ kind: string; metric: number | null }>("select kind, metric from changes order by id");
    expect(changes.slice(-4)).toEqual(Array.from({ length: 2 }, () => [{ kind: "samples", metric: 3 }, { kind: "treatment", metric: null }]).flat());
  });

  it("works in a day that rests as a block, and for one that stands in no diary", async () => {
    const records = Array.from({ length: 12 }, (_, index) => ({ record: "sample" as const, metric: "glucose_meter" as const, startMs: NOW_MS - 5 * DAY - index * MINUTE, value: 100 + index, offsetMinutes: null }));
    await give(test, test.people.patient, { records });
    expect(await count("day_blocks")).toBe(1);
    const { id } = (await list()).data[3]!;
    expect(id).toMatch(/^s\d+-\d+$/);
    expect((await remove(id)).statusCode).toBe(200);
    await give(test, test.people.patient, { records, body: "the same again" });
    expect((await list()).data.map(({ valueMgDl }) => valueMgDl)).toEqual([100, 101, 102, 104, 105, 106, 107, 108, 109, 110, 111]);
    await restore(id);
    expect((await list()).data.map(({ valueMgDl }) => valueMgDl)).toEqual(records.map(({ value }) => value));
  });

  it("is for readings alone: a sensor's value, a calibration, another's reading and a meal are not there", async () => {
    await give(test, test.people.patient, { records: [...sensor([120], NOW_MS), { record: "sample", metric: "glucose_meter", startMs: NOW_MS, value: 131, offsetMinutes: null, flags: ["calibration"] }, { record: "treatment", kind: "carbohydrates", vendorId: "c", atMs: NOW_MS, offsetMinutes: null, amount: 20 }] });
    await post({ readings: [{ at: iso(NOW_MS), value: 99, unit: "mg/dL" }] }, test.people.stranger);
    const rows = await test.db.asOwner<{ id: string }>("select id::text from treatments union all select 's' || id || '-' || $1::text from series", [NOW_MS]);
    expect(rows.length).toBeGreaterThan(4);
    for (const { id } of rows) expect((await remove(id)).statusCode, id).toBe(404);
    for (const id of ["s1-1", "0", "x", "9".repeat(18)]) expect((await remove(id)).statusCode, id).toBe(404);
  });

  it("cannot be undone after thirty days", async () => {
    await post(fromMeter(9, 5));
    const { id } = (await list()).data[0]!;
    await remove(id);
    test.clock.advance(30 * DAY);
    const answer = await restore(id);
    test.clock.advance(-30 * DAY);
    expect([answer.statusCode, problemOf(answer).code]).toEqual([409, "restore_expired"]);
  });

  it("wins over a meter that sends at the same moment", async () => {
    for (let round = 0; round < 5; round += 1) {
      await post(fromMeter(round, 60 - round, 100));
      const { id } = (await list()).data[0]!;
      await Promise.all([remove(id), post({ ...fromMeter(round, 60 - round, 100), syncSource: "bluetooth" }), post({ ...fromMeter(round, 60 - round, 100), syncSource: "app" })]);
      expect((await list()).data, `round ${round}`).toEqual([]);
      expect(await curve()).toEqual([]);
    }
  });
});
