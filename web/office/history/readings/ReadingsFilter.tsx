/** Which readings are listed: the last days or dates of one's own, and their type. */
import { type FormEvent, useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { localDate } from "#units/time.ts";
import { useWords } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import { isDate, LONGEST_DAYS } from "../../patient/period.ts";
import { READING_TYPE_NAMES, type ReadingType } from "./reading-types.ts";
import { faultOf, LAST_DAYS, type LastDays, type ReadingsPeriod } from "./readings-period.ts";

const DAY_MS = 86_400_000;

export interface ReadingsFilterProps {
  readonly period: ReadingsPeriod;
  readonly type: ReadingType | null;
  readonly typeWords: (type: ReadingType) => string;
  readonly onChange: (chosen: { readonly period: ReadingsPeriod; readonly type: ReadingType | null }) => void;
}

export function ReadingsFilter({ period, type, typeWords, onChange }: ReadingsFilterProps) {
  const t = useWords();
  const [isDating, setDating] = useState(period.kind === "dates");
  const choose = (value: string): void => {
    setDating(value === "dates");
    if (value !== "dates") onChange({ period: { kind: "last", days: Number(value) as LastDays }, type });
  };
  return (
    <>
      <TextField select size="small" variant="outlined" margin="none" fullWidth={false} label={t("history.period")} value={isDating || period.kind === "dates" ? "dates" : String(period.days)} onChange={(event) => choose(event.target.value)} sx={{ minWidth: 160 }} data-testid="readings-period">
        {LAST_DAYS.map((each) => <MenuItem key={each} value={String(each)}>{t("history.lastDays", { smart_count: each })}</MenuItem>)}
        <MenuItem value="dates">{t("patient.periodDates")}</MenuItem>
      </TextField>
      <TextField select size="small" variant="outlined" margin="none" fullWidth={false} label={t("history.type")} value={type ?? ""} onChange={(event) => onChange({ period, type: event.target.value === "" ? null : (event.target.value as ReadingType) })} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }} sx={{ minWidth: 180 }} data-testid="reading-type-filter">
        <MenuItem value="">{t("history.allTypes")}</MenuItem>
        {READING_TYPE_NAMES.map((each) => <MenuItem key={each} value={each}>{typeWords(each)}</MenuItem>)}
      </TextField>
      {isDating ? <Dates period={period} onChosen={(chosen) => onChange({ period: chosen, type })} /> : null}
    </>
  );
}

function Dates({ period, onChosen }: { readonly period: ReadingsPeriod; readonly onChosen: (period: ReadingsPeriod) => void }) {
  const t = useWords();
  const { zone } = usePatient();
  const [dates, setDates] = useState(() => (period.kind === "dates" ? period : { first: localDate(zone, Date.now() - (period.days - 1) * DAY_MS), last: localDate(zone, Date.now()) }));
  const { first, last } = dates;
  const isComplete = isDate(first) && isDate(last);
  const fault = isComplete ? faultOf(first, last) : null;
  const words = fault === null ? undefined : fault === "backwards" ? t("patient.periodBackwards") : t("patient.periodTooLong", { days: LONGEST_DAYS });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isComplete && fault === null) onChosen({ kind: "dates", first, last });
  };
  return (
    <Box component="form" noValidate onSubmit={submit} sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, alignItems: "start" }}>
      <TextField type="date" size="small" variant="outlined" margin="none" fullWidth={false} label={t("patient.periodFirst")} value={first} onChange={(event) => setDates({ first: event.target.value, last })} slotProps={{ inputLabel: { shrink: true }, htmlInput: { "data-testid": "readings-first" } }} />
      <TextField type="date" size="small" variant="outlined" margin="none" fullWidth={false} label={t("patient.periodLast")} value={last} onChange={(event) => setDates({ first, last: event.target.value })} error={words !== undefined} helperText={words} slotProps={{ inputLabel: { shrink: true }, htmlInput: { "data-testid": "readings-last" } }} />
      <Button type="submit" variant="outlined" disabled={!isComplete || fault !== null} data-testid="readings-show">{t("patient.periodShow")}</Button>
    </Box>
  );
}
