/** The line as columns, on a phone as tabs; each column is a question of its own, so that one that is slow or fails leaves the others. */
import { type ReactNode, useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import Skeleton from "@mui/material/Skeleton";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useTheme } from "@mui/material/styles";
import { useOperation } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { RequestCard, type ButtonMove } from "./RequestCard.tsx";
import { ENDED_STATES, type EndedState, type Line, LINE_STATES, type Queue, type State } from "./types.ts";

const FIRST = 20;
const MOST = 100;

export interface BoardProps {
  readonly search: string;
  readonly byState: Queue["byState"] | undefined;
  readonly nowMs: number;
  readonly isWorking: boolean;
  readonly onMove: (move: ButtonMove, line: Line) => void;
}

type Column = (typeof LINE_STATES)[number] | "ended";
const COLUMNS: readonly Column[] = [...LINE_STATES, "ended"];

export function Board({ byState, ...column }: BoardProps) {
  const t = useWords();
  const isPhone = useMediaQuery(useTheme().breakpoints.down("md"));
  const [tab, setTab] = useState<Column>("pending");
  const [ended, setEnded] = useState<EndedState>("resolved");
  const heading = (which: Column): string => (which === "ended" ? t(`appointments.state.${ended}`) : t(`appointments.state.${which}`));
  const count = (which: Column): string => (which === "ended" || byState === undefined ? "" : ` (${byState[which]})`);
  const drawn = (which: Column): ReactNode => <ColumnOf key={which} state={which === "ended" ? ended : which} {...column} chooser={which === "ended" ? <EndedChooser value={ended} onChange={setEnded} /> : null} />;
  if (isPhone) {
    return (
      <Box sx={{ display: "grid", gridTemplateColumns: "minmax(0, 1fr)" }}>
        <Tabs value={tab} onChange={(_event, chosen: Column) => setTab(chosen)} variant="scrollable" allowScrollButtonsMobile aria-label={t("appointments.title")}>
          {COLUMNS.map((which) => <Tab key={which} value={which} label={`${heading(which)}${count(which)}`} id={`tab-${which}`} aria-controls={`panel-${which}`} />)}
        </Tabs>
        <Box role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} sx={{ pt: 2 }}>{drawn(tab)}</Box>
      </Box>
    );
  }
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: "repeat(4, minmax(0, 1fr))", gap: 2, alignItems: "start" }}>
      {COLUMNS.map((which) => (
        <section key={which} aria-labelledby={`column-${which}`} data-testid={`column-${which}`}>
          <Typography variant="h6" component="h2" id={`column-${which}`} sx={{ mb: 1 }}>{heading(which)}{count(which)}</Typography>
          {drawn(which)}
        </section>
      ))}
    </Box>
  );
}

function EndedChooser({ value, onChange }: { readonly value: EndedState; readonly onChange: (state: EndedState) => void }) {
  const t = useWords();
  return (
    <TextField select size="small" fullWidth label={t("appointments.ended")} value={value} onChange={(event) => onChange(event.target.value as EndedState)} sx={{ mb: 1 }}>
      {ENDED_STATES.map((state) => <MenuItem key={state} value={state}>{t(`appointments.state.${state}`)}</MenuItem>)}
    </TextField>
  );
}

interface ColumnProps extends Omit<BoardProps, "byState"> {
  readonly state: State;
  readonly chooser: ReactNode;
}

function ColumnOf({ state, search, chooser, ...card }: ColumnProps) {
  const t = useWords();
  const [limit, setLimit] = useState(FIRST);
  const query = useOperation("get /appointments", { query: { state, limit, search: search === "" ? undefined : search } });
  const isEnded = (ENDED_STATES as readonly State[]).includes(state);
  const emptyWords = search !== "" ? t("appointments.empty.search") : isEnded ? t("appointments.empty.ended") : t(`appointments.empty.${state as (typeof LINE_STATES)[number]}`);
  return (
    <Box sx={{ display: "grid", gap: 1.5, minWidth: 0 }}>
      {chooser}
      <Loaded query={query} skeleton={<>{[0, 1].map((line) => <Skeleton key={line} variant="rounded" height={150} sx={{ mb: 1.5 }} />)}</>}>
        {({ data, hidden, nextCursor }) => (
          <Box sx={{ display: "grid", gap: 1.5 }}>
            {data.length === 0 ? <Typography color="text.secondary">{emptyWords}</Typography> : null}
            {data.map((line) => <RequestCard key={line.id} line={line} {...card} />)}
            {hidden > 0 && search === "" ? <Typography variant="body2" color="text.secondary">{t("appointments.hidden", { smart_count: hidden })}</Typography> : null}
            {nextCursor !== null && limit < MOST ? <Button onClick={() => setLimit(MOST)}>{t("appointments.more")}</Button> : null}
            {nextCursor !== null && limit === MOST ? <Typography variant="body2" color="text.secondary">{t("appointments.first", { shown: MOST })}</Typography> : null}
          </Box>
        )}
      </Loaded>
    </Box>
  );
}
