/** What iPhones' bridges push, by the contract of all drivers; and an export from its bytes to records. [R1] [R4] */
import { createReadStream, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MappingProblem, SampleRecord, VendorRecord } from "#driver/records.ts";
import { appleHealth, createExportMapper } from "#drivers/apple-health/index.ts";
import { readAppleExport } from "#imports/apple-export.ts";
import { pieces, zipOf } from "#imports/apple/zip-test-kit.ts";
import { faultsOfRecords } from "./contract-records.ts";
import { testDriver } from "./contract.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const FIXTURES = new URL("../../src/drivers/apple-health/fixtures/", import.meta.url);
const json = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8"));

const push = (json("push.json") as { data: Record<"records" | "sleep" | "workouts" | "deleted", object[]> }).data;
const autoExport = (json("auto-export.json") as { data: { metrics: object[]; workouts: object[] } }).data;

testDriver({
  driver: appleHealth, nowMs: NOW_MS, window: { fromMs: 0, toMs: NOW_MS },
  payloads: [
    { resource: "push", payload: json("push.json") },
    { resource: "push", payload: json("auto-export.json") },
    // The same without an envelope, so that each item is tried; what grows out of several together apart.
    { resource: "push", payload: { records: push.records.slice(0, 8) } },
    { resource: "push", payload: { records: push.records.slice(30, 38) } },
    { resource: "push", payload: { workouts: [...push.workouts, ...autoExport.workouts] } },
    { resource: "push", payload: { deleted: push.deleted } },
    { resource: "push", payload: { sleep: push.sleep }, hasIndependentItems: false },
    ...autoExport.metrics.map((metric) => ({ resource: "push", payload: { metrics: [metric] }, hasIndependentItems: false })),
  ],
  startCloud: () => Promise.reject(new Error("There is no cloud behind a phone.")),
});

interface Imported {
  readonly records: VendorRecord[];
  readonly problems: MappingProblem[];
}

async function importExport(source: AsyncIterable<Uint8Array>): Promise<Imported> {
  const mapper = createExportMapper({ receivedMs: NOW_MS, zone: "Europe/Madrid" });
  const imported: Imported = { records: [], problems: [] };
  const add = ({ records, problems }: ReturnType<typeof mapper.take>): void => {
    imported.records.push(...records);
    imported.problems.push(...problems);
  };
  for await (const { elements, problems } of readAppleExport(source)) {
    for (const element of elements) mapper.element(element);
    imported.problems.push(...problems.map(({ line, reason }) => ({ path: `line ${line}`, reason })));
    add(mapper.take());
  }
  add(mapper.flush());
  return imported;
}

describe("an export of Apple Health, from bytes to records [R4] [W3]", () => {
  const xml = new URL("export.xml", FIXTURES);

  it("gives only valid records of kinds and metrics that the driver declares", async () => {
    const { records, problems } = await importExport(createReadStream(xml));
    expect(problems).toEqual([]);
    expect(records.length).toBe(25);
    expect(faultsOfRecords(records, appleHealth.resources[0]!, NOW_MS)).toEqual([]);
    expect(new Set(records.map(({ record }) => record))).toEqual(new Set(["sample", "treatment", "workout", "sleep"]));
  });

  it("gives the same out of an archive, in whatever pieces it comes [ST-01]", async () => {
    const plain = await importExport(createReadStream(xml));
    const zip = zipOf({ name: "apple_health_export/exportieren.xml", body: readFileSync(xml), form: "streamed" });
    for (const size of [5, 64, 100_000]) expect(await importExport(pieces(zip, size))).toEqual(plain);
  });

  it("tells a damaged file's problems with the line, and never a value [DA-06]", async () => {
    const text = readFileSync(xml, "utf8").replace(`value="61"`, `value="canary"`).replace(`unit="st"`, `unit="canary"`).replace(`value="0.96"/>`, `value="0.96" canary/>`);
    const { records, problems } = await importExport(pieces(Buffer.from(text)));
    expect(problems.length).toBeGreaterThanOrEqual(3);
    for (const { path, reason } of problems) {
      expect(path).toMatch(/^line \d+$/);
      expect(reason).not.toContain("canary");
    }
    const metrics = records.flatMap((record) => (record.record === "sample" ? [(record satisfies SampleRecord).metric] : []));
    expect(metrics).toContain("glucose");
    expect(metrics).not.toContain("weight");
    expect(metrics).not.toContain("spo2");
  });
});
