import { useAccess } from "../../access.ts";
import { useData, useResource, useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { takenBackOf, useReadings } from "../../readings.ts";
import { useTask } from "../../task.ts";

/** What was deleted and can still be brought back. Nothing where there is none. */
export function Deleted() {
  const { t, f } = useLanguage();
  const { cache } = useData();
  const { patient } = useWho();
  const { mayManage } = useAccess();
  const readings = useReadings();
  const task = useTask();
  const { data } = useResource(takenBackOf(readings, patient.id));
  if (!data || data.data.length === 0) return null;
  const giveBack = (id: string): void => {
    void task.run(() => readings.giveBack(patient.id, id)).then(() => cache.invalidate("all"));
  };
  return (
    <details className="card" data-testid="deleted-readings">
      <summary>{t("readings.deletedTitle", { count: data.data.length })}</summary>
      <p className="muted">{t("readings.deletedLead")}</p>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <ul className="rows">
        {data.data.map(({ id, at, valueMgDl, withdrawnAt, withdrawnBy }) => {
          const [value, time, deletedTime] = [f.glucoseOfMgDl(valueMgDl), f.dateTime(Date.parse(at)), f.dateTime(Date.parse(withdrawnAt))];
          return (
            <li key={id} className="row">
              <div className="row-main"><strong>{value}</strong><span>{time}</span></div>
              <p className="muted">{withdrawnBy ? t("readings.deletedBy", { name: withdrawnBy.name ?? t("readings.somebody"), time: deletedTime }) : t("readings.deletedAt", { time: deletedTime })}</p>
              {mayManage ? (
                <div className="actions">
                  <button type="button" className="button" disabled={task.isWorking} onClick={() => giveBack(id)} aria-label={t("readings.undoNamed", { value, time })} data-testid="reading-bring-back">{t("readings.bringBack")}</button>
                </div>
              ) : null}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
