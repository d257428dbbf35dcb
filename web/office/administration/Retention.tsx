/** How long what is kept: the rules in force, and after how many years the organization deletes measurements. */
import { useState } from "react";
import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import type { Retention as Rules } from "#web/client/operations.d.ts";
import { useAct, useOperation } from "../data/queries.ts";
import type { MessageKey } from "../messages/catalogue.ts";
import { useWords } from "../messages/words.ts";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { Loaded } from "../parts/Loaded.tsx";
import { PageTitle } from "../parts/PageTitle.tsx";
import { Choice } from "./parts/Choice.tsx";
import { ScrollTable } from "./parts/ScrollTable.tsx";

const MOST_YEARS = 150;

export function Retention() {
  const t = useWords();
  const query = useOperation("get /privacy/retention", {});
  return (
    <>
      <PageTitle title={t("retention.title")} sub={t("retention.lead")} />
      <Loaded query={query}>
        {(rules) => (
          <>
            <Measurements key={String(rules.keepMeasurementsYears)} rules={rules} />
            <Typography variant="h6" component="h2" sx={{ mt: 3, mb: 1 }}>{t("retention.classes")}</Typography>
            <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>{t("retention.classesLead")}</Typography>
            <ScrollTable label={t("retention.classes")} columns={[t("retention.class"), t("retention.what"), t("retention.keeps")]}>
              {/* A class that is newer than this page has the server's own words. */}
              {rules.classes.map(({ name, what, keeps }) => (
                <TableRow key={name}>
                  <TableCell component="th" scope="row"><code>{name}</code></TableCell>
                  <TableCell>{t(`retention.what.${name}` as MessageKey, { _: what })}</TableCell>
                  <TableCell>{t(`retention.keeps.${name}` as MessageKey, { _: keeps })}</TableCell>
                </TableRow>
              ))}
            </ScrollTable>
          </>
        )}
      </Loaded>
    </>
  );
}

function Measurements({ rules }: { readonly rules: Rules }) {
  const t = useWords();
  const [how, setHow] = useState<"forever" | "years">(rules.keepMeasurementsYears === null ? "forever" : "years");
  const [years, setYears] = useState(String(rules.keepMeasurementsYears ?? 10));
  const [isAsking, setIsAsking] = useState(false);
  const act = useAct("patch /privacy/retention", { changes: ["get /privacy/retention"], onDone: () => setIsAsking(false) });
  const wanted = how === "forever" ? null : Number(years);
  const isValid = wanted === null || (Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST_YEARS);
  const isShorter = wanted !== null && (rules.keepMeasurementsYears === null || wanted < rules.keepMeasurementsYears);
  const save = (): void => act.mutate({ body: { keepMeasurementsYears: wanted } });
  return (
    <Paper variant="outlined" component="section" sx={{ p: 2 }}>
      <Typography variant="h6" component="h2">{t("retention.measurements")}</Typography>
      <Typography variant="body2" color="textSecondary" sx={{ mb: 2 }}>{t("retention.measurementsLead")}</Typography>
      <form
        style={{ display: "flex", flexWrap: "wrap", gap: 12, alignItems: "flex-start" }}
        onSubmit={(event) => {
          event.preventDefault();
          if (isShorter) setIsAsking(true);
          else save();
        }}
      >
        <Choice label={t("retention.measurements")} value={how} onChange={setHow} choices={[["forever", t("retention.forever")], ["years", t("retention.years")]]} />
        {how === "years" ? <TextField size="small" type="number" label={t("retention.years")} value={years} error={!isValid} onChange={(event) => setYears(event.target.value)} slotProps={{ htmlInput: { min: 1, max: MOST_YEARS } }} /> : null}
        <Button type="submit" variant="contained" disabled={!isValid || wanted === rules.keepMeasurementsYears || act.isPending}>{t("action.save")}</Button>
      </form>
      {isAsking ? (
        <ConfirmDialog
          title={t("retention.shorter")} action={t("retention.cut")} isGrave isWorking={act.isPending} typed={{ text: years, label: t("retention.typeYears", { years }) }} onConfirm={save} onClose={() => setIsAsking(false)}
        >
          <p>{t("retention.shorterLead", { years })}</p>
        </ConfirmDialog>
      ) : null}
    </Paper>
  );
}
