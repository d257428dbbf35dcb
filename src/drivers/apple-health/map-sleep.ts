/**
 * Samples of sleep → nights. Health has no session: samples of one source belong together until a long gap. Where several sources saw the
 * same night, the one that tells stages counts. Pure. Source: Apple Health facts, category identifiers.
 */
import { looseText } from "#driver/payload.ts";
import type { Device, SleepRecord, SleepStage, SleepStageName } from "#driver/records.ts";
import { inOrder, overlay } from "#driver/stages.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { Measure } from "./map-measure.ts";
import type { MapJob } from "./map-place.ts";

/** The facts say 60 to 120 minutes. */
const GAP_MS = 90 * MINUTE_MS;
const LONGEST_SAMPLE_MS = DAY_MS;
const LONGEST_NIGHT_MS = 30 * HOUR_MS;
const SHORTEST_NIGHT_MS = 3 * HOUR_MS;
/** Two sources saw the same sleep when this share of the shorter one is common. */
const COMMON_SHARE = 0.5;
/** Eighty years of a watch are one million. */
const MOST_SAMPLES = 1_000_000;
const MOST_SOURCES = 100;

const STAGES = ["in_bed", "unmeasurable", "asleep", "awake", "light", "deep", "rem"] as const satisfies readonly SleepStageName[];
type Stage = (typeof STAGES)[number];

/** Numbers and strings of HealthKit, and the words of its bridges, without spaces. */
const WORDS: Readonly<Record<string, Stage>> = {
  "0": "in_bed", inbed: "in_bed", in_bed: "in_bed",
  "1": "asleep", asleepunspecified: "asleep", asleep: "asleep", unspecified: "asleep", sleeping: "asleep",
  "2": "awake", awake: "awake",
  "3": "light", asleepcore: "light", core: "light", light: "light",
  "4": "deep", asleepdeep: "deep", deep: "deep",
  "5": "rem", asleeprem: "rem", rem: "rem",
  unknown: "unmeasurable",
};

interface Source {
  readonly device: Device | undefined;
  /** Start, end, stage and offset (NaN for none) of each sample, one after the other: small for the whole of an export. */
  readonly numbers: number[];
}

export class SleepCollector {
  readonly #sources = new Map<string, Source>();
  #count = 0;

  add({ value, startMs, endMs, offsetMinutes, device, path }: Measure, { mapping }: MapJob): void {
    const word = looseText(value).slice(0, 100).replace(/^HKCategoryValueSleepAnalysis/, "").replace(/\s/g, "").toLowerCase();
    const stage = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (stage === undefined) return mapping.problem(path, "an unknown stage of sleep");
    // Some apps mark an instant with a sample of no length.
    if (endMs === startMs) return;
    if (endMs < startMs || endMs - startMs > LONGEST_SAMPLE_MS) return mapping.problem(path, "no possible end of a sleep");
    const id = device?.id ?? "";
    let source = this.#sources.get(id);
    if (!source && this.#sources.size < MOST_SOURCES) this.#sources.set(id, (source = { device, numbers: [] }));
    if (!source || this.#count >= MOST_SAMPLES) return mapping.problem(path, "more sleep than a life has");
    this.#count += 1;
    source.numbers.push(startMs, endMs, STAGES.indexOf(stage), offsetMinutes ?? Number.NaN);
  }

  /** Adds the nights; nothing more comes. */
  flush({ mapping }: MapJob): void {
    const nights = [...this.#sources.values()].flatMap((source) => nightsOf(source));
    this.#sources.clear();
    for (const night of bestOf(nights)) {
      if (night.endMs - night.startMs <= LONGEST_NIGHT_MS) mapping.add(recordOf(night));
      else mapping.problem("", "samples of sleep that make a night of more than thirty hours");
    }
  }
}

interface Night {
  readonly device: Device | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMinutes: number | null;
  readonly stages: readonly SleepStage[];
  /** 2: with stages, 1: asleep or awake, 0: in bed. */
  readonly rank: number;
}

function nightsOf({ device, numbers }: Source): Night[] {
  const order = Array.from({ length: numbers.length / 4 }, (_, index) => index * 4).toSorted((a, b) => numbers[a]! - numbers[b]!);
  const nights: Night[] = [];
  let group: SleepStage[] = [];
  let offset = Number.NaN;
  let endMs = Number.NEGATIVE_INFINITY;
  const close = (): void => {
    const night = nightOf(device, group, Number.isNaN(offset) ? null : offset);
    if (night) nights.push(night);
  };
  for (const at of order) {
    const startMs = numbers[at]!;
    if (startMs - endMs > GAP_MS) {
      close();
      group = [];
      offset = numbers[at + 3]!;
    }
    group.push({ stage: STAGES[numbers[at + 2]!]!, startMs, endMs: numbers[at + 1]! });
    endMs = Math.max(endMs, numbers[at + 1]!);
  }
  close();
  return nights;
}

/** Null where nobody was in bed or asleep. */
function nightOf(device: Device | undefined, samples: readonly SleepStage[], offsetMinutes: number | null): Night | null {
  const of = (...names: SleepStageName[]): SleepStage[] => inOrder(samples.filter(({ stage }) => names.includes(stage))).stages;
  const staged = of("awake", "light", "deep", "rem");
  const asleep = of("asleep");
  const hasStages = staged.some(({ stage }) => stage !== "awake");
  if (!hasStages && asleep.length === 0 && !samples.some(({ stage }) => stage === "in_bed")) return null;
  // What tells more lies over what tells less: being in bed holds the sleep, and a plain sleep holds its stages.
  const stages = joined(overlay(overlay(of("in_bed", "unmeasurable"), asleep), staged));
  const endMs = stages.reduce((latest, stage) => Math.max(latest, stage.endMs), stages[0]!.endMs);
  return { device, startMs: stages[0]!.startMs, endMs, offsetMinutes, stages, rank: hasStages ? 2 : asleep.length > 0 || staged.length > 0 ? 1 : 0 };
}

/** Equal stages that touch are one. */
function joined(stages: readonly SleepStage[]): SleepStage[] {
  const result: SleepStage[] = [];
  for (const stage of stages) {
    const last = result.at(-1);
    if (last && last.stage === stage.stage && last.endMs === stage.startMs) result[result.length - 1] = { ...last, endMs: stage.endMs };
    else result.push(stage);
  }
  return result;
}

/** Of nights that several sources saw, the one that tells most; by start. */
function bestOf(nights: readonly Night[]): Night[] {
  const byDay = new Map<number, Night[]>();
  const kept: Night[] = [];
  const daysOf = ({ startMs, endMs }: Night): number[] => {
    const [first, last] = [Math.floor(startMs / DAY_MS), Math.floor(Math.min(endMs, startMs + LONGEST_NIGHT_MS) / DAY_MS)];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  };
  for (const night of nights.toSorted((a, b) => b.rank - a.rank || b.endMs - b.startMs - (a.endMs - a.startMs) || a.startMs - b.startMs)) {
    const days = daysOf(night);
    if (days.some((day) => byDay.get(day)?.some((other) => isSame(night, other)))) continue;
    kept.push(night);
    for (const day of days) {
      const ofDay = byDay.get(day);
      if (ofDay) ofDay.push(night);
      else byDay.set(day, [night]);
    }
  }
  return kept.toSorted((a, b) => a.startMs - b.startMs);
}

function isSame(one: Night, other: Night): boolean {
  const commonMs = Math.min(one.endMs, other.endMs) - Math.max(one.startMs, other.startMs);
  return commonMs > COMMON_SHARE * Math.min(one.endMs - one.startMs, other.endMs - other.startMs);
}

function recordOf({ device, startMs, endMs, offsetMinutes, stages }: Night): SleepRecord {
  const seconds = (...names: readonly SleepStageName[]): number =>
    stages.reduce((sum, stage) => (names.includes(stage.stage) ? sum + (stage.endMs - stage.startMs) / 1_000 : sum), 0);
  // A stage that does not occur may not have been looked for: absent, never 0.
  const total = (name: string, value: number): Record<string, number> => (value > 0 ? { [name]: value } : {});
  return {
    record: "sleep", vendorId: null, startMs, endMs, offsetMinutes, isNap: endMs - startMs < SHORTEST_NIGHT_MS, stages,
    totals: {
      ...(seconds("in_bed") > 0 ? { inBedS: seconds(...STAGES) } : {}), ...total("asleepS", seconds("asleep", "light", "deep", "rem")),
      ...total("deepS", seconds("deep")), ...total("lightS", seconds("light")), ...total("remS", seconds("rem")), ...total("awakeS", seconds("awake")),
    },
    ...(device ? { device } : {}),
  };
}
