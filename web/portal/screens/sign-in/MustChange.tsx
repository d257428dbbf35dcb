import { type SubmitEvent, useState } from "react";
import { useLanguage } from "../../language.tsx";
import { PasswordField } from "../../parts/Field.tsx";
import { NewPasswordField, PasswordFault } from "../../parts/NewPassword.tsx";
import { PeopleWords } from "../../parts/PeopleWords.tsx";
import { usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";

export interface MustChangeProps {
  /** The one that was just typed; empty where a passkey was used instead. */
  readonly currentPassword: string;
  readonly onChanged: () => void;
}

/** A password that somebody else chose, or that today's rules refuse, is changed before anything else. */
export function MustChange(props: MustChangeProps) {
  return (
    <PeopleWords>
      <Change {...props} />
    </PeopleWords>
  );
}

function Change({ currentPassword, onChanged }: MustChangeProps) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [current, setCurrent] = useState(currentPassword);
  const [password, setPassword] = useState("");
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      await people.changePassword(current, password);
      onChanged();
    });
  };
  return (
    <form className="form" onSubmit={onSubmit} data-testid="must-change">
      <p>{t("mustChange.lead")}</p>
      {currentPassword === "" ? (
        <PasswordField label={t("account.currentPassword")} autoComplete="current-password" required value={current} onValue={setCurrent} testId="must-change-current" />
      ) : null}
      <NewPasswordField value={password} onValue={setPassword} />
      <PasswordFault error={task.error} />
      <button type="submit" className="button button-primary button-large" disabled={task.isWorking} data-testid="must-change-submit">
        {t("mustChange.submit")}
      </button>
    </form>
  );
}
