import { type SubmitEvent, useState } from "react";
import type { Session } from "#web/client/types.ts";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field, PasswordField } from "../../parts/Field.tsx";
import { NewPasswordField, PasswordFault } from "../../parts/NewPassword.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { PeopleWords } from "../../parts/PeopleWords.tsx";
import { ProofProvider } from "../../parts/Proof.tsx";
import { usePeople } from "../../people.ts";
import { ROLE_NAMES } from "../../people-words.ts";
import { Link } from "../../router.tsx";
import { useTask } from "../../task.ts";
import { OutsideFault } from "../SignIn.tsx";
import { ApiKeys } from "./ApiKeys.tsx";
import { Devices } from "./Devices.tsx";
import { Identities } from "./Identities.tsx";
import { SecondFactors } from "./SecondFactors.tsx";

export interface AccountProps {
  readonly session: Session;
  readonly onSignOut: () => void;
}

/** Who I am here, and everything by which I can be signed in. */
export function Account({ session, onSignOut }: AccountProps) {
  return (
    <PeopleWords>
      <ProofProvider>
        <Cards session={session} onSignOut={onSignOut} />
      </ProofProvider>
    </PeopleWords>
  );
}

function Cards({ session, onSignOut }: AccountProps) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("account.title")} sub={t("account.lead")} />
      <OutsideFault />
      <div className="two-columns">
        <Person session={session} />
        <Password />
        <SecondFactors />
        <Devices />
        <Identities />
        <ApiKeys roles={session.roles} />
        <Leaving session={session} onSignOut={onSignOut} />
      </div>
    </>
  );
}

function Person({ session }: { readonly session: Session }) {
  const { t, f } = useLanguage();
  const [isChanging, setIsChanging] = useState(false);
  const [sentTo, setSentTo] = useState<string | null>(null);
  return (
    <Card title={t("account.person")} testId="account-person">
      <dl className="facts-table">
        <dt>{t("register.name")}</dt>
        <dd>{session.displayName}</dd>
        <dt>{t("account.email")}</dt>
        <dd className="address">{session.email ?? t("account.noEmail")}</dd>
        <dt>{t("account.roles")}</dt>
        <dd>{f.list(session.roles.map((role) => t(ROLE_NAMES[role])))}</dd>
        <dt>{t("account.organization")}</dt>
        <dd>{session.organization.name}</dd>
      </dl>
      <p className="muted">{t("account.nameHint")}</p>
      {sentTo === null ? null : (
        <output className="note note-success">{t("account.emailSent", { email: sentTo })}</output>
      )}
      <div className="actions">
        <button type="button" className="button" onClick={() => setIsChanging(true)} data-testid="email-change">
          {t("account.changeEmail")}
        </button>
      </div>
      {isChanging ? (
        <EmailDialog
          onClose={() => setIsChanging(false)}
          onSent={(email) => {
            setSentTo(email);
            setIsChanging(false);
          }}
        />
      ) : null}
    </Card>
  );
}

function EmailDialog({ onClose, onSent }: { readonly onClose: () => void; readonly onSent: (email: string) => void }) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      await people.changeEmail(email.trim(), password);
      onSent(email.trim());
    });
  };
  return (
    <Dialog title={t("account.changeEmail")} onClose={onClose} testId="email-dialog">
      <form className="form" onSubmit={onSubmit}>
        <p>{t("account.changeEmailLead")}</p>
        <Field label={t("account.newEmail")} type="email" autoComplete="email" required maxLength={254} value={email} onValue={setEmail} testId="email-new" />
        <PasswordField label={t("signIn.password")} autoComplete="current-password" required value={password} onValue={setPassword} testId="email-password" />
        <PasswordFault error={task.error} />
        <button type="submit" className="button button-primary" disabled={task.isWorking} data-testid="email-submit">
          {t("account.sendLink")}
        </button>
      </form>
    </Dialog>
  );
}

function Password() {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [isDone, setIsDone] = useState(false);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    setIsDone(false);
    void task.run(async () => {
      await people.changePassword(current, next);
      setCurrent("");
      setNext("");
      setIsDone(true);
    });
  };
  return (
    <Card title={t("account.password")} testId="account-password">
      <form className="form" onSubmit={onSubmit}>
        <PasswordField label={t("account.currentPassword")} autoComplete="current-password" required value={current} onValue={setCurrent} testId="current-password" />
        <NewPasswordField value={next} onValue={setNext} />
        <PasswordFault error={task.error} />
        {isDone ? (
          <output className="note note-success" data-testid="password-changed">
            {t("account.passwordChanged")}
          </output>
        ) : null}
        <button type="submit" className="button" disabled={task.isWorking} data-testid="password-submit">
          {t("account.changePassword")}
        </button>
      </form>
    </Card>
  );
}

/** How to go: a patient's account goes with the record, anybody else's by itself. */
function Leaving({ session, onSignOut }: AccountProps) {
  const { t } = useLanguage();
  const [isAsking, setIsAsking] = useState(false);
  return (
    <Card title={t("leaving.title")} testId="account-leaving">
      {session.patientId === null ? (
        <>
          <p>{t("leaving.lead")}</p>
          <div className="actions">
            <button type="button" className="button" onClick={() => setIsAsking(true)} data-testid="account-delete">
              {t("leaving.delete")}
            </button>
          </div>
        </>
      ) : (
        <>
          <p>{t("leaving.patientLead")}</p>
          <p>
            <Link href="/privacy">{t("leaving.toPrivacy")}</Link>
          </p>
        </>
      )}
      {isAsking ? <DeleteDialog onClose={() => setIsAsking(false)} onDeleted={onSignOut} /> : null}
    </Card>
  );
}

function DeleteDialog({ onClose, onDeleted }: { readonly onClose: () => void; readonly onDeleted: () => void }) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [password, setPassword] = useState("");
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      await people.deleteAccount(password);
      onDeleted();
    });
  };
  return (
    <Dialog title={t("leaving.delete")} onClose={onClose} testId="delete-dialog">
      <form className="form" onSubmit={onSubmit}>
        <p>{t("leaving.confirm")}</p>
        <PasswordField label={t("signIn.password")} autoComplete="current-password" required value={password} onValue={setPassword} testId="delete-password" />
        <PasswordFault error={task.error} />
        <button type="submit" className="button button-danger" disabled={task.isWorking} data-testid="delete-submit">
          {t("leaving.delete")}
        </button>
      </form>
    </Dialog>
  );
}
