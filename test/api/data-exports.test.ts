/** Packages of everything about a person: whole, sealed, for one person, for a day. Faults PR-05, PR-06, DA-02. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runDataExport, sweepPrivacy } from "#privacy/jobs.ts";
import { normalizeNationalId } from "#people/accounts/national-id.ts";
import { makeExport } from "#privacy/package/run.ts";
import type { PackagePart } from "#privacy/package/parts.ts";
import { SCHEMAS } from "#privacy/package/parts/schemas.ts";
import { TABLE_RULES } from "#privacy/tables.ts";
import { importFile } from "#sync/import-file.ts";
import { startTestApp, type Person, type TestApp } from "#test/kit/app.ts";
import { CANARY, CANARY_NUMBER, seedPerson, type Seeded } from "#test/kit/privacy-seed.ts";
import { unzip } from "#test/kit/unzip.ts";
import { DAY, HOUR, problemOf } from "./kit.ts";

let folder: string;
let test: TestApp;
let seeded: Seeded;
let files: Map<string, Buffer>;

interface Shown {
  readonly id: string; readonly state: string; readonly progress: number; readonly bytes: number | null; readonly sha256: string | null; readonly rows: number | null; readonly error: string | null;
}

const BASE = "/api/v1/patients/me/data-exports";
const ask = (as: Person) => test.request({ as, method: "POST", url: BASE, payload: { locale: "es" } });
const show = async (as: Person, id: string): Promise<Shown> => (await test.request({ as, method: "GET", url: `${BASE}/${id}` })).json<Shown>();
const work = async (): Promise<void> => {
  for (let job = test.jobs.shift(); job; job = test.jobs.shift()) if (job.queue === "data-export") await runDataExport(test.app.privacy, job.data, AbortSignal.timeout(60_000));
};
const make = async (as: Person): Promise<Shown> => {
  test.clock.advance(9 * HOUR);
  const asked = await ask(as);
  expect(asked.statusCode, asked.body).toBe(202);
  await work();
  return show(as, asked.json<Shown>().id);
};
const lines = (path: string): Record<string, unknown>[] => files.get(path)!.toString("utf8").trimEnd().split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "islet-exports-"));
  test = await startTestApp({ env: { ISLET_EXPORTS_DIR: join(folder, "exports"), ISLET_DATA_DIR: folder } });
  seeded = await seedPerson(test, test.people.patient);
  // Days pass here; who is signed in is another test's question.
  await test.db.asOwner("update sessions set expires_at = expires_at + interval '1 year'");
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a package of everything", () => {
  it("is made in the background and fetched by who asked, byte for byte as it says [PR-05] [PR-06]", async () => {
    const { patient } = test.people;
    const asked = await ask(patient);
    expect(asked.statusCode).toBe(202);
    expect(asked.json<Shown>()).toMatchObject({ state: "waiting", progress: 0 });
    expect(test.jobs.map(({ queue }) => queue)).toEqual(["data-export"]);
    await work();
    const ready = await show(patient, asked.json<Shown>().id);
    expect(ready).toMatchObject({ state: "ready", progress: 1, error: null });
    const fetched = await test.request({ as: patient, method: "GET", url: `${BASE}/${ready.id}/file` });
    expect(fetched.statusCode).toBe(200);
    expect(fetched.headers).toMatchObject({ "content-type": "application/zip", "cache-control": "no-store", "x-content-type-options": "nosniff" });
    expect(fetched.rawPayload.length).toBe(ready.bytes);
    expect(createHash("sha256").update(fetched.rawPayload).digest("hex")).toBe(ready.sha256);
    files = unzip(fetched.rawPayload);
    const actions = await test.db.asOwner<{ action: string }>("select action from audit_log where object_id = $1 order by id", [ready.id]);
    expect(actions.map(({ action }) => action)).toEqual(["data_export.asked", "data_export.made", "data_export.fetched"]);
  });

  it("has a manifest that is true of every file, and a README in both languages with units and zones [PR-05]", () => {
    const manifest = JSON.parse(files.get("manifest.json")!.toString("utf8")) as { files: { path: string; sha256: string; bytes: number; rows: number; schema: string | null }[]; notIncluded: { what: string }[]; subject: string };
    expect(manifest.subject).toBe(test.people.patient.patientId);
    expect(manifest.files.map(({ path }) => path).toSorted()).toEqual([...files.keys()].filter((path) => path !== "manifest.json").toSorted());
    for (const { path, sha256, bytes, schema, rows } of manifest.files) {
      expect(createHash("sha256").update(files.get(path)!).digest("hex"), path).toBe(sha256);
      expect(files.get(path)!.length, path).toBe(bytes);
      if (path.endsWith(".jsonl")) {
        expect(files.has(schema!), path).toBe(true);
        expect(lines(path), path).toHaveLength(rows);
      }
    }
    expect(JSON.parse(files.get("account/national-id.json")!.toString("utf8")), "opened from its seal").toEqual({ nationalId: normalizeNationalId(`${CANARY}-dni`) });
    const readme = files.get("README.txt")!.toString("utf8");
    for (const word of ["EVERYTHING ISLET HOLDS", "TODO LO QUE ISLET GUARDA", "mg/dL", "mmol/L", "UTC", "Europe/Madrid"]) expect(readme).toContain(word);
    expect(files.get("derived/glucose-report.pdf")!.subarray(0, 5).toString()).toBe("%PDF-");
  });

  it("tells every row of every table that it says it tells, as its schema says, in JSON and in CSV alike [PR-05]", async () => {
    const { patient } = test.people;
    for (const { told, table, patient: byPatient, user: byUser } of TABLE_RULES) {
      if (!("file" in told)) continue;
      const [{ n } = { n: -1 }] = await test.db.asOwner<{ n: number }>(
        `select count(*)::int as n from ${table} where ${[byPatient && `${byPatient} = '${patient.patientId}'`, byUser && `${byUser} = '${patient.userId}'`].filter(Boolean).join(" or ")}`,
      );
      // The fetch itself was audited after the package was made.
      const expected = table === "audit_log" ? n - 2 : n;
      const rows = lines(`${told.file}.jsonl`);
      expect(rows, table).toHaveLength(expected);
      for (const row of rows) expect(SCHEMAS[told.shape]!.strict().safeParse(row).error?.message, table).toBe(undefined);
      expect(files.get(`${told.file}.csv`)!.toString("utf8").split("\r\n").filter(Boolean), table).toHaveLength(expected + 1);
      const mayBeEmpty = ["erasures", "legal_holds"];
      if (!mayBeEmpty.includes(table)) expect(rows.length, table).toBeGreaterThan(0);
    }
  });

  it("tells every sample, packed or not, with unit, offset, source, flags and where it came from [PR-05]", async () => {
    const all = ["glucose", "weight", "steps", "readiness"].flatMap((metric) => lines(`observed/samples/${metric}.jsonl`));
    expect(all).toHaveLength(seeded.samples);
    for (const row of all) expect(SCHEMAS["sample"]!.strict().safeParse(row).error?.message).toBe(undefined);
    const [packed] = await test.db.asOwner<{ n: number }>("select coalesce(sum(count), 0)::int as n from day_blocks where patient_id = $1", [test.people.patient.patientId]);
    expect(packed!.n).toBeGreaterThan(100);
    expect(lines("observed/samples/glucose.jsonl").at(-1)).toMatchObject({ value: CANARY_NUMBER, unit: "mg/dL", offsetMinutes: null, provider: "garmin", flags: ["above_range"], deliveryId: seeded.deliveryIds[0] });
    const [head, ...rows] = files.get("observed/samples/glucose.csv")!.toString("utf8").split("\r\n").filter(Boolean);
    expect(head).toBe("\uFEFFtime_utc,end_utc,time_local,utc_offset_min,timezone,glucose_mg_dl,glucose_mmol_l,source,device,series_id,flags,delivery_id");
    expect(rows).toHaveLength(241);
    // No offset was told: the person lived in Lima by then.
    expect(rows.at(-1)).toMatch(/^2026-10-15T11:59:00\.000Z,,2026-10-15T06:59:00\.000,-300,America\/Lima,123\.456789,6\.85,garmin,'=cnry7q-device,/);
  });

  it("keeps what a spreadsheet would run as a formula harmless, and numbers numbers [DA-02]", () => {
    expect(files.get("provided/treatments.csv")!.toString("utf8")).toContain(`"{""text"":""=HYPERLINK(`);
    expect(files.get("observed/series.csv")!.toString("utf8")).toContain(",'=cnry7q-device,");
    expect(files.get("observed/samples/weight.csv")!.toString("utf8")).toContain(",-60,");
    for (const [path, bytes] of files) if (path.endsWith(".csv")) expect(/(?:^|,|\r\n|")[=+@\t]/.test(bytes.toString("utf8").replaceAll(/""/g, "")), path).toBe(false);
  });

  it("has the raw deliveries as they came, and no secret of any kind [PR-05]", () => {
    const index = lines("raw/index.jsonl");
    expect(index.map(({ id }) => id)).toEqual([...seeded.deliveryIds]);
    const first = index[0]!;
    expect(files.get(String(first["path"]))!.toString("utf8")).toMatch(/^cnry7q-body (glucose )+$/);
    expect(createHash("sha256").update(files.get(String(first["path"]))!).digest("hex")).toBe(first["sha256"]);
    const everything = [...files].map(([path, bytes]) => `${path}\n${bytes.toString("utf8")}`).join("\n");
    for (const secret of [`${CANARY}-access`, `${CANARY}-state`, `${CANARY}-device-token`, "$argon2", "$scrypt", "password_hash", "v2."]) expect(everything.includes(secret), secret).toBe(false);
    for (const path of files.keys()) expect(path).toMatch(/^[a-zA-Z0-9_./-]+$/);
  });

  it("can be imported again: the same readings at the same instants [PR-05]", async () => {
    const { stranger } = test.people;
    const outcome = await importFile(
      test.app.sync, { organizationId: test.people.organizationId, patientId: stranger.patientId! }, files.get("observed/samples/glucose.csv")!,
      { zone: "Europe/Madrid" } as Parameters<typeof importFile>[3],
    );
    expect(outcome.stored).toBe(241);
    const read = (who: Person) => test.db.ofSamples<{ at: Date; value: number }>("select start_at as at, value from samples where patient_id = $1 and series_id in (select id from public.series where patient_id = $1 and metric = 1) order by 1", [who.patientId]);
    expect(await read(stranger)).toEqual(await read(test.people.patient));
  });
});

describe("who may have a package", () => {
  it("is its asker alone: not a manager of the same patient, not a stranger, not by guessing [PR-06] [AU-13]", async () => {
    const { patient, clinician, stranger, foreigner, organizationId } = test.people;
    const ready = await make(patient);
    const url = (whose: string, id = ready.id): string => `/api/v1/patients/${whose}/data-exports/${id}/file`;
    await test.db.asOwner("update grants set scope = 'manage' where user_id = $1", [clinician.userId]);
    const refused = await test.request({ as: clinician, method: "GET", url: url(patient.patientId!) });
    const missing = await test.request({ as: clinician, method: "GET", url: url(patient.patientId!, organizationId) });
    expect(refused.statusCode).toBe(404);
    expect({ ...problemOf(refused), trace_id: "", instance: "" }).toEqual({ ...problemOf(missing), trace_id: "", instance: "" });
    for (const who of [stranger, foreigner]) expect((await test.request({ as: who, method: "GET", url: url(patient.patientId!) })).statusCode).toBe(404);
    expect((await test.request({ method: "GET", url: url(patient.patientId!) })).statusCode).toBe(401);
    const list = await test.request({ as: clinician, method: "GET", url: `/api/v1/patients/${patient.patientId}/data-exports` });
    expect(list.json<{ data: unknown[] }>().data).toEqual([]);
    await test.db.asOwner("update grants set scope = 'view' where user_id = $1", [clinician.userId]);
    expect((await test.request({ as: clinician, method: "POST", url: `/api/v1/patients/${patient.patientId}/data-exports` })).statusCode).toBe(403);
  });

  it("who manages the patient gets one without the account, and without what a vendor shows to the person alone [PR-06]", async () => {
    const { patient, clinician, organizationId } = test.people;
    await test.db.asOwner("update grants set scope = 'manage' where user_id = $1", [clinician.userId]);
    await test.db.asOwner("insert into series (organization_id, patient_id, metric, provider) values ($1, $2, 10, 'strava')", [organizationId, patient.patientId]);
    test.clock.advance(9 * HOUR);
    const below = `/api/v1/patients/${patient.patientId}/data-exports`;
    const { id } = (await test.request({ as: clinician, method: "POST", url: below, payload: {} })).json<Shown>();
    await work();
    const got = unzip((await test.request({ as: clinician, method: "GET", url: `${below}/${id}/file` })).rawPayload);
    expect([...got.keys()].filter((path) => path.startsWith("account/"))).toEqual([]);
    expect(got.get("observed/series.jsonl")!.toString("utf8")).not.toContain("strava");
    expect(got.get("manifest.json")!.toString("utf8")).toContain("for the person alone");
    await test.db.asOwner("update grants set scope = 'view' where user_id = $1", [clinician.userId]);
  });

  it("gets one at a time, and so many a day [PR-06]", async () => {
    const { stranger } = test.people;
    expect((await ask(stranger)).statusCode).toBe(202);
    const second = await ask(stranger);
    expect([second.statusCode, problemOf(second).code]).toEqual([409, "export_running"]);
    await work();
    for (let more = 0; more < 2; more += 1) {
      expect((await ask(stranger)).statusCode).toBe(202);
      await work();
    }
    const fourth = await ask(stranger);
    expect(fourth.statusCode).toBe(429);
    expect(Number(fourth.headers["retry-after"])).toBe(86_400);
    test.clock.advance(DAY + 1);
    expect((await ask(stranger)).statusCode).toBe(202);
    await work();
  });
});

describe("the file of a package", () => {
  it("rests sealed, opens with its own row only, and is refused when it was changed [PR-06]", async () => {
    const { patient } = test.people;
    const ready = await make(patient);
    const path = join(folder, "exports", (await readdir(join(folder, "exports"))).find((name) => name.startsWith(ready.id))!);
    const bytes = await readFile(path);
    for (const text of [CANARY, "PK\u0003\u0004", "manifest.json"]) expect(bytes.includes(text)).toBe(false);
    bytes[bytes.length - 40]! ^= 1;
    await writeFile(path, bytes);
    const broken = await fetch(`${test.origin}${BASE}/${ready.id}/file`, { headers: { authorization: `Bearer ${patient.token}` } }).then((answer) => answer.arrayBuffer()).catch((error: unknown) => error);
    expect(broken).toBeInstanceOf(Error);
  });

  it("is gone after 24 hours with its key, and at once when it is given up [PR-06]", async () => {
    const { patient } = test.people;
    const first = await make(patient);
    test.clock.advance(DAY - 1_000);
    expect((await test.request({ as: patient, method: "GET", url: `${BASE}/${first.id}/file` })).statusCode).toBe(200);
    test.clock.advance(1_001);
    expect((await test.request({ as: patient, method: "GET", url: `${BASE}/${first.id}/file` })).statusCode).toBe(404);
    await sweepPrivacy(test.app.privacy);
    expect(await show(patient, first.id)).toMatchObject({ state: "gone" });
    const second = await make(patient);
    expect((await test.request({ as: patient, method: "DELETE", url: `${BASE}/${second.id}` })).statusCode).toBe(204);
    expect((await test.request({ as: patient, method: "GET", url: `${BASE}/${second.id}/file` })).statusCode).toBe(404);
    const left = await readdir(join(folder, "exports"));
    expect(left.filter((name) => name.startsWith(first.id) || name.startsWith(second.id))).toEqual([]);
    expect(await test.db.asOwner("select 1 from data_exports where state = 'gone' and key_sealed is not null")).toEqual([]);
  });
});

describe("making a package", () => {
  const asked = async (): Promise<{ organizationId: string; patientId: string; exportId: string }> => {
    test.clock.advance(DAY);
    const { id: exportId } = (await ask(test.people.patient)).json<Shown>();
    test.jobs.length = 0;
    return { organizationId: test.people.organizationId, patientId: test.people.patient.patientId!, exportId };
  };
  const stops = (work: () => Promise<void>): PackagePart => ({
    name: "stops", count: () => Promise.resolve(2),
    async *files() {
      yield {
        path: "half.txt", mediaType: "text/plain", schema: null,
        async *content(count) {
          count(1);
          yield "half";
          await work();
          yield "whole";
        },
      };
    },
  });

  it("shows how far it is, and is taken up by another worker when the first was lost [PR-05]", async () => {
    const ref = await asked();
    const reached = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    const lost = new AbortController();
    const first = makeExport(test.app.privacy, ref, { signal: lost.signal, parts: [stops(async () => {
      reached.resolve();
      await never.promise;
    })] }).catch((error: unknown) => error);
    await reached.promise;
    expect(await show(test.people.patient, ref.exportId)).toMatchObject({ state: "running", progress: 0.5 });
    // Nobody takes it from a worker that lives.
    await sweepPrivacy(test.app.privacy);
    await work();
    expect(await show(test.people.patient, ref.exportId)).toMatchObject({ state: "running", progress: 0.5 });
    test.clock.advance(3 * 60_000);
    await sweepPrivacy(test.app.privacy);
    expect(test.jobs.map(({ data }) => data["exportId"])).toEqual([ref.exportId]);
    await work();
    expect(await show(test.people.patient, ref.exportId)).toMatchObject({ state: "ready" });
    // The one that was lost comes to and does no harm.
    never.resolve();
    expect(await first).toBeInstanceOf(Error);
    expect((await test.request({ as: test.people.patient, method: "GET", url: `${BASE}/${ref.exportId}/file` })).statusCode).toBe(200);
  });

  it("is tried three times, then given up with the code of what it failed with, and leaves no file", async () => {
    const ref = await asked();
    const broken = [stops(() => Promise.reject(new RangeError("cnry7q in a message")))];
    for (let run = 0; run < 3; run += 1) await expect(makeExport(test.app.privacy, ref, { signal: new AbortController().signal, parts: broken })).rejects.toThrow();
    expect(await show(test.people.patient, ref.exportId)).toMatchObject({ state: "failed", error: "internal" });
    expect((await readdir(join(folder, "exports"))).filter((name) => name.startsWith(ref.exportId))).toEqual([]);
  });

});
