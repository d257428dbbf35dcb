/** The list as a table, and on a phone as cards. The name is a real link; a row that the keyboard is at is told apart by more than colour. */
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import Box from "@mui/material/Box";
import Checkbox from "@mui/material/Checkbox";
import Chip from "@mui/material/Chip";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Paper from "@mui/material/Paper";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TableSortLabel from "@mui/material/TableSortLabel";
import Typography from "@mui/material/Typography";
import MenuIcon from "@mui/icons-material/MoreVert";
import type { Theme } from "@mui/material/styles";
import OverviewIcon from "@mui/icons-material/ReadMore";
import { Link as RouterLink } from "react-router-dom";
import { useWords } from "../messages/words.ts";
import { BlockedChip, COLUMNS, type Column } from "./cells.tsx";
import type { ListAsked, Sort } from "./query.ts";
import type { PatientLine } from "./use-patients.ts";
import { useColumns } from "./Views.tsx";

export interface PatientRowsProps {
  readonly lines: readonly PatientLine[];
  readonly asked: ListAsked;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
  readonly onSort: (sort: Sort) => void;
  readonly onOverview: (id: string) => void;
  readonly onReviewed: (line: PatientLine) => void;
  /** For admins alone. */
  readonly onBlock?: ((line: PatientLine) => void) | undefined;
}

/** J and K go down and up, R and O act on the patient that has the focus; Enter opens, as of any link. */
function useRowKeys(lines: readonly PatientLine[], { onReviewed, onOverview }: Pick<PatientRowsProps, "onReviewed" | "onOverview">) {
  const box = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    // What is typed in a row's menu comes by here, too, and is not for the rows.
    if (!(event.target instanceof Node) || !box.current?.contains(event.target)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement && event.target.type !== "checkbox") return;
    const links = [...(box.current?.querySelectorAll<HTMLElement>("[data-patient-link]") ?? [])];
    const at = links.findIndex((link) => link.closest("[data-patient]")?.contains(document.activeElement));
    const key = event.key.toLowerCase();
    const line = lines.find(({ id }) => id === links[at]?.dataset["patientLink"]);
    if (key === "j" || key === "k") links[Math.min(Math.max(at + (key === "j" ? 1 : -1), 0), links.length - 1)]?.focus();
    else if (key === "r" && line) onReviewed(line);
    else if (key === "o" && line) onOverview(line.id);
    else return;
    event.preventDefault();
  };
  return { box, onKeyDown };
}

function toggled(selected: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** The name stays in view while the numbers are scrolled sideways. */
const STAYS = { position: "sticky", left: 0, zIndex: 1 } as const;
/** What has the focus is not scrolled beneath it. */
const BESIDE_NAME = { scrollPaddingLeft: "14rem" } as const;
/** What is seen of a row's state would lie beneath the name that stays: it is drawn there once more. */
const ROW_STATES = {
  "&:hover > th": { backgroundImage: ({ palette }: Theme) => `linear-gradient(${palette.action.hover}, ${palette.action.hover})` },
  "&.Mui-selected > th": { backgroundImage: ({ palette }: Theme) => `linear-gradient(${palette.action.selected}, ${palette.action.selected})` },
  "&:focus-within": { outline: "2px solid", outlineColor: "primary.main", outlineOffset: -2 },
  "&:focus-within > th": { boxShadow: ({ palette }: Theme) => `inset 0 2px ${palette.primary.main}, inset 0 -2px ${palette.primary.main}` },
} as const;

export function PatientTable(props: PatientRowsProps) {
  const t = useWords();
  const { lines, asked, selected, onSelect, onSort, onOverview } = props;
  const [shown] = useColumns();
  const columns = COLUMNS.filter(({ id }) => shown.includes(id));
  const { box, onKeyDown } = useRowKeys(lines, props);
  const isWhole = lines.length > 0 && lines.every(({ id }) => selected.has(id));
  return (
    <TableContainer ref={box} component={Paper} variant="outlined" onKeyDown={onKeyDown} tabIndex={0} aria-label={t("patients.table")} sx={BESIDE_NAME} data-testid="patients-table">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell padding="checkbox">
              <Checkbox checked={isWhole} indeterminate={!isWhole && lines.some(({ id }) => selected.has(id))} onChange={() => onSelect(isWhole ? new Set() : new Set(lines.map(({ id }) => id)))} slotProps={{ input: { "aria-label": t("patients.selectAll") } }} />
            </TableCell>
            <HeadCell column={{ label: "patients.col.name", sort: "name" }} isFixed asked={asked} onSort={onSort} />
            {columns.map((column) => <HeadCell key={column.id} column={column} asked={asked} onSort={onSort} />)}
            <TableCell sx={{ whiteSpace: "nowrap" }}>{t("patients.openOverview")}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {lines.map((line) => (
            <TableRow key={line.id} hover selected={selected.has(line.id)} data-patient={line.id} sx={ROW_STATES}>
              <TableCell padding="checkbox"><Select line={line} selected={selected} onSelect={onSelect} /></TableCell>
              <TableCell component="th" scope="row" sx={{ ...STAYS, bgcolor: "background.paper" }}><NameCell line={line} /></TableCell>
              {columns.map(({ id, isNumber, Cell }) => <TableCell key={id} align={isNumber ? "right" : "left"}><Cell line={line} /></TableCell>)}
              <TableCell sx={{ py: 0 }}><Box sx={{ display: "flex", gap: 0.5 }}><OverviewButton line={line} onOverview={onOverview} /><RowMenu line={line} onBlock={props.onBlock} /></Box></TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

interface HeadCellProps {
  readonly column: Pick<Column, "label" | "sort" | "isNumber">;
  readonly isFixed?: boolean;
  readonly asked: ListAsked;
  readonly onSort: (sort: Sort) => void;
}

function HeadCell({ column: { label, sort, isNumber }, isFixed = false, asked, onSort }: HeadCellProps): ReactNode {
  const t = useWords();
  const isActive = sort !== undefined && asked.sort === sort;
  return (
    <TableCell align={isNumber ? "right" : "left"} sortDirection={isActive ? asked.order : false} sx={{ whiteSpace: "nowrap", ...(isFixed ? STAYS : {}) }}>
      {sort === undefined ? t(label) : <TableSortLabel active={isActive} direction={isActive ? asked.order : "asc"} onClick={() => onSort(sort)} data-testid={`sort-${sort}`}>{t(label)}</TableSortLabel>}
    </TableCell>
  );
}

function Select({ line, selected, onSelect }: Pick<PatientRowsProps, "selected" | "onSelect"> & { readonly line: PatientLine }) {
  const t = useWords();
  return <Checkbox checked={selected.has(line.id)} onChange={() => onSelect(toggled(selected, line.id))} slotProps={{ input: { "aria-label": t("patients.select", { name: line.displayName }) } }} />;
}

export function NameCell({ line }: { readonly line: PatientLine }) {
  const t = useWords();
  return (
    <>
      <Link component={RouterLink} to={`/patients/${line.id}`} data-patient-link={line.id}>{line.displayName}</Link>
      {line.isEmergency ? <Chip size="small" color="warning" label={t("patients.emergency")} sx={{ ml: 1 }} /> : null}
      {line.account?.isBlocked ? <Box component="span" sx={{ ml: 1 }}><BlockedChip /></Box> : null}
      {line.isBehind ? <Typography component="span" variant="body2" color="text.secondary" sx={{ display: "block", fontWeight: 400 }}>{t("patients.behind")}</Typography> : null}
    </>
  );
}

function OverviewButton({ line, onOverview }: Pick<PatientRowsProps, "onOverview"> & { readonly line: PatientLine }) {
  const t = useWords();
  return <IconButton size="small" aria-label={t("patients.overview", { name: line.displayName })} onClick={() => onOverview(line.id)}><OverviewIcon fontSize="small" /></IconButton>;
}

/** What an admin does to the account; nothing where the record has none. */
function RowMenu({ line, onBlock }: Pick<PatientRowsProps, "onBlock"> & { readonly line: PatientLine }) {
  const t = useWords();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  if (!onBlock || line.account === null) return null;
  return (
    <>
      <IconButton size="small" aria-label={t("patients.menu", { name: line.displayName })} aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)} data-testid="row-menu"><MenuIcon fontSize="small" /></IconButton>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <MenuItem onClick={() => {
          setAnchor(null);
          onBlock(line);
        }}>{t(line.account.isBlocked ? "accounts.unblock" : "accounts.block")}</MenuItem>
      </Menu>
    </>
  );
}

/** The same on a phone: what is shown by choice stands below the name. */
export function PatientCards(props: PatientRowsProps) {
  const t = useWords();
  const { lines, selected, onSelect, onOverview } = props;
  const [shown] = useColumns();
  const columns = COLUMNS.filter(({ id }) => shown.includes(id));
  const { box, onKeyDown } = useRowKeys(lines, props);
  return (
    // The keys are for whoever has a keyboard at a narrow window; every one of them has its button.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <Box ref={box} onKeyDown={onKeyDown} sx={{ display: "grid", gap: 1 }} data-testid="patients-cards">
      {lines.map((line) => (
        <Paper key={line.id} variant="outlined" component="article" data-patient={line.id} sx={{ p: 1.5 }}>
          <Box sx={{ display: "flex", alignItems: "center", gap: 0.5 }}>
            <Select line={line} selected={selected} onSelect={onSelect} />
            <Typography component="h2" sx={{ fontSize: "1rem", fontWeight: 600, flexGrow: 1, minWidth: 0, overflowWrap: "anywhere" }}><NameCell line={line} /></Typography>
            <OverviewButton line={line} onOverview={onOverview} />
            <RowMenu line={line} onBlock={props.onBlock} />
          </Box>
          <Box component="dl" sx={{ display: "grid", gridTemplateColumns: "minmax(7rem, auto) 1fr", columnGap: 1.5, rowGap: 0.5, m: 0 }}>
            {columns.map(({ id, label, Cell }) => (
              <Box key={id} sx={{ display: "contents" }}>
                <Typography component="dt" variant="body2" color="text.secondary">{t(label)}</Typography>
                <Typography component="dd" variant="body2" sx={{ m: 0, minWidth: 0 }}><Cell line={line} /></Typography>
              </Box>
            ))}
          </Box>
        </Paper>
      ))}
    </Box>
  );
}
