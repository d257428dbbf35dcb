/** Conditions of the patient. */
import type { Body, Reply } from "#web/client/operation-client.ts";
import type { Formatter } from "#web/language/format.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import type { Words } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import { EntrySection } from "./EntrySection.tsx";
import { EntryVersions } from "./EntryVersions.tsx";
import { CODE_FIELDS, codeOf, codeText, codeValues, type EntryView, type FormValues, ifMatch, NOTE_FIELD, orNull, spanText } from "./entry.ts";

type Line = Reply<"get /patients/{patientId}/conditions">["data"][number];
type Version = Reply<"get /patients/{patientId}/conditions/{conditionId}/versions">["data"][number];
type Said = Pick<Line, keyof Line & keyof Version>;

const CHANGED = ["get /patients/{patientId}/conditions", "get /patients/{patientId}/conditions/{conditionId}/versions"] as const;

const SHOWN = {
  heading: ({ name }: Said): string => name,
  facts: ({ code, onset, end, note }: Said, _: Words, f: Formatter): (string | null)[] => [codeText(code), spanText(onset, end, f), note],
};

const VIEW: EntryView<Line> = {
  testId: "conditions", title: "history.conditions", add: "history.addCondition", empty: "history.noCondition",
  fields: [
    { name: "name", label: "history.name", kind: "text", isRequired: true, most: 200 },
    { name: "status", label: "history.status", kind: "select", isRequired: true, first: "active", options: [["active", "history.statusActive"], ["remission", "history.statusRemission"], ["resolved", "history.statusResolved"]] },
    { name: "onset", label: "history.onset", kind: "date" }, { name: "end", label: "history.end", kind: "date" }, ...CODE_FIELDS, NOTE_FIELD,
  ],
  ...SHOWN,
  valuesOf: ({ name, status, onset, end, code, note }) => ({ name, status, onset: onset ?? "", end: end ?? "", ...codeValues(code), note: note ?? "" }),
};

function bodyOf(values: FormValues): Body<"post /patients/{patientId}/conditions"> {
  return { name: values["name"]!.trim(), status: values["status"] as Line["status"], onset: orNull(values["onset"]), end: orNull(values["end"]), code: codeOf(values), note: orNull(values["note"]) };
}

export function Conditions({ withErrors }: { readonly withErrors: boolean }) {
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/conditions", { path, query: { includeErrors: withErrors ? "true" : "false", limit: 200 } });
  const add = useAct("post /patients/{patientId}/conditions", { changes: CHANGED });
  const change = useAct("put /patients/{patientId}/conditions/{conditionId}", { changes: CHANGED });
  const strike = useAct("delete /patients/{patientId}/conditions/{conditionId}", { changes: CHANGED });
  const restore = useAct("post /patients/{patientId}/conditions/{conditionId}/restore", { changes: CHANGED });
  const one = (line: Line) => ({ path: { ...path, conditionId: line.id }, headers: ifMatch(line) });
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
  const query = useOperation("get /patients/{patientId}/conditions/{conditionId}/versions", { path: { ...path, conditionId: line.id } });
  return <EntryVersions<Version> query={query} view={SHOWN} onClose={onClose} />;
}
