/** A table that scrolls within itself, by keyboard too; in a narrow window each line stands by itself, its cells below one another with the names of their columns. */
import type { ReactNode } from "react";
import Paper from "@mui/material/Paper";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import type { Palette } from "@mui/material/styles";

export interface ScrollTableProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}

/** Beside what a cell says in a narrow window. */
const NAME_WIDTH = "7rem";

function narrow(columns: readonly string[], { divider, text }: Palette): Record<string, string | object> {
  const name = { position: "absolute", left: 0, width: `calc(${NAME_WIDTH} - 8px)`, color: text.secondary, fontWeight: 400 };
  // The third cell and those after it are `* + * + *`: what is said later of a cell holds.
  const names = columns.map((column, place) => [`& tbody > tr > ${Array(place + 1).fill("*").join(" + ")}::before`, { ...(place === 0 ? name : {}), content: JSON.stringify(column) }] as const);
  return {
    display: "block",
    "& thead": { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)" },
    "& tbody, & tbody > tr, & tbody > tr > *": { display: "block" },
    "& tbody > tr": { padding: "8px 12px" },
    "& tbody > tr + tr": { borderTop: `1px solid ${divider}` },
    "& tbody > tr > *": { position: "relative", minHeight: 26, border: 0, padding: `3px 0 3px ${NAME_WIDTH}`, textAlign: "start", whiteSpace: "normal", overflowWrap: "anywhere" },
    ...Object.fromEntries(names),
  };
}

export function ScrollTable({ label, columns, children }: ScrollTableProps) {
  return (
    <Paper variant="outlined" component="section" tabIndex={0} aria-label={label} sx={{ position: "relative", overflowX: "auto", contain: "inline-size" }}>
      <Table size="small" aria-label={label} sx={(theme) => ({ "& tbody th": { whiteSpace: "normal" }, [theme.breakpoints.down("sm")]: narrow(columns, theme.palette) })}>
        <TableHead>
          <TableRow>{columns.map((column) => <TableCell key={column} sx={{ whiteSpace: "nowrap" }}>{column}</TableCell>)}</TableRow>
        </TableHead>
        <TableBody>{children}</TableBody>
      </Table>
    </Paper>
  );
}
