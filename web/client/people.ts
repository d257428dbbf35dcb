/** The calls about accounts, sharing and privacy, by name. Apart from the others, for pages that are fetched when they are first opened. */
import type { Requester } from "./request.ts";
import type {
  FactorAdded, FactorList, PasskeyCreation, PasskeyCreationAnswer, PasskeySignIn, PasskeySignInAnswer, SecondFactorAnswer, TotpSecret,
} from "./second-factor.ts";
import type {
  AccountDeletion, ApiKeyList, ApiKeyRequest, ClinicianList, ConsentList, ConsentRequest, DataExport, DataExportList, DeviceSessionList, Erasure, ErasureList,
  GrantList, GrantPatch, GrantReply, GrantRequest, IdentityList, InvitationAcceptance, InvitationLook, Locale, NewApiKey, OffersToMe, OutsideDeparture,
  PatientAccessList, Proof, RegistrationRequest, Session,
} from "./types.ts";

const id = encodeURIComponent;
const of = (patientId: string, path: string): string => `/patients/${id(patientId)}${path}`;
const withSignal = (signal: AbortSignal | undefined): { signal?: AbortSignal } => (signal ? { signal } : {});

export type PeopleApi = ReturnType<typeof createPeopleApi>;

/** Binds the calls to one requester. Every call throws ApiError. */
export function createPeopleApi(requester: Requester) {
  return { ...signInCalls(requester), ...linkCalls(requester), ...accountCalls(requester), ...factorCalls(requester), ...sharingCalls(requester), ...privacyCalls(requester) };
}

function signInCalls(requester: Requester) {
  const opened = async (path: string, body: unknown): Promise<Session> => {
    const session = await requester.send<Session>(path, { method: "POST", body });
    requester.setCsrfToken(session.csrfToken);
    return session;
  };
  return {
    answerSecondFactor: (answer: SecondFactorAnswer) => opened("/session/second-factor", answer),
    passkeySignIn: () => requester.send<PasskeySignIn>("/session/passkey/options", { method: "POST" }),
    answerPasskey: (answer: PasskeySignInAnswer) => opened("/session/passkey", answer),
    /** Proves that the person is there; the session has a new CSRF token then. */
    async prove(password: string): Promise<void> {
      const { csrfToken } = await requester.send<Proof>("/session/proof", { method: "POST", body: { password } });
      requester.setCsrfToken(csrfToken);
    },
  };
}

/** What the links of mails open. */
function linkCalls(requester: Requester) {
  return {
    askRecovery: (identifier: string) => requester.send<unknown>("/password-recoveries", { method: "POST", body: { identifier } }),
    recover: (token: string, password: string) => requester.send<undefined>("/password-recoveries", { method: "PUT", body: { token, password } }),
    register: (body: RegistrationRequest) => requester.send<unknown>("/registrations", { method: "POST", body }),
    confirmRegistration: (token: string, password: string) => requester.send<unknown>("/registrations/confirm", { method: "POST", body: { token, password } }),
    confirmEmail: (token: string) => requester.send<undefined>("/email-addresses/confirm", { method: "POST", body: { token } }),
    undoEmail: (token: string) => requester.send<undefined>("/email-addresses/undo", { method: "POST", body: { token } }),
    lookAtInvitation: (token: string) => requester.send<InvitationLook>("/invitations/look", { method: "POST", body: { token } }),
    acceptInvitation: (body: InvitationAcceptance) => requester.send<unknown>("/invitations/accept", { method: "POST", body }),
  };
}

function accountCalls(requester: Requester) {
  return {
    changePassword: (currentPassword: string, newPassword: string) => requester.send<undefined>("/me/password", { method: "POST", body: { currentPassword, newPassword } }),
    changeEmail: (email: string, password: string) => requester.send<unknown>("/me/email", { method: "POST", body: { email, password } }),
    deleteAccount: (password: string) => requester.send<AccountDeletion>("/me/deletion", { method: "POST", body: { password } }),
    sessions: (signal?: AbortSignal) => requester.send<DeviceSessionList>("/me/sessions", withSignal(signal)),
    endSession: (sessionId: string) => requester.send<undefined>(`/me/sessions/${id(sessionId)}`, { method: "DELETE" }),
    endOtherSessions: () => requester.send<{ readonly ended: number }>("/me/sessions", { method: "DELETE" }),
    identities: (signal?: AbortSignal) => requester.send<IdentityList>("/me/identities", withSignal(signal)),
    linkIdentity: (providerId: string, returnTo: string) => requester.send<OutsideDeparture>(`/me/identities/${id(providerId)}`, { method: "POST", body: { returnTo } }),
    unlinkIdentity: (providerId: string) => requester.send<undefined>(`/me/identities/${id(providerId)}`, { method: "DELETE" }),
    apiKeys: (signal?: AbortSignal) => requester.send<ApiKeyList>("/api-keys", withSignal(signal)),
    addApiKey: (body: ApiKeyRequest) => requester.send<NewApiKey>("/api-keys", { method: "POST", body }),
    revokeApiKey: (keyId: string) => requester.send<undefined>(`/api-keys/${id(keyId)}`, { method: "DELETE" }),
  };
}

function factorCalls(requester: Requester) {
  const base = "/me/second-factors";
  return {
    factors: (signal?: AbortSignal) => requester.send<FactorList>(base, withSignal(signal)),
    beginTotp: (name: string) => requester.send<TotpSecret>(`${base}/totp`, { method: "POST", body: { name } }),
    confirmTotp: (factorId: string, code: string) => requester.send<FactorAdded>(`${base}/totp/${id(factorId)}/confirm`, { method: "POST", body: { code } }),
    beginPasskey: () => requester.send<PasskeyCreation>(`${base}/passkeys/options`, { method: "POST" }),
    addPasskey: (answer: PasskeyCreationAnswer) => requester.send<FactorAdded>(`${base}/passkeys`, { method: "POST", body: answer }),
    renameFactor: (factorId: string, name: string) => requester.send<undefined>(`${base}/${id(factorId)}`, { method: "PATCH", body: { name } }),
    removeFactor: (factorId: string) => requester.send<undefined>(`${base}/${id(factorId)}`, { method: "DELETE" }),
    newRecoveryCodes: () => requester.send<{ readonly codes: readonly string[] }>("/me/recovery-codes", { method: "POST" }),
  };
}

function sharingCalls(requester: Requester) {
  return {
    grants: (patientId: string, signal?: AbortSignal) => requester.send<GrantList>(of(patientId, "/grants"), withSignal(signal)),
    share: (patientId: string, body: GrantRequest) => requester.send<GrantReply>(of(patientId, "/grants"), { method: "POST", body }),
    changeGrant: (patientId: string, userId: string, body: GrantPatch) => requester.send<GrantReply>(of(patientId, `/grants/${id(userId)}`), { method: "PATCH", body }),
    endGrant: (patientId: string, userId: string) => requester.send<undefined>(of(patientId, `/grants/${id(userId)}`), { method: "DELETE" }),
    withdrawOffer: (patientId: string, offerId: string) => requester.send<undefined>(of(patientId, `/grant-offers/${id(offerId)}`), { method: "DELETE" }),
    giveUpGrant: (patientId: string) => requester.send<undefined>(of(patientId, "/my-grant"), { method: "DELETE" }),
    clinicians: (signal?: AbortSignal) => requester.send<ClinicianList>("/clinicians", withSignal(signal)),
    offersToMe: (signal?: AbortSignal) => requester.send<OffersToMe>("/me/grant-offers", withSignal(signal)),
    answerOffer: (offerId: string, decision: "accept" | "decline") => requester.send<undefined>(`/me/grant-offers/${id(offerId)}`, { method: "POST", body: { decision } }),
    accesses: (patientId: string, request: { readonly cursor?: string; readonly signal?: AbortSignal }) =>
      requester.send<PatientAccessList>(of(patientId, "/accesses"), { query: { limit: 25, cursor: request.cursor }, ...withSignal(request.signal) }),
  };
}

function privacyCalls(requester: Requester) {
  return {
    consents: (patientId: string, signal?: AbortSignal) => requester.send<ConsentList>(of(patientId, "/consents"), withSignal(signal)),
    decideConsent: (patientId: string, body: ConsentRequest) => requester.send<unknown>(of(patientId, "/consents"), { method: "POST", body }),
    dataExports: (patientId: string, signal?: AbortSignal) => requester.send<DataExportList>(of(patientId, "/data-exports"), withSignal(signal)),
    askForExport: (patientId: string, locale: Locale) => requester.send<DataExport>(of(patientId, "/data-exports"), { method: "POST", body: { locale } }),
    giveUpExport: (patientId: string, exportId: string) => requester.send<undefined>(of(patientId, `/data-exports/${id(exportId)}`), { method: "DELETE" }),
    /** Where a browser downloads a package that is ready. */
    exportUrl: (patientId: string, exportId: string): string => `/api/v1${of(patientId, `/data-exports/${id(exportId)}/file`)}`,
    erasures: (patientId: string, signal?: AbortSignal) => requester.send<ErasureList>(of(patientId, "/erasures"), withSignal(signal)),
    askForErasure: (patientId: string, confirm: string) => requester.send<Erasure>(of(patientId, "/erasures"), { method: "POST", body: { confirm } }),
    undoErasure: (patientId: string, erasureId: string) => requester.send<undefined>(of(patientId, `/erasures/${id(erasureId)}`), { method: "DELETE" }),
  };
}
