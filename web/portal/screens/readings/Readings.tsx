import { lazy, Suspense, useState } from "react";
import type { MeterReading } from "#web/client/readings.ts";
import { addDays, localDate, localDay } from "#units/time.ts";
import { useAccess } from "../../access.ts";
import { useData, useNow, useResource, useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { MEAL_TYPES, MEALS, useMealName } from "../../meals.ts";
import { Card } from "../../parts/Card.tsx";
import { Field } from "../../parts/Field.tsx";
import { Gate } from "../../parts/Gate.tsx";
import { PagedList } from "../../parts/PagedList.tsx";
import { PageHead } from "../../parts/PageHead.tsx";
import { ReadingWords } from "../../parts/ReadingWords.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { moreReadings, readingsOf, takenBackOf, useReadings, WINDOW_DAYS, windowOf } from "../../readings.ts";
import { useTask } from "../../task.ts";
import { useWhose } from "../../whose.ts";
import { Deleted } from "./Deleted.tsx";
import { ReadingRow } from "./ReadingRow.tsx";

const ReadingDialog = lazy(async () => ({ default: (await import("./ReadingDialog.tsx")).ReadingDialog }));

/** Readings of meters, two weeks at a time: to look at, to add to, to delete and to bring back. */
export function Readings() {
  return (
    <ReadingWords>
      <Page />
    </ReadingWords>
  );
}

function Page() {
  const { t } = useLanguage();
  const { patient, userId } = useWho();
  const { isKnown, mayAdd } = useAccess();
  const whose = useWhose();
  const [isTyping, setTyping] = useState(false);
  return (
    <>
      <PageHead title={t("readings.title")} sub={whose("readings.lead", "readings.leadOf")}>
        {mayAdd ? (
          <button type="button" className="button button-primary" onClick={() => setTyping(true)} aria-haspopup="dialog" data-testid="add-reading">{t("reading.add")}</button>
        ) : null}
      </PageHead>
      {isKnown && !mayAdd ? <p className="note" data-testid="may-not-add">{t("readings.mayNotAdd", { name: patient.displayName })}</p> : null}
      {isTyping ? <Suspense fallback={null}><ReadingDialog onClose={() => setTyping(false)} /></Suspense> : null}
      <Gate userId={userId}>
        <Shown />
        <Deleted />
      </Gate>
    </>
  );
}

/** Which two weeks, and of which type. */
function Shown() {
  const { t, f } = useLanguage();
  const mealName = useMealName();
  const today = localDate(f.zone, useNow(60_000));
  const [chosen, setChosen] = useState<string | null>(null);
  const [type, setType] = useState<string | undefined>(undefined);
  const last = chosen ?? today;
  const go = (date: string): void => setChosen(date >= today ? null : date);
  return (
    <Card title={`${f.yearDay(addDays(last, 1 - WINDOW_DAYS))} – ${f.yearDay(last)}`} testId="readings">
      <div className="readings-choice">
        <div className="actions">
          <button type="button" className="button" onClick={() => go(addDays(last, -WINDOW_DAYS))} data-testid="readings-earlier">{t("readings.earlier")}</button>
          <button type="button" className="button" disabled={last >= today} onClick={() => go(addDays(last, WINDOW_DAYS))} data-testid="readings-later">{t("readings.later")}</button>
        </div>
        <Field label={t("readings.until")} type="date" value={last} max={today} onValue={(date) => (localDay(f.zone, date) ? go(date) : undefined)} testId="readings-until" />
        <div className="form-field">
          <label htmlFor="readings-type">{t("readings.type")}</label>
          <select id="readings-type" value={type ?? ""} onChange={(event) => setType(event.target.value === "" ? undefined : event.target.value)} data-testid="readings-type">
            <option value="">{t("readings.allTypes")}</option>
            {MEALS.map((meal) => <option key={meal} value={MEAL_TYPES[meal]}>{mealName(meal)}</option>)}
          </select>
        </div>
      </div>
      <List key={`${last} ${today} ${type ?? ""}`} last={last} today={today} type={type} />
    </Card>
  );
}

function List({ last, today, type }: { readonly last: string; readonly today: string; readonly type: string | undefined }) {
  const { t, f } = useLanguage();
  const { cache } = useData();
  const { patient } = useWho();
  const { mayManage } = useAccess();
  const readings = useReadings();
  const task = useTask();
  const [deleted, setDeleted] = useState<MeterReading | null>(null);
  // Pages that were fetched before still have what was deleted since.
  const goneIds = new Set(useResource(takenBackOf(readings, patient.id)).data?.data.map(({ id }) => id));
  const shown = { span: windowOf(f.zone, { last, today }), type };
  const run = (work: () => Promise<unknown>, after: MeterReading | null): void => {
    void task.run(async () => {
      await work();
      setDeleted(after);
      cache.invalidate("all");
    });
  };
  const valueAndTime = ({ valueMgDl, at }: MeterReading) => ({ value: f.glucoseOfMgDl(valueMgDl), time: f.dateTime(Date.parse(at)) });
  return (
    <>
      <output className="said">
        {deleted && goneIds.has(deleted.id) ? (
          <p className="note" data-testid="reading-deleted">
            {t("readings.deleted", valueAndTime(deleted))}{" "}
            <button type="button" className="link-button" disabled={task.isWorking} onClick={() => run(() => readings.giveBack(patient.id, deleted.id), null)} data-testid="reading-undo">{t("readings.undo")}</button>
          </p>
        ) : null}
      </output>
      {task.error ? <ErrorNote error={task.error} /> : null}
      <PagedList<MeterReading, readonly [date: string, ofDay: readonly MeterReading[]]>
        first={readingsOf(readings, patient.id, shown)} loadMore={(cursor) => moreReadings(readings, patient.id, { ...shown, cursor })} idOf={({ id }) => id}
        emptyText={t(type === undefined ? "readings.none" : "readings.noneOfType")} keyOf={([date]) => date}
        arrange={(all) => [...Map.groupBy(all.filter(({ id }) => !goneIds.has(id)), ({ at }) => localDate(f.zone, Date.parse(at)))]}
      >
        {([date, ofDay]) => (
          <section className="reading-day">
            <h3>{f.day(date)}</h3>
            <ul>
              {ofDay.map((reading) => (
                <ReadingRow key={reading.id} reading={reading} isWorking={task.isWorking} {...(mayManage ? { onDelete: () => run(() => readings.takeBack(patient.id, reading.id), reading) } : {})} />
              ))}
            </ul>
          </section>
        )}
      </PagedList>
    </>
  );
}
