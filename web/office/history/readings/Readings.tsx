/** Readings of meters as cards, grouped by the patient's days: one, two, four or five a row, as there is room. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import Skeleton from "@mui/material/Skeleton";
import Snackbar from "@mui/material/Snackbar";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useAct, useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { usePatient } from "../../patient/patient.ts";
import { AddReading } from "./AddReading.tsx";
import { byDate } from "./bands.ts";
import { ReadingCard, type Reading } from "./ReadingCard.tsx";
import { READING_TYPE_NAMES, READING_TYPES } from "./reading-types.ts";

const DAYS = [15, 30, 90] as const;
const MOST = 500;
const GRID = { display: "grid", gap: 1.5, gridTemplateColumns: { xs: "1fr", sm: "repeat(2, minmax(0, 1fr))", md: "repeat(4, minmax(0, 1fr))", lg: "repeat(5, minmax(0, 1fr))" } } as const;
const UNDO_MS = 10_000;
const CHANGED = ["get /patients/{patientId}/readings", "get /patients/{patientId}/readings/statistics"] as const;

export function Readings() {
  const t = useWords();
  const { patient, path } = usePatient();
  const [days, setDays] = useState<number>(DAYS[0]);
  const [type, setType] = useState("");
  const [isAdding, setAdding] = useState(false);
  const [deleted, setDeleted] = useState<string | null>(null);
  const query = useOperation("get /patients/{patientId}/readings", { path, query: { days, limit: MOST, ...(type ? { type } : {}) } });
  const remove = useAct("delete /patients/{patientId}/readings/{readingId}", { changes: CHANGED, onDone: ({ id }) => setDeleted(id) });
  const restore = useAct("post /patients/{patientId}/readings/{readingId}/restore", { changes: CHANGED, onDone: () => setDeleted(null) });
  const { scope } = patient.access;
  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, alignItems: "center", mb: 2 }}>
        <TextField select size="small" fullWidth={false} label={t("history.period")} value={days} onChange={(event) => setDays(Number(event.target.value))} sx={{ minWidth: 160 }}>
          {DAYS.map((each) => <MenuItem key={each} value={each}>{t("history.lastDays", { smart_count: each })}</MenuItem>)}
        </TextField>
        <TextField select size="small" fullWidth={false} label={t("history.type")} value={type} onChange={(event) => setType(event.target.value)} sx={{ minWidth: 180 }} data-testid="reading-type-filter">
          <MenuItem value="">{t("history.allTypes")}</MenuItem>
          {READING_TYPE_NAMES.map((each) => <MenuItem key={each} value={each}>{t(READING_TYPES[each].label)}</MenuItem>)}
        </TextField>
        {scope === "view" ? null : <Button variant="contained" onClick={() => setAdding(true)} data-testid="add-reading">{t("history.addReading")}</Button>}
      </Box>
      <Figures days={days} />
      <Loaded query={query} skeleton={<Box sx={GRID}>{DAYS.map((each) => <Skeleton key={each} variant="rounded" height={128} />)}</Box>}>
        {({ data, nextCursor }) => (
          <>
            {data.length === 0 ? <Alert severity="info">{t(type ? "history.noReadingsOfType" : "history.noReadings")}</Alert> : null}
            {byDate(data).map(([date, readings]) => (
              <DayOfReadings key={date} date={date} readings={readings} onDelete={scope === "manage" ? ({ id }) => remove.mutate({ path: { ...path, readingId: id } }) : undefined} />
            ))}
            {nextCursor === null ? null : <Alert severity="info">{t("history.moreReadings", { smart_count: MOST })}</Alert>}
          </>
        )}
      </Loaded>
      {isAdding ? <AddReading onClose={() => setAdding(false)} /> : null}
      <Snackbar
        open={deleted !== null} autoHideDuration={UNDO_MS} onClose={(_, reason) => (reason === "clickaway" ? undefined : setDeleted(null))} message={t("history.readingDeleted")}
        action={<Button size="small" onClick={() => deleted !== null && restore.mutate({ path: { ...path, readingId: deleted } })} data-testid="undo-delete">{t("action.undo")}</Button>}
      />
    </>
  );
}

function DayOfReadings({ date, readings, onDelete }: { readonly date: string; readonly readings: readonly Reading[]; readonly onDelete: ((reading: Reading) => void) | undefined }) {
  const { f } = usePatient();
  return (
    <Box component="section" aria-labelledby={`readings-${date}`} sx={{ mb: 3 }}>
      <Typography variant="h6" component="h2" id={`readings-${date}`} sx={{ mb: 1 }}>{f.day(date)}</Typography>
      <Box sx={GRID}>{readings.map((reading) => <ReadingCard key={reading.id} reading={reading} onDelete={onDelete && (() => onDelete(reading))} />)}</Box>
    </Box>
  );
}

/** What they amount to, in one line. */
function Figures({ days }: { readonly days: number }) {
  const t = useWords();
  const { f, path } = usePatient();
  const { data } = useOperation("get /patients/{patientId}/readings/statistics", { path, query: { days } });
  if (!data || data.meanMgDl === null || data.rangesPercent === null) return <Box sx={{ minHeight: 40 }} />;
  const { rangesPercent: { veryLow, low, target, high, veryHigh } } = data;
  return (
    <Typography color="textSecondary" sx={{ mb: 2, minHeight: 24 }} data-testid="reading-figures">
      {t("history.figures", { smart_count: data.count, mean: f.glucoseOfMgDl(data.meanMgDl), low: f.percent(veryLow + low), target: f.percent(target), high: f.percent(high + veryHigh) })}
      {data.eA1cPercent === null ? "" : ` · ${t("history.eA1c", { value: f.percentExact(data.eA1cPercent, 1) })}`}
    </Typography>
  );
}
