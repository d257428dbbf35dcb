/** Readings of meters as cards, grouped by the patient's days: one, two, four or five a row, as there is room; more come below those that are there. */
import { useCallback, useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import Snackbar from "@mui/material/Snackbar";
import Typography from "@mui/material/Typography";
import { useSearchParams } from "react-router-dom";
import { localDate } from "#units/time.ts";
import { usePages } from "../../administration/parts/use-pages.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { useErrorWords } from "../../parts/error-words.ts";
import { usePatient } from "../../patient/patient.ts";
import { AddReading } from "./AddReading.tsx";
import { byDate } from "#web/language/readings.ts";
import { ReadingCard, type Reading } from "./ReadingCard.tsx";
import { type ReadingType, useTypeWords } from "./reading-types.ts";
import { periodOf, queryOf, type ReadingsPeriod, typeOf, withReadings } from "./readings-period.ts";
import { ReadingsFilter } from "./ReadingsFilter.tsx";

const PAGE = 200;
const GRID = { display: "grid", gap: 1.5, gridTemplateColumns: { xs: "1fr", sm: "repeat(2, minmax(0, 1fr))", md: "repeat(4, minmax(0, 1fr))", lg: "repeat(5, minmax(0, 1fr))" } } as const;
/** Of a heading, and of a row of cards with the gap below it: about what they take, until they have been seen. */
const [HEADING_PX, ROW_PX] = [40, 144];

/** Days out of sight are not laid out, however many there are; what they will take is known nearly enough for the page not to jump. */
function dayStyle(cards: number) {
  const height = (columns: number): string => `auto ${HEADING_PX + Math.ceil(cards / columns) * ROW_PX}px`;
  return { mb: 3, "@media screen": { contentVisibility: "auto" }, containIntrinsicSize: { xs: height(1), sm: height(2), md: height(4), lg: height(5) } } as const;
}
const UNDO_MS = 10_000;
const CHANGED = ["get /patients/{patientId}/readings", "get /patients/{patientId}/readings/statistics"] as const;

type Query = ReturnType<typeof queryOf>;

export function Readings() {
  const t = useWords();
  const { patient, path, zone } = usePatient();
  const typeWords = useTypeWords();
  const [address, setAddress] = useSearchParams();
  const [isAdding, setAdding] = useState(false);
  const [deleted, setDeleted] = useState<string | null>(null);
  const { mutate: remove } = useAct("delete /patients/{patientId}/readings/{readingId}", { changes: CHANGED, onDone: ({ id }) => setDeleted(id) });
  const restore = useAct("post /patients/{patientId}/readings/{readingId}/restore", { changes: CHANGED, onDone: () => setDeleted(null) });
  const { scope } = patient.access;
  const { patientId } = path;
  const onDelete = useCallback(({ id }: Reading) => remove({ path: { patientId, readingId: id } }), [remove, patientId]);
  const [period, type] = [periodOf(address), typeOf(address)];
  const choose = (chosen: { readonly period: ReadingsPeriod; readonly type: ReadingType | null }): void => setAddress(withReadings(address, chosen), { replace: true });
  const query = queryOf(period, zone);
  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, alignItems: "center", mb: 2 }}>
        <ReadingsFilter period={period} type={type} typeWords={typeWords} onChange={choose} />
        {scope === "view" ? null : <Button variant="contained" onClick={() => setAdding(true)} data-testid="add-reading">{t("history.addReading")}</Button>}
      </Box>
      <Figures query={query} />
      <List query={query} type={type} typeWords={typeWords} onDelete={scope === "manage" ? onDelete : undefined} />
      {isAdding ? <AddReading onClose={() => setAdding(false)} /> : null}
      <Snackbar
        open={deleted !== null} autoHideDuration={UNDO_MS} onClose={(_, reason) => (reason === "clickaway" ? undefined : setDeleted(null))} message={t("history.readingDeleted")}
        action={<Button size="small" onClick={() => deleted !== null && restore.mutate({ path: { ...path, readingId: deleted } })} data-testid="undo-delete">{t("action.undo")}</Button>}
      />
    </>
  );
}

interface ListProps {
  readonly query: Query;
  readonly type: ReadingType | null;
  readonly typeWords: (type: ReadingType) => string;
  readonly onDelete: ((reading: Reading) => void) | undefined;
}

function List({ query, type, typeWords, onDelete }: ListProps) {
  const t = useWords();
  const { path, zone, f } = usePatient();
  const [thisYear] = useState(() => localDate(zone, Date.now()).slice(0, 4));
  const errorWords = useErrorWords();
  const { lines, error, hasMore, isLoadingMore, more, again } = usePages("get /patients/{patientId}/readings", { path, query: { ...query, limit: PAGE, ...(type === null ? {} : { type }) } });
  const failed = error ? <Alert severity="error" action={<Button color="inherit" size="small" onClick={again}>{t("state.retry")}</Button>} sx={{ mb: 2 }} data-testid="load-error">{errorWords(error)}</Alert> : null;
  if (lines === undefined) return failed ?? <Box sx={GRID} data-testid="skeleton">{[0, 1, 2, 3, 4].map((each) => <Skeleton key={each} variant="rounded" height={128} />)}</Box>;
  return (
    <>
      {failed}
      {lines.length === 0 ? <Alert severity="info">{t(type === null ? "history.noReadings" : "history.noReadingsOfType")}</Alert> : null}
      {byDate(lines).map(([date, readings]) => (
        <Box key={date} component="section" aria-labelledby={`readings-${date}`} sx={dayStyle(readings.length)}>
          <Typography variant="h6" component="h2" id={`readings-${date}`} sx={{ mb: 1 }}>{date.startsWith(thisYear) ? f.day(date) : f.yearDay(date)}</Typography>
          <Box sx={GRID}>{readings.map((reading) => <ReadingCard key={reading.id} reading={reading} typeWord={reading.type === null ? null : typeWords(reading.type as ReadingType)} onDelete={onDelete} />)}</Box>
        </Box>
      ))}
      {lines.length === 0 ? null : (
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 2, alignItems: "center" }}>
          {hasMore ? <Button variant="outlined" onClick={more} loading={isLoadingMore} data-testid="readings-more">{t("history.showMore")}</Button> : null}
          <Typography color="textSecondary" aria-live="polite" data-testid="readings-shown">{t(hasMore ? "history.shownSoFar" : "history.shownAll", { smart_count: lines.length, count: f.number(lines.length) })}</Typography>
        </Box>
      )}
    </>
  );
}

/** What they amount to, in one line. */
function Figures({ query }: { readonly query: Query }) {
  const t = useWords();
  const { f, path } = usePatient();
  const { data } = useOperation("get /patients/{patientId}/readings/statistics", { path, query });
  if (!data || data.meanMgDl === null || data.rangesPercent === null) return <Box sx={{ minHeight: 40 }} />;
  const { rangesPercent: { veryLow, low, target, high, veryHigh } } = data;
  return (
    <Typography color="textSecondary" sx={{ mb: 2, minHeight: 24 }} data-testid="reading-figures">
      {t("history.figures", { smart_count: data.count, mean: f.glucoseOfMgDl(data.meanMgDl), low: f.percent(veryLow + low), target: f.percent(target), high: f.percent(high + veryHigh) })}
      {data.eA1cPercent === null ? "" : ` · ${t("history.eA1c", { value: f.percentExact(data.eA1cPercent, 1) })}`}
    </Typography>
  );
}
