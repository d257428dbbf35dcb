/** What each column of the list shows of a patient. Colour never alone: every state has its words. */
import type { ReactNode } from "react";
import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import Link from "@mui/material/Link";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import AcceptedIcon from "@mui/icons-material/ThumbUpOutlined";
import BlockedIcon from "@mui/icons-material/Block";
import BrokenIcon from "@mui/icons-material/LinkOff";
import CreatedIcon from "@mui/icons-material/AssignmentOutlined";
import ErrorIcon from "@mui/icons-material/ErrorOutlined";
import FreshIcon from "@mui/icons-material/CheckCircleOutlined";
import OldIcon from "@mui/icons-material/History";
import PendingIcon from "@mui/icons-material/HourglassEmpty";
import { Link as RouterLink } from "react-router-dom";
import { RangesBar } from "#web/charts/RangesBar.tsx";
import type { MessageKey } from "../messages/catalogue.ts";
import { useFormatter, useLocale, useWords, type Words } from "../messages/words.ts";
import { useStaff } from "../session/staff.ts";
import { type Sort } from "./query.ts";
import type { PatientLine } from "./use-patients.ts";

export const AGE_WORDS = { day: "patients.age.day", threeDays: "patients.age.threeDays", week: "patients.age.week", older: "patients.age.older", never: "patients.age.never" } as const satisfies Record<PatientLine["age"], MessageKey>;
export const HEALTH_WORDS = {
  ok: "patients.health.ok", reconnect: "patients.health.reconnect", error: "patients.health.error", none: "patients.health.none",
} as const satisfies Record<PatientLine["connection"]["health"], MessageKey>;
export const PRESET_WORDS = {
  standard: "patients.preset.standard", older: "patients.preset.older", pregnancy: "patients.preset.pregnancy", pregnancyType2: "patients.preset.pregnancyType2", tight: "patients.preset.tight", custom: "patients.preset.custom",
} as const satisfies Record<PatientLine["target"]["preset"], MessageKey>;

type AppointmentState = NonNullable<PatientLine["appointment"]>["state"];
export const APPOINTMENT_WORDS = {
  pending: "patients.appointment.pending", accepted: "patients.appointment.accepted", created: "patients.appointment.created", none: "patients.appointment.none",
} as const satisfies Record<AppointmentState | "none", MessageKey>;
const APPOINTMENT_ICONS: Readonly<Record<AppointmentState, typeof PendingIcon>> = { pending: PendingIcon, accepted: AcceptedIcon, created: CreatedIcon };

export interface Column {
  readonly id: string;
  readonly label: MessageKey;
  readonly sort?: Sort;
  readonly isNumber?: boolean;
  readonly isShownAtFirst: boolean;
  readonly Cell: (props: { readonly line: PatientLine }) => ReactNode;
}

/** A colour of the palette of tags; each stands beside the tag's name. */
export const TAG_COLOURS = ["#0b6b5d", "#7a3e9d", "#9c4a00", "#1f5fa8", "#a8201a", "#4d6a00", "#8a2a5b", "#005f73", "#6b4f1d", "#3b4cb8", "#2e6b34", "#5a5a5a"];

export function TagChip({ tag, onDelete }: { readonly tag: PatientLine["tags"][number]; readonly onDelete?: () => void }) {
  return <Chip size="small" variant="outlined" label={tag.name} icon={<Box component="span" aria-hidden sx={{ width: 10, height: 10, borderRadius: "50%", bgcolor: TAG_COLOURS[tag.color] ?? TAG_COLOURS[11], ml: 1 }} />} {...(onDelete ? { onDelete } : {})} />;
}

function Dash() {
  const t = useWords();
  return <Typography component="span" color="text.secondary">{t("patients.none")}</Typography>;
}

/** A dash that says why it is one: short, so that no column grows by it. */
function NotEnough() {
  const t = useWords();
  return (
    <Tooltip title={t("patients.notEnough")}>
      <Typography component="span" color="text.secondary">
        <span aria-hidden>{t("patients.none")}</span><span className="visually-hidden">{t("patients.notEnough")}</span>
      </Typography>
    </Tooltip>
  );
}

/** Nobody signs in by the account. */
export function BlockedChip() {
  const t = useWords();
  return <Chip size="small" variant="outlined" color="error" icon={<BlockedIcon />} label={t("patients.isBlocked")} data-testid="blocked" />;
}

function Appointment({ line: { appointment, zone } }: { readonly line: PatientLine }) {
  const t = useWords();
  const f = useFormatter(zone);
  if (appointment === null) return <Dash />;
  return (
    <Tooltip title={f.dateTime(Date.parse(appointment.stateAt))}>
      <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 0.5, "td &": { whiteSpace: "nowrap" } }}>
        <Box component={APPOINTMENT_ICONS[appointment.state]} fontSize="inherit" aria-hidden sx={{ color: appointment.state === "accepted" ? "text.secondary" : "warning.main" }} />
        <span><Link component={RouterLink} to={`/appointments/${appointment.id}`} sx={{ display: "inline-block", minHeight: 24 }}>{t(APPOINTMENT_WORDS[appointment.state])}</Link> · {f.ago(appointment.ageSeconds)}</span>
      </Box>
    </Tooltip>
  );
}

function percentCell(of: (line: PatientLine) => number | null): Column["Cell"] {
  return function PercentCell({ line }) {
    const f = useFormatter(line.zone);
    const value = of(line);
    return value === null ? <Dash /> : f.percent(value);
  };
}

function LastData({ line }: { readonly line: PatientLine }) {
  const t = useWords();
  const f = useFormatter(line.zone);
  const { lastData, age } = line;
  const Icon = age === "day" ? FreshIcon : OldIcon;
  const colour = age === "day" ? "success.main" : age === "threeDays" ? "text.secondary" : age === "week" ? "warning.main" : "error.main";
  return (
    <Tooltip title={lastData === null ? t("patients.never") : f.dateTime(Date.parse(lastData.at))}>
      <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 0.5, whiteSpace: "nowrap" }}>
        <Box component={Icon} fontSize="inherit" aria-hidden sx={{ color: colour }} />
        {lastData === null ? t("patients.never") : f.ago(lastData.ageSeconds)}
      </Box>
    </Tooltip>
  );
}

/** In the unit that the signed-in person reads. */
function glucoseText(value: { readonly mgDl: number; readonly mmolL: number }, f: ReturnType<typeof useFormatter>, unit: "mg/dL" | "mmol/L"): string {
  return f.glucoseWithUnit(unit === "mg/dL" ? value.mgDl : value.mmolL, unit);
}

function glucoseCell(of: (line: PatientLine) => { readonly mgDl: number; readonly mmolL: number } | null): Column["Cell"] {
  return function GlucoseCell({ line }) {
    const f = useFormatter(line.zone);
    const { unit } = useStaff();
    const value = of(line);
    return value === null ? <Dash /> : <span>{glucoseText(value, f, unit)}</span>;
  };
}

export function RangesCell({ line }: { readonly line: PatientLine }) {
  const t = useWords();
  const f = useFormatter(line.zone);
  const { ranges } = line;
  if (ranges === null) return <Typography component="span" variant="body2" color="text.secondary" sx={{ whiteSpace: "nowrap" }}>{t("patients.notEnough")}</Typography>;
  const label = [[t("patients.col.veryLow"), ranges.veryLow], [t("patients.col.timeBelow"), ranges.low], [t("patients.col.timeInRange"), ranges.target], [t("patients.col.timeAbove"), ranges.high], [t("patients.col.veryHigh"), ranges.veryHigh]] as const;
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 1, minWidth: 150, "& .ranges-bar": { height: 18, width: 110 } }}>
      <RangesBar shares={ranges} label={label.map(([name, share]) => `${name} ${f.percent(share)}`).join(", ")} />
      <span>{f.percent(ranges.target)}</span>
    </Box>
  );
}

function Change({ line }: { readonly line: PatientLine }) {
  const t = useWords();
  const f = useFormatter(line.zone);
  if (line.change === null) return <Dash />;
  const points = Math.round(line.change.points);
  return <span style={{ whiteSpace: "nowrap" }}>{points > 0 ? "▲ " : points < 0 ? "▼ " : ""}{t("patients.points", { points: f.number(points, 0, "exceptZero") })}</span>;
}

function Connection({ line: { connection } }: { readonly line: PatientLine }) {
  const t = useWords();
  if (connection.health === "none") return <Dash />;
  const Icon = connection.health === "ok" ? FreshIcon : connection.health === "reconnect" ? BrokenIcon : ErrorIcon;
  return (
    <Tooltip title={connection.vendors.map(({ name, health }) => `${name}: ${t(HEALTH_WORDS[health])}`).join("; ")}>
      <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 0.5 }}>
        <Box component={Icon} fontSize="inherit" aria-hidden sx={{ color: connection.health === "ok" ? "success.main" : "error.main" }} />
        {t(HEALTH_WORDS[connection.health])}
      </Box>
    </Tooltip>
  );
}

function Tags({ line: { tags } }: { readonly line: PatientLine }) {
  return tags.length === 0 ? <Dash /> : <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.5 }}>{tags.map((tag) => <TagChip key={tag.id} tag={tag} />)}</Box>;
}

function Preset({ line }: { readonly line: PatientLine }) {
  const t = useWords();
  const { target, isTargetMet } = line;
  return <span>{t(PRESET_WORDS[target.preset])}{isTargetMet === null ? "" : ` · ${t(isTargetMet ? "patients.met" : "patients.notMet")}`}</span>;
}

function LastReviewed({ line: { lastReview, isSnoozed, zone } }: { readonly line: PatientLine }) {
  const t = useWords();
  const f = useFormatter(zone);
  if (lastReview === null) return <Dash />;
  const { snooze } = lastReview;
  return (
    <span title={lastReview.reviewedByName ?? undefined}>
      {f.shortDate(Date.parse(lastReview.reviewedAt))}
      {snooze && isSnoozed ? <Typography component="span" variant="body2" color="text.secondary" sx={{ display: "block" }}>{t("patients.snoozedUntil", { date: f.shortDate(Date.parse(snooze.until)), reason: snooze.reason })}</Typography> : null}
    </span>
  );
}

/** Why a patient is listed where they are, each with what was found. */
export function FlagChips({ line }: { readonly line: PatientLine }) {
  const t = useWords();
  const f = useFormatter(line.zone);
  const locale = useLocale();
  if (line.flags.length === 0) return <Dash />;
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.5 }}>
      {line.flags.map((flag) => <Chip key={flag.group} size="small" variant={flag.group === line.group ? "filled" : "outlined"} label={flagText(flag, { f, locale, t })} />)}
    </Box>
  );
}

/** Groups that say themselves that data are missing. */
const ABOUT_DATA: ReadonlySet<string> = new Set(["lowWear", "noData", "connection"]);

export function flagText({ group, title, value, isLowData }: PatientLine["flags"][number], { f, locale, t }: { readonly f: ReturnType<typeof useFormatter>; readonly locale: "en" | "es"; readonly t: Words }): string {
  const found = value === null ? "" : group === "drop" ? ` ${t("patients.points", { points: f.number(value, 0, "exceptZero") })}` : group === "noData" ? ` ${t("patients.daysOption", { days: f.number(Math.floor(value)) })}` : ` ${f.percent(value)}`;
  return `${title[locale]}${found}${isLowData && !ABOUT_DATA.has(group) ? ` (${t("patients.lowData")})` : ""}`;
}

function eventsCell(of: (line: PatientLine) => PatientLine["lowEvents"]): Column["Cell"] {
  return function EventsCell({ line }) {
    const f = useFormatter(line.zone);
    const events = of(line);
    return events === null ? <Dash /> : <span>{f.number(events.level1)} ({f.number(events.level2)})</span>;
  };
}

function GmiCell({ line }: { readonly line: PatientLine }) {
  const f = useFormatter(line.zone);
  return line.gmiPercent === null ? <NotEnough /> : f.percentExact(line.gmiPercent, 1);
}

function CvCell({ line }: { readonly line: PatientLine }) {
  const f = useFormatter(line.zone);
  return line.cvPercent === null ? <Dash /> : f.percentExact(line.cvPercent, 1);
}

/** All but the name, which every list shows first. */
export const COLUMNS: readonly Column[] = [
  { id: "lastData", label: "patients.col.lastData", sort: "lastData", isShownAtFirst: true, Cell: LastData },
  { id: "lastValue", label: "patients.col.lastValue", sort: "lastValue", isNumber: true, isShownAtFirst: false, Cell: glucoseCell(({ lastData }) => lastData?.value ?? null) },
  { id: "ranges", label: "patients.col.ranges", sort: "timeInRange", isShownAtFirst: true, Cell: RangesCell },
  { id: "timeBelow", label: "patients.col.timeBelow", sort: "timeBelow", isNumber: true, isShownAtFirst: true, Cell: percentCell(({ timeBelow }) => timeBelow) },
  { id: "veryLow", label: "patients.col.veryLow", sort: "veryLow", isNumber: true, isShownAtFirst: true, Cell: percentCell(({ ranges }) => ranges?.veryLow ?? null) },
  { id: "timeAbove", label: "patients.col.timeAbove", sort: "timeAbove", isNumber: true, isShownAtFirst: false, Cell: percentCell(({ timeAbove }) => timeAbove) },
  { id: "veryHigh", label: "patients.col.veryHigh", sort: "veryHigh", isNumber: true, isShownAtFirst: false, Cell: percentCell(({ ranges }) => ranges?.veryHigh ?? null) },
  { id: "tight", label: "patients.col.tight", sort: "tight", isNumber: true, isShownAtFirst: false, Cell: percentCell(({ ranges }) => ranges?.tight ?? null) },
  { id: "mean", label: "patients.col.mean", sort: "mean", isNumber: true, isShownAtFirst: false, Cell: glucoseCell(({ mean }) => mean) },
  { id: "gmi", label: "patients.col.gmi", sort: "gmi", isNumber: true, isShownAtFirst: true, Cell: GmiCell },
  { id: "cv", label: "patients.col.cv", sort: "cv", isNumber: true, isShownAtFirst: true, Cell: CvCell },
  { id: "wear", label: "patients.col.wear", sort: "wear", isNumber: true, isShownAtFirst: true, Cell: percentCell(({ wearPercent }) => wearPercent) },
  { id: "change", label: "patients.col.change", sort: "change", isShownAtFirst: true, Cell: Change },
  { id: "lowEvents", label: "patients.col.lowEvents", sort: "lowEvents", isNumber: true, isShownAtFirst: false, Cell: eventsCell(({ lowEvents }) => lowEvents) },
  { id: "highEvents", label: "patients.col.highEvents", sort: "highEvents", isNumber: true, isShownAtFirst: false, Cell: eventsCell(({ highEvents }) => highEvents) },
  { id: "connection", label: "patients.col.connection", sort: "connection", isShownAtFirst: true, Cell: Connection },
  { id: "tags", label: "patients.col.tags", sort: "tags", isShownAtFirst: true, Cell: Tags },
  { id: "preset", label: "patients.col.preset", sort: "preset", isShownAtFirst: false, Cell: Preset },
  { id: "lastReviewed", label: "patients.col.lastReviewed", sort: "lastReviewed", isShownAtFirst: true, Cell: LastReviewed },
  { id: "group", label: "patients.col.group", sort: "group", isShownAtFirst: false, Cell: FlagChips },
  { id: "appointment", label: "patients.col.appointment", sort: "appointment", isShownAtFirst: true, Cell: Appointment },
];
