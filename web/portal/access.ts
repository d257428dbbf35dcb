/** What the reader may do with the record that the page shows: with one's own everything, with another's what its person allows. */
import type { ResourceSpec } from "#web/client/cache.ts";
import type { Patient, PatientShown } from "#web/client/types.ts";
import { useData, useResource, useWho } from "./data.tsx";
import { patientOf } from "./resources.ts";

export interface Access {
  /** False until it is known: then nothing is offered, and no reason is given. */
  readonly isKnown: boolean;
  readonly mayAdd: boolean;
  readonly mayManage: boolean;
}

/** Known without asking. */
const ownOf = (patient: Patient): ResourceSpec<PatientShown> => ({
  key: `${patient.id}/access/own`, tags: [], load: () => Promise.resolve({ ...patient, access: { kind: "own", scope: "manage", until: null } }),
});

export function useAccess(): Access {
  const { api } = useData();
  const { patient } = useWho();
  const { data } = useResource(patient.isSelf ? ownOf(patient) : patientOf(api, patient.id));
  const scope = patient.isSelf ? "manage" : data?.access.scope;
  return { isKnown: scope !== undefined, mayAdd: scope === "upload" || scope === "manage", mayManage: scope === "manage" };
}
