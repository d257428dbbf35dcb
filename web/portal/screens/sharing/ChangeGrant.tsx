import { type SubmitEvent, useId, useState } from "react";
import type { Grant, Patient } from "#web/client/types.ts";
import { DAY_MS } from "#units/time.ts";
import { useLanguage } from "../../language.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { usePeople } from "../../people.ts";
import { SCOPE_NAMES, SCOPES } from "../../people-words.ts";
import { useTask } from "../../task.ts";

/** For how long something is shared, days; null: until it is ended. */
export type Length = number | null;
const LENGTHS: readonly Length[] = [null, 7, 30, 90, 365];

export interface TermsProps {
  readonly scope: Grant["scope"];
  readonly length: Length | "as_is";
  /** When it ends now, to be left as it is. */
  readonly until?: string | null;
  /** Only the person themselves lets somebody else manage. */
  readonly canManage: boolean;
  readonly onScope: (scope: Grant["scope"]) => void;
  readonly onLength: (length: Length | "as_is") => void;
}

/** What somebody may, and for how long. */
export function Terms({ scope, length, until, canManage, onScope, onLength }: TermsProps) {
  const { t, f } = useLanguage();
  const id = useId();
  const onChosen = (value: string): void => onLength(value === "as_is" ? "as_is" : value === "" ? null : Number(value));
  return (
    <>
      <fieldset className="choices">
        <legend>{t("share.what")}</legend>
        {SCOPES.filter((value) => canManage || value !== "manage" || scope === "manage").map((value) => (
          <label key={value} className="check">
            <input type="radio" name={`${id}-scope`} checked={scope === value} onChange={() => onScope(value)} data-testid={`scope-${value}`} />
            {t(SCOPE_NAMES[value])}
          </label>
        ))}
      </fieldset>
      <label htmlFor={`${id}-length`}>{t("share.until")}</label>
      <select id={`${id}-length`} value={length ?? ""} onChange={(event) => onChosen(event.target.value)} data-testid="share-length">
        {until ? <option value="as_is">{t("grants.until", { date: f.dateTime(Date.parse(until)) })}</option> : null}
        {LENGTHS.map((days) => (
          <option key={days ?? "open"} value={days ?? ""}>
            {days === null ? t("grants.untilEnded") : t("share.forDays", { days: f.number(days) })}
          </option>
        ))}
      </select>
    </>
  );
}

/** The instant at which it ends. */
export const untilOf = (length: Length): string | null => (length === null ? null : new Date(Date.now() + length * DAY_MS).toISOString());

export interface ChangeGrantProps {
  readonly patient: Patient;
  readonly grant: Grant;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function ChangeGrant({ patient, grant, onClose, onDone }: ChangeGrantProps) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [scope, setScope] = useState(grant.scope);
  const [length, setLength] = useState<Length | "as_is">(grant.until === null ? null : "as_is");
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      await people.changeGrant(patient.id, grant.userId, { scope, until: length === "as_is" ? grant.until : untilOf(length) });
      onDone();
    });
  };
  return (
    <Dialog title={t("share.changeTitle", { name: grant.displayName })} onClose={onClose} testId="grant-dialog">
      <form className="form" onSubmit={onSubmit}>
        <Terms scope={scope} length={length} until={grant.until} canManage={patient.isSelf} onScope={setScope} onLength={setLength} />
        {task.error ? <ErrorNote error={task.error} /> : null}
        <button type="submit" className="button button-primary" disabled={task.isWorking} data-testid="grant-save">
          {t("reading.save")}
        </button>
      </form>
    </Dialog>
  );
}
