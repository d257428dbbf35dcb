import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidInput } from "../errors.ts";
import { type AppleBatch, type AppleElement, readAppleExport } from "./apple-export.ts";
import type { AppleLimits } from "./apple/limits.ts";
import { pieces, zipOf, type ZipFile } from "./apple/zip-test-kit.ts";
import type { ImportProblem } from "./types.ts";

const FIXTURE = new URL("../drivers/apple-health/fixtures/export.xml", import.meta.url);

interface Read {
  readonly elements: AppleElement[];
  readonly problems: ImportProblem[];
  readonly last: AppleBatch | undefined;
}

async function read(source: AsyncIterable<Uint8Array> | Uint8Array | string, limits: Partial<AppleLimits> = {}): Promise<Read> {
  const result: { elements: AppleElement[]; problems: ImportProblem[]; last: AppleBatch | undefined } = { elements: [], problems: [], last: undefined };
  const bytes = typeof source === "string" ? Buffer.from(source) : source;
  for await (const batch of readAppleExport(bytes instanceof Uint8Array ? pieces(bytes, 4_096) : bytes, { limits })) {
    result.elements.push(...batch.elements);
    result.problems.push(...batch.problems);
    result.last = batch;
  }
  return result;
}

async function refusal(source: AsyncIterable<Uint8Array> | Uint8Array | string, limits: Partial<AppleLimits> = {}): Promise<InvalidInput> {
  const error = await read(source, limits).then(() => null, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidInput);
  return error as InvalidInput;
}

const xml = (inside: string, prolog = ""): string => `<?xml version="1.0" encoding="UTF-8"?>\n${prolog}<HealthData locale="en_GB">\n${inside}\n</HealthData>\n`;
const record = (attributes: string): string => `<Record ${attributes}/>`;
const RECORD = record(`type="a" value="1"`);
const names = ({ elements }: Read): string[] => elements.map(({ name }) => name);
const values = ({ elements }: Read): (string | undefined)[] => elements.map(({ attributes }) => attributes["value"]);

describe("reading export.xml", () => {
  it("gives each element below the root whole, with its line", async () => {
    const result = await read(xml(`<Me a="1"/>\n<Workout type="w"><MetadataEntry key="k" value="&lt;v&gt;"/><WorkoutRoute><FileReference path="p"/></WorkoutRoute></Workout>`));
    expect(result.problems).toEqual([]);
    expect(result.last?.isSound).toBe(true);
    expect(names(result)).toEqual(["Me", "Workout"]);
    expect(result.elements.map(({ line }) => line)).toEqual([3, 4]);
    const [entry, route] = result.elements[1]!.children;
    expect({ ...entry!.attributes }).toEqual({ key: "k", value: "<v>" });
    expect(route!.children[0]!.attributes["path"]).toBe("p");
  });

  it("gives the same from a stream of files, of single bytes and of one piece", async () => {
    const whole = await read(createReadStream(FIXTURE));
    const bytes = await readFile(FIXTURE);
    expect(whole.elements.length).toBeGreaterThan(30);
    for (const size of [1, 3, 1_000, bytes.length]) expect((await read(pieces(bytes, size))).elements).toEqual(whole.elements);
    expect(whole.last).toMatchObject({ bytesRead: bytes.length, xmlBytes: bytes.length, isSound: true });
  });

  it("hands on what is read before the rest has come, and lets the source go when nobody wants more [DA-06]", async () => {
    let given = 0;
    let isLeft = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from(`<HealthData>${" ".repeat(2_000)}`);
        for (;;) {
          given += 1;
          yield Buffer.from(RECORD.repeat(100));
        }
      } finally {
        isLeft = true;
      }
    }
    let count = 0;
    for await (const { elements } of readAppleExport(endless())) if ((count += elements.length) >= 1_000) break;
    expect(given).toBeLessThan(15);
    expect(isLeft).toBe(true);
  });

  it("tells how far it is", async () => {
    const steps: number[] = [];
    for await (const { bytesRead } of readAppleExport(pieces(Buffer.from(xml(RECORD.repeat(5_000))), 10_000))) steps.push(bytesRead);
    expect(steps.length).toBeGreaterThan(5);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it("takes out characters that XML forbids and iOS writes", async () => {
    expect((await read(xml(record(`value="a\u000Bb\u0000c"`)))).elements[0]!.attributes["value"]).toBe("abc");
  });

  it("reads on behind a byte-order mark and with Windows' line ends", async () => {
    expect(values(await read(`\uFEFF${xml(`${RECORD}\r\n${RECORD}`)}`))).toEqual(["1", "1"]);
  });

  it("ends with a problem, and keeps what came before, where the file breaks off [DA-06]", async () => {
    const result = await read(xml(RECORD.repeat(3)).slice(0, -30));
    expect(names(result)).toEqual(["Record", "Record"]);
    expect(result.last?.isSound).toBe(false);
    expect(result.problems.at(-1)?.reason).toBe("the file ends in the middle; nothing after it could be read");
  });

  it.each([
    ["an element closed by another", `${RECORD}</Nobody>${RECORD}`],
    ["more faults than a file can have by chance", `${RECORD}${`<Record a/>`.repeat(1_200)}`],
  ])("does not read on after %s", async (_title, inside) => {
    const result = await read(xml(inside));
    expect(values(result)).toEqual(["1"]);
    expect(result.last?.isSound).toBe(false);
  });

  it("leaves out the element in which a tag is malformed, and keeps its neighbours [VA-05]", async () => {
    const result = await read(xml(`${RECORD}\n<Record value="2" b/>\n<Workout value="w"><MetadataEntry k/><MetadataEntry key="b"/></Workout>\n${RECORD}`));
    expect(values(result)).toEqual(["1", "w", "1"]);
    expect(result.elements[1]!.children.map(({ attributes }) => attributes["key"])).toEqual(["b"]);
    expect(result.problems.length).toBeGreaterThan(1);
    expect(new Set(result.problems.map(({ line }) => line))).toEqual(new Set([4, 5, 7]));
  });

  it("lists a thousand problems at most", async () => {
    const result = await read(xml(`<Record value="&nobody;"/>`.repeat(1_500)), { maxFaults: 10_000 });
    expect(result.elements).toHaveLength(1_500);
    expect(result.problems).toHaveLength(1_000);
  });
});

describe("the document type declaration [DA-06]", () => {
  it.each([
    ["as Apple writes it", `<!DOCTYPE HealthData [\n<!-- Version: 14 -->\n<!ELEMENT HealthData (Me)>\n]>\n`],
    ["malformed, as in iOS 16", `<!DOCTYPE HealthData [\n<!ATTLIST VisionPrescription\n  type CDATA #REQUIRED\n<!ELEMENT RightEye EMPTY>\n>\n]>\n`],
    ["with an apostrophe too many", `<!DOCTYPE HealthData [\n<!ATTLIST a b CDATA 'c>\n]>\n`],
    ["with its end in a comment", `<!DOCTYPE HealthData [\n<!-- ]> <HealthData> -->\n]>\n`],
    ["without inner declarations", `<!DOCTYPE HealthData SYSTEM "http://127.0.0.1:9/x.dtd">\n`],
    ["of external entities", `<!DOCTYPE HealthData [\n<!ENTITY % e SYSTEM "file:///etc/passwd">\n%e;\n]>\n`],
  ])("%s is passed over, lines kept", async (_title, doctype) => {
    const text = xml(RECORD, doctype);
    for (const size of [1, 10_000]) {
      const result = await read(pieces(Buffer.from(text), size));
      expect(result.problems).toEqual([]);
      expect(values(result)).toEqual(["1"]);
      expect(result.elements[0]!.line).toBe(2 + doctype.split("\n").length);
    }
  });

  it("expands nothing that it declares", async () => {
    const lol = Array.from({ length: 9 }, (_, index) => `<!ENTITY lol${index + 1} "${`&lol${index};`.repeat(10)}">`).join("\n");
    const result = await read(xml(record(`value="&lol9;&amp;&#65;"`), `<!DOCTYPE HealthData [\n<!ENTITY lol0 "lol">\n${lol}\n]>\n`));
    expect(values(result)).toEqual(["&lol9;&A"]);
    expect(result.problems).toEqual([{ line: expect.any(Number) as number, reason: "no well-formed XML", kind: "row" }]);
  });

  it("without end is no export", async () => {
    expect((await refusal(`<!DOCTYPE HealthData [ ${"<!ELEMENT a EMPTY>".repeat(200_000)}`)).code).toBe("file_format");
  });
});

describe("XML made to harm [DA-06]", () => {
  it("is refused when it nests deep, long before ten million levels are read", async () => {
    let given = 0;
    async function* deep(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("<HealthData>");
      for (; given < 10_000_000; given += 10_000) yield Buffer.from("<a>".repeat(10_000));
    }
    expect((await refusal(deep())).code).toBe("file_unsafe");
    expect(given).toBeLessThan(100_000);
  });

  it.each([
    ["an attribute", `<Record a="`, `"/>`],
    ["a name", `<Record `, `/>`],
    ["a comment", `<!--`, `-->`],
    ["CDATA", `<Record><![CDATA[`, `]]></Record>`],
    ["an entity", `<Record a="&`, `;"/>`],
    ["a processing instruction", `<?a `, `?>`],
    ["text", `<Record>`, `</Record>`],
  ])("is refused when %s does not end", async (_title, open, close) => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(xml("").replace("\n</HealthData>\n", open));
      for (; given < 3_000; given += 1) yield Buffer.from("x".repeat(10_000));
      yield Buffer.from(close);
    }
    expect((await refusal(endless())).code).toBe("file_unsafe");
    expect(given).toBeLessThan(200);
  });

  it("costs itself alone when one element holds too much", async () => {
    const large = `<Workout value="w">${`<MetadataEntry key="k"/>`.repeat(60)}</Workout>`;
    const result = await read(xml(`${RECORD}${large}${RECORD}`), { maxDescendants: 50 });
    expect(values(result)).toEqual(["1", "1"]);
    expect(result.problems).toHaveLength(1);
    expect(values(await read(xml(`${RECORD}${large}${RECORD}`), { maxElement: 1_000 }))).toEqual(["1", "1"]);
  });
});

describe("reading export.zip", () => {
  const export_ = (name: string, form: NonNullable<ZipFile["form"]> = "streamed"): ZipFile => ({ name, body: xml(RECORD.repeat(2_000)), form });
  const OTHERS: readonly ZipFile[] = [
    { name: "apple_health_export/", body: "", form: "stored, streamed" },
    { name: "apple_health_export/export_cda.xml", body: `<?xml version="1.0"?>${" ".repeat(90_000)}<ClinicalDocument/>`, form: "streamed" },
    { name: "apple_health_export/electrocardiograms/ecg.csv", body: "a,b", form: "plain" },
    { name: "apple_health_export/workout-routes/route.gpx", body: `<gpx/>`, form: "streamed, unsigned" },
    { name: "__MACOSX/apple_health_export/._export.xml", body: Buffer.from([0, 5, 22, 7, 0, 2, 0, 0]), form: "stored" },
  ];

  it.each(["plain", "streamed", "streamed, long", "streamed, unsigned", "zip64", "stored"] as const)("finds the file among others, written %s", async (form) => {
    const zip = zipOf(...OTHERS, export_("apple_health_export/export.xml", form), { name: "apple_health_export/workout-routes/b.gpx", body: "x" });
    for (const size of [1, 977, zip.length]) {
      const result = await read(pieces(zip, size));
      expect(result.elements).toHaveLength(2_000);
      expect(result.problems).toEqual([]);
      expect(result.last).toMatchObject({ isSound: true, xmlBytes: xml(RECORD.repeat(2_000)).length });
    }
  });

  it.each(["apple_health_export/exportieren.xml", "apple_health_export/Export.xml", "apple_health_export/导出.xml", "datos_salud/exportar.XML", "export.xml"])(
    "knows it by its root, not by its name: %s",
    async (name) => {
      expect((await read(zipOf(...OTHERS, export_(name)))).elements).toHaveLength(2_000);
    },
  );

  it("says that an archive without an export is none", async () => {
    const error = await refusal(zipOf(...OTHERS));
    expect(error).toMatchObject({ code: "file_format", httpStatus: 415 });
    expect(error.message).toContain("export.zip");
  });

  it.each([
    "../export.xml", "a/../../export.xml", "/etc/export.xml", "C:\\export.xml", "\\\\host\\export.xml", "a\\..\\export.xml", "export.xml\0.txt", "",
  ])("refuses the name %j [DA-07]", async (name) => {
    expect((await refusal(zipOf(export_(name)))).code).toBe("file_unsafe");
  });

  it("refuses bombs by what is counted, not by what is stated [DA-07]", async () => {
    const zeros = Buffer.alloc(40 * 1024 * 1024, 0x20);
    const bomb = (name: string, form: NonNullable<ZipFile["form"]>): Buffer => zipOf({ name, body: Buffer.concat([Buffer.from("<HealthData>"), zeros]), form });
    // Text without markup is refused by its length first; as another file the ratio counts.
    expect((await refusal(bomb("export.xml", "streamed"))).code).toBe("file_unsafe");
    expect((await refusal(bomb("notes.bin", "streamed"))).message).toMatch(/far more/);
    const lying = zipOf({ name: "export_cda.xml", body: "<a/>", packed: deflateRawSync(zeros), form: "plain" });
    expect((await refusal(lying)).message).toMatch(/far more/);
  });

  it("refuses more than an export can hold, in all files together [DA-07]", async () => {
    const part = (name: string): ZipFile => ({ name, body: randomBytes(40_000), form: "streamed" });
    expect((await refusal(zipOf(part("a"), part("b"), part("c")), { maxUnpackedBytes: 100_000 })).message).toMatch(/more than an export/);
    expect((await refusal(zipOf(...Array.from({ length: 30 }, (_, index): ZipFile => ({ name: `r${index}.gpx`, body: "x" }))), { maxEntries: 20 })).message).toMatch(/more than 20 files/);
  });

  it.each<[string, Partial<ZipFile>]>([
    ["encrypted", { flags: 1 }],
    ["strongly encrypted", { flags: 0x41 }],
    ["packed in an unknown way", { method: 14 }],
    ["stored without its length", { form: "stored, streamed" }],
  ])("refuses an export that is %s [DA-07]", async (_title, change) => {
    expect((await refusal(zipOf({ ...export_("export.xml", "plain"), ...change }))).code).toBe("file_unsafe");
  });

  it("passes over an encrypted file that is not the export", async () => {
    expect((await read(zipOf({ name: "notes.txt", body: "secret", flags: 1 }, export_("export.xml")))).elements).toHaveLength(2_000);
  });

  it.each<[string, (zip: Buffer) => Uint8Array]>([
    ["cut off", (zip) => zip.subarray(0, Math.floor(zip.length / 2))],
    ["changed within", (zip) => {
      const changed = Buffer.from(zip);
      changed.fill(0xff, zip.length - 400, zip.length - 300);
      return changed;
    }],
  ])("keeps what could be read of one that is %s, and says so", async (_title, harm) => {
    const body = xml(Array.from({ length: 3_000 }, (_, index) => record(`value="${index * 7_919}"`)).join("\n"));
    const result = await read(harm(zipOf({ name: "export.xml", body, form: "streamed" })));
    expect(result.elements.length).toBeGreaterThan(100);
    expect(result.elements.length).toBeLessThan(3_000);
    expect(result.last?.isSound).toBe(false);
    expect(result.problems.at(-1)?.reason).toMatch(/nothing after it could be read$/);
  });

  it("says so when the checksum is of something else", async () => {
    const result = await read(zipOf({ ...export_("export.xml", "plain"), crc: 1 }));
    expect(result.elements).toHaveLength(2_000);
    expect(result.last?.isSound).toBe(false);
    expect(result.problems.at(-1)?.reason).toMatch(/checksum/);
  });
});

describe("what is no export", () => {
  it.each<[string, Uint8Array | string, string]>([
    ["nothing", "", "file_empty"],
    ["export_cda.xml", `<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>`, "file_format"],
    ["HTML", "<!DOCTYPE html><html><body>Not found</body></html>", "file_format"],
    ["JSON", `{"data":{}}`, "file_format"],
    ["CSV", "Index,Timestamp\n1,2\n", "file_format"],
    ["gzip", gzipSync("<HealthData/>"), "file_format"],
    ["UTF-16", Buffer.from("\uFEFF<HealthData/>", "utf16le"), "file_format"],
    ["an archive of nothing", zipOf(), "file_format"],
    ["a root in a namespace", `<x:HealthData xmlns:x="y"/>`, "file_format"],
  ])("is %s", async (_title, source, code) => {
    expect((await refusal(source)).code).toBe(code);
  });

  it("never ends in anything but elements, problems or a refusal, whatever the bytes", async () => {
    const seeds = [Buffer.from(xml(RECORD.repeat(3))), zipOf({ name: "export.xml", body: xml(RECORD.repeat(3)), form: "streamed" }), zipOf({ name: "export.xml", body: xml(RECORD), form: "zip64" })];
    await fc.assert(fc.asyncProperty(
      fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }), fc.integer({ min: 1, max: 500 }),
      async (seed, changes, size) => {
        const bytes = Buffer.from(seed);
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
        try {
          const { elements } = await read(pieces(bytes, size));
          expect(elements.length).toBeLessThanOrEqual(4);
        } catch (error) {
          if (!(error instanceof InvalidInput)) throw error;
        }
      },
    ), { numRuns: 400, seed: 20_261_119 });
  });
});
