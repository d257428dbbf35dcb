/** Invented accounts, grants, consents and packages, in the API's shapes, for tests of the pages about people. */
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import type { FactorList } from "#web/client/second-factor.ts";
import type {
  ApiKeyList, ClinicianList, ConsentList, DataExportList, DeviceSessionList, ErasureList, GrantList, IdentityList, InvitationLook, OffersToMe, PatientAccessList, SignInProviderList,
} from "#web/client/types.ts";
import { IDS } from "./people.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

/** What one path answers; undefined where it is none of these. */
export function fakeMatters(path: string, nowMs: number): unknown {
  return accountMatters(path, nowMs) ?? patientMatters(path.replace(/^\/patients\/[^/]+/, ""), nowMs);
}

function accountMatters(path: string, nowMs: number): unknown {
  switch (path) {
    case "/sign-in-providers": return { data: [{ id: "clinic", name: "Our clinic" }] } satisfies SignInProviderList;
    case "/me/sessions":
      return {
        data: [
          { id: "s1", kind: "browser", device: "Firefox · Windows", startedAt: iso(nowMs - HOUR_MS), lastSeenAt: iso(nowMs), expiresAt: iso(nowMs + HOUR_MS), isThis: true },
          { id: "s2", kind: "program", device: null, startedAt: iso(nowMs - DAY_MS), lastSeenAt: iso(nowMs), expiresAt: iso(nowMs + HOUR_MS), isThis: false },
        ],
      } satisfies DeviceSessionList;
    case "/me/identities": return { data: [] } satisfies IdentityList;
    case "/me/second-factors":
      return {
        data: [
          { id: "f1", kind: "totp", name: "My phone", isConfirmed: true, createdAt: iso(nowMs - DAY_MS), lastUsedAt: null },
          { id: "f2", kind: "totp", name: "Never confirmed", isConfirmed: false, createdAt: iso(nowMs - DAY_MS), lastUsedAt: null },
        ],
        recoveryCodesLeft: 1,
      } satisfies FactorList;
    case "/me/grant-offers":
      return { data: [{ id: "o1", patientId: IDS.otherPatient, from: "Bruno Ejemplo", scope: "view", until: null, expiresAt: iso(nowMs + DAY_MS) }] } satisfies OffersToMe;
    case "/api-keys":
      return {
        data: [{
          id: "k1", userId: IDS.user, publicId: "ab12cd34", name: "My app", scopes: ["data:read", "data:write"], isOwnOnly: true, createdAt: iso(nowMs - DAY_MS), expiresAt: iso(nowMs + DAY_MS), lastUsedAt: null,
        }],
      } satisfies ApiKeyList;
    case "/clinicians": return { data: [{ id: IDS.organization, displayName: "Robin Demo" }] } satisfies ClinicianList;
    case "/invitations/look": return { organization: "Demo clinic", roles: ["clinician"], email: "robin@example.org", needsNationalId: true } satisfies InvitationLook;
    default: return undefined;
  }
}

function patientMatters(path: string, nowMs: number): unknown {
  switch (path) {
    case "/grants": {
      const grant = { userId: IDS.organization, displayName: "Robin Demo", roles: ["clinician" as const], scope: "view" as const, from: iso(nowMs - DAY_MS) };
      return {
        data: [
          { ...grant, kind: "shared", until: null },
          { ...grant, userId: IDS.otherPatient, displayName: "Eva Guardia", kind: "break_glass", until: iso(nowMs + HOUR_MS) },
        ],
        offers: [{ id: "o2", email: "carla@example.org", scope: "upload", until: null, offeredAt: iso(nowMs), expiresAt: iso(nowMs + DAY_MS) }],
      } satisfies GrantList;
    }
    case "/accesses": {
      const line = { organization: "Demo clinic", topic: "glucose", purpose: "care" as const, first: iso(nowMs - HOUR_MS), last: iso(nowMs), times: 3 };
      return {
        data: [
          { ...line, who: { id: IDS.organization, name: "Robin Demo", roles: ["clinician"], isProgram: false }, action: "viewed", what: "Looked at glucose" },
          { ...line, who: { id: IDS.otherPatient, name: null, roles: [], isProgram: false }, action: "broke_glass", what: "Used emergency access", purpose: "break_glass", times: 1 },
        ],
        nextCursor: "next",
      } satisfies PatientAccessList;
    }
    case "/consents": {
      const text = { version: 2, locale: "en" as const, text: "I want Islet to keep my health data.", hash: "00" };
      const by = { id: IDS.user, name: "Ana Demo", isOnBehalf: false };
      return {
        data: [
          { purpose: "storage", vendor: null, state: "outdated", since: iso(nowMs - DAY_MS), text },
          { purpose: "vendor:dexcom", vendor: "Dexcom", state: "given", since: iso(nowMs - DAY_MS), text: { ...text, text: "I want Islet to fetch from Dexcom." } },
          { purpose: "vendor:oura", vendor: "Oura", state: "none", since: null, text: { ...text, text: "I want Islet to fetch from Oura." } },
        ],
        history: [{ purpose: "storage", decision: "given", version: 1, locale: "en", textHash: "00", at: iso(nowMs - DAY_MS), by, via: "page" }],
      } satisfies ConsentList;
    }
    case "/data-exports": {
      const item = { error: null, askedAt: iso(nowMs - HOUR_MS), readyAt: null, expiresAt: null, bytes: null, sha256: null, files: null, rows: null };
      return {
        data: [
          { ...item, id: "e1", state: "running", progress: 0.4 },
          { ...item, id: "e2", state: "ready", progress: 1, readyAt: iso(nowMs), expiresAt: iso(nowMs + DAY_MS), bytes: 51_200, files: 42, rows: 9_000 },
          { ...item, id: "e3", state: "gone", progress: 1 },
        ],
      } satisfies DataExportList;
    }
    case "/erasures":
      return { data: [{ id: "x1", state: "waiting", reason: "own_wish", askedAt: iso(nowMs), beginsAt: iso(nowMs + 3 * DAY_MS), undoneAt: null, isOnHold: false }] } satisfies ErasureList;
    default: return undefined;
  }
}
