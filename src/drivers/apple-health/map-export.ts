/**
 * Elements of export.xml → records, a batch at a time: what stands alone is given at once, sleep and undecided glucose at the end. Pure, but for
 * what it remembers of the one file it maps. Source: Apple Health facts, export.xml structure.
 */
import { dayPlace } from "#driver/day.ts";
import { looseNumber, Mapping } from "#driver/payload.ts";
import type { MappingProblem, MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { RecordMeasure, sourceDevice, type SourceDevice, stretchOf } from "./map-export-measure.ts";
import { mapExportWorkout } from "./map-export-workout.ts";
import { GlucoseSorter } from "./map-glucose.ts";
import { addSample, mapMeasure, type Measure, naturalId } from "./map-measure.ts";
import { detached, isPossible, type MapJob } from "./map-place.ts";
import { SleepCollector } from "./map-sleep.ts";
import { METRICS_OF, TREATMENT_TYPES } from "./quantities.ts";
import { inOurUnit } from "./units.ts";

/** One element below the root, as a streaming reader gives it. */
export interface ExportElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly ExportElement[];
  /** 1-based; stands in problems. */
  readonly line: number;
}

export interface ExportMapper {
  /** Maps one element. Elements and types without a place here are counted and passed over. */
  element(element: ExportElement): void;
  /** The records and problems since the last time. */
  take(): MapResult;
  /** What was held back: nights, and glucose of sources with few readings. Nothing may come after it. */
  flush(): MapResult;
  /** All problems, also those beyond the ones listed. */
  readonly problemCount: number;
  /** How often each type without a place came. */
  readonly passedOver: ReadonlyMap<string, number>;
}

const MOST_LISTED = 1_000;
const MOST_TYPES = 500;
const MOST_PAIRED = 200_000;
const MOST_SOURCES = 2_000;
const LONGEST_SOURCE = 1_000;

/** What a correlation may hold, and stands beside it once more. */
const IN_CORRELATIONS: ReadonlySet<string> = new Set([
  "BloodPressureSystolic", "BloodPressureDiastolic", "DietaryCarbohydrates", "DietaryWater",
]);
/** Who the person is and when the file was made: never a measurement. */
const ABOUT_THE_FILE: ReadonlySet<string> = new Set(["ExportDate", "Me"]);
const PREFIX = /^HK(?:Quantity|Category)TypeIdentifier/;

/** Type by identifier, for all that may become a record. */
const TYPES: ReadonlyMap<string, string> = new Map(
  [...METRICS_OF.keys(), ...TREATMENT_TYPES, "SleepAnalysis", "MindfulSession"].flatMap((type) => [
    [`HKQuantityTypeIdentifier${type}`, type] as const, [`HKCategoryTypeIdentifier${type}`, type] as const,
  ]),
);

/** A mapper of one file. `zone` of the context is the person's: the offsets in an export are those of the phone when it was made. */
export function createExportMapper(context: MapContext): ExportMapper {
  return new Mapper(context);
}

class Mapper implements ExportMapper {
  readonly #job: MapJob;
  readonly #devices = new Map<string, Map<string, SourceDevice>>();
  #deviceCount = 0;
  readonly #paired = new Set<string>();
  readonly #passedOver = new Map<string, number>();
  #problemCount = 0;
  #listed = 0;

  constructor(context: MapContext) {
    this.#job = { mapping: new Mapping(), context, sleeps: new SleepCollector(), glucose: new GlucoseSorter(), zones: new Map() };
  }

  get problemCount(): number {
    return this.#problemCount;
  }

  get passedOver(): ReadonlyMap<string, number> {
    return this.#passedOver;
  }

  element(element: ExportElement): void {
    const { name } = element;
    if (name === "Record") this.#record(element);
    else if (name === "Workout") this.#workout(element);
    else if (name === "ActivitySummary") this.#summary(element);
    else if (name === "Correlation") {
      for (const child of element.children) if (child.name === "Record") this.#record(child);
    } else if (!ABOUT_THE_FILE.has(name)) this.#passOver(name);
  }

  take(): MapResult {
    const { records, problems } = this.#job.mapping.result();
    this.#job.mapping = new Mapping();
    return { records, problems: this.#list(problems) };
  }

  flush(): MapResult {
    this.#job.glucose.flush(this.#job);
    this.#job.sleeps.flush(this.#job);
    return this.take();
  }

  #list(problems: readonly MappingProblem[]): readonly MappingProblem[] {
    this.#problemCount += problems.length;
    const listed = problems.slice(0, MOST_LISTED - this.#listed);
    this.#listed += listed.length;
    return listed;
  }

  #record(element: ExportElement): void {
    const { attributes } = element;
    const type = TYPES.get(attributes["type"] ?? "");
    if (type === undefined) return this.#passOver((attributes["type"] ?? "Record").replace(PREFIX, ""));
    const stretch = stretchOf(element, this.#job);
    if (!stretch) return;
    const measure = new RecordMeasure(type, element, stretch, this.#deviceOf(attributes));
    if (IN_CORRELATIONS.has(type) && this.#isRepeated(measure)) return;
    measure.placeIn(this.#job);
    mapMeasure(measure, this.#job);
  }

  #workout(element: ExportElement): void {
    const stretch = stretchOf(element, this.#job);
    if (stretch) mapExportWorkout(element, { ...stretch, device: this.#deviceOf(element.attributes).device }, this.#job);
  }

  /** Totals of the rings, by local date. A ring that is empty was not worn. */
  #summary({ attributes, line }: ExportElement): void {
    const { context } = this.#job;
    const day = dayPlace(attributes["dateComponents"] ?? "", context.zone, null);
    const path = `line ${line}`;
    if (!day || !isPossible(day.startMs, context)) return this.#job.mapping.problem(path, "no possible day");
    const measure: Measure = {
      ...day, type: "ActivitySummary", value: null, unit: null, device: undefined, isManual: false, isDayTotal: true, path, id: () => "", meta: () => undefined,
    };
    const energy = looseNumber(attributes["activeEnergyBurned"]);
    const kcal = energy === null || energy === 0 ? null : inOurUnit(energy, attributes["activeEnergyBurnedUnit"], "energy");
    if (kcal !== null) addSample("calories_active", kcal, measure, this.#job);
    const minutes = looseNumber(attributes["appleExerciseTime"]);
    if (minutes !== null && minutes !== 0) addSample("active_duration", minutes * 60, measure, this.#job);
  }

  #passOver(name: string): void {
    const count = this.#passedOver.get(name);
    if (count !== undefined) this.#passedOver.set(name, count + 1);
    else if (this.#passedOver.size < MOST_TYPES) this.#passedOver.set(detached(name.slice(0, 100)), 1);
  }

  /** Whether this is a correlation's copy of what came before, or the other way round. */
  #isRepeated(measure: Measure): boolean {
    const id = detached(naturalId(measure));
    if (this.#paired.has(id)) return true;
    if (this.#paired.size < MOST_PAIRED) this.#paired.add(id);
    return false;
  }

  #deviceOf({ sourceName = "", device = "" }: Readonly<Record<string, string>>): SourceDevice {
    let ofSource = this.#devices.get(sourceName);
    const known = ofSource?.get(device);
    if (known) return known;
    const found = sourceDevice(sourceName, device);
    // Nobody's name is so long: what is remembered of a file is bounded.
    if (sourceName.length + device.length > LONGEST_SOURCE) return found;
    // Each version of its software, and each start of the phone, writes another text for one device.
    if (++this.#deviceCount > MOST_SOURCES) {
      this.#devices.clear();
      this.#deviceCount = 0;
      ofSource = undefined;
    }
    if (!ofSource) this.#devices.set(detached(sourceName), (ofSource = new Map()));
    ofSource.set(detached(device), found);
    return found;
  }
}
