/** Which message names which constant of the API, for the pages about people. */
import type { Consent, DataExport, Grant, Session } from "#web/client/types.ts";
import type { MessageKey } from "./messages/translate.ts";

export const ROLE_NAMES: Readonly<Record<Session["roles"][number], MessageKey>> = {
  patient: "role.patient", clinician: "role.clinician", admin: "role.admin", follower: "role.follower",
};

export const SCOPE_NAMES: Readonly<Record<Grant["scope"], MessageKey>> = { view: "scope.view", upload: "scope.upload", manage: "scope.manage" };
export const SCOPES = ["view", "upload", "manage"] as const satisfies readonly Grant["scope"][];

export const CONSENT_STATES: Readonly<Record<Consent["state"], MessageKey>> = {
  none: "consent.state.none", unrecorded: "consent.state.unrecorded", given: "consent.state.given", outdated: "consent.state.outdated", withdrawn: "consent.state.withdrawn",
};

const PURPOSE_NAMES: Readonly<Record<string, MessageKey>> = { storage: "consent.storage", sharing: "consent.sharing", research: "consent.research" };

/** What a purpose is called; those of vendors by the vendor's name. */
export const purposeName = (purpose: string): MessageKey => PURPOSE_NAMES[purpose] ?? "consent.vendor";

export const EXPORT_STATES: Readonly<Record<DataExport["state"], MessageKey>> = {
  waiting: "package.waiting", running: "package.running", ready: "package.ready", failed: "package.failed", gone: "package.gone",
};

export const KEY_SCOPE_NAMES: Readonly<Record<string, MessageKey>> = {
  "data:read": "keys.scope.read", "data:write": "keys.scope.write", "data:manage": "keys.scope.manage", "patients:read": "keys.scope.patients", admin: "keys.scope.admin",
};
