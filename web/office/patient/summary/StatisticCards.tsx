import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { useWords } from "../../messages/words.ts";
import { Definition } from "../Definition.tsx";
import type { StatisticLine } from "./statistic-lines.ts";

/** One card a number. The height is the same with and without a change, so that switching the comparison moves nothing. */
export function StatisticCards({ lines, isCompared }: { readonly lines: readonly StatisticLine[]; readonly isCompared: boolean }) {
  return (
    <Box component="dl" sx={{ display: "grid", gridTemplateColumns: { xs: "repeat(2, minmax(0, 1fr))", md: "repeat(4, minmax(0, 1fr))" }, gap: 1.5, m: 0 }}>
      {lines.map((line) => <Card key={line.id} line={line} isCompared={isCompared} />)}
    </Box>
  );
}

function Card({ line: { id, name, about, value, unit, details, change, reason }, isCompared }: { readonly line: StatisticLine; readonly isCompared: boolean }) {
  const t = useWords();
  return (
    <Paper variant="outlined" component="div" sx={{ p: 1.5, minHeight: 132 }} data-testid={`stat-${id}`}>
      <Typography component="dt" variant="body2" color="textSecondary" sx={{ display: "flex", justifyContent: "space-between", alignItems: "center" }}>
        {name}
        <Definition of={name} text={about} />
      </Typography>
      <Box component="dd" sx={{ m: 0 }}>
        <Typography component="p" sx={{ fontSize: 26, fontWeight: 650, lineHeight: 1.25, fontVariantNumeric: "tabular-nums" }}>
          <span data-testid={`stat-${id}-value`}>{value ?? "–"}</span>
          {value !== null && unit !== "" ? <Typography component="span" color="textSecondary"> {unit}</Typography> : null}
        </Typography>
        {reason === null ? null : <Typography variant="body2" color="textSecondary" data-testid={`stat-${id}-reason`}>{reason}</Typography>}
        {isCompared && reason === null && change !== undefined ? <Typography variant="body2" sx={{ fontWeight: 600 }} data-testid={`stat-${id}-change`}>{change === null ? t("patient.noChangeKnown") : t("patient.change", { change })}</Typography> : null}
        {details.map((detail) => <Typography key={detail} variant="body2" color="textSecondary">{detail}</Typography>)}
      </Box>
    </Paper>
  );
}
