import { useState } from "react";
import type { Patient, PatientAccess, PatientAccessList } from "#web/client/types.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { Empty, ErrorNote, Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { accessesOf, usePeople } from "../../people.ts";
import { ROLE_NAMES } from "../../people-words.ts";
import { useTask } from "../../task.ts";

const keyOf = ({ first, last, what, action, who }: PatientAccess): string => `${who.id ?? ""} ${action} ${what} ${first} ${last}`;

/** Who looked at the data, what at and when, newest first. */
export function AccessLog({ patient }: { readonly patient: Patient }) {
  const { t, catalogue } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [more, setMore] = useState<PatientAccessList | null>(null);
  const resource = useResource(accessesOf(people, patient.id, catalogue.locale));
  const onMore = (cursor: string): void => {
    void task.run(async () => {
      const page = await people.accesses(patient.id, { cursor });
      setMore((before) => ({ data: [...(before?.data ?? []), ...page.data], nextCursor: page.nextCursor }));
    });
  };
  if (!patient.isSelf && resource.error?.status === 403) return null;
  return (
    <Card title={t("accesses.title")} testId="accesses">
      <p className="muted">{t("accesses.lead")}</p>
      <WhenLoaded resource={resource} skeleton={<Skeleton lines={4} />}>
        {(first) => {
          if (first.data.length === 0) return <Empty text={t("accesses.empty")} />;
          const cursor = more ? more.nextCursor : first.nextCursor;
          const lines = new Map([...first.data, ...(more?.data ?? [])].map((line) => [keyOf(line), line]));
          return (
            <>
              <ul className="rows">
                {[...lines].map(([key, line]) => (
                  <AccessRow key={key} line={line} />
                ))}
              </ul>
              {task.error ? <ErrorNote error={task.error} /> : null}
              {cursor === null ? null : (
                <div className="actions">
                  <button type="button" className="button" disabled={task.isWorking} onClick={() => onMore(cursor)} data-testid="accesses-more">
                    {t("trends.more")}
                  </button>
                </div>
              )}
            </>
          );
        }}
      </WhenLoaded>
    </Card>
  );
}

function AccessRow({ line }: { readonly line: PatientAccess }) {
  const { t, f } = useLanguage();
  const { who } = line;
  const roles = who.roles.flatMap((role) => (role in ROLE_NAMES ? [t(ROLE_NAMES[role as keyof typeof ROLE_NAMES])] : []));
  return (
    <li className="row" data-testid="access">
      <div className="row-main">
        <strong>
          {who.name ?? t(who.isProgram ? "accesses.program" : "accesses.gone")}
          {roles.length > 0 ? <span className="muted"> {f.list(roles)}</span> : null}
        </strong>
        {line.action === "broke_glass" || line.purpose === "break_glass" ? <span className="chip chip-attention">{t("grants.emergency")}</span> : null}
      </div>
      <p>{line.what}</p>
      <p className="muted">
        {line.times > 1 ? t("accesses.times", { count: line.times, date: f.dateTime(Date.parse(line.last)) }) : f.dateTime(Date.parse(line.last))}
      </p>
    </li>
  );
}
