/** A `Workout` element of export.xml → a workout. Pure. Source: Apple Health facts, export.xml structure. */
import { looseNumber } from "#driver/payload.ts";
import type { Device, WorkoutLap } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import type { ExportElement } from "./map-export.ts";
import { instantOf, type MapJob, offsetInZone } from "./map-place.ts";
import { addWorkout, STATISTICS, type WorkoutNumber } from "./map-workout.ts";
import { QUANTITIES } from "./quantities.ts";
import { inOurUnit, writtenQuantity, type Dimension } from "./units.ts";

type Numbers = Partial<Record<WorkoutNumber, number | null>>;

interface Place {
  readonly startMs: number;
  readonly endMs: number;
  readonly device: Device | undefined;
}

export function mapExportWorkout(element: ExportElement, place: Place, job: MapJob): void {
  const { attributes, children, line } = element;
  const meta = (key: string): string | undefined => children.find(({ name, attributes }) => name === "MetadataEntry" && attributes["key"] === key)?.attributes["value"];
  const events = children.filter(({ name }) => name === "WorkoutEvent").flatMap((event) => eventOf(event, job.context));
  addWorkout({
    ...place, type: attributes["workoutActivityType"], id: null, offsetMinutes: offsetInZone(meta("HKTimeZone"), place.startMs, job), path: `line ${line}`,
    isManual: meta("HKWasUserEntered") === "1",
    numbers: {
      ...oldTotals(attributes),
      averageSpeedMS: writtenQuantity(meta("HKAverageSpeed"), "speed"),
      maxSpeedMS: writtenQuantity(meta("HKMaximumSpeed"), "speed"),
      elevationGainM: writtenQuantity(meta("HKElevationAscended"), "length"),
      ...present(statisticsOf(children)),
      activeS: quantity(attributes["duration"], attributes["durationUnit"], "duration") ?? withoutPauses(events, place),
    },
    laps: events.flatMap(({ kind, atMs, lastsMs }): WorkoutLap[] => (kind === "lap" && lastsMs > 0 ? [{ startMs: atMs, endMs: atMs + lastsMs }] : [])),
  }, job);
}

/** iOS 15 and older say totals in the element itself. */
function oldTotals(attributes: Readonly<Record<string, string>>): Numbers {
  return {
    distanceM: positive(quantity(attributes["totalDistance"], attributes["totalDistanceUnit"], "length")),
    energyKcal: positive(quantity(attributes["totalEnergyBurned"], attributes["totalEnergyBurnedUnit"], "energy")),
  };
}

function statisticsOf(children: readonly ExportElement[]): Numbers {
  const numbers: Numbers = {};
  for (const { name, attributes } of children) {
    if (name !== "WorkoutStatistics") continue;
    const type = (attributes["type"] ?? "").replace(/^HKQuantityTypeIdentifier/, "");
    const dimension = Object.hasOwn(QUANTITIES, type) ? QUANTITIES[type]!.dimension : null;
    if (dimension === null) continue;
    const unit = attributes["unit"];
    if (dimension === "length" && type.startsWith("Distance")) {
      // Of several sports in one, each has its distance.
      const distance = quantity(attributes["sum"], unit, dimension);
      if (distance !== null) numbers.distanceM = (numbers.distanceM ?? 0) + distance;
      continue;
    }
    for (const [statistic, number] of Object.entries(Object.hasOwn(STATISTICS, type) ? STATISTICS[type]! : {})) {
      numbers[number] = quantity(attributes[statistic], unit, dimension);
    }
  }
  return numbers;
}

function present(numbers: Numbers): Numbers {
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== null));
}

function quantity(text: string | undefined, unit: string | undefined, dimension: Dimension): number | null {
  const value = looseNumber(text);
  return value === null ? null : inOurUnit(value, unit, dimension);
}

/** Zero stood for "not measured". */
function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

interface WorkoutEvent {
  readonly kind: string;
  readonly atMs: number;
  readonly lastsMs: number;
}

function eventOf({ attributes }: ExportElement, context: MapContext): WorkoutEvent[] {
  const at = instantOf(attributes["date"], context);
  if (!at) return [];
  const lastsS = quantity(attributes["duration"], attributes["durationUnit"], "duration") ?? 0;
  return [{ kind: (attributes["type"] ?? "").replace(/^HKWorkoutEventType/, "").toLowerCase(), atMs: at.ms, lastsMs: Math.round(lastsS * 1_000) }];
}

/** Seconds without pauses, where nothing else tells them; null where there was no pause to tell of. */
function withoutPauses(events: readonly WorkoutEvent[], { startMs, endMs }: Place): number | null {
  const changes = events.filter(({ kind }) => /^(?:motion)?(?:paused?|resumed?)$/.test(kind)).toSorted((a, b) => a.atMs - b.atMs);
  if (changes.length === 0) return null;
  let activeMs = 0;
  let activeFrom: number | null = startMs;
  for (const { kind, atMs } of changes) {
    const withinMs = Math.min(Math.max(atMs, startMs), endMs);
    if (kind.includes("pause") && activeFrom !== null) {
      activeMs += withinMs - activeFrom;
      activeFrom = null;
    } else if (kind.includes("resume")) activeFrom ??= withinMs;
  }
  if (activeFrom !== null) activeMs += endMs - activeFrom;
  return activeMs / 1_000;
}
