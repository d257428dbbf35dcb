/** A part of the page with its own ground; where it has a title, that is a heading of it. */
import { type ReactNode, useId } from "react";
import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";

export interface PanelProps {
  readonly title?: string;
  readonly aside?: ReactNode;
  readonly testId?: string;
  readonly children: ReactNode;
}

export function Panel({ title, aside, testId, children }: PanelProps) {
  const id = useId();
  return (
    <Paper variant="outlined" component="section" sx={{ p: 2, minWidth: 0 }} {...(title === undefined ? {} : { "aria-labelledby": id })} data-testid={testId}>
      {title === undefined ? null : (
        <Box sx={{ display: "flex", flexWrap: "wrap", justifyContent: "space-between", alignItems: "center", gap: 1, mb: 1 }}>
          <Typography component="h2" id={id} color="textSecondary" sx={{ fontSize: "0.9375rem", fontWeight: 600 }}>{title}</Typography>
          {aside}
        </Box>
      )}
      {children}
    </Paper>
  );
}
