import { useId, useState } from "react";
import type { CareTeamMember } from "#web/client/record.ts";
import { useResource, useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import type { MessageKey } from "../../messages/translate.ts";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field } from "../../parts/Field.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { cliniciansOf, usePeople } from "../../people.ts";
import { useChanged, useRecord } from "../../record.ts";
import { useTask } from "../../task.ts";
import { orNull } from "./entry.ts";

type Role = NonNullable<CareTeamMember["role"]>;

export const ROLE_NAMES: Readonly<Record<Role, MessageKey>> = {
  physician: "careTeam.role.physician", nurse: "careTeam.role.nurse", dietitian: "careTeam.role.dietitian", educator: "careTeam.role.educator", psychologist: "careTeam.role.psychologist",
  other: "careTeam.role.other",
};
const ROLES = Object.keys(ROLE_NAMES) as Role[];

export interface MemberFormProps {
  /** Whose place is said; null for somebody who is chosen here. */
  readonly member: CareTeamMember | null;
  readonly team: readonly CareTeamMember[];
  readonly onClose: () => void;
}

/** Names a clinician of the care team, or changes what is said of one. */
export function MemberForm({ member, team, onClose }: MemberFormProps) {
  const { t } = useLanguage();
  const id = useId();
  const { patient } = useWho();
  const record = useRecord();
  const changed = useChanged();
  const task = useTask();
  const [userId, setUserId] = useState(member?.user.id ?? "");
  const [role, setRole] = useState<Role>(member?.role ?? "physician");
  const [roleWords, setRoleWords] = useState(member?.roleWords ?? "");
  const [isMainContact, setMainContact] = useState(member?.isMainContact ?? false);
  const memberId = member?.id ?? null;
  const save = (): void => {
    const place = { role, roleWords: orNull(roleWords), isMainContact };
    void task.run(() => (memberId === null ? record.nameMember(patient.id, userId, place) : record.changeMember(patient.id, memberId, place))).then((isDone) => {
      changed();
      if (isDone) onClose();
    });
  };
  return (
    <Dialog title={member ? t("careTeam.changeTitle", { name: member.user.name }) : t("careTeam.add")} onClose={onClose} testId="member-form">
      <form className="form" onSubmit={(event) => {
        event.preventDefault();
        save();
      }}>
        <p>{t("careTeam.opensNothing")}</p>
        {member ? null : <Clinicians team={team} userId={userId} onUserId={setUserId} />}
        <div className="form-field">
          <label htmlFor={`${id}-role`}>{t("careTeam.role")}</label>
          <select id={`${id}-role`} value={role} onChange={(event) => setRole(ROLES.find((one) => one === event.target.value) ?? "other")} data-testid="member-role">
            {ROLES.map((one) => <option key={one} value={one}>{t(ROLE_NAMES[one])}</option>)}
          </select>
        </div>
        <Field label={t("connections.optional", { label: t("careTeam.roleWords") })} value={roleWords} maxLength={80} autoComplete="off" onValue={setRoleWords} testId="member-role-words" />
        <div className="check">
          <input id={`${id}-main`} type="checkbox" checked={isMainContact} onChange={() => setMainContact(!isMainContact)} data-testid="member-main" />
          <label htmlFor={`${id}-main`}>{t("careTeam.isMain")}</label>
        </div>
        {task.error ? <ErrorNote error={task.error} /> : null}
        <div className="actions actions-end dialog-actions">
          <button type="button" className="button" onClick={onClose}>{t("connections.cancel")}</button>
          <button type="submit" className="button button-primary" disabled={task.isWorking || userId === ""} data-testid="member-save">{t("careTeam.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** The clinic's people who are not named yet. */
function Clinicians({ team, userId, onUserId }: { readonly team: readonly CareTeamMember[]; readonly userId: string; readonly onUserId: (userId: string) => void }) {
  const { t } = useLanguage();
  const id = useId();
  const { data, error, refetch } = useResource(cliniciansOf(usePeople()));
  const named = new Set(team.filter((member) => member.id !== null).map(({ user }) => user.id));
  const free = data?.data.filter((clinician) => !named.has(clinician.id)) ?? [];
  if (error && !data) return <ErrorNote error={error} onRetry={refetch} />;
  return (
    <div className="form-field">
      <label htmlFor={id}>{t("careTeam.who")}</label>
      <select id={id} required value={userId} onChange={(event) => onUserId(event.target.value)} data-testid="member-user">
        <option value="">{t("careTeam.choose")}</option>
        {free.map((clinician) => <option key={clinician.id} value={clinician.id}>{clinician.displayName}</option>)}
      </select>
      {data && free.length === 0 ? <p className="muted">{t("careTeam.nobodyLeft")}</p> : null}
    </div>
  );
}

/** Asks before somebody is left out of the team. */
export function EndMembership({ member, onClose }: { readonly member: CareTeamMember; readonly onClose: () => void }) {
  const { t } = useLanguage();
  const { patient } = useWho();
  const record = useRecord();
  const changed = useChanged();
  const task = useTask();
  const end = (): void => {
    const { id } = member;
    if (id === null) return;
    void task.run(() => record.endMembership(patient.id, id)).then((isDone) => {
      changed();
      if (isDone) onClose();
    });
  };
  return (
    <Dialog title={t("careTeam.endTitle", { name: member.user.name })} onClose={onClose} testId="member-end-dialog">
      <p>{t("careTeam.endLead")}</p>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions actions-end">
        <button type="button" className="button" onClick={onClose}>{t("connections.cancel")}</button>
        <button type="button" className="button button-danger" disabled={task.isWorking} onClick={end} data-testid="member-end-confirm">{t("careTeam.end")}</button>
      </div>
    </Dialog>
  );
}
