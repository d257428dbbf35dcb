/** The API and the resources of the pages about people; fetched with the first of them. */
import { useMemo } from "react";
import type { Api } from "#web/client/api.ts";
import type { ResourceSpec } from "#web/client/cache.ts";
import { createPeopleApi, type PeopleApi } from "#web/client/people.ts";
import type { FactorList } from "#web/client/second-factor.ts";
import type {
  ApiKeyList, ClinicianList, ConsentList, DataExportList, DeviceSessionList, ErasureList, GrantList, IdentityList, OffersToMe, PatientAccessList, SignInProviderList,
} from "#web/client/types.ts";
import { useData } from "./data.tsx";

export type { PeopleApi };

export function usePeople(): PeopleApi {
  const { api } = useData();
  return useMemo(() => createPeopleApi(api.requester), [api]);
}

/** Marks what depends on a tag as changed, so that what is shown of it is asked for again. */
export function useChanged(): (...tags: readonly string[]) => void {
  const { cache } = useData();
  return (...tags) => cache.invalidate(tags);
}

export const signInProvidersOf = (api: Api): ResourceSpec<SignInProviderList> => ({
  key: "sign-in-providers", tags: ["sign-in-providers"], load: (signal) => api.signInProviders(signal),
});
export const sessionsOf = (people: PeopleApi): ResourceSpec<DeviceSessionList> => ({ key: "me/sessions", tags: ["me/sessions"], load: (signal) => people.sessions(signal) });
export const identitiesOf = (people: PeopleApi): ResourceSpec<IdentityList> => ({ key: "me/identities", tags: ["me/identities"], load: (signal) => people.identities(signal) });
export const apiKeysOf = (people: PeopleApi): ResourceSpec<ApiKeyList> => ({ key: "api-keys", tags: ["api-keys"], load: (signal) => people.apiKeys(signal) });
export const factorsOf = (people: PeopleApi): ResourceSpec<FactorList> => ({ key: "me/second-factors", tags: ["me/second-factors"], load: (signal) => people.factors(signal) });
export const offersToMeOf = (people: PeopleApi): ResourceSpec<OffersToMe> => ({ key: "me/grant-offers", tags: ["me/grant-offers"], load: (signal) => people.offersToMe(signal) });
export const cliniciansOf = (people: PeopleApi): ResourceSpec<ClinicianList> => ({ key: "clinicians", tags: ["clinicians"], load: (signal) => people.clinicians(signal) });

export const grantsOf = (people: PeopleApi, id: string): ResourceSpec<GrantList> => ({ key: `${id}/grants`, tags: ["grants"], load: (signal) => people.grants(id, signal) });
/** What was done is said in a language, so the language is of the key. */
export const accessesOf = (people: PeopleApi, id: string, locale: string): ResourceSpec<PatientAccessList> => ({
  key: `${id}/accesses/${locale}`, tags: ["accesses"], load: (signal) => people.accesses(id, { signal }),
});
export const consentsOf = (people: PeopleApi, id: string, locale: string): ResourceSpec<ConsentList> => ({
  key: `${id}/consents/${locale}`, tags: ["consents"], load: (signal) => people.consents(id, signal),
});
export const dataExportsOf = (people: PeopleApi, id: string): ResourceSpec<DataExportList> => ({ key: `${id}/data-exports`, tags: ["data-exports"], load: (signal) => people.dataExports(id, signal) });
export const erasuresOf = (people: PeopleApi, id: string): ResourceSpec<ErasureList> => ({ key: `${id}/erasures`, tags: ["erasures"], load: (signal) => people.erasures(id, signal) });
