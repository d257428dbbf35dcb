/** Some days on one time axis: glucose, what was taken, slept and done. Which days stand in the address. */
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router-dom";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { HOUR_MS, localDate } from "#units/time.ts";
import { Figure } from "#web/charts/Figure.tsx";
import { useNow } from "#web/portal/data.tsx";
import { useLanguage } from "#web/portal/language.tsx";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { useErrorWords } from "../../parts/error-words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { Panel } from "../Panel.tsx";
import { TYPE_OF_MEAL, useTypeWords } from "../../history/readings/reading-types.ts";
import { usePatient, usePeriod } from "../patient.ts";
import { isDate } from "../period.ts";
import { useDayData } from "./day-data.ts";
import { DayControls, type Span, SPANS } from "./DayControls.tsx";
import { entriesOf } from "./entries.ts";
import { Legend } from "./Legend.tsx";
import { csvOf, extentOf, linesIn, momentParts, readingText, sportOf, type Told } from "./readout.ts";
import { Timeline } from "./Timeline.tsx";
import { daysView, loadedView, type View } from "./viewport.ts";

const PAST_MS = 10 * 366 * 24 * HOUR_MS;
const SKELETON_PX = 720;

export function DayTab() {
  const { path, zone } = usePatient();
  const [address] = useSearchParams();
  const asked = address.get("date");
  const nowMs = useNow(60_000);
  const latest = useOperation("get /patients/{patientId}/glucose/latest", { path }, { isEnabled: !isDate(asked) });
  if (isDate(asked)) return <Days date={asked} />;
  // Without a day in the address it is the one with the last reading.
  return (
    <Loaded query={latest} skeleton={<Skeleton variant="rounded" height={SKELETON_PX} />}>
      {({ reading }) => <Days date={localDate(zone, reading ? Date.parse(reading.at) : nowMs)} />}
    </Loaded>
  );
}

function useView(date: string, span: Span, nowMs: number) {
  const { zone } = usePatient();
  const key = `${zone} ${date} ${span}`;
  const [moved, setMoved] = useState<{ readonly key: string; readonly view: View } | null>(null);
  const today = localDate(zone, nowMs);
  const bounds = useMemo(() => ({ fromMs: nowMs - PAST_MS, toMs: daysView(zone, today, 1)!.toMs }), [zone, today, nowMs]);
  const base = useMemo(() => daysView(zone, date, span) ?? daysView(zone, today, span)!, [zone, date, span, today]);
  const isMoved = moved?.key === key;
  return {
    today, bounds, isMoved, base, view: isMoved ? moved.view : base,
    onView: (view: View) => setMoved({ key, view }), onReset: () => setMoved(null),
  };
}

function Days({ date }: { readonly date: string }) {
  const { zone } = usePatient();
  const [address, setAddress] = useSearchParams();
  const span = SPANS.find((each) => each === Number(address.get("span"))) ?? 1;
  const nowMs = useNow(60_000);
  const { today, bounds, isMoved, base, view, onView, onReset } = useView(date, span, nowMs);
  const go = (name: "date" | "span", value: string): void => {
    const next = new URLSearchParams(address);
    next.set("date", date);
    next.set(name, value);
    setAddress(next, { replace: true });
  };
  const loaded = loadedView(zone, view);
  const { glucose, data, failed } = useDayData(loaded);
  const errorWords = useErrorWords();
  return (
    <Panel>
      <DayControls {...{ date, today, span, view, bounds, isMoved, onView, onReset }} onDate={(chosen) => go("date", chosen)} onSpan={(chosen) => go("span", String(chosen))} />
      {failed?.error ? <Alert severity="warning" sx={{ mt: 1 }}>{errorWords(failed.error)}</Alert> : null}
      <Box sx={{ mt: 2 }}>
        <Loaded query={glucose} skeleton={<Skeleton variant="rounded" height={SKELETON_PX} />}>
          {() => <DayFigure {...{ view, base, bounds, data, nowMs, onView, onReset }} />}
        </Loaded>
      </Box>
    </Panel>
  );
}

interface DayFigureProps {
  readonly view: View;
  /** The days that were chosen, before anybody zoomed. */
  readonly base: View;
  readonly bounds: View;
  readonly data: ReturnType<typeof useDayData>["data"];
  readonly nowMs: number;
  readonly onView: (view: View) => void;
  readonly onReset: () => void;
}

function DayFigure({ view, base, bounds, data, nowMs, onView, onReset }: DayFigureProps) {
  const t = useWords();
  const { t: name } = useLanguage();
  const { f } = usePatient();
  const { thresholds } = usePeriod();
  const typeWords = useTypeWords();
  const [cursorMs, setCursorMs] = useState<number | null>(null);
  const told = useMemo((): Told => ({
    data, entries: entriesOf(data.treatments, { t: name, f, mealOf: (meal) => typeWords(TYPE_OF_MEAL[meal]) }), thresholds, name, f,
  }), [data, name, f, thresholds, typeWords]);
  const extent = extentOf(data, view);
  const whenOf = f.date(view.fromMs) === f.date(view.toMs - 1) ? f.time : f.dateTime;
  const moment = cursorMs === null ? null : momentParts(told, cursorMs, (view.toMs - view.fromMs) / 60);
  const columns = [t("patient.columnTime"), `${t("patient.columnGlucose")} (${f.unit})`, t("patient.columnBand"), t("patient.columnEntry")];
  return (
    <Figure
      heading={titleOf(view, f)} viewAsTable={name("card.viewAsTable")} testId="day-figure"
      summary={extent === null ? t("patient.dayEmpty") : t("patient.daySummary", { count: f.number(extent.count), low: f.glucoseOfMgDl(extent.low.mgDl), lowAt: whenOf(extent.low.atMs), high: f.glucoseOfMgDl(extent.high.mgDl), highAt: whenOf(extent.high.atMs) })}
      aside={<ClockChange base={base} />}
      table={{
        caption: titleOf(view, f), columns, csv: { label: t("patient.csv"), name: "day.csv", rows: () => csvOf(linesIn(told, view), columns, f) },
        rows: () => linesIn(told, view).map(({ atMs, mgDl, band, entry }) => [f.dateTime(atMs), mgDl === null ? "" : f.glucoseOfMgDl(mgDl), band, entry]),
      }}
    >
      <Typography variant="body2" sx={{ minHeight: 44, fontVariantNumeric: "tabular-nums" }} color={moment ? "textPrimary" : "textSecondary"} data-testid="day-readout">
        {moment ? moment.join(" · ") : t("patient.dayHint")}
      </Typography>
      <Timeline
        {...{ view, bounds, cursorMs, nowMs, thresholds, onView, onReset }} data={data} entries={told.entries} nameOf={(workout) => sportOf(workout, name)}
        describe={(place) => `${f.dateTime(data.glucose.times[place] ?? 0)}, ${readingText(told, place)}`} onCursor={setCursorMs}
      />
      <Legend thresholds={thresholds} />
    </Figure>
  );
}

/** `Fri 20 Nov`, `18 Nov – 20 Nov`, or hours where less than a day is in view. */
function titleOf({ fromMs, toMs }: View, f: ReturnType<typeof usePatient>["f"]): string {
  const [first, last] = [f.date(fromMs), f.date(toMs - 1)];
  if (first !== last) return `${first} – ${last}`;
  return toMs - fromMs < 22 * HOUR_MS ? `${first}, ${f.time(fromMs)} – ${f.time(toMs)}` : first;
}

/** Days on which clocks change are as long as they were, and that is said. */
function ClockChange({ base }: { readonly base: View }) {
  const t = useWords();
  const { f } = usePatient();
  const hours = (base.toMs - base.fromMs) / HOUR_MS;
  return hours % 24 === 0 ? null : <Chip size="small" variant="outlined" label={t("patient.dayClockChange", { hours: f.number(hours) })} data-testid="clock-change" />;
}
