/**
 * How fast payloads become records, for each driver, on one core: the text of a payload is parsed and mapped again and again. Payloads are the
 * drivers' fixtures with their longest list repeated, as a day or a month of a sensor has them. Beside it JSON.parse alone, in the same run.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Driver, MapContext } from "#driver/types.ts";
import { DRIVERS } from "#drivers/index.ts";
import { told, type Figure } from "./figure.ts";

const FOLDER = fileURLToPath(new URL("../src/drivers", import.meta.url));
const CONTEXT: MapContext = { receivedMs: Date.UTC(2026, 10, 21), zone: "Europe/Madrid" };
/** Samples a second that glucose and heart-rate shapes must reach. */
const GOAL = 150_000;
const ITEMS = 5_000;
const SECONDS = 0.5;

interface Shape {
  readonly resource: string;
  readonly text: string;
  readonly records: number;
  readonly hasGoal: boolean;
}

export function benchMap(): Figure[] {
  return DRIVERS.flatMap((driver) => {
    const shapes = shapesOf(driver);
    if (shapes.length === 0) throw new Error(`No fixture of ${driver.id} gives a record.`);
    const rates = shapes.map((shape) => measure(driver, shape));
    const records = rates.reduce((total, rate) => total + rate.records, 0);
    const seconds = rates.reduce((total, rate) => total + rate.seconds, 0);
    const parse = rates.reduce((total, rate) => total + rate.parseSeconds, 0);
    return [
      told(`map: ${driver.id}, all payloads`, Math.round(records / seconds), "records/s"),
      told(`map: ${driver.id}, against JSON.parse alone`, seconds / parse, "x"),
      ...shapes.flatMap((shape, index): Figure[] => {
        if (!shape.hasGoal) return [];
        const value = Math.round(rates[index]!.records / rates[index]!.seconds);
        return [{ figure: `map: ${driver.id} ${shape.resource}`, value, unit: "samples/s", goal: `>= ${GOAL}`, met: value >= GOAL }];
      }),
    ];
  });
}

/** Each fixture with the resource that makes most of it. */
function shapesOf(driver: Driver): Shape[] {
  const folder = join(FOLDER, driver.id, "fixtures");
  return readdirSync(folder).filter((name) => name.endsWith(".json")).flatMap((name) => {
    return shapesIn(driver, JSON.parse(readFileSync(join(folder, name), "utf8")), 2);
  });
}

/** Some fixtures hold several payloads, each under its name. */
function shapesIn(driver: Driver, value: unknown, depth: number): Shape[] {
  const asOne = shapeOf(driver, structuredClone(value));
  if (asOne.length > 0 || depth === 0 || typeof value !== "object" || value === null) return asOne;
  return Object.values(value).flatMap((part: unknown) => shapesIn(driver, part, depth - 1));
}

/** The payload made long, with the resource that makes most of it; nothing where none makes anything. */
function shapeOf(driver: Driver, given: unknown): Shape[] {
  const payload = inflate(given);
  const text = JSON.stringify(payload);
  const best = driver.resources
    .filter(({ format }) => format === "json")
    .map(({ name: resource, metrics }) => ({ resource, metrics, records: tryMap(driver, resource, payload) }))
    .toSorted((a, b) => b.records - a.records)[0];
  if (!best || best.records === 0) return [];
  const isDense = best.records >= ITEMS / 2 && best.metrics.length <= 3;
  return [{ resource: best.resource, text, records: best.records, hasGoal: isDense && best.metrics.some((metric) => metric === "glucose" || metric === "heart_rate") }];
}

function tryMap(driver: Driver, resource: string, payload: unknown): number {
  try {
    return driver.map(resource, payload, CONTEXT).records.length;
  } catch {
    // A fixture of another resource.
    return 0;
  }
}

/** The payload with its longest list, or its longest table of numbers by number, made long. */
function inflate(payload: unknown): unknown {
  const found: { size: number; grow: (() => void) | null } = { size: 0, grow: null };
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      if (value.length > found.size && typeof value[0] === "object") {
        const items = [...(value as unknown[])];
        Object.assign(found, { size: value.length, grow: () => void value.splice(0, value.length, ...Array.from({ length: ITEMS }, (_, index) => items[index % items.length])) });
      }
      value.forEach(walk);
    } else if (typeof value === "object" && value !== null) {
      const table = value as Record<string, unknown>;
      const entries = Object.entries(table);
      if (entries.length > Math.max(1, found.size) && entries.every(([key, each]) => /^\d+$/.test(key) && typeof each === "number")) {
        Object.assign(found, { size: entries.length, grow: () => {
          for (let index = 0; index < ITEMS; index += 1) table[String(index * 15)] = entries[index % entries.length]![1];
        } });
      }
      Object.values(table).forEach(walk);
    }
  };
  walk(payload);
  found.grow?.();
  return payload;
}

function measure(driver: Driver, { resource, text }: Shape): { records: number; seconds: number; parseSeconds: number } {
  const mapOnce = (): number => driver.map(resource, JSON.parse(text), CONTEXT).records.length;
  mapOnce(); // warm-up
  let records = 0;
  let runs = 0;
  const startMs = performance.now();
  while (performance.now() - startMs < SECONDS * 1000) {
    records += mapOnce();
    runs += 1;
  }
  const seconds = (performance.now() - startMs) / 1000;
  const parseMs = performance.now();
  for (let run = 0; run < runs; run += 1) JSON.parse(text);
  return { records, seconds, parseSeconds: Math.max((performance.now() - parseMs) / 1000, 1e-6) };
}
