/** Which days are shown, and how near: everything that wheel, drag and fingers do can be done by these as well. */
import Box from "@mui/material/Box";
import ButtonGroup from "@mui/material/ButtonGroup";
import IconButton from "@mui/material/IconButton";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import EarlierIcon from "@mui/icons-material/KeyboardArrowLeft";
import LaterIcon from "@mui/icons-material/KeyboardArrowRight";
import NextIcon from "@mui/icons-material/KeyboardDoubleArrowRight";
import PreviousIcon from "@mui/icons-material/KeyboardDoubleArrowLeft";
import ResetIcon from "@mui/icons-material/ZoomOutMap";
import ZoomInIcon from "@mui/icons-material/ZoomIn";
import ZoomOutIcon from "@mui/icons-material/ZoomOut";
import type { ComponentType } from "react";
import { addDays } from "#units/time.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";
import { isDate } from "../period.ts";
import { LONGEST_MS, panned, SHORTEST_MS, type View, zoomed } from "./viewport.ts";

export const SPANS = [1, 3, 7] as const;
export type Span = (typeof SPANS)[number];

export interface DayControlsProps {
  readonly date: string;
  readonly today: string;
  readonly span: Span;
  readonly view: View;
  readonly bounds: View;
  readonly isMoved: boolean;
  readonly onDate: (date: string) => void;
  readonly onSpan: (span: Span) => void;
  readonly onView: (view: View) => void;
  readonly onReset: () => void;
}

export function DayControls({ date, today, span, view, bounds, isMoved, onDate, onSpan, onView, onReset }: DayControlsProps) {
  const t = useWords();
  const length = view.toMs - view.fromMs;
  const middle = (view.fromMs + view.toMs) / 2;
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, alignItems: "center" }}>
      <ButtonGroup variant="outlined" size="small" aria-label={t("patient.dayWhich")} sx={{ alignItems: "center" }}>
        <Press label="patient.dayPrevious" icon={PreviousIcon} onPress={() => onDate(addDays(date, -span))} testId="day-previous" />
        <TextField
          type="date" size="small" label={t("patient.dayDate")} value={date} onChange={(event) => isDate(event.target.value) && onDate(event.target.value)}
          slotProps={{ inputLabel: { shrink: true }, htmlInput: { max: today, "data-testid": "day-date" } }}
        />
        <Press label="patient.dayNext" icon={NextIcon} isOff={date >= today} onPress={() => onDate(addDays(date, span) > today ? today : addDays(date, span))} testId="day-next" />
      </ButtonGroup>
      <ToggleButtonGroup exclusive size="small" color="primary" value={span} aria-label={t("patient.daySpan")} onChange={(_, chosen: Span | null) => onSpan(chosen ?? span)}>
        {SPANS.map((each) => <ToggleButton key={each} value={each} sx={{ textTransform: "none" }} data-testid={`day-span-${each}`}>{t("patient.periodDays", { smart_count: each })}</ToggleButton>)}
      </ToggleButtonGroup>
      <Box component="fieldset" aria-label={t("patient.dayMove")} sx={{ display: "flex", border: 0, m: 0, p: 0 }}>
        <Press label="patient.dayEarlier" icon={EarlierIcon} onPress={() => onView(panned(view, -length / 2, bounds))} testId="day-earlier" />
        <Press label="patient.dayLater" icon={LaterIcon} isOff={view.toMs >= bounds.toMs} onPress={() => onView(panned(view, length / 2, bounds))} testId="day-later" />
        <Press label="patient.dayZoomIn" icon={ZoomInIcon} isOff={length <= SHORTEST_MS} onPress={() => onView(zoomed(view, 0.5, middle, bounds))} testId="day-zoom-in" />
        <Press label="patient.dayZoomOut" icon={ZoomOutIcon} isOff={length >= LONGEST_MS} onPress={() => onView(zoomed(view, 2, middle, bounds))} testId="day-zoom-out" />
        <Press label="patient.dayReset" icon={ResetIcon} isOff={!isMoved} onPress={onReset} testId="day-reset" />
      </Box>
    </Box>
  );
}

interface PressProps {
  readonly label: MessageKey;
  readonly icon: ComponentType;
  readonly isOff?: boolean;
  readonly onPress: () => void;
  readonly testId: string;
}

function Press({ label, icon: Icon, isOff = false, onPress, testId }: PressProps) {
  const t = useWords();
  return <IconButton size="small" aria-label={t(label)} title={t(label)} disabled={isOff} onClick={onPress} data-testid={testId}><Icon /></IconButton>;
}
