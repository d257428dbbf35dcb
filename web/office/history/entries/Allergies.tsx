/** Allergies of the patient. */
import type { Body, Reply } from "#web/client/operation-client.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import type { Words } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import { EntrySection } from "./EntrySection.tsx";
import { EntryVersions } from "./EntryVersions.tsx";
import { CODE_FIELDS, codeOf, codeText, codeValues, type EntryView, type FormValues, ifMatch, NOTE_FIELD, orNull } from "./entry.ts";

type Line = Reply<"get /patients/{patientId}/allergies">["data"][number];
type Version = Reply<"get /patients/{patientId}/allergies/{allergyId}/versions">["data"][number];
type Said = Pick<Line, keyof Line & keyof Version>;

const CHANGED = ["get /patients/{patientId}/allergies", "get /patients/{patientId}/allergies/{allergyId}/versions"] as const;

const SEVERITY_WORDS = { mild: "history.mild", moderate: "history.moderate", severe: "history.severe" } as const satisfies Readonly<Record<NonNullable<Line["severity"]>, MessageKey>>;
const SEVERITIES = Object.entries(SEVERITY_WORDS);

const SHOWN = {
  heading: ({ substance }: Said): string => substance,
  facts: ({ reaction, severity, code, note }: Said, t: Words): (string | null)[] => [[severity && t(SEVERITY_WORDS[severity]), reaction].filter(Boolean).join(" · "), codeText(code), note],
};

const VIEW: EntryView<Line> = {
  testId: "allergies", title: "history.allergies", add: "history.addAllergy", empty: "history.noAllergy",
  fields: [
    { name: "substance", label: "history.substance", kind: "text", isRequired: true, most: 200 }, { name: "reaction", label: "history.reaction", kind: "text", most: 300 },
    { name: "severity", label: "history.severity", kind: "select", options: SEVERITIES },
    { name: "status", label: "history.status", kind: "select", isRequired: true, first: "active", options: [["active", "history.statusActive"], ["inactive", "history.statusInactive"], ["resolved", "history.statusResolved"]] },
    ...CODE_FIELDS, NOTE_FIELD,
  ],
  ...SHOWN,
  valuesOf: ({ substance, status, reaction, severity, code, note }) => ({ substance, status, reaction: reaction ?? "", severity: severity ?? "", ...codeValues(code), note: note ?? "" }),
};

function bodyOf(values: FormValues): Body<"post /patients/{patientId}/allergies"> {
  return {
    substance: values["substance"]!.trim(), status: values["status"] as Line["status"], reaction: orNull(values["reaction"]), severity: orNull(values["severity"]) as Line["severity"], code: codeOf(values),
    note: orNull(values["note"]),
  };
}

export function Allergies({ withErrors }: { readonly withErrors: boolean }) {
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/allergies", { path, query: { includeErrors: withErrors ? "true" : "false", limit: 200 } });
  const add = useAct("post /patients/{patientId}/allergies", { changes: CHANGED });
  const change = useAct("put /patients/{patientId}/allergies/{allergyId}", { changes: CHANGED });
  const strike = useAct("delete /patients/{patientId}/allergies/{allergyId}", { changes: CHANGED });
  const restore = useAct("post /patients/{patientId}/allergies/{allergyId}/restore", { changes: CHANGED });
  const one = (line: Line) => ({ path: { ...path, allergyId: line.id }, headers: ifMatch(line) });
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
  const query = useOperation("get /patients/{patientId}/allergies/{allergyId}/versions", { path: { ...path, allergyId: line.id } });
  return <EntryVersions<Version> query={query} view={SHOWN} onClose={onClose} />;
}
