import { type SubmitEvent, useState } from "react";
import { useLanguage } from "../../language.tsx";
import { browserZone } from "#web/language/format.ts";
import { Field } from "../../parts/Field.tsx";
import { PasswordFault } from "../../parts/NewPassword.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { usePeople } from "../../people.ts";
import { Link } from "../../router.tsx";
import { useTask } from "../../task.ts";
import { Done, ToSignIn } from "./Done.tsx";

/** Asks for an account. The password comes after the address was confirmed, so that nobody prepares an account for somebody else's address. */
export function Register() {
  const { t, catalogue } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [isSent, setIsSent] = useState(false);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      await people.register({ email: email.trim(), displayName: name.trim(), locale: catalogue.locale, zone: browserZone() });
      setIsSent(true);
    });
  };
  if (isSent) return <Done heading="register.title">{t("register.sent", { email: email.trim() })}</Done>;
  if (task.error?.status === 403) {
    return (
      <>
        <PageHead title={t("register.title")} />
        <p className="note note-attention" role="alert" data-testid="register-closed">
          {t("register.closed")}
        </p>
        <ToSignIn />
      </>
    );
  }
  return (
    <>
      <PageHead title={t("register.title")} sub={t("register.lead")} />
      <form className="form" onSubmit={onSubmit} data-testid="register-form">
        <Field label={t("register.name")} name="name" autoComplete="name" required maxLength={120} value={name} onValue={setName} testId="register-name" />
        <Field label={t("account.email")} name="email" type="email" autoComplete="email" required maxLength={254} value={email} onValue={setEmail} testId="register-email" />
        <PasswordFault error={task.error} />
        <button type="submit" className="button button-primary button-large" disabled={task.isWorking} data-testid="register-submit">
          {t("register.submit")}
        </button>
      </form>
      <p className="sign-in-links">
        <Link href="/">{t("link.backToSignIn")}</Link>
      </p>
    </>
  );
}
