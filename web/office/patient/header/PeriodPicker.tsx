/** What the numbers below are of: the period, whose ranges and goals, and whether they are set beside the period before. */
import { type FormEvent, useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import MenuItem from "@mui/material/MenuItem";
import Popover from "@mui/material/Popover";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import { useWords } from "../../messages/words.ts";
import { usePatient, usePeriod } from "../patient.ts";
import { datesOf, daysBetween, isDate, LONGEST_DAYS, PERIOD_DAYS, type PeriodDays, PRESETS, type Ranges } from "../period.ts";

export const PRESET_NAMES = {
  standard: "patient.presetStandard", older: "patient.presetOlder", pregnancy: "patient.presetPregnancy", pregnancyType2: "patient.presetPregnancyType2", tight: "patient.presetTight", custom: "patient.presetCustom",
} as const;

export function PeriodPicker({ hasComparison }: { readonly hasComparison: boolean }) {
  const t = useWords();
  const { period, preset, targetPreset, isCompared, setPeriod, setPreset, setCompared } = usePeriod();
  const { f, target } = usePatient();
  const hasTarget = target !== null && target.setAt !== null;
  const choices: readonly Ranges[] = targetPreset === "custom" ? [...PRESETS, "custom"] : PRESETS;
  return (
    <Box sx={{ display: "flex", flexDirection: "column", gap: 1.5, minWidth: 0, maxWidth: "100%" }}>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}>
        <ToggleButtonGroup
          exclusive size="small" color="primary" aria-label={t("patient.period")} value={period.kind === "last" ? period.days : null}
          onChange={(_, days: PeriodDays | null) => setPeriod({ kind: "last", days: days ?? 14, until: null })}
        >
          {PERIOD_DAYS.map((days) => (
            <ToggleButton key={days} value={days} sx={{ textTransform: "none", px: 1.25 }} data-testid={`period-${days}`}>
              {days === 1 ? t("patient.period24h") : t("patient.periodDays", { smart_count: days })}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <Dates />
      </Box>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}>
        <TextField select size="small" variant="outlined" margin="none" label={t("patient.preset")} value={preset} onChange={(event) => setPreset(event.target.value as Ranges)} sx={{ width: 260, maxWidth: "100%" }} slotProps={{ htmlInput: { "data-testid": "preset" } }}>
          {choices.map((each) => <MenuItem key={each} value={each}>{t(PRESET_NAMES[each])}{hasTarget && each === targetPreset ? ` · ${t("patient.presetTarget")}` : ""}</MenuItem>)}
        </TextField>
        {hasComparison ? <FormControlLabel control={<Switch checked={isCompared} onChange={(_, isOn) => setCompared(isOn)} slotProps={{ input: { "data-testid": "compare" } as object }} />} label={t("patient.compare")} /> : null}
      </Box>
      {period.kind === "last" && period.until !== null ? (
        <Typography variant="body2" color="textSecondary">
          {t("patient.periodUntil", { date: f.day(period.until) })} <Button size="small" onClick={() => setPeriod({ ...period, until: null })}>{t("patient.periodToNow")}</Button>
        </Typography>
      ) : null}
    </Box>
  );
}

/** Days of one's own choice, in date fields that any keyboard fills. */
function Dates() {
  const t = useWords();
  const { period } = usePeriod();
  const { f } = usePatient();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <Button
        size="small" variant={period.kind === "dates" ? "contained" : "outlined"} aria-haspopup="dialog" aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)} data-testid="period-dates"
      >
        {period.kind === "dates" ? `${f.shortDay(period.first)} – ${f.shortDay(period.last)}` : t("patient.periodDates")}
      </Button>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} anchorOrigin={{ vertical: "bottom", horizontal: "left" }} slotProps={{ paper: { role: "dialog", "aria-label": t("patient.periodDates") } }}>
        <DatesForm onChosen={() => setAnchor(null)} />
      </Popover>
    </>
  );
}

function DatesForm({ onChosen }: { readonly onChosen: () => void }) {
  const t = useWords();
  const { period, setPeriod } = usePeriod();
  const { zone } = usePatient();
  const [dates, setDates] = useState(() => datesOf(period, zone, Date.now()));
  const { first, last } = dates;
  const isComplete = isDate(first) && isDate(last);
  const days = isComplete ? daysBetween(first, last) : 0;
  const fault = !isComplete ? null : days < 1 ? t("patient.periodBackwards") : days > LONGEST_DAYS ? t("patient.periodTooLong", { days: LONGEST_DAYS }) : null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isComplete || fault !== null) return;
    setPeriod({ kind: "dates", first, last });
    onChosen();
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "flex", flexDirection: "column", gap: 2, p: 2, width: 260 }}>
      <TextField type="date" size="small" label={t("patient.periodFirst")} value={first} onChange={(event) => setDates({ first: event.target.value, last })} slotProps={{ inputLabel: { shrink: true }, htmlInput: { "data-testid": "period-first" } }} />
      <TextField
        type="date" size="small" label={t("patient.periodLast")} value={last} onChange={(event) => setDates({ first, last: event.target.value })} error={fault !== null} helperText={fault}
        slotProps={{ inputLabel: { shrink: true }, htmlInput: { "data-testid": "period-last" } }}
      />
      <Button type="submit" variant="contained" disabled={!isComplete || fault !== null} data-testid="period-show">{t("patient.periodShow")}</Button>
    </Box>
  );
}
