import type { Patient } from "#web/client/types.ts";
import { useLanguage } from "../../language.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { PeopleWords } from "../../parts/PeopleWords.tsx";
import { Consents } from "./Consents.tsx";
import { Erasures } from "./Erasures.tsx";
import { Packages } from "./Packages.tsx";

/** What the person consents to, their data to take along, and the end of them. */
export function Privacy({ patient }: { readonly patient: Patient | null }) {
  return (
    <PeopleWords>
      <Cards patient={patient} />
    </PeopleWords>
  );
}

function Cards({ patient }: { readonly patient: Patient | null }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("privacy.title")} sub={patient && !patient.isSelf ? t("sharing.leadOf", { name: patient.displayName }) : t("privacy.lead")} />
      {patient === null ? <p className="note">{t("sharing.noRecord")}</p> : null}
      {patient ? (
        <div className="stack">
          <Consents patient={patient} />
          <Packages patient={patient} />
          {patient.isSelf ? <Erasures patient={patient} /> : null}
        </div>
      ) : null}
    </>
  );
}
