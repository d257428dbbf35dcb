import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { useProof } from "../../parts/Proof.tsx";
import { ErrorNote, Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { sessionsOf, useChanged, usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";

/** Where I am signed in, and how to end it there. */
export function Devices() {
  const { t, f } = useLanguage();
  const people = usePeople();
  const prove = useProof();
  const changed = useChanged();
  const task = useTask();
  const resource = useResource(sessionsOf(people));
  const end = (work: () => Promise<unknown>): void => {
    void task.run(() => prove(work)).then(() => changed("me/sessions"));
  };
  return (
    <Card title={t("devices.title")} testId="account-devices">
      <WhenLoaded resource={resource} skeleton={<Skeleton lines={3} />}>
        {({ data }) => (
          <>
            <ul className="rows">
              {data.map((session) => (
                <li key={session.id} className="row" data-testid="device-session">
                  <div className="row-main">
                    <strong>{session.device ?? t(session.kind === "program" ? "devices.program" : "devices.unknown")}</strong>
                    {session.isThis ? (
                      <span className="chip">{t("devices.this")}</span>
                    ) : (
                      <button type="button" className="link-button" disabled={task.isWorking} onClick={() => end(() => people.endSession(session.id))} data-testid="device-end">
                        {t("devices.end")}
                        <span className="visually-hidden"> {session.device ?? ""}</span>
                      </button>
                    )}
                  </div>
                  <p className="muted">{t("devices.seen", { seen: f.dateTime(Date.parse(session.lastSeenAt)), started: f.dateTime(Date.parse(session.startedAt)) })}</p>
                </li>
              ))}
            </ul>
            {task.error ? <ErrorNote error={task.error} /> : null}
            {data.length > 1 ? (
              <div className="actions">
                <button type="button" className="button" disabled={task.isWorking} onClick={() => end(() => people.endOtherSessions())} data-testid="devices-end-others">
                  {t("devices.endOthers")}
                </button>
              </div>
            ) : null}
          </>
        )}
      </WhenLoaded>
    </Card>
  );
}
