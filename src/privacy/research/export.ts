/**
 * Data for research, pseudonymised (GDPR Art. 4(5), 89): of those alone whose consent for research stands, under names and shifted times of the project's own, without
 * text, ids of devices, or zones. Deterministic with a given key; the key stays in the database. It is personal data still: who gets it needs a contract.
 */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Tx } from "#db/database.ts";
import { csvRow, type Cell } from "#exports/csv.ts";
import { audit } from "#people/audit/audit.ts";
import { readZones } from "#people/zones.ts";
import { flagNames } from "#samples/store/flags.ts";
import { listSeries, type Series } from "#samples/store/series.ts";
import { privacyKey } from "#sync/privacy-keys.ts";
import { METRIC_NAMES, METRICS, type MetricName } from "#units/metrics.ts";
import { formatInstant } from "#units/time.ts";
import { offsetIn } from "#units/zones.ts";
import { InvalidInput } from "../../errors.ts";
import { VERSION } from "../../version.ts";
import type { PrivacyContext } from "../context.ts";
import type { Read } from "../package/rows.ts";
import { samplesOfSeries } from "../package/parts/samples.ts";
import { coarseOffset, pseudonymOf, shiftOf } from "./pseudonyms.ts";

/** A metric that fewer people have is not written: its values would point at them. */
export const SMALLEST_CELL = 5;

/** Whether a patient's consent for research stands at this moment. */
export type ResearchConsent = (tx: Tx, patientId: string) => Promise<boolean>;

export interface ResearchWish {
  readonly organizationId: string;
  /** Letters, digits, hyphens: names the key. */
  readonly project: string;
  /** Stands in the manifest. */
  readonly purpose: string;
  readonly folder: string;
  readonly consents: ResearchConsent;
  readonly signal: AbortSignal;
}

export interface ResearchOutcome {
  readonly people: number;
  /** Metrics that were left out, because too few people have them. */
  readonly leftOut: readonly MetricName[];
  readonly rows: number;
  readonly files: readonly { readonly path: string; readonly rows: number; readonly sha256: string }[];
}

interface Participant {
  readonly patientId: string;
  readonly name: string;
  readonly shiftMs: number;
  readonly offsetHours: number;
  readonly metrics: ReadonlySet<MetricName>;
}

/** Writes the files of a project into a folder. Throws InvalidInput for a project's name that is none, or with fewer people than may be told of. */
export async function exportForResearch(context: PrivacyContext, wish: ResearchWish): Promise<ResearchOutcome> {
  if (!/^[a-z0-9-]{1,40}$/.test(wish.project)) throw new InvalidInput("A project's name has small letters, digits and hyphens, at most 40.");
  const { sync } = context;
  const key = await sync.database.asSystem((tx) => privacyKey(tx, sync, `research/${wish.organizationId}/${wish.project}`));
  const people = await participants(context, wish, key);
  if (people.length < SMALLEST_CELL) throw new InvalidInput(`Fewer than ${SMALLEST_CELL} people consent to research: nothing was written.`, { code: "too_few" });
  const metrics = METRIC_NAMES.filter((metric) => people.some((each) => each.metrics.has(metric)));
  const told = metrics.filter((metric) => people.filter((each) => each.metrics.has(metric)).length >= SMALLEST_CELL);
  await mkdir(wish.folder, { recursive: true, mode: 0o700 });
  const files = [await write(wish, "people.csv", peopleRows(people))];
  for (const metric of told) files.push(await write(wish, `${metric}.csv`, sampleRows(context, wish, people, metric)));
  const outcome: ResearchOutcome = {
    people: people.length, leftOut: metrics.filter((metric) => !told.includes(metric)), rows: files.reduce((sum, { rows }) => sum + rows, 0), files,
  };
  await writeFile(join(wish.folder, "manifest.json"), `${JSON.stringify({
    generator: `Islet ${VERSION}`, project: wish.project, purpose: wish.purpose, people: outcome.people, smallestCell: SMALLEST_CELL, leftOut: outcome.leftOut, files, dictionary: dictionary(told),
    notice: "Pseudonymised, not anonymous: personal data under GDPR. Do not try to find anybody.",
  }, null, 2)}\n`, { mode: 0o600 });
  await note(context, wish, people);
  return outcome;
}

/** All but those of vendors who let their data be shown to the person alone. */
async function givenSeries({ providers }: PrivacyContext["sync"], tx: Tx, patientId: string): Promise<Series[]> {
  const hidden = new Set(providers.drivers.filter((driver) => driver.brand.isForOwnerOnly).map(({ id }) => id));
  return (await listSeries(tx, patientId)).filter(({ provider }) => !hidden.has(provider));
}

/** In the order of their pseudonyms: nothing of ours shows in it. */
async function participants({ sync }: PrivacyContext, wish: ResearchWish, key: Buffer): Promise<Participant[]> {
  const ids = await sync.database.withOrganization(wish.organizationId, (tx) => tx.query<{ id: string }>("select id from patients order by id"));
  const found: Participant[] = [];
  for (const { id: patientId } of ids) {
    wish.signal.throwIfAborted();
    const one = await sync.database.withOrganization(wish.organizationId, async (tx): Promise<Participant | null> => {
      if (!(await wish.consents(tx, patientId))) return null;
      const series = await givenSeries(sync, tx, patientId);
      return {
        patientId, name: pseudonymOf(key, patientId), shiftMs: shiftOf(key, patientId), metrics: new Set(series.map(({ metric }) => metric)),
        // At one instant for everybody: the same data gives the same file whenever it is made.
        offsetHours: coarseOffset(offsetIn(await readZones(tx, patientId), Date.UTC(2020, 0, 1))),
      };
    });
    if (one) found.push(one);
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function* peopleRows(people: readonly Participant[]): AsyncGenerator<Cell[]> {
  yield ["person", "utc_offset_hours"];
  const far = Map.groupBy(people, ({ offsetHours }) => offsetHours);
  // Who lives where few others do would be known by it.
  for (const { name, offsetHours } of people) yield [name, far.get(offsetHours)!.length >= SMALLEST_CELL ? offsetHours : null];
}

async function* sampleRows({ sync }: PrivacyContext, wish: ResearchWish, people: readonly Participant[], metric: MetricName): AsyncGenerator<Cell[]> {
  yield ["person", "source", "time", "end", metric, "flags"];
  const read: Read = (work) => sync.database.withOrganization(wish.organizationId, work);
  for (const { patientId, name, shiftMs } of people) {
    const series = (await read((tx) => givenSeries(sync, tx, patientId))).filter((each) => each.metric === metric);
    for (const [index, { id }] of series.entries()) {
      for await (const { startMs, endMs, values, flags } of samplesOfSeries({ read, subject: { patientId, userId: null }, signal: wish.signal }, id)) {
        for (let at = 0; at < values.length; at += 1) {
          const end = endMs[at]!;
          yield [name, index + 1, formatInstant(startMs[at]! + shiftMs), Number.isNaN(end) ? null : formatInstant(end + shiftMs), values[at]!, flagNames(flags[at]!).join(" ")];
        }
      }
    }
  }
}

async function write({ folder, signal }: ResearchWish, path: string, rows: AsyncIterable<Cell[]>): Promise<ResearchOutcome["files"][number]> {
  const hash = createHash("sha256");
  let count = -1;
  async function* lines(): AsyncGenerator<string> {
    for await (const row of rows) {
      const line = csvRow(row);
      hash.update(line);
      count += 1;
      yield line;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(join(folder, path), { mode: 0o600 }), { signal });
  return { path, rows: count, sha256: hash.digest("hex") };
}

function dictionary(metrics: readonly MetricName[]): Record<string, string> {
  return {
    person: "pseudonym of the project", utc_offset_hours: "how far from UTC the person lives in winter, in whole hours; empty where fewer than five live so",
    source: "number of the source within person and metric", time: "UTC, shifted by a whole number of weeks of the person's own", end: "end of an interval; empty for an instant",
    flags: "below_range and above_range: the sensor's limit stands for the value; manual; estimated; day_total; calibration",
    ...Object.fromEntries(metrics.map((metric) => [metric, `unit ${METRICS[metric].unit}`])),
  };
}

/** Each of them can see that their data was given, for which project. */
async function note({ sync }: PrivacyContext, { organizationId, project }: ResearchWish, people: readonly Participant[]): Promise<void> {
  for (const { patientId } of people) {
    await sync.database.withOrganization(organizationId, (tx) => audit(tx, organizationId, { action: "research.exported", patientId, objectType: "research_project", objectId: project }));
  }
}
