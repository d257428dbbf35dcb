/** `islet map`: a stranger's payload or file → our records, one JSON object a line. No database, no configuration. */
import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { DRIVERS } from "#drivers/index.ts";
import { parseForm, quoteLongIntegers } from "#driver/payload.ts";
import type { Driver, MapContext } from "#driver/types.ts";
import type { MappingProblem, VendorRecord } from "#driver/records.ts";
import { readAppleExport } from "#imports/apple-export.ts";
import { IMPORT_FORMATS } from "#imports/detect.ts";
import { readGlucoseFile, recordsOf } from "#imports/read-file.ts";
import { METRICS } from "#units/metrics.ts";
import { formatInstant, isZone } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import type { CommandIo } from "./io.ts";

export interface MapOptions {
  readonly vendor: string | undefined;
  readonly resource: string | undefined;
  readonly file: string;
  readonly tz: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

/** 0 when mapped (problems of single items go to standard error). Throws InvalidInput, ProviderContractBroken. */
export async function runMap(options: MapOptions, io: CommandIo): Promise<number> {
  if (options.list) {
    listResources(options, io);
    return 0;
  }
  const driver = DRIVERS.find((candidate) => candidate.id === options.vendor);
  if (!driver) throw new InvalidInput(`Name a vendor: ${DRIVERS.map((candidate) => candidate.id).join(", ")} (islet map --list shows their resources).`);
  if (!isZone(options.tz)) throw new InvalidInput("--tz must be an IANA zone such as Europe/Madrid.");
  const resource = namedResource(driver, options.resource);
  const context: MapContext = { receivedMs: Date.now(), zone: options.tz };
  if (resource === "xml") await mapExport(driver, options.file, { context, io });
  else {
    const bytes = options.file === "-" ? await buffer(process.stdin) : io.readFile(options.file);
    show(mapBytes(driver, resource, { bytes, context }), io);
  }
  return 0;
}

/** The vendor's name for it, however it is written: `Daily-Activity` is `daily_activity`. Throws InvalidInput where none is meant, naming all. */
function namedResource(driver: Driver, given: string | undefined): string {
  const names = resourceNames(driver);
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const alike = names.filter((name) => plain(name) === plain(given ?? ""));
  const found = names.find((name) => name === given) ?? (alike.length === 1 ? alike[0] : undefined);
  if (found === undefined) throw new InvalidInput(`Name a resource of ${driver.id}: ${names.join(", ")}.`);
  return found;
}

/** Its endpoints and summary types, `webhook` for a pushed body, `csv` and `xml` for its export files. */
function resourceNames(driver: Driver): string[] {
  return [
    ...driver.resources.map((resource) => resource.name), ...(driver.webhook || pushedTo(driver) ? ["webhook"] : []),
    ...(IMPORT_FORMATS.some(({ provider }) => provider === driver.id) ? ["csv"] : []), ...(driver.fileMapper ? ["xml"] : []),
  ];
}

function mapBytes(driver: Driver, resource: string, { bytes, context }: { bytes: Uint8Array; context: MapContext }): Mapped {
  if (resource === "csv") {
    const file = readGlucoseFile(bytes, { zone: context.zone });
    return { records: recordsOf(file), problems: file.problems.map(({ line, reason }) => ({ path: `line ${line}`, reason })) };
  }
  const raw = new TextDecoder().decode(bytes);
  const meant = resource === "webhook" ? (pushedTo(driver) ?? "webhook") : resource;
  return meant === "webhook" ? mapWebhook(driver, raw, context) : mapResource(driver, meant, raw, context);
}

/** An export file may have gigabytes: its records are shown as they come. */
async function mapExport(driver: Driver, file: string, { context, io }: { context: MapContext; io: CommandIo }): Promise<void> {
  const mapper = driver.fileMapper!(context);
  for await (const { elements, problems } of readAppleExport(file === "-" ? process.stdin : createReadStream(file))) {
    for (const element of elements) mapper.element(element);
    const { records, problems: found } = mapper.take();
    show({ records, problems: [...problems.map(({ line, reason }) => ({ path: `line ${line}`, reason })), ...found] }, io);
  }
  show(mapper.flush(), io);
}

function show({ records, problems }: Mapped, io: CommandIo): void {
  io.stdout(records.map((record) => `${JSON.stringify(showRecord(record))}\n`).join(""));
  for (const { path, reason } of problems) io.stderr(`${path || "/"}: ${reason}\n`);
}

/** What a body stands for that a phone or a person sent without naming it; undefined for clouds. */
function pushedTo({ auth }: Driver): string | undefined {
  return auth.kind === "device" || auth.kind === "none" ? auth.pushes[0] : undefined;
}

function listResources(options: MapOptions, io: CommandIo): void {
  const table = DRIVERS.map((driver) => ({ vendor: driver.id, resources: resourceNames(driver) }));
  io.stdout(options.json ? `${JSON.stringify(table)}\n` : table.map(({ vendor, resources }) => `${vendor}: ${resources.join(" ")}\n`).join(""));
}

interface Mapped {
  readonly records: readonly VendorRecord[];
  readonly problems: readonly MappingProblem[];
}

function mapResource(driver: Driver, resource: string, raw: string, context: MapContext): Mapped {
  const format = driver.resources.find((candidate) => candidate.name === resource)!.format;
  return driver.map(resource, format === "json" ? parse(raw) : raw, context);
}

/** Data in the body is mapped; what would have to be asked for is told on standard error. */
function mapWebhook(driver: Driver, raw: string, context: MapContext): Mapped {
  const { webhook } = driver;
  const parsed = webhook!.parse(webhook!.bodyFormat === "form" ? parseForm(new TextEncoder().encode(raw.trim())) : parse(raw));
  const records: VendorRecord[] = [];
  const problems = [...parsed.problems];
  for (const event of parsed.events) {
    if (event.kind === "data") {
      const mapped = driver.map(event.resource, event.payload, context);
      records.push(...mapped.records);
      problems.push(...mapped.problems);
    } else if (event.kind === "withdrawn") records.push({ record: "withdrawal", of: event.of, vendorId: event.vendorId });
    else problems.push({ path: "", reason: event.kind === "pull" ? `a hint: ${event.request.resource} would be fetched` : `the account was ${event.kind}` });
  }
  return { records, problems };
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(quoteLongIntegers(raw.replace(/^\uFEFF+/, "")));
  } catch (error) {
    throw new InvalidInput("The payload is no JSON.", { cause: error });
  }
}

/** The documented line of a record: times in UTC ISO 8601, totals in seconds. */
export function showRecord(record: VendorRecord): object {
  switch (record.record) {
    case "sample":
      return {
        record: "sample", metric: record.metric, start: formatInstant(record.startMs), ...(record.endMs === undefined ? {} : { end: formatInstant(record.endMs) }),
        value: record.value, unit: METRICS[record.metric].unit, ...(record.device ? { source: record.device.name ?? record.device.id } : {}),
        ...(record.flags && record.flags.length > 0 ? { flags: record.flags } : {}), ...(record.offsetMinutes === null ? {} : { offset_minutes: record.offsetMinutes }),
      };
    case "sleep": {
      const { totals } = record;
      return {
        record: "sleep", id: record.vendorId, start: formatInstant(record.startMs), end: formatInstant(record.endMs), nap: record.isNap,
        stages: record.stages.map(({ stage, startMs, endMs }) => ({ stage, start: formatInstant(startMs), end: formatInstant(endMs) })),
        totals: {
          deep_s: totals.deepS, light_s: totals.lightS, rem_s: totals.remS, awake_s: totals.awakeS, asleep_s: totals.asleepS, in_bed_s: totals.inBedS,
        },
        efficiency_percent: record.efficiencyPercent, score: record.score, ...(record.device ? { source: record.device.name ?? record.device.id } : {}),
      };
    }
    case "workout":
      return {
        record: "workout", id: record.vendorId, start: formatInstant(record.startMs), end: formatInstant(record.endMs), sport: record.sport,
        vendor_sport: record.vendorSport, title: record.title, active_s: record.activeS, distance_m: record.distanceM, energy_kcal: record.energyKcal,
        average_heart_rate: record.averageHeartRate, max_heart_rate: record.maxHeartRate, average_speed_m_s: record.averageSpeedMS,
        max_speed_m_s: record.maxSpeedMS, average_pace_s_km: record.averagePaceSKm, average_power_w: record.averagePowerW, max_power_w: record.maxPowerW,
        power_estimated: record.isPowerEstimated, average_cadence: record.averageCadence, elevation_gain_m: record.elevationGainM, steps: record.steps,
        ...(record.device ? { source: record.device.name ?? record.device.id } : {}),
      };
    case "treatment":
      return {
        record: "treatment", id: record.vendorId, kind: record.kind, start: formatInstant(record.atMs), amount: record.amount, text: record.text,
        ...(record.device ? { source: record.device.name ?? record.device.id } : {}),
      };
    default:
      return { record: "withdrawal", of: record.of, id: record.vendorId };
  }
}
