import { useState } from "react";
import type { Grant, GrantOffer, Patient } from "#web/client/types.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Empty, ErrorNote, Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { grantsOf, useChanged, usePeople } from "../../people.ts";
import { ROLE_NAMES, SCOPE_NAMES } from "../../people-words.ts";
import { useTask } from "../../task.ts";
import { ChangeGrant } from "./ChangeGrant.tsx";
import { Share } from "./Share.tsx";

type Open = { readonly kind: "share" } | { readonly kind: "change"; readonly grant: Grant } | { readonly kind: "end"; readonly grant: Grant };

/** Who may see the data: given, offered, and taken in an emergency. */
export function Grants({ patient, userId }: { readonly patient: Patient; readonly userId: string }) {
  const { t } = useLanguage();
  const people = usePeople();
  const changed = useChanged();
  const task = useTask();
  const [open, setOpen] = useState<Open | null>(null);
  const resource = useResource(grantsOf(people, patient.id));
  const onDone = (): void => {
    setOpen(null);
    changed("grants");
  };
  const withdraw = (id: string): void => {
    void task.run(() => people.withdrawOffer(patient.id, id)).then(() => changed("grants"));
  };
  // Whoever only looks has no say in who else does.
  if (!patient.isSelf && resource.error?.status === 403) return null;
  return (
    <Card title={t("grants.title")} testId="grants">
      <WhenLoaded resource={resource} skeleton={<Skeleton lines={3} />}>
        {({ data, offers }) => (
          <>
            {data.length + offers.length === 0 ? <Empty text={t("grants.empty")} /> : null}
            <ul className="rows">
              {data.map((grant) => (
                <GrantRow
                  key={`${grant.userId} ${grant.kind}`} grant={grant} isMe={grant.userId === userId}
                  onChange={() => setOpen({ kind: "change", grant })} onEnd={() => setOpen({ kind: "end", grant })}
                />
              ))}
              {offers.map((offer) => (
                <OfferRow key={offer.id} offer={offer} isWorking={task.isWorking} onWithdraw={() => withdraw(offer.id)} />
              ))}
            </ul>
          </>
        )}
      </WhenLoaded>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions">
        <button type="button" className="button button-primary" onClick={() => setOpen({ kind: "share" })} data-testid="share-open">
          {t("grants.share")}
        </button>
      </div>
      {open?.kind === "share" ? <Share patient={patient} onClose={() => setOpen(null)} onDone={onDone} /> : null}
      {open?.kind === "change" ? <ChangeGrant patient={patient} grant={open.grant} onClose={() => setOpen(null)} onDone={onDone} /> : null}
      {open?.kind === "end" ? <EndGrant patient={patient} grant={open.grant} onClose={() => setOpen(null)} onDone={onDone} /> : null}
    </Card>
  );
}

interface GrantRowProps {
  readonly grant: Grant;
  readonly isMe: boolean;
  readonly onChange: () => void;
  readonly onEnd: () => void;
}

function GrantRow({ grant, isMe, onChange, onEnd }: GrantRowProps) {
  const { t, f } = useLanguage();
  const isEmergency = grant.kind === "break_glass";
  const until = grant.until === null ? t("grants.untilEnded") : t("grants.until", { date: f.dateTime(Date.parse(grant.until)) });
  return (
    <li className="row" data-testid="grant">
      <div className="row-main">
        <strong>
          {grant.displayName}
          <span className="muted"> {f.list(grant.roles.map((role) => t(ROLE_NAMES[role])))}</span>
        </strong>
        {isEmergency ? <span className="chip chip-attention">{t("grants.emergency")}</span> : null}
      </div>
      <p>{t(SCOPE_NAMES[grant.scope])}</p>
      <p className="muted">{t("grants.since", { date: f.dateTime(Date.parse(grant.from)), until })}</p>
      {isEmergency ? <p className="muted">{t("grants.emergencyHint")}</p> : null}
      <div className="actions">
        {isEmergency || isMe ? null : (
          <button type="button" className="button" onClick={onChange} data-testid="grant-change">
            {t("grants.change")}
            <span className="visually-hidden"> {grant.displayName}</span>
          </button>
        )}
        <button type="button" className="button" onClick={onEnd} data-testid="grant-end">
          {t("grants.end")}
          <span className="visually-hidden"> {grant.displayName}</span>
        </button>
      </div>
    </li>
  );
}

function OfferRow({ offer, isWorking, onWithdraw }: { readonly offer: GrantOffer; readonly isWorking: boolean; readonly onWithdraw: () => void }) {
  const { t, f } = useLanguage();
  return (
    <li className="row" data-testid="grant-offer">
      <div className="row-main">
        <strong className="address">{offer.email}</strong>
        <span className="chip">{t("grants.offered")}</span>
      </div>
      <p>{t(SCOPE_NAMES[offer.scope])}</p>
      <p className="muted">{t("offers.expires", { date: f.dateTime(Date.parse(offer.expiresAt)) })}</p>
      <div className="actions">
        <button type="button" className="button" disabled={isWorking} onClick={onWithdraw} data-testid="offer-withdraw">
          {t("grants.withdraw")}
          <span className="visually-hidden"> {offer.email}</span>
        </button>
      </div>
    </li>
  );
}

interface EndGrantProps {
  readonly patient: Patient;
  readonly grant: Grant;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function EndGrant({ patient, grant, onClose, onDone }: EndGrantProps) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const end = (): void => {
    void task.run(async () => {
      await people.endGrant(patient.id, grant.userId);
      onDone();
    });
  };
  return (
    <Dialog title={t("grants.endTitle", { name: grant.displayName })} onClose={onClose} testId="grant-end-dialog">
      <p>{t("grants.endLead")}</p>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions actions-end">
        <button type="button" className="button" onClick={onClose}>
          {t("connections.cancel")}
        </button>
        <button type="button" className="button button-danger" disabled={task.isWorking} onClick={end} data-testid="grant-end-confirm">
          {t("grants.end")}
        </button>
      </div>
    </Dialog>
  );
}
