/** The API and the resources of the page about the health record; fetched with it. */
import { useCallback, useMemo } from "react";
import type { ResourceSpec } from "#web/client/cache.ts";
import { type CareTeamMember, createRecordApi, type RecordApi, type RecordEntry, type RecordKind, type RecordVersion } from "#web/client/record.ts";
import { useData } from "./data.tsx";

/** What the live feed says of each of them. */
const TAGS = ["clinical"] as const;

export function useRecord(): RecordApi {
  const { api } = useData();
  return useMemo(() => createRecordApi(api.requester), [api]);
}

/** Lets what is shown of it be asked for again. */
export function useChanged(): () => void {
  const { cache } = useData();
  return useCallback(() => cache.invalidate(TAGS), [cache]);
}

export const entriesOf = <Kind extends RecordKind>(record: RecordApi, patientId: string, kind: Kind): ResourceSpec<readonly RecordEntry<Kind>[]> => ({
  key: `${patientId}/record/${kind}`, tags: TAGS, load: (signal) => record.list(patientId, kind, signal),
});
export const versionsOf = <Kind extends RecordKind>(record: RecordApi, patientId: string, { kind, id }: { readonly kind: Kind; readonly id: string }): ResourceSpec<readonly RecordVersion<Kind>[]> => ({
  key: `${patientId}/record/${kind}/${id}/versions`, tags: TAGS, load: (signal) => record.versions(patientId, kind, id, signal),
});
export const careTeamOf = (record: RecordApi, patientId: string): ResourceSpec<readonly CareTeamMember[]> => ({
  key: `${patientId}/care-team`, tags: TAGS, load: (signal) => record.careTeam(patientId, signal),
});
