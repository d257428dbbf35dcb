import { type ReactNode, useState } from "react";
import type { AppointmentWhole } from "#web/client/appointments.ts";
import { useAppointments, useChanged } from "../../appointments.ts";
import { useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { useTask } from "../../task.ts";
import { useWhose } from "../../whose.ts";
import { ControlData } from "./ControlData.tsx";
import { DETAIL_FIELDS, DETAIL_NAMES, DetailsForm, doseText } from "./DetailsForm.tsx";
import { Emergency } from "./Emergency.tsx";
import { MOTIVE_NAMES, STATE_NAMES } from "./words.ts";

/** One request: where it stands, what was told, what the clinic wrote. @param mayAct whether the reader may go on with it */
export function RequestCard({ request, mayAct }: { readonly request: AppointmentWhole; readonly mayAct: boolean }) {
  const { t, f } = useLanguage();
  const whose = useWhose();
  const [isChanging, setChanging] = useState(false);
  const { state, position, handledBy, denialReason } = request;
  const isOpen = state === "pending" || state === "accepted" || state === "created";
  const mayChange = mayAct && (state === "accepted" || state === "created");
  return (
    <Card title={t(STATE_NAMES[state])} testId="request" foot={t("request.asked", { time: f.dateTime(Date.parse(request.requestedAt)) })}>
      {request.emergency && isOpen ? <Emergency words={request.emergency} isNow /> : null}
      {position !== null && state !== "accepted" ? <p data-testid="request-position">{whose("request.position", "request.positionOf", { position })}</p> : null}
      {handledBy && isOpen ? <p>{t("request.takenBy", { name: handledBy.displayName })}</p> : null}
      {denialReason ? <><p>{t("request.reason")}</p><blockquote className="quote">{denialReason}</blockquote></> : null}
      {request.resolution ? <Resolution resolution={request.resolution} /> : null}
      {request.motives.length > 0 ? <p>{f.list(request.motives.map((motive) => t(motive === "hypoglycaemia" && request.isSevere ? "motive.severe" : MOTIVE_NAMES[motive])))}</p> : null}
      {request.otherMotive ? <p>«{request.otherMotive}»</p> : null}
      {state === "accepted" && mayAct ? <><h3>{t("details.title")}</h3><DetailsForm key={request.version} request={request} /></> : null}
      {request.details && !isChanging ? <Told details={request.details} /> : null}
      {isChanging ? <DetailsForm request={request} onDone={() => setChanging(false)} /> : null}
      <ControlData request={request} mayChange={mayChange} />
      {mayAct && isOpen ? (
        <div className="actions">
          {state === "created" && !isChanging ? <button type="button" className="button" onClick={() => setChanging(true)} data-testid="details-change">{t("details.change")}</button> : null}
          <Cancel id={request.id} />
        </div>
      ) : null}
    </Card>
  );
}

function Cancel({ id }: { readonly id: string }) {
  const { t } = useLanguage();
  const { patient } = useWho();
  const appointments = useAppointments();
  const changed = useChanged();
  const task = useTask();
  const [isAsked, setAsked] = useState(false);
  if (!isAsked) return <button type="button" className="button button-quiet" onClick={() => setAsked(true)} data-testid="request-cancel">{t("request.cancel")}</button>;
  return (
    <div className="note">
      <p>{t("request.cancelSure")}</p>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions">
        <button type="button" className="button" disabled={task.isWorking} onClick={() => void task.run(() => appointments.cancel(patient.id, id)).then(() => changed())} data-testid="request-cancel-yes">{t("request.cancelYes")}</button>
        <button type="button" className="button button-primary" onClick={() => setAsked(false)}>{t("request.keep")}</button>
      </div>
    </div>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: string | null])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]): ReactNode => (value === null ? null : <div key={name}><dt>{name}</dt><dd>{value}</dd></div>))}
    </dl>
  );
}

function Told({ details }: { readonly details: NonNullable<AppointmentWhole["details"]> }) {
  const { t, f } = useLanguage();
  const whose = useWhose();
  const { glucoseObjective: goal } = details;
  return (
    <>
      <h3>{whose("details.told", "details.toldOf")}</h3>
      <Facts facts={[
        ...(goal ? [[t("details.glucoseObjective", { unit: goal.unit }), f.glucose(goal.value, goal.unit)] as const] : []),
        ...DETAIL_FIELDS.map((name) => [t(DETAIL_NAMES[name]), details[name] && doseText(details[name])] as const),
      ]} />
    </>
  );
}

/** The clinician's own words, named as theirs. */
function Resolution({ resolution }: { readonly resolution: NonNullable<AppointmentWhole["resolution"]> }) {
  const { t, f } = useLanguage();
  const whose = useWhose();
  const { changeBasal: basal, changeFast: fast, author, text, version, writtenAt } = resolution;
  const joined = (...parts: readonly (string | null)[]): string | null => parts.filter((part) => part !== null).join(" · ") || null;
  return (
    <section aria-label={t("resolution.title")} data-testid="resolution">
      <h3>{t("resolution.title")}</h3>
      {resolution.needsEmergencyCare ? <p className="note note-error"><strong>{whose("resolution.emergency", "resolution.emergencyOf")}</strong></p> : null}
      {text === null ? null : <blockquote className="quote">{text.split("\n").map((line, index) => <p key={`${index} ${line}`}>{line}</p>)}</blockquote>}
      {resolution.needsPhysicalAppointment ? <p><strong>{whose("resolution.physical", "resolution.physicalOf")}</strong></p> : null}
      <Facts facts={[[t("resolution.basal"), joined(basal.type, basal.dose && doseText(basal.dose), basal.time)], [t("resolution.fast"), joined(fast.type, fast.ratio, fast.sensitivity)]]} />
      <p className="muted">{author ? t("resolution.own", { name: author.displayName }) : t("resolution.nobody")}</p>
      <p className="muted">{t("resolution.version", { version, time: f.dateTime(Date.parse(writtenAt)) })}</p>
    </section>
  );
}
