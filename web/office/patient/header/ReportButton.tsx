/** The report of the chosen period as PDF, in the reader's unit and language. */
import { useState } from "react";
import Button from "@mui/material/Button";
import PdfIcon from "@mui/icons-material/PictureAsPdfOutlined";
import { useNotify } from "ra-core";
import { toApiError } from "#web/client/errors.ts";
import { saveFile } from "#web/charts/save-file.ts";
import { useLocale, useWords } from "../../messages/words.ts";
import { useErrorWords } from "../../parts/error-words.ts";
import { useClient } from "../../session/staff.ts";
import { usePatient, usePeriod } from "../patient.ts";
import { type Preset, reportQueryOf } from "../period.ts";

/** Those that the report has pages for; others are printed with the standard ranges, which the report says. */
const REPORTED = ["standard", "older", "pregnancy"] as const satisfies readonly Preset[];

export function ReportButton() {
  const t = useWords();
  const locale = useLocale();
  const notify = useNotify();
  const errorWords = useErrorWords();
  const client = useClient();
  const { path, zone, unit } = usePatient();
  const { period, preset } = usePeriod();
  const [isMaking, setIsMaking] = useState(false);
  const reported = REPORTED.find((each) => each === preset);
  const make = async (): Promise<void> => {
    setIsMaking(true);
    try {
      const { blob, name } = await client.file("get /patients/{patientId}/glucose/report.pdf", { path, query: { ...reportQueryOf(period, zone), zone, unit, lang: locale, preset: reported ?? "standard" } });
      saveFile(blob, name ?? "report.pdf");
      if (!reported) notify(t("patient.reportStandard"), { type: "info", messageArgs: { _: t("patient.reportStandard") } });
    } catch (thrown) {
      const error = toApiError(thrown);
      const words = error.status === 422 ? t("patient.reportEmpty") : errorWords(error);
      notify(words, { type: "error", messageArgs: { _: words } });
    } finally {
      setIsMaking(false);
    }
  };
  return (
    <Button variant="outlined" size="small" startIcon={<PdfIcon />} loading={isMaking} onClick={() => void make()} data-testid="report">{t("patient.report")}</Button>
  );
}
