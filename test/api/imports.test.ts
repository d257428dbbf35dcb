/** Files over HTTP: good rows stored, bad rows listed with their lines, nothing half-written, and the way back to the bytes. */
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "../../src/api/notice.ts";
import type { Delivery, GlucoseSeries, ImportReply, Provenance, Treatment } from "../../src/api/schemas.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { give, iso, MINUTE, NOW_MS, problemOf, read, readings } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_MAX_IMPORT_BYTES: "200000" } });
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate samples, day_blocks, series, treatments, changes, deliveries, delivery_keys"));

const HEADER =
  "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID";
const CLARITY = [
  HEADER, "1,,FirstName,,Nora,,,,,,,,,", "2,,LastName,,Example,,,,,,,,,", "3,,Device,,,Dexcom G6 Mobile App,Android G6,,,,,,,",
  "4,2026-10-14T06:30:00,EGV,,,,Android G6,112,,,,,100,8AM1EY",
  "5,2026-10-14T06:35:00,EGV,,,,Android G6,Low,,,,,400,8AM1EY",
  "6,2026-10-14T06:40:00,EGV,,,,Android G6,High,,,,,700,8AM1EY",
  "7,2026-10-14T06:45:00,EGV,,,,Android G6,118,,,,,1000,8AM1EY",
  "8,2026-10-14T06:45:00,EGV,,,,Android G6,118,,,,,1000,8AM1EY",
  "9,2026-10-14T06:50:00,EGV,,,,Android G6,unreadable,,,,,1300,8AM1EY",
  "10,yesterday,EGV,,,,Android G6,120,,,,,1600,8AM1EY",
  "11,2026-10-14T07:00:00,Carbs,,,,Android G6,,,45,,,,",
  "12,2026-10-14T06:55:00,EGV,,,,Android G6,119,,,,,1900,8AM1EY",
].join("\r\n");

function send(body: string | Buffer, options: { as?: Person; query?: string; headers?: Record<string, string> } = {}): Promise<LightMyRequestResponse> {
  return test.request({
    as: options.as ?? test.people.patient, method: "POST", url: `/api/v1/patients/me/imports${options.query ?? ""}`, payload: body,
    headers: { "content-type": "text/csv", ...options.headers },
  });
}

/** Rows of everything that an import could leave behind. */
async function rows(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of ["deliveries", "delivery_keys", "series", "samples", "treatments", "changes"]) {
    counts[table] = Number((await test.db.asOwner<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n);
  }
  return counts;
}
const NOTHING = { deliveries: 0, delivery_keys: 0, series: 0, samples: 0, treatments: 0, changes: 0 };

describe("a good file", () => {
  it("is stored in its good rows and answered with its bad ones, by line and without their values", async () => {
    const answer = await send(CLARITY);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers[NOTICE_HEADER]).toBe(GLUCOSE_NOTICE);
    const reply = answer.json<ImportReply>();
    expect(reply).toMatchObject({ format: "clarity-csv", unit: "mg/dL", zone: "Europe/Madrid", rows: 9, stored: 6, duplicates: 1 });
    expect(reply.problems.map(({ line }) => line)).toEqual([10, 11]);
    expect(answer.body).not.toMatch(/unreadable|yesterday|Nora/);

    const { values, times, flags } = await read<GlucoseSeries>(test, test.people.patient, "/glucose/series?from=2026-10-14T00:00:00Z&to=2026-10-15T00:00:00Z");
    // Local times are those of the patient's zone: 06:30 in Madrid is 04:30 UTC in October.
    expect(times.map(iso)).toEqual(["04:30", "04:35", "04:40", "04:45", "04:55"].map((time) => `2026-10-14T${time}:00.000Z`));
    expect(values).toEqual([112, 39, 401, 118, 119]);
    expect(flags).toEqual([[], ["below_range"], ["above_range"], [], []]);
    const { data } = await read<{ data: Treatment[] }>(test, test.people.patient, "/treatments");
    expect(data).toMatchObject([{ kind: "carbohydrates", amount: 45, unit: "g", at: "2026-10-14T05:00:00.000Z" }]);
  });

  it("is read in the zone and unit that are asked for", async () => {
    const answer = await send("time,gl\n2026-10-14 06:30,5.5\n2026-10-14 06:35,6.0\n", { query: "?zone=America/New_York&unit=mmol/L" });
    expect(answer.json()).toMatchObject({ format: "glucose-csv", unit: "mmol/L", zone: "America/New_York", stored: 2 });
    const { values, times } = await read<GlucoseSeries>(test, test.people.patient, "/glucose/series?from=2026-10-14T00:00:00Z&to=2026-10-15T00:00:00Z&unit=mmol/L");
    expect(values).toEqual([5.5, 6]);
    expect(times.map(iso)[0]).toBe("2026-10-14T10:30:00.000Z");
  });

  it("is taken with decimal commas, semicolons, Latin-1, a byte-order mark and rows out of order", async () => {
    const variants: [string, Buffer][] = [
      ["semicolons", Buffer.from("time;glucose (mmol/L)\r\n2026-10-14 06:35;6,0\r\n2026-10-14 06:30;5,5\r\n")],
      ["a mark", Buffer.from("\uFEFFtime,gl\n2026-10-14 06:30,100\n")],
      ["UTF-16", Buffer.from("\uFEFFtime,gl\n2026-10-14 06:40,100\n", "utf16le")],
      ["Latin-1", Buffer.from("time;gl;gerät\n2026-10-14 06:45;100;für\n", "latin1")],
    ];
    for (const [name, body] of variants) expect((await send(body)).statusCode, name).toBe(200);
    const { times } = await read<GlucoseSeries>(test, test.people.patient, "/glucose/series?from=2026-10-14T00:00:00Z&to=2026-10-15T00:00:00Z");
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("may come as any kind of text or as bytes, from whoever may upload", async () => {
    const types = ["text/csv", "text/csv; charset=utf-8", "text/plain", "application/octet-stream", "application/vnd.ms-excel", "TEXT/CSV"];
    for (const [index, type] of types.entries()) {
      expect((await send(`time,gl\n2026-10-14 0${index}:30,100\n`, { headers: { "content-type": type } })).statusCode, type).toBe(200);
    }
  });

  it("is refused the second time, for this patient only, and changes nothing then", async () => {
    const first = (await send(CLARITY)).json<ImportReply>();
    const before = await rows();
    const again = await send(CLARITY);
    expect(again.statusCode).toBe(409);
    expect(problemOf(again)).toMatchObject({ code: "already_imported" });
    expect(problemOf(again).detail).toContain(first.deliveryId);
    expect(await rows()).toEqual(before);
    expect((await send(CLARITY, { as: test.people.stranger })).statusCode).toBe(200);
    expect((await send(`${CLARITY}\r\n13,2026-10-14T08:00:00,EGV,,,,Android G6,130,,,,,2200,8AM1EY`)).json()).toMatchObject({ stored: 1 });
  });

  it("is stored once when it comes many times at once", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(CLARITY)));
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
    expect(await rows()).toMatchObject({ deliveries: 1, samples: 5, treatments: 1 });
  });
});

describe("a file that cannot be used", () => {
  const files: readonly (readonly [string, string | Buffer, number, RegExp])[] = [
    ["a missing column", CLARITY.replace("Glucose Value (mg/dL)", "Something"), 415, /needs/],
    ["no time column", "id,gl\n1,100\n", 415, /time column/],
    ["no header", "2026-10-14 06:30,987\n2026-10-14 06:35,654\n", 415, /column/],
    ["mixed units", `time,gl\n${[5.5, 6, 5.8, 100, 110, 120, 6.2, 130].map((value, index) => `2026-10-14 06:${String(index * 5).padStart(2, "0")},${value}`).join("\n")}\n`, 422, /mixes mg\/dL and mmol\/L/],
    ["a header that lies", "time,glucose (mmol/L)\n2026-10-14 06:30,100\n2026-10-14 06:35,110\n", 422, /cannot be mmol\/L/],
    ["no unit to be told", "time,gl\n2026-10-14 06:30,30\n", 422, /tell whether/],
    ["no usable row", "time,gl\nnever,100\nalso never,110\n", 422, /None of the file's 2 rows/],
    ["no rows", "time,gl\n", 422, /no rows/],
    ["nothing at all", "", 422, /empty/],
    ["JSON", '{"egvs": []}', 415, /JSON/],
    ["a spreadsheet", Buffer.from([0x50, 0x4b, 0x03, 0x04, 0, 0, 0, 0]), 415, /spreadsheet/],
    ["several people", "id,time,gl\na,2026-10-14 06:30,100\nb,2026-10-14 06:30,110\n", 422, /2 people/],
    ["binary noise", Buffer.from(Array.from({ length: 4_000 }, (_, index) => (index * 7919) % 251)), 415, /./],
  ];

  it("is refused with the reason and without its values, and leaves nothing behind", async () => {
    for (const [name, body, status, detail] of files) {
      const answer = await send(body);
      expect(answer.statusCode, `${name}: ${answer.body}`).toBe(status);
      const { trace_id: _trace, ...problem } = problemOf(answer);
      expect(problem.detail, name).toMatch(detail);
      expect(JSON.stringify(problem), name).not.toMatch(/987|654|Nora/);
      expect(await rows(), name).toEqual(NOTHING);
    }
  });

  it("is refused for an unknown zone or unit", async () => {
    for (const query of ["?zone=Mars/Olympus", "?zone=%00", "?unit=mg", `?zone=${"x".repeat(100)}`]) {
      expect((await send(CLARITY, { query })).statusCode, query).toBe(400);
      expect(await rows(), query).toEqual(NOTHING);
    }
  });

  it("lists the lines that were wrong when none was right", async () => {
    const problem = problemOf(await send("time,gl\nnever,100\n2026-10-14 06:30,much\n"));
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(["line 2", "line 3"]);
  });

  it("that is too large is refused while it is read", async () => {
    const large = `time,gl\n${"2026-10-14 06:30,100\n".repeat(10_000)}`;
    const answer = await send(large);
    expect(answer.statusCode).toBe(413);
    expect(problemOf(answer)).toMatchObject({ code: "too_large" });
    expect(await rows()).toEqual(NOTHING);
  });

  it("that comes in a form, compressed, or as another kind of thing is refused unread", async () => {
    for (const headers of [
      { "content-type": "multipart/form-data; boundary=x" }, { "content-type": "application/json" }, { "content-type": "application/x-www-form-urlencoded" },
      { "content-type": "image/png" }, { "content-encoding": "gzip" }, { "content-encoding": "identity" },
    ] as Record<string, string>[]) {
      const answer = await send(CLARITY, { headers });
      expect(answer.statusCode, JSON.stringify(headers)).toBe(415);
      expect(problemOf(answer).code).toBe("unsupported_media_type");
      expect(await rows()).toEqual(NOTHING);
    }
  });

  it("of a stranger is refused before its body is read", async () => {
    const answer = await fetch(`${test.origin}/api/v1/patients/me/imports`, {
      method: "POST", headers: { "content-type": "text/csv" }, duplex: "half",
      body: new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("time,gl\n")) }),
    } as RequestInit);
    expect(answer.status).toBe(401);
  });
});

describe("the way back from a value", () => {
  it("leads to the delivery it came in and to the very bytes of the file", async () => {
    const { deliveryId } = (await send(CLARITY)).json<ImportReply>();
    const found = await read<Provenance>(test, test.people.patient, "/provenance?metric=glucose&at=2026-10-14T04:30:00Z");
    expect(found).toMatchObject({
      value: { metric: "glucose", at: "2026-10-14T04:30:00.000Z", value: 112, unit: "mg/dL", source: { provider: "import", device: "Android G6" } },
      delivery: { id: deliveryId, via: "import", provider: "import", state: "done", bytes: Buffer.byteLength(CLARITY), attempts: 1, processedAt: expect.any(String) as string },
    });
    expect(found.delivery.problems.map(({ path }) => path)).toEqual(["line 10", "line 11"]);
    expect(await read<Delivery>(test, test.people.patient, `/deliveries/${deliveryId}`)).toEqual(found.delivery);
    const { patient, clinician } = test.people;
    expect((await test.request({ as: clinician, method: "GET", url: `/api/v1/patients/${patient.patientId!}/deliveries/${deliveryId}/raw` })).statusCode).toBe(200);
    const raw = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/deliveries/${deliveryId}/raw` });
    expect(await test.db.asOwner("select actor_user_id, patient_id, purpose from audit_log where action = 'delivery.exported' and object_id = $1", [deliveryId]), "others' reads of it alone").toEqual([{ actor_user_id: clinician.userId, patient_id: patient.patientId, purpose: "care" }]);
    expect(raw.rawPayload.equals(Buffer.from(CLARITY))).toBe(true);
    expect(raw.headers).toMatchObject({
      "content-type": "application/octet-stream", "x-content-type-options": "nosniff", "content-disposition": `attachment; filename="delivery-${deliveryId}"`,
      "cache-control": "no-store", [NOTICE_HEADER]: GLUCOSE_NOTICE,
    });
  });

  it("leads to whatever bytes came, large or small, text or not", async () => {
    for (const body of ["x", "\u0000\u0001<script>alert(1)</script>", "y".repeat(100_000), JSON.stringify({ "\u0000": "\ud800" })]) {
      const id = await give(test, test.people.patient, { records: readings([100], NOW_MS - MINUTE), body });
      const raw = await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me/deliveries/${id}/raw` });
      expect(raw.rawPayload.equals(Buffer.from(body))).toBe(true);
    }
  });

  it("tells of the newest delivery that changed the value, and of the source that is asked for", async () => {
    const [first, second] = [await give(test, test.people.patient, { records: readings([100], NOW_MS) }), await give(test, test.people.patient, { records: readings([105], NOW_MS) })];
    const third = await give(test, test.people.patient, { records: readings([105], NOW_MS) });
    const other = await give(test, test.people.patient, { records: readings([200], NOW_MS, { device: "B" }) });
    const at = `/provenance?metric=glucose&at=${iso(NOW_MS)}`;
    const found = await read<Provenance>(test, test.people.patient, at);
    expect([found.value.value, found.delivery.id]).toEqual([105, second]);
    expect([first, third]).not.toContain(found.delivery.id);
    const sources = await test.db.asOwner<{ id: string }>("select id::text from series where device_id = 'B'");
    expect((await read<Provenance>(test, test.people.patient, `${at}&source=${sources[0]!.id}`)).delivery.id).toBe(other);
  });

  it("ends where there is no such value, delivery or instant", async () => {
    await give(test, test.people.patient, { records: readings([100], NOW_MS) });
    for (const [path, status] of [
      [`/provenance?metric=glucose&at=${iso(NOW_MS + 1)}`, 404], [`/provenance?metric=steps&at=${iso(NOW_MS)}`, 404], [`/provenance?metric=glucose&at=${iso(NOW_MS)}&source=0`, 404],
      ["/provenance?metric=glucose", 400], ["/provenance?metric=happiness&at=2026-10-14T04:30:00Z", 400], ["/provenance?metric=glucose&at=now", 400],
      ["/deliveries/0", 404], ["/deliveries/x", 400], ["/deliveries/-1", 400], [`/deliveries/${"9".repeat(19)}`, 400], ["/deliveries/999999999999999999/raw", 404],
    ] as const) {
      expect((await test.request({ as: test.people.patient, method: "GET", url: `/api/v1/patients/me${path}` })).statusCode, path).toBe(status);
    }
  });
});
