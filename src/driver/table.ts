/** `docs/drivers/README.md`: what every vendor brings and how, from the drivers' own declarations. Pure. */
import { METRIC_NAMES, type MetricName } from "#units/metrics.ts";
import type { Capabilities, Driver } from "./types.ts";

const DELIVERIES: Readonly<Record<Capabilities["delivery"], string>> = {
  poll: "asked", "webhook-ping": "webhook, then asked", "webhook-push": "webhook with the data", "device-push": "a phone sends", typed: "people type",
};

const SIGN_INS: Readonly<Record<Driver["auth"]["kind"], string>> = {
  oauth2: "OAuth 2.0", hosted: "its own page", credentials: "typed, sealed", device: "pairing code", none: "none",
};

/** The whole document. */
export function driverDocument(drivers: readonly Driver[]): string {
  const lines = [
    "# Vendors",
    "",
    "Made from the drivers' own declarations by `node scripts/driver-table.ts`; the same is served at `GET /api/v1/providers`. One page a vendor",
    "tells how to register an app, scopes, limits, review rules, known gaps and settings.",
    "",
    "| vendor | sign-in | data comes | delay | history | records | metrics | payloads | notes |",
    "|---|---|---|---|---|---|---|---|---|",
    ...drivers.map(rowOf),
    "",
    "## Which vendor measures what",
    "",
    "| metric | vendors |",
    "|---|---|",
    ...METRIC_NAMES.map((metric) => `| \`${metric}\` | ${vendorsOf(drivers, metric)} |`),
    "",
    "## What is asked for, and how often",
    "",
    "| vendor | payload | format | records | metrics | asked every | first goes back | longest window |",
    "|---|---|---|---|---|---|---|---|",
    ...drivers.flatMap(resourceRows),
  ];
  return `${lines.join("\n")}\n`;
}

function rowOf(driver: Driver): string {
  const { capabilities, resources, webhook } = driver;
  const records = [...new Set(resources.flatMap((resource) => resource.records))];
  const metrics = new Set(resources.flatMap((resource) => resource.metrics));
  const notes = [
    ...(capabilities.endedOn ? [`ended on ${capabilities.endedOn}${capabilities.successor ? `, followed by ${capabilities.successor}` : ""}`] : []),
    ...(capabilities.unofficial ? ["unofficial, off by default"] : []),
    ...(webhook && !webhook.isSigned ? ["its webhooks are unsigned: hints"] : []),
    ...(driver.brand.isForOwnerOnly ? ["shown to the person alone"] : []),
    ...(capabilities.allowsSeveral ? ["several at once"] : []),
  ];
  const cells = [
    `[${driver.displayName}](${driver.id}.md)`, SIGN_INS[driver.auth.kind], DELIVERIES[capabilities.delivery], spanOf(capabilities.latencySeconds),
    capabilities.historyLimitDays === null ? "all" : `${capabilities.historyLimitDays} days`, records.join(", "), String(metrics.size), String(resources.length), notes.join("; "),
  ];
  return `| ${cells.join(" | ")} |`;
}

function vendorsOf(drivers: readonly Driver[], metric: MetricName): string {
  return drivers.filter(({ resources }) => resources.some(({ metrics }) => metrics.includes(metric))).map(({ id }) => id).join(", ") || "none yet";
}

function resourceRows({ id, resources }: Driver): string[] {
  return resources.map(({ name, format, records, metrics, pull }) => {
    const asked = pull && !pull.backfillOnly ? spanOf(pull.everySeconds) : "";
    const back = pull ? `${pull.backfillDays} days` : "";
    const longest = pull ? spanOf(Math.round(pull.maxWindowMs / 1000)) : "";
    return `| ${id} | \`${name}\` | ${format} | ${records.join(", ")} | ${metrics.join(", ")} | ${asked} | ${back} | ${longest} |`;
  });
}

/** Seconds in the largest unit that divides them. */
function spanOf(seconds: number): string {
  for (const [name, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]] as const) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size} ${name}${seconds === size ? "" : "s"}`;
  }
  return seconds === 0 ? "none" : `${seconds} s`;
}
