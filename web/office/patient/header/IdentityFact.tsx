/** The national id and the hospital account: hidden until somebody asks for them by a request that stands in the patient's log. What was shown is not kept once the page is left. */
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useAct } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { usePatient } from "../patient.ts";

export function IdentityFact() {
  const t = useWords();
  const { path } = usePatient();
  const show = useAct("get /patients/{patientId}/identity", { changes: ["get /patients/{patientId}/accesses"] });
  if (show.data === undefined) {
    return (
      <>
        <span aria-hidden="true">••••••••</span>
        <Button size="small" loading={show.isPending} onClick={() => show.mutate({ path })} title={t("patient.identityHint")} data-testid="identity-show">{t("patient.identityShow")}</Button>
      </>
    );
  }
  const { nationalId, hospitalAccount } = show.data;
  return (
    <span aria-live="polite">
      <Typography component="span" sx={{ fontVariantNumeric: "tabular-nums", fontWeight: 650 }} data-testid="national-id">{nationalId ?? t("patient.identityNone")}</Typography>
      {hospitalAccount === null ? null : <span data-testid="hospital-account"> · {t("patient.hospitalAccount", { account: hospitalAccount })}</span>}
      <Button size="small" onClick={() => show.reset()} sx={{ ml: 0.5 }} data-testid="identity-hide">{t("patient.identityHide")}</Button>
    </span>
  );
}
