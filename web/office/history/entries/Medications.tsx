/** Medications of the patient; the dose in the words of whoever wrote it. */
import type { Body, Reply } from "#web/client/operation-client.ts";
import type { Formatter } from "#web/language/format.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import type { Words } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import { EntrySection } from "./EntrySection.tsx";
import { EntryVersions } from "./EntryVersions.tsx";
import { CODE_FIELDS, codeOf, codeText, codeValues, type EntryView, type FormValues, ifMatch, NOTE_FIELD, orNull, spanText } from "./entry.ts";

type Line = Reply<"get /patients/{patientId}/medications">["data"][number];
type Version = Reply<"get /patients/{patientId}/medications/{medicationId}/versions">["data"][number];
type Said = Pick<Line, keyof Line & keyof Version>;

const CHANGED = ["get /patients/{patientId}/medications", "get /patients/{patientId}/medications/{medicationId}/versions"] as const;

const KIND_WORDS = {
  basal_insulin: "history.kindBasal", fast_insulin: "history.kindFast", mixed_insulin: "history.kindMixed", injectable: "history.kindInjectable", oral: "history.kindOral", other: "history.kindOther",
} as const satisfies Readonly<Record<Line["medicationKind"], MessageKey>>;
const MEDICATION_KINDS = Object.entries(KIND_WORDS);

const SHOWN = {
  heading: ({ name }: Said): string => name,
  facts: ({ medicationKind, dose, from, to, reason, code, note }: Said, t: Words, f: Formatter): (string | null)[] =>
    [[t(KIND_WORDS[medicationKind]), dose].filter(Boolean).join(" · "), spanText(from, to, f), reason, codeText(code), note],
};

const VIEW: EntryView<Line> = {
  testId: "medications", title: "history.medications", add: "history.addMedication", empty: "history.noMedication",
  fields: [
    { name: "name", label: "history.name", kind: "text", isRequired: true, most: 200 },
    { name: "medicationKind", label: "history.medicationKind", kind: "select", isRequired: true, options: MEDICATION_KINDS }, { name: "dose", label: "history.dose", kind: "text", most: 300 },
    { name: "status", label: "history.status", kind: "select", isRequired: true, first: "active", options: [["active", "history.statusActive"], ["paused", "history.statusPaused"], ["stopped", "history.statusStopped"]] },
    { name: "from", label: "history.from", kind: "date" }, { name: "to", label: "history.to", kind: "date" }, { name: "reason", label: "history.why", kind: "text", most: 300 }, ...CODE_FIELDS, NOTE_FIELD,
  ],
  ...SHOWN,
  valuesOf: ({ name, status, medicationKind, dose, from, to, reason, code, note }) =>
    ({ name, status, medicationKind, dose: dose ?? "", from: from ?? "", to: to ?? "", reason: reason ?? "", ...codeValues(code), note: note ?? "" }),
};

function bodyOf(values: FormValues): Body<"post /patients/{patientId}/medications"> {
  return {
    name: values["name"]!.trim(), status: values["status"] as Line["status"], medicationKind: values["medicationKind"] as Line["medicationKind"], dose: orNull(values["dose"]), from: orNull(values["from"]),
    to: orNull(values["to"]), reason: orNull(values["reason"]), code: codeOf(values), note: orNull(values["note"]),
  };
}

export function Medications({ withErrors }: { readonly withErrors: boolean }) {
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/medications", { path, query: { includeErrors: withErrors ? "true" : "false", limit: 200 } });
  const add = useAct("post /patients/{patientId}/medications", { changes: CHANGED });
  const change = useAct("put /patients/{patientId}/medications/{medicationId}", { changes: CHANGED });
  const strike = useAct("delete /patients/{patientId}/medications/{medicationId}", { changes: CHANGED });
  const restore = useAct("post /patients/{patientId}/medications/{medicationId}/restore", { changes: CHANGED });
  const one = (line: Line) => ({ path: { ...path, medicationId: line.id }, headers: ifMatch(line) });
  return (
    <EntrySection
      view={VIEW} Versions={Versions}
      operations={{
        query, isWorking: add.isPending || change.isPending || strike.isPending || restore.isPending,
        add: (values) => add.mutateAsync({ path, body: bodyOf(values) }), change: (line, values) => change.mutateAsync({ ...one(line), body: bodyOf(values) }),
        strike: (line, reason) => strike.mutateAsync({ ...one(line), query: { reason } }), restore: (line) => restore.mutateAsync(one(line)),
      }}
    />
  );
}

function Versions({ line, onClose }: { readonly line: Line; readonly onClose: () => void }) {
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/medications/{medicationId}/versions", { path: { ...path, medicationId: line.id } });
  return <EntryVersions<Version> query={query} view={SHOWN} onClose={onClose} />;
}
