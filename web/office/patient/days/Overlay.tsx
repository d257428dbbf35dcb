/** The days of the period over one another, a line a day; weekdays can be switched off and on. */
import { useMemo, useState } from "react";
import Alert from "@mui/material/Alert";
import Skeleton from "@mui/material/Skeleton";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { inUnit } from "#units/glucose.ts";
import { addDays } from "#units/time.ts";
import { Figure } from "#web/charts/Figure.tsx";
import { useNow } from "#web/portal/data.tsx";
import { useLanguage } from "#web/portal/language.tsx";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { Panel } from "../Panel.tsx";
import { usePatient, usePeriod } from "../patient.ts";
import { datesOf, daysBetween, midnight } from "../period.ts";
import { type LocalDay, localDays } from "./local-days.ts";
import { OverlayPicture } from "./OverlayPicture.tsx";

/** More lines than these only make a carpet. */
const MOST_DAYS = 92;
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;
/** A Monday. */
const A_MONDAY = "2024-01-01";

export function Overlay() {
  const t = useWords();
  const { path, zone } = usePatient();
  const { period } = usePeriod();
  const nowMs = useNow(60_000);
  const { first, last } = datesOf(period, zone, nowMs);
  const isTooLong = daysBetween(first, last) > MOST_DAYS;
  const query = useOperation("get /patients/{patientId}/metrics", { path, query: { metrics: "glucose", resolution: "15m", from: midnight(zone, first), to: midnight(zone, addDays(last, 1)) } }, { isEnabled: !isTooLong });
  const days = useMemo(() => {
    const series = query.data?.series.find(({ metric }) => metric === "glucose");
    return localDays(series?.times ?? [], series?.values ?? [], zone);
  }, [query.data, zone]);
  if (isTooLong) return <Alert severity="info">{t("patient.overlayTooLong", { days: MOST_DAYS })}</Alert>;
  return (
    <Panel>
      <Loaded query={query} skeleton={<Skeleton variant="rounded" height={470} />}>{() => (days.length === 0 ? <Alert severity="info">{t("patient.overlayEmpty")}</Alert> : <OverlayFigure days={days} />)}</Loaded>
    </Panel>
  );
}

function OverlayFigure({ days }: { readonly days: readonly LocalDay[] }) {
  const t = useWords();
  const { t: name } = useLanguage();
  const { f } = usePatient();
  const { thresholds } = usePeriod();
  const [shownWeekdays, setShownWeekdays] = useState<readonly number[]>(WEEKDAYS);
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = useMemo(() => days.filter(({ weekday }) => shownWeekdays.includes(weekday)), [days, shownWeekdays]);
  const describe = (day: LocalDay): string => {
    const mean = day.values.reduce((sum, value) => sum + value, 0) / day.values.length;
    return t("patient.overlayDay", { day: f.day(day.date), mean: f.glucoseOfMgDl(mean), low: f.glucoseOfMgDl(Math.min(...day.values)), high: f.glucoseOfMgDl(Math.max(...day.values)) });
  };
  const chosenDay = shown.find(({ date }) => date === chosen);
  const columns = [t("patient.columnDay"), t("patient.mean"), t("patient.columnLowest"), t("patient.columnHighest")];
  return (
    <Figure
      heading={t("patient.tabOverlay")} viewAsTable={name("card.viewAsTable")} testId="overlay-figure" summary={t("patient.overlaySummary", { smart_count: shown.length, count: f.number(shown.length) })}
      table={{
        caption: t("patient.tabOverlay"), columns,
        rows: () => shown.map(({ date, values }) => [f.day(date), f.glucoseOfMgDl(values.reduce((sum, value) => sum + value, 0) / values.length), f.glucoseOfMgDl(Math.min(...values)), f.glucoseOfMgDl(Math.max(...values))]),
        csv: {
          label: t("patient.csv"), name: "days.csv",
          rows: () => [[t("patient.columnDay"), t("patient.columnMinute"), `${t("patient.columnGlucose")} (${f.unit})`], ...shown.flatMap(({ date, shares, values }) => shares.map((share, index) => [date, Math.round(share * 1440), inUnit(values[index]!, f.unit)]))],
        },
      }}
    >
      <ToggleButtonGroup size="small" value={shownWeekdays} onChange={(_, next: number[]) => setShownWeekdays(next)} aria-label={t("patient.overlayWeekdays")} sx={{ flexWrap: "wrap", gap: 0.5, "& .MuiToggleButton-root": { m: 0, border: 1, borderColor: "divider", borderRadius: 1 } }}>
        {WEEKDAYS.map((weekday) => (
          <ToggleButton key={weekday} value={weekday} sx={{ textTransform: "none", gap: 1 }} data-testid={`weekday-${weekday}`}>
            <svg width="28" height="6" aria-hidden="true"><line x1="1" x2="27" y1="3" y2="3" className={`overlay-key weekday-${weekday}`} /></svg>
            {weekdayName(weekday, f.locale)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <p className="muted" data-testid="overlay-readout">{chosenDay ? describe(chosenDay) : t("patient.overlayHint")}</p>
      <OverlayPicture days={shown} thresholds={thresholds} chosen={chosen} onChosen={setChosen} describe={describe} />
    </Figure>
  );
}

export const weekdayName = (weekday: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }).format(Date.parse(addDays(A_MONDAY, weekday - 1)));
