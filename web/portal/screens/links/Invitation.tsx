import { type SubmitEvent, useState } from "react";
import type { InvitationLook } from "#web/client/types.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { browserZone } from "#web/language/format.ts";
import { Field } from "../../parts/Field.tsx";
import { NewPasswordField, PasswordFault } from "../../parts/NewPassword.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { Skeleton } from "../../parts/States.tsx";
import { usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";
import { ROLE_NAMES } from "../../people-words.ts";
import { Done, ToSignIn } from "./Done.tsx";

/** What an invitation is for, and the account that is made by it. */
export function Invitation({ token }: { readonly token: string }) {
  const { t } = useLanguage();
  const people = usePeople();
  const { data, error } = useResource({ key: `invitation/${token}`, tags: [], load: () => people.lookAtInvitation(token) });
  if (data) return <Accept token={token} look={data} />;
  return (
    <>
      <PageHead title={t("invitation.title")} />
      {error ? (
        <>
          <PasswordFault error={error} />
          <ToSignIn />
        </>
      ) : (
        <Skeleton lines={3} />
      )}
    </>
  );
}

function Accept({ token, look }: { readonly token: string; readonly look: InvitationLook }) {
  const { t, f, catalogue } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [name, setName] = useState("");
  const [nationalId, setNationalId] = useState("");
  const [password, setPassword] = useState("");
  const [isDone, setIsDone] = useState(false);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      await people.acceptInvitation({
        token, password, displayName: name.trim(), locale: catalogue.locale, zone: browserZone(), ...(look.needsNationalId ? { nationalId: nationalId.trim() } : {}),
      });
      setIsDone(true);
    });
  };
  if (isDone) return <Done heading="invitation.title">{t("invitation.done")}</Done>;
  const roles = f.list(look.roles.map((role) => t(ROLE_NAMES[role])));
  return (
    <>
      <PageHead title={t("invitation.title")} sub={t("invitation.lead", { organization: look.organization, roles })} />
      <form className="form" onSubmit={onSubmit} data-testid="invitation-form">
        <Field label={t("register.name")} name="name" autoComplete="name" required maxLength={120} value={name} onValue={setName} testId="invitation-name" />
        {look.email === null ? null : <Field label={t("account.email")} type="email" autoComplete="username" readOnly value={look.email} onValue={() => undefined} testId="invitation-email" />}
        {look.needsNationalId ? (
          <Field label={t("invitation.nationalId")} hint={t("invitation.nationalIdHint")} autoComplete="off" required maxLength={40} value={nationalId} onValue={setNationalId} testId="invitation-national-id" />
        ) : null}
        <NewPasswordField value={password} onValue={setPassword} />
        <PasswordFault error={task.error} />
        <button type="submit" className="button button-primary button-large" disabled={task.isWorking} data-testid="invitation-submit">
          {t("invitation.submit")}
        </button>
      </form>
    </>
  );
}
