/** A button that puts the overview as text onto the clinician's clipboard; where the browser refuses, the text is shown to be taken by hand. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import CopyIcon from "@mui/icons-material/ContentCopy";
import { useOperation } from "../data/queries.ts";
import { useFormatter, useLocale, useWords } from "../messages/words.ts";
import { overviewText } from "./overview-text.ts";
import type { PatientLine } from "./use-patients.ts";

export function CopyOverview({ line }: { readonly line: PatientLine }) {
  const t = useWords();
  const f = useFormatter(line.zone);
  const locale = useLocale();
  const rules = useOperation("get /clinic/attention-rules", {}, { staleMs: 300_000 });
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  const text = (): string => overviewText(line, { t, f, locale, ruleOf: (group) => rules.data?.groups.find((each) => each.group === group)?.rule[locale] });
  const copy = (): void => void navigator.clipboard.writeText(text()).then(() => setOutcome("copied"), () => setOutcome("refused"));
  return (
    <>
      <Button variant="outlined" startIcon={<CopyIcon />} onClick={copy} disabled={rules.isPending} data-testid="copy-overview">{t("patients.copy")}</Button>
      <output data-testid="copy-outcome">{outcome === "copied" ? t("patients.copied") : ""}</output>
      {outcome === "refused" ? (
        <>
          <Alert severity="warning">{t("patients.copyRefused")}</Alert>
          <TextField label={t("patients.copyLabel")} value={text()} multiline maxRows={12} slotProps={{ htmlInput: { readOnly: true } }} />
        </>
      ) : null}
    </>
  );
}
