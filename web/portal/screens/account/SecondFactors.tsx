import { useState } from "react";
import type { Factor, FactorAdded } from "#web/client/second-factor.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { useProof } from "../../parts/Proof.tsx";
import { ShownOnce } from "../../parts/ShownOnce.tsx";
import { Empty, ErrorNote, Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { factorsOf, useChanged, usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";
import { AddPasskey } from "./AddPasskey.tsx";
import { AddTotp } from "./AddTotp.tsx";

/** What proves beside the password that it is me: authenticator apps, passkeys, and codes for when they are lost. */
export function SecondFactors() {
  const { t, f } = useLanguage();
  const people = usePeople();
  const prove = useProof();
  const changed = useChanged();
  const task = useTask();
  const [adding, setAdding] = useState<Factor["kind"] | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const resource = useResource(factorsOf(people));
  const onAdded = ({ recoveryCodes }: FactorAdded): void => {
    setAdding(null);
    setCodes(recoveryCodes);
    changed("me/second-factors");
  };
  const remove = (id: string): void => {
    void task.run(() => prove(() => people.removeFactor(id))).then(() => changed("me/second-factors"));
  };
  const renew = (): void => {
    void task.run(async () => setCodes((await prove(() => people.newRecoveryCodes())).codes)).then(() => changed("me/second-factors"));
  };
  return (
    <Card title={t("factors.title")} testId="account-factors">
      <WhenLoaded resource={resource} skeleton={<Skeleton lines={2} />}>
        {({ data, recoveryCodesLeft }) => {
          const confirmed = data.filter(({ isConfirmed }) => isConfirmed);
          return (
            <>
              {confirmed.length === 0 ? <Empty text={t("factors.empty")} /> : null}
              <ul className="rows">
                {confirmed.map((factor) => (
                  <FactorRow key={factor.id} factor={factor} isWorking={task.isWorking} onRemove={() => remove(factor.id)} />
                ))}
              </ul>
              {confirmed.length > 0 ? (
                <p className={recoveryCodesLeft < 3 ? "note note-attention" : "muted"} data-testid="recovery-left">
                  {t("factors.codesLeft", { count: recoveryCodesLeft })}{" "}
                  <button type="button" className="link-button" disabled={task.isWorking} onClick={renew} data-testid="recovery-renew">
                    {t("factors.newCodes")}
                  </button>
                </p>
              ) : null}
            </>
          );
        }}
      </WhenLoaded>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions">
        <button type="button" className="button" onClick={() => setAdding("totp")} data-testid="totp-add">
          {t("factors.addTotp")}
        </button>
        <button type="button" className="button" onClick={() => setAdding("passkey")} data-testid="passkey-add">
          {t("factors.addPasskey")}
        </button>
      </div>
      {adding === "totp" ? <AddTotp onClose={() => setAdding(null)} onAdded={onAdded} /> : null}
      {adding === "passkey" ? <AddPasskey onClose={() => setAdding(null)} onAdded={onAdded} /> : null}
      {codes ? <ShownOnce title={t("factors.codesTitle")} lead={t("factors.codesLead", { count: f.number(codes.length) })} secrets={codes} onClose={() => setCodes(null)} testId="recovery-codes" /> : null}
    </Card>
  );
}

function FactorRow({ factor, isWorking, onRemove }: { readonly factor: Factor; readonly isWorking: boolean; readonly onRemove: () => void }) {
  const { t, f } = useLanguage();
  const used = factor.lastUsedAt === null ? t("keys.never") : f.dateTime(Date.parse(factor.lastUsedAt));
  return (
    <li className="row" data-testid={`factor-${factor.kind}`}>
      <div className="row-main">
        <strong>{factor.name}</strong>
        <button type="button" className="link-button" disabled={isWorking} onClick={onRemove} data-testid="factor-remove">
          {t("factors.remove")}
          <span className="visually-hidden"> {factor.name}</span>
        </button>
      </div>
      <p className="muted">{t(factor.kind === "totp" ? "factors.totp" : "factors.passkey")}</p>
      <p className="muted">{t("factors.used", { since: f.dateTime(Date.parse(factor.createdAt)), used })}</p>
    </li>
  );
}
