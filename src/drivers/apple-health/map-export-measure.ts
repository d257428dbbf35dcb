/** An element of export.xml as a measure: when, by what, and its metadata. Pure. Source: Apple Health facts, export.xml structure. */
import type { Device } from "#driver/records.ts";
import type { ExportElement } from "./map-export.ts";
import { type Measure, naturalId } from "./map-measure.ts";
import { cleanName, detached, deviceOf, instantOf, type MapJob, offsetInZone } from "./map-place.ts";

export interface SourceDevice {
  readonly device: Device | undefined;
  readonly maker: string | undefined;
}

/** `<<HKDevice: 0x28…>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch7,1, software:11.2>`: the commas within are its own. */
export function sourceDevice(sourceName: string, text: string): SourceDevice {
  const field = (name: string): string => cleanName(new RegExp(`\\b${name}:(.*?)(?:, [a-zA-Z ]{1,30}:|>|$)`).exec(text.slice(0, 1_000))?.[1]);
  const maker = [field("manufacturer"), field("name")].join(" ").trim();
  return { device: deviceOf(cleanName(sourceName), field("hardware") || field("model")), maker: maker === "" ? undefined : detached(maker) };
}

export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

export function stretchOf({ attributes, line }: ExportElement, { mapping, context }: MapJob): Stretch | null {
  const { startDate, endDate } = attributes;
  const start = instantOf(startDate, context);
  const end = endDate === startDate ? start : instantOf(endDate, context);
  if (!start || !end) mapping.problem(`line ${line}`, "no possible time of a measurement");
  else if (end.ms < start.ms) mapping.problem(`line ${line}`, "ends before its start");
  else return { startMs: start.ms, endMs: end.ms };
  return null;
}

/** A record as a measure. A class, for an export has millions: nothing is looked up before somebody asks. */
export class RecordMeasure implements Measure {
  readonly type: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly device: Device | undefined;
  readonly maker: string | undefined;
  readonly #element: ExportElement;
  #offsetMinutes: number | null = null;

  constructor(type: string, element: ExportElement, { startMs, endMs }: Stretch, { device, maker }: SourceDevice) {
    this.type = type;
    this.startMs = startMs;
    this.endMs = endMs;
    this.device = device;
    this.maker = maker;
    this.#element = element;
  }

  get value(): string | undefined {
    return this.#element.attributes["value"];
  }

  get unit(): string | undefined {
    return this.#element.attributes["unit"];
  }

  get path(): string {
    return `line ${this.#element.line}`;
  }

  get isManual(): boolean {
    return this.meta("HKWasUserEntered") === "1";
  }

  /** The printed offset is the phone's at the export, so it is the zone in the metadata or nothing. */
  get offsetMinutes(): number | null {
    return this.#offsetMinutes;
  }

  placeIn(job: MapJob): void {
    this.#offsetMinutes = offsetInZone(this.meta("HKTimeZone"), this.startMs, job);
  }

  id(): string {
    return detached(naturalId(this));
  }

  meta(key: string): string | undefined {
    for (const { name, attributes } of this.#element.children) if (name === "MetadataEntry" && attributes["key"] === key) return attributes["value"];
    return undefined;
  }
}
