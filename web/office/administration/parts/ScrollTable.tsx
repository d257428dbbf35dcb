/** A table that scrolls within itself where the window is narrow, by keyboard too. */
import type { ReactNode } from "react";
import Paper from "@mui/material/Paper";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";

export interface ScrollTableProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}

export function ScrollTable({ label, columns, children }: ScrollTableProps) {
  return (
    <Paper variant="outlined" component="section" tabIndex={0} aria-label={label} sx={{ overflowX: "auto", contain: "inline-size" }}>
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>{columns.map((column) => <TableCell key={column} sx={{ whiteSpace: "nowrap" }}>{column}</TableCell>)}</TableRow>
        </TableHead>
        <TableBody>{children}</TableBody>
      </Table>
    </Paper>
  );
}
