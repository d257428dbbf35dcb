import { type ReactNode, useId, useState } from "react";
import { localText } from "#web/language/readings.ts";
import { useData, useNow, useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { MEAL_TYPES, MEALS, useMealName } from "../../meals.ts";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field } from "../../parts/Field.tsx";
import { ReadingWords } from "../../parts/ReadingWords.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { Link } from "../../router.tsx";
import { useTask } from "../../task.ts";
import { faultsOf, KIND_NAMES, KINDS, limitsOf, readingOf, type Typed } from "./typed.ts";
import { LOCATION_NAMES, RELATION_NAMES, SAMPLE_NAMES } from "./words.ts";

/** A person types a reading of their meter, a meal, a dose or a note: stored as theirs, marked as typed. */
export function ReadingDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <ReadingWords>
      <TypedReading onClose={onClose} />
    </ReadingWords>
  );
}

function TypedReading({ onClose }: { readonly onClose: () => void }) {
  const { t, f } = useLanguage();
  const { api, cache } = useData();
  const { patient } = useWho();
  const nowMs = useNow(60_000);
  const task = useTask();
  const [id] = useState(() => crypto.randomUUID());
  const [typed, setTyped] = useState<Typed>(() => ({
    kind: "glucose", unit: f.unit, value: "", at: localText(f.zone, nowMs), type: "", mealRelation: "", sampleType: "", sampleLocation: "", note: "",
  }));
  const [isSure, setSure] = useState(false);
  /** Nobody is told of a fault before having typed. */
  const [hasTried, setTried] = useState(false);
  const set = (part: Partial<Typed>): void => {
    setTyped({ ...typed, ...part });
    setSure(false);
    setTried(false);
  };
  const { kind, note } = typed;
  const faults = faultsOf(typed, f.zone, nowMs);
  const mayGo = faults.value === null && faults.at === null && (faults.unitMeant === null || isSure);
  const save = (): void => {
    setTried(true);
    if (!mayGo) return;
    void task.run(() => api.addReadings(patient.id, { readings: [readingOf(typed, f.zone, id)] })).then((isDone) => {
      if (!isDone) return;
      cache.invalidate("all");
      onClose();
    });
  };
  return (
    <Dialog title={t("reading.title")} onClose={onClose} testId="reading-dialog">
      <form noValidate className="form" onSubmit={(event) => {
        event.preventDefault();
        save();
      }}>
        <Select label={t("reading.kind")} value={kind} onValue={(value) => set({ kind: KINDS.find((one) => one === value) ?? "glucose", value: "" })} testId="reading-kind">
          {KINDS.map((one) => <option key={one} value={one}>{t(KIND_NAMES[one])}</option>)}
        </Select>
        <Value typed={typed} fault={hasTried ? faults.value : null} onValue={(value) => set({ value })} />
        {faults.unitMeant && !isSure ? (
          <div className="note note-attention" role="alert" data-testid="unit-doubt">
            <p>{t("reading.unitDoubt", { unit: faults.unitMeant })}</p>
            <div className="actions">
              <button type="button" className="button" onClick={() => set({ unit: faults.unitMeant ?? typed.unit })}>{t("reading.unitChange", { unit: faults.unitMeant })}</button>
              <button type="button" className="button" onClick={() => setSure(true)}>{t("reading.unitKeep", { unit: typed.unit })}</button>
            </div>
          </div>
        ) : null}
        <Field
          label={t("reading.at", { zone: f.zone })} type="datetime-local" required value={typed.at} onValue={(at) => set({ at })} testId="reading-at"
          fault={hasTried && faults.at !== null ? t(faults.at === "future" ? "reading.future" : "reading.noTime") : null}
        />
        {kind === "glucose" ? <Sample typed={typed} onTyped={set} /> : null}
        <Field
          label={kind === "note" ? t("treatment.note") : t("connections.optional", { label: t("treatment.note") })} required={kind === "note"} maxLength={500} value={note} autoComplete="off"
          onValue={(text) => set({ note: text })} testId="reading-note"
        />
        {task.error?.code === "consent_missing" ? <p className="note note-error" role="alert">{t("reading.consent")} <Link href="/privacy">{t("nav.privacy")}</Link></p> : task.error ? <ErrorNote error={task.error} /> : null}
        <div className="actions actions-end dialog-actions">
          <button type="button" className="button" onClick={onClose}>{t("connections.cancel")}</button>
          <button type="submit" className="button button-primary" disabled={task.isWorking || (kind === "note" && note.trim() === "")} data-testid="reading-save">{t("reading.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** The number, with what is wrong with it; nothing for a note. */
function Value({ typed, fault, onValue }: { readonly typed: Typed; readonly fault: "not_number" | "outside" | null; readonly onValue: (value: string) => void }) {
  const { t, f } = useLanguage();
  const limits = limitsOf(typed.kind, typed.unit);
  if (limits === null) return null;
  const { unit, low, high } = limits;
  const words = fault === "not_number" ? t("reading.notNumber", { example: f.amount(unit === "mg/dL" ? 104 : 5.8, null) })
    : fault === "outside" ? t("reading.outside", { what: t(KIND_NAMES[typed.kind]), low: f.amount(low, null), high: f.amount(high, null), unit }) : null;
  return <Field label={t("reading.value", { unit })} inputMode="decimal" required autoComplete="off" maxLength={8} value={typed.value} onValue={onValue} fault={words} testId="reading-value" />;
}

/** What a reading of glucose was: its type, and, for whoever wants to say more, the sample. */
function Sample({ typed, onTyped }: { readonly typed: Typed; readonly onTyped: (part: Partial<Typed>) => void }) {
  const { t } = useLanguage();
  const mealName = useMealName();
  return (
    <>
      <Select label={t("reading.type")} value={typed.type} onValue={(type) => onTyped({ type })} testId="reading-type">
        <option value="">{t("reading.noType")}</option>
        {MEALS.map((meal) => <option key={meal} value={MEAL_TYPES[meal]}>{mealName(meal)}</option>)}
      </Select>
      <details>
        <summary data-testid="reading-more">{t("reading.more")}</summary>
        <Select label={t("reading.mealRelation")} value={typed.mealRelation} onValue={(mealRelation) => onTyped({ mealRelation })} testId="reading-relation">
          <option value="">{t("reading.unsaid")}</option>
          {Object.entries(RELATION_NAMES).map(([value, name]) => <option key={value} value={value}>{t(name)}</option>)}
        </Select>
        <Select label={t("reading.sampleType")} value={typed.sampleType} onValue={(sampleType) => onTyped({ sampleType })} testId="reading-sample">
          <option value="">{t("reading.unsaid")}</option>
          {Object.entries(SAMPLE_NAMES).map(([value, name]) => <option key={value} value={value}>{t(name)}</option>)}
        </Select>
        <Select label={t("reading.sampleLocation")} value={typed.sampleLocation} onValue={(sampleLocation) => onTyped({ sampleLocation })} testId="reading-location">
          <option value="">{t("reading.unsaid")}</option>
          {Object.entries(LOCATION_NAMES).map(([value, name]) => <option key={value} value={value}>{t(name)}</option>)}
        </Select>
      </details>
    </>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly testId: string;
  readonly onValue: (value: string) => void;
  readonly children: ReactNode;
}

function Select({ label, value, testId, onValue, children }: SelectProps) {
  const id = useId();
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onValue(event.target.value)} data-testid={testId}>{children}</select>
    </div>
  );
}
