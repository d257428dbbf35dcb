/** What a key of an app may do: what its scopes name, of what its person may do, and never anything about accounts, sign-in or keys. */

export const KEY_SCOPES = ["data:read", "data:write", "data:manage", "patients:read", "admin"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** A route as a key meets it; the shape of `Access` that the routes declare. */
export interface KeyTarget {
  readonly access: { readonly who: string; readonly scope?: "view" | "upload" | "manage"; readonly roles?: readonly string[] } | undefined;
  /** The route's pattern, e.g. `/api/v1/patients/:patientId/days`. */
  readonly route: string;
}

const FOR_PATIENT = { view: "data:read", upload: "data:write", manage: "data:manage" } as const satisfies Record<string, KeyScope>;
/** What an app may know without a patient: whom it may see, what can be connected, who it works for. */
const LISTS: Readonly<Record<string, KeyScope | "any">> = {
  "/api/v1/patients": "patients:read", "/api/v1/patients/summaries": "patients:read", "/api/v1/providers": "any", "/api/v1/me": "any",
};
/** Of an organization's administration, what is no account: an allow-list, so that a new route is closed until it is thought of. */
const ADMINISTRATION = ["/api/v1/inbox/"];

/** Whether a key with these scopes may call the route. The rights of its person are asked besides. ASVS 5.0 8.2.1, 10.4.11. */
export function keyMayCall(scopes: readonly KeyScope[], method: string, { access, route }: KeyTarget): boolean {
  if (access?.who === "patient") return access.scope !== undefined && scopes.includes(FOR_PATIENT[access.scope]);
  if (access?.who !== "user") return false;
  if (access.roles?.includes("admin")) return scopes.includes("admin") && ADMINISTRATION.some((start) => route.startsWith(start));
  const needed = method === "GET" || method === "HEAD" ? LISTS[route] : undefined;
  return needed !== undefined && (needed === "any" || scopes.includes(needed));
}
