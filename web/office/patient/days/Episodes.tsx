/** Times of low and high glucose, one by one. */
import { useMemo, useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Skeleton from "@mui/material/Skeleton";
import Link from "@mui/material/Link";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { Link as RouterLink } from "react-router-dom";
import { toCsv } from "#web/charts/csv.ts";
import type { Band } from "#web/charts/ranges.ts";
import { saveFile } from "#web/charts/save-file.ts";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { BAND_SHAPES } from "../day/lanes/GlucoseLane.tsx";
import { Panel } from "../Panel.tsx";
import { usePatient, usePeriod } from "../patient.ts";
import { reasonKey } from "../summary/statistic-lines.ts";
import { EPISODE_KINDS, episodeLines, type EpisodeLine, type EpisodesReply } from "./episode-lines.ts";

const PAGE = 25;
type Which = "all" | EpisodeLine["direction"];

export function Episodes() {
  const { path } = usePatient();
  const { query } = usePeriod();
  const episodes = useOperation("get /patients/{patientId}/glucose/episodes", { path, query: { ...query, kinds: EPISODE_KINDS } });
  return <Panel testId="episodes"><Loaded query={episodes} skeleton={<Skeleton variant="rounded" height={420} />}>{(reply) => <List reply={reply} />}</Loaded></Panel>;
}

function List({ reply }: { readonly reply: EpisodesReply }) {
  const t = useWords();
  const { f } = usePatient();
  const [which, setWhich] = useState<Which>("all");
  const [most, setMost] = useState(PAGE);
  const lines = useMemo(() => episodeLines(reply), [reply]);
  if (lines === null) return <Alert severity="info">{t("patient.episodesNone", { reason: t(reasonKey(reply.reason ?? "too_sparse")) })}</Alert>;
  const shown = lines.filter(({ direction }) => which === "all" || direction === which);
  const save = (): void => {
    const head = [t("patient.columnKind"), t("patient.columnStart"), t("patient.columnEnd"), t("patient.columnMinutes"), `${t("patient.columnExtreme")} (${reply.unit})`];
    const rows = shown.map(({ direction, level, startMs, endMs, minutes, extreme }) => [t(KIND_NAMES[direction][level]), new Date(startMs).toISOString(), new Date(endMs).toISOString(), minutes, extreme]);
    saveFile(new Blob([toCsv([head, ...rows])], { type: "text/csv;charset=utf-8" }), "episodes.csv");
  };
  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, justifyContent: "space-between", mb: 1 }}>
        <ToggleButtonGroup exclusive size="small" color="primary" value={which} aria-label={t("patient.episodesWhich")} onChange={(_, chosen: Which | null) => setWhich(chosen ?? "all")}>
          {(["all", "low", "high"] as const).map((each) => <ToggleButton key={each} value={each} sx={{ textTransform: "none" }} data-testid={`episodes-${each}`}>{t(WHICH_NAMES[each])}</ToggleButton>)}
        </ToggleButtonGroup>
        <Button size="small" onClick={save} disabled={shown.length === 0}>{t("patient.csv")}</Button>
      </Box>
      {shown.length === 0 ? <Alert severity="info">{t("patient.episodesEmpty")}</Alert> : <Lines lines={shown.slice(0, most)} unit={reply.unit} />}
      <Box sx={{ display: "flex", alignItems: "center", gap: 2, mt: 1 }}>
        <span>{t("patient.episodesCount", { smart_count: shown.length, count: f.number(shown.length) })}</span>
        {shown.length > most ? <Button onClick={() => setMost(most + PAGE)}>{t("shell.more")}</Button> : null}
      </Box>
    </>
  );
}

const WHICH_NAMES = { all: "patient.episodesAll", low: "patient.episodesLow", high: "patient.episodesHigh" } as const;
const KIND_NAMES = { low: { 1: "patient.episodeLow1", 2: "patient.episodeLow2" }, high: { 1: "patient.episodeHigh1", 2: "patient.episodeHigh2" } } as const;
const BANDS: Record<EpisodeLine["direction"], Record<EpisodeLine["level"], Band>> = { low: { 1: "low", 2: "veryLow" }, high: { 1: "high", 2: "veryHigh" } };

function Lines({ lines, unit }: { readonly lines: readonly EpisodeLine[]; readonly unit: EpisodesReply["unit"] }) {
  const t = useWords();
  const { f, patientId } = usePatient();
  return (
    <TableContainer component="section" tabIndex={0} aria-label={t("patient.tableOf", { name: t("patient.tabEpisodes") })}>
      <Table size="small">
        <TableHead>
          <TableRow>
            {(["patient.columnStart", "patient.columnKind", "patient.columnExtreme", "patient.columnDuration", "patient.columnEnd", "patient.columnRemarks"] as const).map((key) => <TableCell key={key}>{t(key)}</TableCell>)}
          </TableRow>
        </TableHead>
        <TableBody>
          {lines.map(({ direction, level, isExtended, startMs, endMs, minutes, extreme, extremeMs, date, isStartCut, isEndCut }) => (
            <TableRow key={`${direction} ${startMs}`}>
              <TableCell component="th" scope="row" sx={{ whiteSpace: "nowrap" }}><Link component={RouterLink} to={`/patients/${patientId}/day?date=${date}`}>{f.dateTime(startMs)}</Link></TableCell>
              <TableCell>
                <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 1, whiteSpace: "nowrap" }}>
                  <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true"><path d={`M0 0${BAND_SHAPES[BANDS[direction][level]]}`} className={`day-mark-${BANDS[direction][level]}`} /></svg>
                  {t(KIND_NAMES[direction][level])}
                </Box>
              </TableCell>
              <TableCell sx={{ whiteSpace: "nowrap" }}>{f.glucoseWithUnit(extreme, unit)} · {f.time(extremeMs)}</TableCell>
              <TableCell sx={{ whiteSpace: "nowrap" }}>{f.duration(minutes * 60)}</TableCell>
              <TableCell sx={{ whiteSpace: "nowrap" }}>{f.time(endMs)}</TableCell>
              <TableCell>
                {isExtended ? <Chip size="small" variant="outlined" label={t("patient.episodeExtended")} /> : null}
                {isStartCut ? <Chip size="small" variant="outlined" label={t("patient.episodeStartCut")} /> : null}
                {isEndCut ? <Chip size="small" variant="outlined" label={t("patient.episodeEndCut")} /> : null}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
