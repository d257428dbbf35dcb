/** Data for research: of those alone who consent, under names and times of the project's own, the same every time, and nothing that leads back. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingest } from "#ingest/ingest.ts";
import type { VendorRecord } from "#driver/records.ts";
import { exportForResearch, type ResearchConsent } from "#privacy/research/export.ts";
import { InvalidInput } from "../src/errors.ts";
import { layGround, type Ground } from "./kit/ground.ts";
import { DRIVERS } from "#drivers/index.ts";

const DAY = 86_400_000;
let ground: Ground;
let folder: string;
let people: { patientId: string; userId: string }[];
const willing = new Set<string>();
const consents: ResearchConsent = (_tx, patientId) => Promise.resolve(willing.has(patientId));

beforeAll(async () => {
  ground = await layGround(DRIVERS);
  folder = await mkdtemp(join(tmpdir(), "islet-research-"));
  people = [];
  for (let index = 0; index < 7; index += 1) {
    const person = await ground.addPatient(`cnry7q-${index}`);
    people.push(person);
    if (index < 6) willing.add(person.patientId);
    const start = ground.clock.now() - 5 * DAY;
    const sample = (metric: "glucose" | "weight" | "steps", at: number, value: number): VendorRecord => ({
      record: "sample", metric, startMs: at, value, offsetMinutes: 120, device: { id: `cnry7q-device-${index}`, name: "cnry7q device name" }, ...(metric === "steps" ? { endMs: at + 60_000 } : {}),
    });
    const records: VendorRecord[] = Array.from({ length: 20 }, (_, each) => sample("glucose", start + each * 300_000, 100 + index));
    if (index < 3) records.push(sample("weight", start, 70));
    await ground.db.database.withOrganization(ground.organizationId, (tx) =>
      ingest(tx, { organizationId: ground.organizationId, patientId: person.patientId, connectionId: null, provider: "import", deliveryId: "1" }, records));
    // A vendor whose data is for the person alone.
    await ground.db.database.withOrganization(ground.organizationId, (tx) =>
      ingest(tx, { organizationId: ground.organizationId, patientId: person.patientId, connectionId: null, provider: "strava", deliveryId: "1" }, [sample("steps", start, 9)]));
  }
});
afterAll(async () => {
  await ground.close();
  await rm(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;
const run = (project: string, name: string, consent = consents) =>
  exportForResearch(ground.app.privacy, { organizationId: ground.organizationId, project, purpose: "a test", folder: join(folder, name), consents: consent, signal });
const read = async (name: string): Promise<Map<string, string>> => {
  const files = new Map<string, string>();
  for (const file of (await readdir(join(folder, name))).toSorted()) files.set(file, await readFile(join(folder, name, file), "utf8"));
  return files;
};
const rowsOf = (text: string): string[][] => text.trimEnd().split("\r\n").slice(1).map((line) => line.split(","));

describe("an export for research", () => {
  it("has those who consent and nobody else, and nothing that names anybody", async () => {
    const outcome = await run("study-a", "a");
    expect(outcome).toMatchObject({ people: 6, leftOut: ["weight"] });
    const files = await read("a");
    // Weight: too few have it. Steps: their vendor shows them to the person alone.
    expect([...files.keys()]).toEqual(["glucose.csv", "manifest.json", "people.csv"]);
    const everything = [...files.values()].join("\n");
    for (const secret of ["cnry7q", "import", "strava", "Madrid", ...people.flatMap(({ patientId, userId }) => [patientId, userId])]) expect(everything.includes(secret), secret).toBe(false);
    const rows = rowsOf(files.get("glucose.csv")!);
    expect(rows).toHaveLength(120);
    expect(new Set(rows.map(([, , , , value]) => value))).toEqual(new Set(["100", "101", "102", "103", "104", "105"]));
    expect(rowsOf(files.get("people.csv")!).map(([, hours]) => hours)).toEqual(Array.from({ length: 6 }, () => "1"));
    const manifest = JSON.parse(files.get("manifest.json")!) as { dictionary: Record<string, string>; files: { path: string; rows: number }[] };
    expect(manifest.dictionary["glucose"]).toBe("unit mg/dL");
    expect(manifest.files.map(({ path, rows: count }) => [path, count])).toEqual([["people.csv", 6], ["glucose.csv", 120]]);
    expect((await ground.db.asOwner("select 1 from audit_log where action = 'research.exported'")).length).toBe(6);
  });

  it("shifts each person's times by whole weeks of their own: weekdays and distances stay, dates do not", async () => {
    const start = ground.clock.now() - 5 * DAY;
    const byPerson = Map.groupBy(rowsOf((await read("a")).get("glucose.csv")!), ([name]) => name!);
    expect(byPerson.size).toBe(6);
    const shifts = [...byPerson.values()].map((rows) => {
      const times = rows.map(([, , time]) => Date.parse(time!));
      expect(times.map((time) => time - times[0]!)).toEqual(Array.from({ length: 20 }, (_, each) => each * 300_000));
      return (times[0]! - start) / (7 * DAY);
    });
    expect(shifts.every((shift) => Number.isInteger(shift) && shift < 0)).toBe(true);
    expect(new Set(shifts).size).toBeGreaterThan(2);
  });

  it("is the same again, byte for byte, and has nothing in common with another project's", async () => {
    await run("study-a", "again");
    expect([...(await read("again"))]).toEqual([...(await read("a"))]);
    await run("study-b", "b");
    const names = async (name: string) => new Set(rowsOf((await read(name)).get("people.csv")!).map(([person]) => person!));
    expect((await names("a")).intersection(await names("b")).size).toBe(0);
  });

  it("writes nothing where fewer than five consent, and forgets who withdraws", async () => {
    willing.delete(people[0]!.patientId);
    expect((await run("study-a", "later")).people).toBe(5);
    willing.delete(people[1]!.patientId);
    await expect(run("study-a", "none")).rejects.toThrow(InvalidInput);
    expect(await readdir(folder)).not.toContain("none");
    await expect(run("../study", "none")).rejects.toThrow(InvalidInput);
  });
});
