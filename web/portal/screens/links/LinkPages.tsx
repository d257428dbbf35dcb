import { type SubmitEvent, useState, useSyncExternalStore } from "react";
import { useLanguage } from "../../language.tsx";
import { readLinkToken, subscribeLinkToken } from "../../link-token.ts";
import type { MessageKey } from "../../messages/translate.ts";
import { Field } from "../../parts/Field.tsx";
import { NewPasswordField, PasswordFault } from "../../parts/NewPassword.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { PeopleWords } from "../../parts/PeopleWords.tsx";
import { type PeopleApi, usePeople } from "../../people.ts";
import { Link } from "../../router.tsx";
import { useTask } from "../../task.ts";
import { Done, ToSignIn } from "./Done.tsx";
import { Invitation } from "./Invitation.tsx";
import { Register } from "./Register.tsx";

/** Pages for people who are not signed in: what they ask for by mail, and what the links of mails open. */
export function LinkPages({ path }: { readonly path: string }) {
  const token = useSyncExternalStore(subscribeLinkToken, readLinkToken, () => null);
  return (
    // Another link is another page, also on the same path.
    <PeopleWords key={`${path} ${token ?? ""}`}>
      <LinkPage path={path} token={token} />
    </PeopleWords>
  );
}

function LinkPage({ path, token }: { readonly path: string; readonly token: string | null }) {
  if (path === "/recover") return token === null ? <AskRecovery /> : <ChoosePassword token={token} words="recover" act={(people, password) => people.recover(token, password)} />;
  if (path === "/register") return token === null ? <Register /> : <ChoosePassword token={token} words="confirm" act={(people, password) => people.confirmRegistration(token, password)} />;
  if (path === "/invitation") return token === null ? <NoToken heading="invitation.title" /> : <Invitation token={token} />;
  if (token === null) return <NoToken heading={path === "/verify" ? "verify.title" : "emailUndo.title"} />;
  return path === "/verify" ? <Press words="verify" act={(people) => people.confirmEmail(token)} /> : <Press words="emailUndo" act={(people) => people.undoEmail(token)} />;
}

/** The page was opened without what makes the link a link. */
function NoToken({ heading }: { readonly heading: MessageKey }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t(heading)} />
      <p className="note note-attention">{t("link.missing")}</p>
      <ToSignIn />
    </>
  );
}

/** Asks for a recovery link. What it says does not depend on whether there is such an account. */
function AskRecovery() {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [identifier, setIdentifier] = useState("");
  const [isSent, setIsSent] = useState(false);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      await people.askRecovery(identifier.trim());
      setIsSent(true);
    });
  };
  if (isSent) return <Done heading="recover.askTitle">{t("recover.sent")}</Done>;
  return (
    <>
      <PageHead title={t("recover.askTitle")} sub={t("recover.askLead")} />
      <form className="form" onSubmit={onSubmit} data-testid="recover-form">
        <Field label={t("signIn.identifier")} autoComplete="username" autoCapitalize="none" required minLength={3} value={identifier} onValue={setIdentifier} testId="recover-identifier" />
        <PasswordFault error={task.error} />
        <button type="submit" className="button button-primary button-large" disabled={task.isWorking} data-testid="recover-submit">
          {t("recover.askSubmit")}
        </button>
      </form>
      <p className="sign-in-links">
        <Link href="/">{t("link.backToSignIn")}</Link>
      </p>
    </>
  );
}

const CHOOSE_WORDS = {
  recover: { title: "recover.title", lead: "recover.lead", submit: "recover.submit", done: "recover.done" },
  confirm: { title: "confirm.title", lead: "confirm.lead", submit: "confirm.submit", done: "confirm.done" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MessageKey>>>>;

interface ChoosePasswordProps {
  readonly token: string;
  readonly words: keyof typeof CHOOSE_WORDS;
  readonly act: (people: PeopleApi, password: string) => Promise<unknown>;
}

/** Chooses a password by a link: of an account that was asked for, or in the place of a forgotten one. */
function ChoosePassword({ words, act }: ChoosePasswordProps) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [password, setPassword] = useState("");
  const [isDone, setIsDone] = useState(false);
  const { title, lead, submit, done } = CHOOSE_WORDS[words];
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      await act(people, password);
      setIsDone(true);
    });
  };
  if (isDone) return <Done heading={title}>{t(done)}</Done>;
  return (
    <>
      <PageHead title={t(title)} sub={t(lead)} />
      <form className="form" onSubmit={onSubmit} data-testid="choose-password">
        <NewPasswordField value={password} onValue={setPassword} />
        <PasswordFault error={task.error} />
        <button type="submit" className="button button-primary button-large" disabled={task.isWorking} data-testid="choose-password-submit">
          {t(submit)}
        </button>
      </form>
    </>
  );
}

const PRESS_WORDS = {
  verify: { title: "verify.title", lead: "verify.lead", submit: "verify.submit", done: "verify.done" },
  emailUndo: { title: "emailUndo.title", lead: "emailUndo.lead", submit: "emailUndo.submit", done: "emailUndo.done" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MessageKey>>>>;

interface PressProps {
  readonly words: keyof typeof PRESS_WORDS;
  readonly act: (people: PeopleApi) => Promise<unknown>;
}

/** One button, so that a mail program that opens links to look at them does nothing. */
function Press({ words, act }: PressProps) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [isDone, setIsDone] = useState(false);
  const { title, lead, submit, done } = PRESS_WORDS[words];
  const press = (): Promise<boolean> =>
    task.run(async () => {
      await act(people);
      setIsDone(true);
    });
  if (isDone) return <Done heading={title}>{t(done)}</Done>;
  return (
    <>
      <PageHead title={t(title)} sub={t(lead)} />
      <PasswordFault error={task.error} />
      <button type="button" className="button button-primary button-large" disabled={task.isWorking} onClick={() => void press()} data-testid="link-press">
        {t(submit)}
      </button>
    </>
  );
}
