import { type SubmitEvent, useState } from "react";
import type { Grant, Patient } from "#web/client/types.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field } from "../../parts/Field.tsx";
import { Segmented } from "../../parts/Segmented.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { cliniciansOf, consentsOf, usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";
import { type Length, Terms, untilOf } from "./ChangeGrant.tsx";

export interface ShareProps {
  readonly patient: Patient;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Shares with a clinician of the organization, at once, or offers it to an e-mail address. */
export function Share({ patient, onClose, onDone }: ShareProps) {
  const { t, catalogue } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const consents = useResource(consentsOf(people, patient.id, catalogue.locale));
  const asked = patient.isSelf ? consents.data?.data.find(({ purpose, state }) => purpose === "sharing" && (state === "none" || state === "withdrawn")) : undefined;
  const [way, setWay] = useState<"clinician" | "email">("clinician");
  const [userId, setUserId] = useState("");
  const [email, setEmail] = useState("");
  const [scope, setScope] = useState<Grant["scope"]>("view");
  const [length, setLength] = useState<Length>(null);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    const terms = { scope, until: untilOf(length), ...(asked ? { consent: { version: asked.text.version, locale: asked.text.locale } } : {}) };
    void task.run(async () => {
      await people.share(patient.id, way === "email" ? { email: email.trim(), ...terms } : { userId, ...terms });
      onDone();
    });
  };
  const isKnown = task.error?.code === "granted_already";
  return (
    <Dialog title={t("grants.share")} onClose={onClose} testId="share-dialog">
      <form className="form" onSubmit={onSubmit}>
        <Segmented
          legend={t("share.with")} isLegendShown name="share-way" value={way}
          options={[{ value: "clinician", label: t("share.clinician") }, { value: "email", label: t("share.email") }]}
          onChange={(value) => setWay(value === "email" ? "email" : "clinician")}
        />
        {way === "email" ? (
          <Field label={t("account.email")} hint={t("share.emailHint")} type="email" autoComplete="off" required maxLength={254} value={email} onValue={setEmail} testId="share-email" />
        ) : (
          <ClinicianChoice userId={userId} onUserId={setUserId} />
        )}
        <Terms scope={scope} length={length} canManage={patient.isSelf} onScope={setScope} onLength={(value) => setLength(value === "as_is" ? null : value)} />
        {asked ? (
          <div className="note" data-testid="share-consent">
            <p>{t("share.consent")}</p>
            <p lang={asked.text.locale}>{asked.text.text}</p>
          </div>
        ) : null}
        {isKnown ? <p className="note note-error" role="alert">{t("share.already")}</p> : null}
        {task.error && !isKnown ? <ErrorNote error={task.error} /> : null}
        <button type="submit" className="button button-primary" disabled={task.isWorking || (patient.isSelf && !consents.data)} data-testid="share-submit">
          {t(way === "email" ? "share.offer" : "share.give")}
        </button>
      </form>
    </Dialog>
  );
}

function ClinicianChoice({ userId, onUserId }: { readonly userId: string; readonly onUserId: (userId: string) => void }) {
  const { t } = useLanguage();
  const people = usePeople();
  const { data, error, refetch } = useResource(cliniciansOf(people));
  if (error && !data) return <ErrorNote error={error} onRetry={refetch} />;
  if (data?.data.length === 0) return <p className="note">{t("share.noClinicians")}</p>;
  return (
    <div className="form-field">
      <label htmlFor="share-clinician">{t("share.clinicianName")}</label>
      <select id="share-clinician" value={userId} required disabled={!data} onChange={(event) => onUserId(event.target.value)} data-testid="share-clinician">
        <option value="">{t("share.choose")}</option>
        {(data?.data ?? []).map(({ id, displayName }) => (
          <option key={id} value={id}>
            {displayName}
          </option>
        ))}
      </select>
    </div>
  );
}
