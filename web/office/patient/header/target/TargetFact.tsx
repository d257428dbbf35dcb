/** The patient's target in the head: what holds, since when and by whom; a clinician changes it here. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useWords } from "../../../messages/words.ts";
import { useStaff } from "../../../session/staff.ts";
import { usePatient } from "../../patient.ts";
import { TargetDialog } from "./TargetDialog.tsx";
import { useTargetText } from "./target-text.ts";

export function TargetFact() {
  const t = useWords();
  const { target, f, unit } = usePatient();
  const { isClinician, savePreferences } = useStaff();
  const textOf = useTargetText();
  const [isOpen, setOpen] = useState(false);
  if (target === null) return <Alert severity="warning" data-testid="target-unknown">{t("patient.targetUnknown")}</Alert>;
  const { setAt, setByName, unit: read } = target;
  return (
    <>
      <span data-testid="target">{textOf(target)}</span>
      {isClinician ? <Button size="small" onClick={() => setOpen(true)} data-testid="target-change">{t("patient.targetChange")}</Button> : null}
      {read === null || read === unit ? null : <Button size="small" onClick={() => void savePreferences({ glucoseUnit: read })} data-testid="target-unit">{t("patient.targetReadNow", { unit: read })}</Button>}
      <Typography variant="caption" color="textSecondary" component="p" data-testid="target-author">
        {setAt === null ? t("patient.targetNever") : t("patient.targetSet", { name: setByName ?? t("history.somebody"), date: f.yearDate(Date.parse(setAt)) })}
      </Typography>
      {isOpen ? <TargetDialog target={target} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
