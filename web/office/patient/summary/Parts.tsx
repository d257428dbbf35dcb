/** Night and day, weekdays and weekend, side by side. */
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { useWords } from "../../messages/words.ts";
import { Panel } from "../Panel.tsx";
import { usePatient } from "../patient.ts";
import { reasonKey, type Statistics } from "./statistic-lines.ts";

const PARTS = { night: "patient.partNight", day: "patient.partDay", weekdays: "patient.partWeekdays", weekend: "patient.partWeekend" } as const;

export function Parts({ statistics: { parts, unit } }: { readonly statistics: Statistics }) {
  const t = useWords();
  const { f } = usePatient();
  const percent = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : f.percent(value));
  return (
    <Panel title={t("patient.parts")} testId="parts">
      <TableContainer component="section" tabIndex={0} aria-label={t("patient.tableOf", { name: t("patient.parts") })}>
        <Table size="small">
          <TableHead>
            <TableRow>
              <TableCell>{t("patient.partOf")}</TableCell>
              {[`${t("patient.mean")} (${unit})`, t("patient.inTarget"), t("patient.below"), t("patient.above"), t("patient.cvShort"), t("patient.readingsColumn")].map((name) => <TableCell key={name} align="right">{name}</TableCell>)}
            </TableRow>
          </TableHead>
          <TableBody>
            {(Object.keys(PARTS) as (keyof typeof PARTS)[]).map((name) => {
              const part = parts[name];
              return (
                <TableRow key={name}>
                  <TableCell component="th" scope="row">{t(PARTS[name])}</TableCell>
                  {part.reason !== null && part.mean === null ? <TableCell colSpan={6}>{t(reasonKey(part.reason))}</TableCell> : (
                    <>
                      <TableCell align="right">{part.mean === null ? "–" : f.glucose(part.mean, unit)}</TableCell>
                      <TableCell align="right">{percent(part.ranges?.target)}</TableCell>
                      <TableCell align="right">{percent(part.tbr)}</TableCell>
                      <TableCell align="right">{percent(part.tar)}</TableCell>
                      <TableCell align="right">{part.cv === null ? "–" : f.percentExact(part.cv, 1)}</TableCell>
                      <TableCell align="right">{f.number(part.readings)}</TableCell>
                    </>
                  )}
                </TableRow>
              );
            })}
          </TableBody>
        </Table>
      </TableContainer>
    </Panel>
  );
}
