import { useState } from "react";
import type { Factor, FactorAdded } from "#web/client/second-factor.ts";
import { useLanguage } from "../../language.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { PeopleWords } from "../../parts/PeopleWords.tsx";
import { ProofProvider } from "../../parts/Proof.tsx";
import { ShownOnce } from "../../parts/ShownOnce.tsx";
import { AddPasskey } from "../account/AddPasskey.tsx";
import { AddTotp } from "../account/AddTotp.tsx";

export interface MustAddFactorProps {
  readonly onAdded: () => void;
  readonly onSignOut: () => void;
}

/** Whose organization requires a second factor of its staff sets one up before anything else. */
export function MustAddFactor(props: MustAddFactorProps) {
  return (
    <PeopleWords>
      <ProofProvider>
        <Choose {...props} />
      </ProofProvider>
    </PeopleWords>
  );
}

function Choose({ onAdded, onSignOut }: MustAddFactorProps) {
  const { t, f } = useLanguage();
  const [adding, setAdding] = useState<Factor["kind"] | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const done = ({ recoveryCodes }: FactorAdded): void => {
    setAdding(null);
    if (recoveryCodes) setCodes(recoveryCodes);
    else onAdded();
  };
  return (
    <div data-testid="must-add-factor">
      <PageHead title={t("mustFactor.title")} sub={t("mustFactor.lead")} />
      <div className="actions">
        <button type="button" className="button button-primary" onClick={() => setAdding("totp")} data-testid="totp-add">
          {t("factors.addTotp")}
        </button>
        <button type="button" className="button" onClick={() => setAdding("passkey")} data-testid="passkey-add">
          {t("factors.addPasskey")}
        </button>
        <button type="button" className="link-button" onClick={onSignOut}>
          {t("mustFactor.signOut")}
        </button>
      </div>
      {adding === "totp" ? <AddTotp onClose={() => setAdding(null)} onAdded={done} /> : null}
      {adding === "passkey" ? <AddPasskey onClose={() => setAdding(null)} onAdded={done} /> : null}
      {codes ? <ShownOnce title={t("factors.codesTitle")} lead={t("factors.codesLead", { count: f.number(codes.length) })} secrets={codes} onClose={onAdded} testId="recovery-codes" /> : null}
    </div>
  );
}
