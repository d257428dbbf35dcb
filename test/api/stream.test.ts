/** All samples as lines of text: whole, in order, at flat memory, and honest about its end. [R7] [R8] */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChangeList } from "../../src/api/schemas.ts";
import { CHANGES_HEADER } from "../../src/api/changes.ts";
import { NOTICE_HEADER } from "../../src/api/notice.ts";
import type { SampleRecord } from "#driver/records.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { DAY, give, HOUR, iso, makeConnection, MINUTE, NOW_MS, problemOf, read, readings } from "./kit.ts";

const BEATS = 240_000;
const FIRST = NOW_MS - 300 * DAY;

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
  const garmin = await makeConnection(test, test.people.patient, "garmin");
  const dexcom = await makeConnection(test, test.people.patient, "dexcom");
  for (let at = 0; at < BEATS; at += 40_000) {
    const records = Array.from({ length: 40_000 }, (_, index): SampleRecord => ({ record: "sample", metric: "heart_rate", startMs: FIRST + (at + index) * MINUTE, value: 50 + ((at + index) % 97), offsetMinutes: 120 }));
    await give(test, test.people.patient, { records, provider: "garmin", connectionId: garmin, body: `${at}` });
  }
  await give(test, test.people.patient, { records: readings([100, 110, 120], NOW_MS - 30 * MINUTE), provider: "dexcom", connectionId: dexcom });
  await give(test, test.people.patient, { records: readings([200, 210, 220], NOW_MS - 28 * MINUTE) });
});
afterAll(() => test.close());

const url = (query: string, patientId = "me"): string => `/api/v1/patients/${patientId}/metrics/stream?${query}`;
const ask = (query: string, headers: Record<string, string> = {}): ReturnType<TestApp["request"]> => test.request({ as: test.people.patient, method: "GET", url: url(query), headers });
const lines = (body: string): Record<string, unknown>[] => body.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);

/** A reply as it arrives, over a real socket. */
async function open(query: string, as = test.people.patient, patientId = "me"): Promise<IncomingMessage> {
  const [reply] = (await once(get(`${test.origin}${url(query, patientId)}`, { headers: { authorization: `Bearer ${as.token}` } }), "response")) as [IncomingMessage];
  return reply;
}

describe("a stream", () => {
  it("holds every sample once, in order, and says at its end how many", async () => {
    const told = lines((await ask("metrics=heart_rate")).body);
    expect(told.at(-1)).toEqual({ end: true, rows: BEATS });
    expect(told).toHaveLength(BEATS + 1);
    const wrong = told.slice(0, -1).findIndex(({ start, value }, index) => Date.parse(start as string) !== FIRST + index * MINUTE || value !== 50 + (index % 97));
    expect(wrong).toBe(-1);
    expect(told[0]).toMatchObject({ metric: "heart_rate", unit: "/min", provider: "garmin", start: expect.stringMatching(/\+02:00$/) as string });
  });

  it("takes one metric after the other, and the window asked for", async () => {
    const body = `metrics=heart_rate,glucose&from=${iso(FIRST + HOUR)}&to=${iso(FIRST + 2 * HOUR)}`;
    expect(lines((await ask(body)).body).at(-1)).toEqual({ end: true, rows: 60 });
    const both = lines((await ask(`metrics=glucose,heart_rate&from=${iso(NOW_MS - 200 * DAY)}`)).body);
    expect(both.slice(0, 3).map(({ metric, value }) => [metric, value])).toEqual([["glucose", 100], ["glucose", 110], ["glucose", 120]]);
    expect(both[3]).toMatchObject({ metric: "heart_rate" });
    expect((await ask("metrics=weight")).body).toBe("{\"end\":true,\"rows\":0}\n");
  });

  it("merges sources, or tells each by itself", async () => {
    const values = async (query: string): Promise<unknown[]> => lines((await ask(query)).body).slice(0, -1).map(({ value, provider }) => [value, provider]);
    expect(await values("metrics=glucose")).toEqual([[100, "dexcom"], [110, "dexcom"], [120, "dexcom"]]);
    expect(await values("metrics=glucose&resolved=false")).toEqual([[100, "dexcom"], [110, "dexcom"], [120, "dexcom"], [200, "import"], [210, "import"], [220, "import"]]);
  });

  it("is CSV where that is asked for by name or by the Accept header, with both units of glucose", async () => {
    const byName = await ask("metrics=glucose&format=csv");
    expect(byName.headers["content-type"]).toBe("text/csv; charset=utf-8; header=present");
    expect(byName.headers["content-disposition"]).toBe("attachment; filename=\"samples.csv\"");
    const rows = byName.body.split("\r\n");
    expect(rows[0]).toBe("metric,start,end,value,unit,other_value,other_unit,flags,source,provider,device,delivery");
    expect(rows[1]).toMatch(/^glucose,2026-10-15T13:20:00\+02:00,,100,mg\/dL,5\.55,mmol\/L,,\d+,dexcom,,\d+$/);
    expect(rows).toHaveLength(5);
    expect((await ask("metrics=glucose", { accept: "text/csv" })).body).toBe(byName.body);
    expect((await ask("metrics=glucose&format=ndjson", { accept: "text/csv" })).headers["content-type"]).toBe("application/x-ndjson; charset=utf-8");
  });

  it("carries the notice with glucose, and the cursor of what changes meanwhile", async () => {
    const reply = await ask("metrics=glucose");
    expect(reply.headers[NOTICE_HEADER]).toBeDefined();
    expect((await ask("metrics=weight")).headers[NOTICE_HEADER]).toBeUndefined();
    await give(test, test.people.patient, { records: [{ record: "sample", metric: "weight", startMs: NOW_MS - 40 * DAY, value: 70, offsetMinutes: null }] });
    const after = String(reply.headers[CHANGES_HEADER]);
    let changes: ChangeList;
    do changes = await read<ChangeList>(test, test.people.patient, `/changes?after=${after}`);
    while (!changes.data.some(({ metric }) => metric === "weight"));
    expect(changes.data.filter(({ metric }) => metric === "heart_rate")).toEqual([]);
  });

  it("is refused like any other reading, before it begins", async () => {
    for (const [query, pointer] of [["metrics=joy", "metrics"], ["metrics=steps&format=xml", "format"], ["metrics=steps&from=now", "from"], ["metrics=steps&resolved=maybe", "resolved"]] as const) {
      expect(problemOf(await ask(query)).errors?.[0]?.pointer, query).toBe(`/querystring/${pointer}`);
    }
  });
});

describe("a reader who", () => {
  it("reads slowly makes the server wait, not grow", async () => {
    const reply = await open("metrics=heart_rate&format=csv");
    const counted = { begun: 0 };
    const database = test.db.database as { withPerson: typeof test.db.database.withPerson };
    const original = database.withPerson;
    database.withPerson = (person, work) => {
      counted.begun += 1;
      return original(person, work);
    };
    try {
      reply.pause();
      // Until nothing more is read: the buffers of the sockets are full, which hold a good part of it, and the rest must wait.
      for (let last = -1; last !== counted.begun; ) {
        last = counted.begun;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      const whileWaiting = counted.begun;
      let bytes = 0;
      for await (const chunk of reply) bytes += (chunk as Buffer).length;
      expect(counted.begun).toBeGreaterThan(whileWaiting);
      expect(bytes).toBeGreaterThan(BEATS * 50);
      expect(reply.complete).toBe(true);
    } finally {
      database.withPerson = original;
    }
  });

  it("goes away ends the reading of the database", async () => {
    const before = test.app.api.database.poolUse();
    for (let round = 0; round < 3; round += 1) {
      const reply = await open("metrics=heart_rate");
      await once(reply, "data");
      reply.destroy();
    }
    let use = test.app.api.database.poolUse();
    for (const until = performance.now() + 10_000; use.idle !== use.open && performance.now() < until; use = test.app.api.database.poolUse()) await new Promise((resolve) => setImmediate(resolve));
    expect(use.idle).toBe(use.open);
    expect(use.open).toBeLessThanOrEqual(before.most);
  });

  it("loses the right meanwhile gets no more, and sees that it is not all", async () => {
    const { clinician, patient } = test.people;
    const reply = await open("metrics=heart_rate", clinician, patient.patientId!);
    expect(reply.statusCode).toBe(200);
    await once(reply, "readable");
    await test.db.asOwner("update grants set valid_to = now() where user_id = $1", [clinician.userId]);
    let text = "";
    const failed = await (async () => {
      for await (const chunk of reply) text += String(chunk);
      return null;
    })().catch((error: NodeJS.ErrnoException) => error.code);
    await test.db.asOwner("update grants set valid_to = 'infinity' where user_id = $1", [clinician.userId]);
    expect(failed).toBe("ECONNRESET");
    expect(text.split("\n").length).toBeLessThan(BEATS);
    expect(text).not.toContain("\"end\":true");
  });
});

describe("the memory of a stream", () => {
  it("does not grow with its rows", async () => {
    const reply = await open("metrics=heart_rate");
    let most = 0;
    const atRest = process.memoryUsage().rss;
    for await (const chunk of reply) if ((chunk as Buffer).length > 0) most = Math.max(most, process.memoryUsage().rss);
    // All of it as text would be 40 MB, as objects several times as much.
    expect((most - atRest) / 2 ** 20).toBeLessThan(120);
  });
});
