/** A month of days: time in range and the course of each; days with too little data say so. */
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import { useNavigate, useSearchParams } from "react-router-dom";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import EarlierIcon from "@mui/icons-material/KeyboardArrowLeft";
import LaterIcon from "@mui/icons-material/KeyboardArrowRight";
import { weeksOfMonth } from "#charts/month-calendar.ts";
import { addDays, localDate } from "#units/time.ts";
import type { Reply } from "#web/client/operation-client.ts";
import { useNow } from "#web/portal/data.tsx";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { Panel } from "../Panel.tsx";
import { usePatient, usePeriod } from "../patient.ts";
import { isDate, midnight } from "../period.ts";
import { CalendarDay } from "./CalendarDay.tsx";
import { type LocalDay, localDays } from "./local-days.ts";
import { addMonths, dateByKey, isMonth, lastOfMonth } from "./month-keys.ts";
import { weekdayName } from "./Overlay.tsx";

type Daily = Reply<"get /patients/{patientId}/glucose/daily">;

export function Calendar() {
  const { path, zone } = usePatient();
  const { ranges } = usePeriod();
  const [address] = useSearchParams();
  const today = localDate(zone, useNow(60_000));
  const asked = address.get("month");
  const month = isMonth(asked) && asked <= today.slice(0, 7) ? asked : today.slice(0, 7);
  const span = { from: midnight(zone, `${month}-01`), to: midnight(zone, addDays(lastOfMonth(month), 1)) };
  const daily = useOperation("get /patients/{patientId}/glucose/daily", { path, query: { ...span, ...ranges } });
  const course = useOperation("get /patients/{patientId}/metrics", { path, query: { ...span, metrics: "glucose", resolution: "1h" } });
  const curves = useMemo(() => {
    const series = course.data?.series.find(({ metric }) => metric === "glucose");
    return new Map(localDays(series?.times ?? [], series?.values ?? [], zone).map((day) => [day.date, day]));
  }, [course.data, zone]);
  return (
    <Panel testId="calendar">
      <MonthHead month={month} today={today} />
      <Loaded query={daily} skeleton={<Skeleton variant="rounded" height={560} />}>{(reply) => <Month month={month} today={today} daily={reply} curves={curves} />}</Loaded>
    </Panel>
  );
}

function useMonth(): (month: string, focus?: string) => void {
  const [address, setAddress] = useSearchParams();
  return (month, focus) => {
    const next = new URLSearchParams(address);
    next.set("month", month);
    if (focus) next.set("focus", focus);
    else next.delete("focus");
    setAddress(next, { replace: true });
  };
}

function MonthHead({ month, today }: { readonly month: string; readonly today: string }) {
  const t = useWords();
  const { f } = usePatient();
  const setMonth = useMonth();
  const name = new Intl.DateTimeFormat(f.locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(Date.parse(`${month}-01`));
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 1, mb: 1 }}>
      <IconButton aria-label={t("patient.monthPrevious")} onClick={() => setMonth(addMonths(month, -1))} data-testid="month-previous"><EarlierIcon /></IconButton>
      <Typography variant="h6" component="h2" sx={{ minWidth: 180, textAlign: "center" }} data-testid="month">{name}</Typography>
      <IconButton aria-label={t("patient.monthNext")} disabled={month >= today.slice(0, 7)} onClick={() => setMonth(addMonths(month, 1))} data-testid="month-next"><LaterIcon /></IconButton>
    </Box>
  );
}

interface MonthProps {
  readonly month: string;
  readonly today: string;
  readonly daily: Daily;
  readonly curves: ReadonlyMap<string, LocalDay>;
}

/** A grid to walk by arrow keys; one day at a time can be reached by Tab. */
function Month({ month, today, daily, curves }: MonthProps) {
  const t = useWords();
  const { f, patientId } = usePatient();
  const { ownGoals } = usePeriod();
  const goals = ownGoals ?? daily.preset.goals;
  const navigate = useNavigate();
  const setMonth = useMonth();
  const [address] = useSearchParams();
  const grid = useRef<HTMLTableElement>(null);
  const asked = address.get("focus");
  const reachable = isDate(asked) && asked.startsWith(month) ? asked : today.startsWith(month) ? today : `${month}-01`;
  const days = useMemo(() => new Map(daily.days.map((day) => [day.date, day])), [daily]);
  // Who walked into this month by a key goes on from there.
  useEffect(() => {
    if (asked === reachable) grid.current?.querySelector<HTMLElement>(`[data-date="${reachable}"]`)?.focus();
  }, [asked, reachable]);
  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>): void => {
    const from = event.target instanceof HTMLElement ? event.target.dataset["date"] : undefined;
    const to = from === undefined ? null : dateByKey(event.key, from);
    if (to === null || to > today) return;
    event.preventDefault();
    setMonth(to.slice(0, 7), to);
  };
  const open = (date: string): void => void navigate(`/patients/${patientId}/day?date=${date}`);
  return (
    <>
      {/* The grid's keys are those of its days, which have the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role */}
      <table ref={grid} role="grid" aria-label={t("patient.calendarGrid")} className="month" onKeyDown={onKeyDown}>
        <thead>
          <tr>{[1, 2, 3, 4, 5, 6, 7].map((weekday) => <th key={weekday} scope="col">{weekdayName(weekday, f.locale)}</th>)}</tr>
        </thead>
        <tbody>
          {weeksOfMonth(month).map((week) => (
            <tr key={week.find((date) => date !== null)}>
              {week.map((date, column) => (date === null ? <td key={`none ${column}`}>{"\u00a0"}</td> : (
                <td key={date}>
                  <CalendarDay date={date} day={days.get(date)} curve={curves.get(date)} goals={goals} thresholds={daily.preset.thresholds} isFuture={date > today} isReachable={date === reachable} onOpen={() => open(date)} />
                </td>
              )))}
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="legend">
        <li><span className="key month-good" aria-hidden="true" />{t("patient.calendarGood", { goal: f.percent(goals.target ?? 70) })}</li>
        <li><span className="key month-fair" aria-hidden="true" />{t("patient.calendarFair", { goal: f.percent((goals.target ?? 70) - 20) })}</li>
        <li><span className="key month-other" aria-hidden="true" />{t("patient.calendarOther")}</li>
        <li><span className="key month-thin" aria-hidden="true" />{t("patient.calendarThin")}</li>
      </ul>
    </>
  );
}
