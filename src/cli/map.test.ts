import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runMap } from "./map.ts";

async function map(vendor: string, body: string, { resource = "webhook", file = "body" } = {}): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const code = await runMap({ vendor, resource, file, tz: "Europe/Madrid" }, {
    readFile: () => new TextEncoder().encode(body), stdout: (text) => (out += text), stderr: (text) => (err += text),
  });
  return { code, out, err };
}

describe("islet map … webhook", () => {
  it("reads the fields of a form where the vendor sends one, with a line end behind it", async () => {
    const { code, err } = await map("withings", "userid=363&startdate=1760000000&enddate=1760003600&appli=1\n");
    expect([code, err]).toEqual([0, "/: a hint: getmeas would be fetched\n"]);
  });

  it("keeps ids that JavaScript's numbers cannot hold", async () => {
    const event = '{"user_id":9007199254740993,"id":"ecfc6a15-4661-442f-a9a4-f160dd7afae8","type":"sleep.updated","trace_id":"t"}';
    expect((await map("whoop", event)).err).toBe("/: a hint: sleep would be fetched\n");
  });

  it("refuses what is no JSON where JSON is sent", async () => {
    await expect(map("whoop", "userid=363")).rejects.toThrow("The payload is no JSON.");
  });
});

describe("islet map of a file", () => {
  it("reads a vendor's CSV export", async () => {
    const header = "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID";
    const { out, err } = await map("dexcom", `${header}\n1,2026-03-01T08:00:00,EGV,,,,G7,112,,,,,1000,ABC\n2,2026-03-01T08:05:00,EGV,,,,G7,x,,,,,1300,ABC\n`, { resource: "csv" });
    expect(out.trim().split("\n").map((line) => JSON.parse(line) as object)).toEqual([
      { record: "sample", metric: "glucose", start: "2026-03-01T07:00:00.000Z", value: 112, unit: "mg/dL", source: "G7", offset_minutes: 60 },
    ]);
    expect(err).toMatch(/^line 3: /);
  });

  it("reads Apple Health's export.xml, sleeps at its end", async () => {
    const folder = mkdtempSync(join(tmpdir(), "islet-map-"));
    const at = 'sourceName="Watch" creationDate="2026-03-01 08:00:00 +0100" startDate="2026-03-01 08:00:00 +0100" endDate="2026-03-01 08:00:00 +0100"';
    writeFileSync(join(folder, "export.xml"), `<?xml version="1.0"?><HealthData locale="en"><Record type="HKQuantityTypeIdentifierHeartRate" ${at} unit="count/min" value="61"/>
<Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="Watch" startDate="2026-03-01 01:00:00 +0100" endDate="2026-03-01 02:00:00 +0100" value="HKCategoryValueSleepAnalysisAsleepDeep"/></HealthData>`);
    try {
      const { out } = await map("apple-health", "", { resource: "xml", file: join(folder, "export.xml") });
      expect(out.trim().split("\n").map((line) => JSON.parse(line) as object)).toMatchObject([
        { record: "sample", metric: "heart_rate", start: "2026-03-01T07:00:00.000Z", value: 61 }, { record: "sleep", start: "2026-03-01T00:00:00.000Z", totals: { deep_s: 3600 } },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("islet map's names of resources", () => {
  it("are taken however they are written", async () => {
    expect((await map("oura", '{"data":[],"next_token":null}', { resource: "Daily-Activity" })).code).toBe(0);
    await expect(map("oura", "{}", { resource: "nothing" })).rejects.toThrow(/^Name a resource of oura: sleep/);
  });
});
