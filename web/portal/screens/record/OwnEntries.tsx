import { type ReactNode, useState } from "react";
import type { OwnKind, RecordEntry } from "#web/client/record.ts";
import { useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { useChanged, useRecord } from "../../record.ts";
import { useTask } from "../../task.ts";
import { Entries } from "./Entries.tsx";
import type { EntryFormView, EntryView, FormValues } from "./entry.ts";
import { EntryForm } from "./EntryForm.tsx";

export interface OwnEntriesProps<Kind extends OwnKind> {
  readonly view: EntryView<Kind>;
  readonly form: EntryFormView<Kind>;
  readonly mayWrite: boolean;
}

type Doing<Kind extends OwnKind> = { readonly what: "add" } | { readonly what: "change"; readonly entry: RecordEntry<Kind> };

/** Entries of a kind that people write themselves: they add, change and take out what is theirs; what a clinician wrote they read. */
export function OwnEntries<Kind extends OwnKind>({ view, form, mayWrite }: OwnEntriesProps<Kind>) {
  const { t, f } = useLanguage();
  const { patient } = useWho();
  const record = useRecord();
  const changed = useChanged();
  const task = useTask();
  const [doing, setDoing] = useState<Doing<Kind> | null>(null);
  const [takenOut, setTakenOut] = useState<RecordEntry<Kind> | null>(null);
  const run = (work: () => Promise<RecordEntry<Kind>>, onDone: (entry: RecordEntry<Kind>) => void): void => {
    void task.run(async () => onDone(await work())).then(() => changed());
  };
  const save = (values: FormValues): void => {
    if (doing === null) return;
    run(
      () => (doing.what === "add" ? record.add(patient.id, view.kind, form.bodyOf(values, null)) : record.change(patient.id, view.kind, doing.entry, form.bodyOf(values, doing.entry))),
      () => setDoing(null),
    );
  };
  const headingOf = (entry: RecordEntry<Kind>): string => view.heading(entry, t, f);
  const actionsOf = (entry: RecordEntry<Kind>): ReactNode => mayWrite && entry.isSelfReported ? (
    <>
      <button type="button" className="button button-quiet" onClick={() => setDoing({ what: "change", entry })} aria-haspopup="dialog" data-testid="entry-change">
        {t("entry.change")}<span className="visually-hidden">: {headingOf(entry)}</span>
      </button>
      <button type="button" className="button button-quiet" disabled={task.isWorking} onClick={() => run(() => record.takeOut(patient.id, view.kind, entry), setTakenOut)} data-testid="entry-take-out">
        {t("entry.takeOut")}<span className="visually-hidden">: {headingOf(entry)}</span>
      </button>
    </>
  ) : null;
  return (
    <>
      <Entries
        view={view}
        actionsOf={actionsOf}
        after={(
          <>
            <output className="said">
              {takenOut ? (
                <p className="note">
                  {t("entry.takenOut", { what: headingOf(takenOut) })}{" "}
                  <button type="button" className="link-button" disabled={task.isWorking} onClick={() => run(() => record.restore(patient.id, view.kind, takenOut), () => setTakenOut(null))} data-testid="entry-put-back">
                    {t("entry.putBack")}
                  </button>
                </p>
              ) : null}
            </output>
            {task.error && doing === null ? <ErrorNote error={task.error} /> : null}
            {mayWrite ? (
              <div className="actions">
                <button type="button" className="button" onClick={() => setDoing({ what: "add" })} aria-haspopup="dialog" data-testid={`${view.kind}-add`}>{t(form.add)}</button>
              </div>
            ) : null}
          </>
        )}
      />
      {doing ? (
        <EntryForm
          title={doing.what === "add" ? t(form.add) : t("entry.changeTitle", { what: headingOf(doing.entry) })} fields={form.fields} task={task} onSave={save} onClose={() => setDoing(null)}
          {...(doing.what === "change" ? { values: form.valuesOf(doing.entry) } : {})}
        />
      ) : null}
    </>
  );
}
