/** Apple Health's export over HTTP: streamed, stored once however often it is sent, refused where it is made to harm, and never left half-open. */
import { crc32, deflateRawSync } from "node:zlib";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Delivery, ImportReply } from "../../src/api/schemas.ts";
import { EXPORT } from "#sync/import-export.ts";
import { processNow } from "#sync/process.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { problemOf, read } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_MAX_EXPORT_BYTES: "100000" } });
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate samples, day_blocks, series, treatments, sleeps, workouts, changes, deliveries, delivery_keys cascade"));

const record = (type: string, minute: number, rest: string): string => {
  const at = `2026-10-14 08:${String(minute).padStart(2, "0")}:00 +0200`;
  return `<Record type="${type}" sourceName="Watch" creationDate="${at}" startDate="${at}" endDate="${at}" ${rest}/>`;
};
const EXPORT_XML = `<?xml version="1.0" encoding="UTF-8"?>
<HealthData locale="en_GB"><ExportDate value="2026-10-15 09:00:00 +0200"/>
${record("HKQuantityTypeIdentifierHeartRate", 1, 'unit="count/min" value="61"')}
${record("HKQuantityTypeIdentifierBloodGlucose", 2, 'unit="mmol&lt;180.1558800000541&gt;/L" value="6.2"')}
${record("HKQuantityTypeIdentifierHeartRate", 3, 'unit="count/min" value="nonsense"')}
<Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="Watch" startDate="2026-10-14 01:00:00 +0200" endDate="2026-10-14 02:00:00 +0200" value="HKCategoryValueSleepAnalysisAsleepDeep"/>
</HealthData>`;

/** An archive of one compressed file. */
function zipOf(name: string, text: string): Buffer {
  const [named, raw] = [Buffer.from(name), Buffer.from(text)];
  const packed = deflateRawSync(raw);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(raw), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(raw.length, 18);
  common.writeUInt16LE(named.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, named, packed]);
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), common, Buffer.alloc(14), Buffer.alloc(4), named]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end]);
}

function send(body: string | Buffer, type = "application/xml"): Promise<LightMyRequestResponse> {
  return test.request({ as: test.people.patient, method: "POST", url: "/api/v1/patients/me/imports", payload: body, headers: { "content-type": type } });
}

async function stored(): Promise<Record<string, number>> {
  const [row] = await test.db.ofSamples<Record<string, string>>("select (select count(*) from samples) as samples, (select count(*) from sleeps) as sleeps");
  return Object.fromEntries(Object.entries(row!).map(([table, count]) => [table, Number(count)]));
}

const deliveries = (): Promise<{ id: string; state: string; resource: string }[]> => test.db.asOwner("select id, state, resource from deliveries order by received_at");

describe("an export of Apple Health", () => {
  it("is stored as it streams in, with its bad elements by line, and adds nothing when it is sent again", async () => {
    const first = await send(EXPORT_XML);
    expect(first.statusCode).toBe(200);
    const reply = first.json<ImportReply>();
    expect(reply).toMatchObject({ format: "apple-health", unit: null, stored: 3 });
    expect(reply.problems.map(({ line }) => line)).toEqual([5]);
    expect(first.body).not.toContain("nonsense");
    expect(await stored()).toEqual({ samples: 2, sleeps: 1 });

    const again = await send(zipOf("apple_health_export/export.xml", EXPORT_XML), "application/zip");
    expect(again.statusCode).toBe(200);
    expect(again.json<ImportReply>().stored).toBe(0);
    expect(await stored()).toEqual({ samples: 2, sleeps: 1 });
    expect((await deliveries()).map(({ state, resource }) => [state, resource])).toEqual([["done", EXPORT], ["done", EXPORT]]);
  });

  it("that breaks off leaves what came before it, and says so", async () => {
    const answer = await send(EXPORT_XML.slice(0, EXPORT_XML.indexOf('value="nonsense"')));
    expect(answer.statusCode).toBe(200);
    expect(answer.json<ImportReply>().problems).toHaveLength(1);
    expect(await stored()).toEqual({ samples: 2, sleeps: 0 });
  });

  it("with an entity of its own is stored but for the value that stands on it: nothing is fetched or opened", async () => {
    const answer = await send(`<?xml version="1.0"?><!DOCTYPE HealthData [<!ENTITY a SYSTEM "file:///etc/hostname">]><HealthData>${record("HKQuantityTypeIdentifierHeartRate", 1, 'unit="count/min" value="61"')}\n${record("HKQuantityTypeIdentifierHeartRate", 2, 'unit="count/min" value="&a;"')}</HealthData>`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json<ImportReply>()).toMatchObject({ stored: 1, problems: [{ line: 2, reason: "no well-formed XML" }, { line: 2, reason: "a value that is no number" }] });
  });

  it.each([
    ["that is another XML", "<?xml version=\"1.0\"?><feed/>", "application/xml", 415],
    ["whose archive climbs out of its folder", zipOf("../../export.xml", EXPORT_XML), "application/zip", 422],
    ["that is too large", EXPORT_XML.replace("</HealthData>", `<!--${"x".repeat(100_000)}--></HealthData>`), "application/xml", 413],
  ])("%s is refused, and its delivery ended", async (_name, body, type, status) => {
    const answer = await send(body, type);
    expect([answer.statusCode, problemOf(answer).status]).toEqual([status, status]);
    expect((await deliveries()).map(({ state }) => state)).toEqual(["dead"]);
  });

  it("whose server died while it streamed in is told as dead, for its bytes are gone", async () => {
    const reply = (await send(EXPORT_XML)).json<ImportReply>();
    await test.db.asOwner("update deliveries set state = 'pending', processed_at = null where id = $1", [reply.deliveryId]);
    await expect(processNow(test.app.sync, [reply.deliveryId], new AbortController().signal)).rejects.toThrow("send the file again");
    expect((await deliveries()).map(({ state }) => state)).toEqual(["dead"]);
    expect(await stored()).toEqual({ samples: 2, sleeps: 1 });
    expect((await read<Delivery>(test, test.people.patient, `/deliveries/${reply.deliveryId}`)).id).toBe(reply.deliveryId);
  });
});
