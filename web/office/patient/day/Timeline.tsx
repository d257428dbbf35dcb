/** The picture of some days on one time axis. What it shows, a sentence and a table beside it say as well. */
import { useId, useMemo, useRef } from "react";
import type { Thresholds } from "#web/charts/curve-drawing.ts";
import { Stepper } from "#web/charts/Stepper.tsx";
import { timeTicks } from "#web/charts/ticks.ts";
import type { Workout } from "#web/client/types.ts";
import { useWords } from "../../messages/words.ts";
import { usePatient } from "../patient.ts";
import { useWidth } from "../use-width.ts";
import type { DayData } from "./day-data.ts";
import type { Entry } from "./entries.ts";
import { ActivityLane } from "./lanes/ActivityLane.tsx";
import { EntryLane } from "./lanes/EntryLane.tsx";
import { GlucoseLane } from "./lanes/GlucoseLane.tsx";
import { HeartLane } from "./lanes/HeartLane.tsx";
import { SleepLane } from "./lanes/SleepLane.tsx";
import { type Frame, firstAtOrAfter, frameOf, type LaneName, nearestPlace } from "./layout.ts";
import { useGestures } from "./use-gestures.ts";
import { midnights, type View } from "./viewport.ts";

export interface TimelineProps {
  readonly view: View;
  readonly bounds: View;
  readonly data: DayData;
  readonly entries: readonly Entry[];
  readonly thresholds: Thresholds;
  /** Where somebody looks; null: nowhere. */
  readonly cursorMs: number | null;
  readonly nowMs: number;
  readonly nameOf: (workout: Workout) => string;
  /** A reading in words, by its place in the series. */
  readonly describe: (place: number) => string;
  readonly onView: (view: View) => void;
  readonly onReset: () => void;
  readonly onCursor: (ms: number | null) => void;
}

const ENTRY_LANES = ["bolus", "basal", "carbohydrates", "notes"] as const;
const LANE_NAMES = {
  bolus: "patient.laneBolus", basal: "patient.laneBasal", carbohydrates: "patient.laneCarbohydrates", notes: "patient.laneNotes", sleep: "patient.laneSleep", activity: "patient.laneActivity", heart: "patient.laneHeart",
} as const satisfies Partial<Record<LaneName, string>>;

export function Timeline(props: TimelineProps) {
  const { view, data, entries, cursorMs } = props;
  const t = useWords();
  const { f } = usePatient();
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const clipId = useId();
  const frame = useMemo(() => frameOf(width, view), [width, view]);
  useGestures(host, { view, bounds: props.bounds, onView: props.onView, onReset: props.onReset, onPoint: props.onCursor });
  const { times } = data.glucose;
  const [first, end] = [firstAtOrAfter(times, view.fromMs), firstAtOrAfter(times, view.toMs + 1)];
  const place = cursorMs === null ? null : nearestPlace(times, cursorMs, (view.toMs - view.fromMs) / 40);
  const of = (lane: Entry["lane"]): Entry[] => entries.filter((entry) => entry.lane === lane);
  const picture = (
    <svg width={width} height={frame.height} viewBox={`0 0 ${width} ${frame.height}`} aria-hidden="true" className="day-picture">
      <clipPath id={clipId}><rect x={frame.left} y={0} width={frame.right - frame.left} height={frame.height} /></clipPath>
      <Axis frame={frame} view={view} />
      <g clipPath={`url(#${clipId})`}>
        {ENTRY_LANES.map((lane) => <EntryLane key={lane} frame={frame} view={view} lane={lane} entries={of(lane)} />)}
        <SleepLane frame={frame} view={view} sleeps={data.sleeps} />
        <ActivityLane frame={frame} view={view} workouts={data.workouts} steps={data.steps} stepMs={data.stepMs} nameOf={props.nameOf} />
        {props.nowMs > view.fromMs && props.nowMs < view.toMs ? <line x1={frame.xOf(props.nowMs)} x2={frame.xOf(props.nowMs)} y1={frame.lanes.glucose.top} y2={frame.height} className="day-now" /> : null}
      </g>
      <GlucoseLane clipId={clipId} frame={frame} view={view} glucose={data.glucose} meters={of("meter")} thresholds={props.thresholds} formatLimit={f.threshold} />
      <HeartLane clipId={clipId} frame={frame} view={view} heart={data.heart} stepMs={data.stepMs} />
      <LaneNames frame={frame} data={data} view={view} entries={entries} />
      <Cursor frame={frame} atMs={place === null ? cursorMs : times[place]!} />
    </svg>
  );
  return (
    <div ref={host} className="day-timeline" data-testid="timeline">
      {end > first ? (
        <Stepper
          label={t("patient.dayStep")} count={end - first} index={place === null ? null : Math.min(Math.max(place - first, 0), end - first - 1)} describe={(step) => props.describe(first + step)}
          onIndex={(step) => props.onCursor(step === null ? null : (times[first + step] ?? null))}
        >
          {picture}
        </Stepper>
      ) : picture}
    </div>
  );
}

/** Hours, or days, and the patient's midnights through all lanes. */
function Axis({ frame, view }: { readonly frame: Frame; readonly view: View }) {
  const { f, zone } = usePatient();
  const ticks = timeTicks(view, zone, Math.max(Math.floor((frame.right - frame.left) / 62), 2));
  const nights = midnights(zone, view);
  const top = frame.lanes.glucose.top;
  const hasRoom = nights.length <= (frame.right - frame.left) / 80;
  return (
    <g>
      {ticks.times.map((ms) => (
        <g key={ms}>
          <line x1={frame.xOf(ms)} x2={frame.xOf(ms)} y1={top} y2={frame.height} className="day-grid" />
          <text x={frame.xOf(ms)} y={frame.axisY} textAnchor={frame.xOf(ms) > frame.right - 20 ? "end" : "middle"} className="day-tick">{ticks.areDays ? f.shortDate(ms) : f.time(ms)}</text>
        </g>
      ))}
      {nights.map((ms) => (
        <g key={ms}>
          <line x1={frame.xOf(ms)} x2={frame.xOf(ms)} y1={2} y2={frame.height} className="day-midnight" />
          {hasRoom ? <text x={frame.xOf(ms) + 4} y={12} className="day-tick">{f.date(ms)}</text> : null}
        </g>
      ))}
    </g>
  );
}

/** The name of each lane above it, and that there is nothing where there is nothing. */
function LaneNames({ frame, data, view, entries }: { readonly frame: Frame; readonly data: DayData; readonly view: View; readonly entries: readonly Entry[] }) {
  const t = useWords();
  const isIn = (fromMs: number, toMs: number): boolean => toMs >= view.fromMs && fromMs <= view.toMs;
  const has: Record<keyof typeof LANE_NAMES, boolean> = {
    ...(Object.fromEntries(ENTRY_LANES.map((lane) => [lane, entries.some((entry) => entry.lane === lane && isIn(entry.atMs, entry.endMs ?? entry.atMs))])) as Record<(typeof ENTRY_LANES)[number], boolean>),
    sleep: data.sleeps.some(({ start, end }) => isIn(Date.parse(start), Date.parse(end))),
    activity: data.workouts.some(({ start, end }) => isIn(Date.parse(start), Date.parse(end))) || data.steps.times.some((ms) => isIn(ms, ms)),
    heart: data.heart.times.some((ms) => isIn(ms, ms)),
  };
  return (
    <g>
      {(Object.keys(LANE_NAMES) as (keyof typeof LANE_NAMES)[]).map((lane) => (
        <text key={lane} x={4} y={frame.lanes[lane].top - 4} className="day-lane-name">
          {t(LANE_NAMES[lane])}{has[lane] ? "" : ` – ${t(!data.hasEntries && lane !== "activity" && lane !== "heart" ? "patient.laneTooLong" : "patient.laneNothing")}`}
        </text>
      ))}
    </g>
  );
}

function Cursor({ frame, atMs }: { readonly frame: Frame; readonly atMs: number | null }) {
  if (atMs === null) return null;
  const x = frame.xOf(atMs);
  return x < frame.left || x > frame.right ? null : <line x1={x} x2={x} y1={frame.lanes.glucose.top} y2={frame.height} className="day-cursor" />;
}
