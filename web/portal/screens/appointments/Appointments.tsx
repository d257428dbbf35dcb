import { useEffect, useState } from "react";
import type { AppointmentList, CurrentAppointment } from "#web/client/appointments.ts";
import { useAccess } from "../../access.ts";
import { currentOf, requestOf, requestsOf, useAppointments, useChanged } from "../../appointments.ts";
import { useResource, useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { AppointmentWords } from "../../parts/AppointmentWords.tsx";
import { Card } from "../../parts/Card.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { useWhose } from "../../whose.ts";
import { AskForm } from "./AskForm.tsx";
import { RequestCard } from "./RequestCard.tsx";
import { STATE_NAMES } from "./words.ts";

const FIRST = 10;
const MOST = 100;
const LOOK_AGAIN_MS = 60_000;

/** Appointments: the open request or a way to ask, the clinic's answer, and what was before. */
export function Appointments() {
  return (
    <AppointmentWords>
      <Page />
    </AppointmentWords>
  );
}

function Page() {
  const { t, f } = useLanguage();
  const { patient } = useWho();
  const { isKnown, mayManage } = useAccess();
  const whose = useWhose();
  const appointments = useAppointments();
  const current = useResource(currentOf(appointments, patient.id, f.locale));
  const changed = useChanged();
  const isWaiting = current.data?.position != null;
  // Others' requests, which nobody here hears of, move the place in the line.
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setInterval(changed, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isWaiting, changed]);
  return (
    <>
      <PageHead title={t("appointments.title")} sub={whose("appointments.lead", mayManage ? "appointments.leadManaged" : "appointments.leadOf")} />
      {isKnown && !mayManage ? <p className="note" data-testid="may-not-ask">{t("appointments.mayNotAsk", { name: patient.displayName })}</p> : null}
      <div className="stack">
        <WhenLoaded resource={current} skeleton={<Skeleton height={120} lines={3} />}>{(now) => <Now current={now} mayAct={mayManage} />}</WhenLoaded>
        <Earlier openId={current.data?.appointment?.id ?? null} />
      </div>
    </>
  );
}

function Now({ current, mayAct }: { readonly current: CurrentAppointment; readonly mayAct: boolean }) {
  if (current.appointment) return <OneRequest key={current.appointment.id} id={current.appointment.id} mayAct={mayAct} />;
  return mayAct ? <AskForm current={current} /> : null;
}

function OneRequest({ id, mayAct = false }: { readonly id: string; readonly mayAct?: boolean }) {
  const { f } = useLanguage();
  const { patient } = useWho();
  const appointments = useAppointments();
  const request = useResource(requestOf(appointments, patient.id, id, f.locale));
  return <WhenLoaded resource={request} skeleton={<Skeleton height={80} lines={2} />}>{(whole) => <RequestCard request={whole} mayAct={mayAct} />}</WhenLoaded>;
}

/** What was before, the newest first; the last answer is open, the others open when they are asked for. */
function Earlier({ openId }: { readonly openId: string | null }) {
  const { patient } = useWho();
  const appointments = useAppointments();
  const [limit, setLimit] = useState(FIRST);
  const list = useResource(requestsOf(appointments, patient.id, limit));
  return (
    <WhenLoaded resource={list} skeleton={<Skeleton lines={3} />}>
      {({ data, nextCursor }) => <EarlierList requests={data.filter(({ id }) => id !== openId)} isOnlyOpen={openId !== null} hasMore={nextCursor !== null && limit < MOST} onMore={() => setLimit(MOST)} />}
    </WhenLoaded>
  );
}

interface EarlierListProps {
  readonly requests: AppointmentList["data"];
  readonly isOnlyOpen: boolean;
  readonly hasMore: boolean;
  readonly onMore: () => void;
}

function EarlierList({ requests, isOnlyOpen, hasMore, onMore }: EarlierListProps) {
  const { t, f } = useLanguage();
  const whose = useWhose();
  const [last] = requests;
  const [shownId, setShownId] = useState<string | null>(null);
  // The clinic's last answer is what somebody comes back for.
  const shown = shownId ?? (last && !isOnlyOpen && (last.state === "resolved" || last.state === "denied") ? last.id : null);
  if (requests.length === 0 && isOnlyOpen) return null;
  return (
    <>
      {shown === null ? null : <OneRequest key={shown} id={shown} />}
      <Card title={whose("requests.title", "requests.titleOf")} testId="requests">
        {requests.length === 0 ? <p className="muted">{whose("requests.none", "requests.noneOf")}</p> : null}
        <ul className="rows">
          {requests.map(({ id, state, requestedAt }) => (
            <li key={id} className="row">
              <span>{t(STATE_NAMES[state])}</span>
              <span className="muted">{t("request.asked", { time: f.dateTime(Date.parse(requestedAt)) })}</span>
              {id === shown ? null : (
                <div className="actions">
                  <button type="button" className="button" onClick={() => setShownId(id)} aria-label={`${t("requests.show")}: ${f.dateTime(Date.parse(requestedAt))}`}>{t("requests.show")}</button>
                </div>
              )}
            </li>
          ))}
        </ul>
        {hasMore ? <button type="button" className="button" onClick={onMore}>{t("requests.more")}</button> : null}
      </Card>
    </>
  );
}
