import type { Patient, Session } from "#web/client/types.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { PeopleWords } from "../../parts/PeopleWords.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { offersToMeOf, useChanged, usePeople } from "../../people.ts";
import { SCOPE_NAMES } from "../../people-words.ts";
import { navigate } from "../../router.tsx";
import { useTask } from "../../task.ts";
import { AccessLog } from "./AccessLog.tsx";
import { Grants } from "./Grants.tsx";

export interface SharingProps {
  readonly session: Session;
  /** Whose record is looked at; null where there is none. */
  readonly patient: Patient | null;
}

/** Who may see the data, who has looked, and what others share with me. */
export function Sharing({ session, patient }: SharingProps) {
  return (
    <PeopleWords>
      <Cards session={session} patient={patient} />
    </PeopleWords>
  );
}

function Cards({ session, patient }: SharingProps) {
  const { t } = useLanguage();
  const isOthers = patient !== null && !patient.isSelf;
  return (
    <>
      <PageHead title={t("sharing.title")} sub={isOthers ? t("sharing.leadOf", { name: patient.displayName }) : t("sharing.lead")} />
      <OffersToMe />
      {isOthers ? <NotMine patient={patient} /> : null}
      {patient === null ? <p className="note">{t("sharing.noRecord")}</p> : null}
      {patient ? (
        <div className="stack">
          <Grants patient={patient} userId={session.userId} />
          <AccessLog patient={patient} />
        </div>
      ) : null}
    </>
  );
}

/** What others offer me. Nothing is shown where nobody does. */
function OffersToMe() {
  const { t, f } = useLanguage();
  const people = usePeople();
  const changed = useChanged();
  const task = useTask();
  const { data, error, refetch } = useResource(offersToMeOf(people));
  if (error && !data) return <ErrorNote error={error} onRetry={refetch} />;
  if (!data || data.data.length === 0) return null;
  const answer = (id: string, decision: "accept" | "decline"): void => {
    void task.run(() => people.answerOffer(id, decision)).then(() => changed("me/grant-offers", "patients"));
  };
  return (
    <Card title={t("offers.title")} testId="offers-to-me">
      <ul className="rows">
        {data.data.map((offer) => (
          <li key={offer.id} className="row">
            <strong>{t("offers.from", { name: offer.from })}</strong>
            <p className="muted">{t(SCOPE_NAMES[offer.scope])}</p>
            <p className="muted">{t("offers.expires", { date: f.dateTime(Date.parse(offer.expiresAt)) })}</p>
            <div className="actions">
              <button type="button" className="button button-primary" disabled={task.isWorking} onClick={() => answer(offer.id, "accept")} data-testid="offer-accept">
                {t("offers.accept")}
              </button>
              <button type="button" className="button" disabled={task.isWorking} onClick={() => answer(offer.id, "decline")} data-testid="offer-decline">
                {t("offers.decline")}
              </button>
            </div>
          </li>
        ))}
      </ul>
      {task.error ? <ErrorNote error={task.error} /> : null}
    </Card>
  );
}

/** Somebody else's record: how to give one's access to it up. */
function NotMine({ patient }: { readonly patient: Patient }) {
  const { t } = useLanguage();
  const people = usePeople();
  const changed = useChanged();
  const task = useTask();
  const giveUp = (): void => {
    void task.run(() => people.giveUpGrant(patient.id)).then((isDone) => {
      if (!isDone) return;
      navigate("/");
      changed("patients");
    });
  };
  return (
    <Card title={t("sharing.mineTitle", { name: patient.displayName })} testId="my-grant">
      <p>{t("sharing.mineLead")}</p>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions">
        <button type="button" className="button" disabled={task.isWorking} onClick={giveUp} data-testid="my-grant-end">
          {t("sharing.giveUp")}
        </button>
      </div>
    </Card>
  );
}
