import { useId } from "react";
import type { AppointmentWhole } from "#web/client/appointments.ts";
import type { ApiError } from "#web/client/errors.ts";
import { useAppointments, useChanged } from "../../appointments.ts";
import { useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import type { MessageKey } from "../../messages/translate.ts";
import { ErrorNote } from "../../parts/States.tsx";
import { useTask } from "../../task.ts";

/** Why a file was not taken, where there is something to do about it. */
export function fileWords({ code }: Pick<ApiError, "code">): MessageKey | null {
  if (code === "file_too_large" || code === "too_large") return "files.large";
  if (code === "too_many_files" || code === "files_full") return "files.full";
  if (code === "file_infected") return "files.infected";
  return code.startsWith("file_") || code.startsWith("pdf_") ? "files.type" : null;
}

/** PDFs of a request: to fetch; while it is not resolved to add and to remove. */
export function ControlData({ request, mayChange }: { readonly request: AppointmentWhole; readonly mayChange: boolean }) {
  const { t } = useLanguage();
  const id = useId();
  const { patient } = useWho();
  const appointments = useAppointments();
  const changed = useChanged();
  const task = useTask();
  const run = (work: () => Promise<unknown>): void => void task.run(work).then(() => changed());
  const words = task.error && fileWords(task.error);
  if (!mayChange && request.controlData.length === 0) return null;
  return (
    <section aria-labelledby={id} data-testid="control-data">
      <h3 id={id}>{t("files.title")}</h3>
      <ul className="rows">
        {request.controlData.map((file) => (
          <li key={file.id} className="row">
            <a href={appointments.fileHref(patient.id, request.id, file.id)} download={file.name}>{file.name}</a>
            {mayChange ? (
              <button type="button" className="button button-quiet" disabled={task.isWorking} onClick={() => run(() => appointments.removeFile(patient.id, request.id, file.id))}>
                {t("files.remove", { name: file.name })}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {mayChange ? (
        <div className="form-field">
          <label htmlFor={`${id}-file`}>{t("files.add")}</label>
          <input id={`${id}-file`} type="file" accept="application/pdf,.pdf" disabled={task.isWorking} data-testid="file-add" onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (file) run(() => appointments.addFile(patient.id, request.id, file));
            event.target.value = "";
          }} />
          <p className="muted">{t(task.isWorking ? "files.adding" : "files.lead")}</p>
        </div>
      ) : null}
      {words ? <p className="note note-error" role="alert">{t(words)}</p> : task.error ? <ErrorNote error={task.error} /> : null}
    </section>
  );
}
