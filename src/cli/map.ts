/** `islet map`: a stranger's payload → our records, one JSON object a line. No database, no configuration. */
import { text } from "node:stream/consumers";
import { DRIVERS } from "#drivers/index.ts";
import { parseForm, quoteLongIntegers } from "#driver/payload.ts";
import type { Driver, MapContext } from "#driver/types.ts";
import type { MappingProblem, VendorRecord } from "#driver/records.ts";
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
  const names = resourceNames(driver);
  if (options.resource === undefined || !names.includes(options.resource)) {
    throw new InvalidInput(`Name a resource of ${driver.id}: ${names.join(", ")}.`);
  }
  const raw = options.file === "-" ? await text(process.stdin) : new TextDecoder().decode(io.readFile(options.file));
  const context: MapContext = { receivedMs: Date.now(), zone: options.tz };
  const resource = options.resource === "webhook" ? (pushedTo(driver) ?? "webhook") : options.resource;
  const { records, problems } = resource === "webhook" ? mapWebhook(driver, raw, context) : mapResource(driver, resource, raw, context);
  io.stdout(records.map((record) => `${JSON.stringify(showRecord(record))}\n`).join(""));
  for (const { path, reason } of problems) io.stderr(`${path || "/"}: ${reason}\n`);
  return 0;
}

function resourceNames(driver: Driver): string[] {
  return [...driver.resources.map((resource) => resource.name), ...(driver.webhook || pushedTo(driver) ? ["webhook"] : [])];
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
