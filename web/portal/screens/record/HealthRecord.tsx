import { useAccess } from "../../access.ts";
import { useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { RecordWords } from "../../parts/RecordWords.tsx";
import { useWhose } from "../../whose.ts";
import { CareTeam } from "./CareTeam.tsx";
import { Documents } from "./Documents.tsx";
import { Entries } from "./Entries.tsx";
import { OwnEntries } from "./OwnEntries.tsx";
import { ALLERGIES, ALLERGY_FORM, CONDITION_FORM, CONDITIONS, MEDICATION_FORM, MEDICATIONS, NOTES, PROCEDURES } from "./views.ts";

/** The health record: what the clinic and the person have written, the documents, and who cares for the person. */
export function HealthRecord() {
  return (
    <RecordWords>
      <Page />
    </RecordWords>
  );
}

function Page() {
  const { t } = useLanguage();
  const { patient, isClinician = false } = useWho();
  const access = useAccess();
  const whose = useWhose();
  // What clinicians write of others is no words of the person's, and has its place in the office.
  const isAtWork = isClinician && !patient.isSelf;
  const mayWrite = access.mayManage && !isAtWork;
  return (
    <>
      <PageHead title={t("record.title")} sub={whose("record.lead", "record.leadOf")} />
      {isAtWork ? <p className="note">{t("record.staff")} <a href="/office">{t("nav.office")}</a></p> : null}
      {access.isKnown && !mayWrite && !isAtWork ? <p className="note" data-testid="may-not-write">{t("record.mayNotWrite", { name: patient.displayName })}</p> : null}
      <div className="two-columns">
        <div className="stack">
          <OwnEntries view={CONDITIONS} form={CONDITION_FORM} mayWrite={mayWrite} />
          <OwnEntries view={MEDICATIONS} form={MEDICATION_FORM} mayWrite={mayWrite} />
          <OwnEntries view={ALLERGIES} form={ALLERGY_FORM} mayWrite={mayWrite} />
          {mayWrite ? <p className="muted">{t("entry.onlyClinic")}</p> : null}
        </div>
        <div className="stack">
          <CareTeam mayWrite={mayWrite} />
          <Entries view={NOTES} />
          <Entries view={PROCEDURES} />
          <Documents />
        </div>
      </div>
    </>
  );
}
