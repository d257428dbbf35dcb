/** What every call to LibreLinkUp must carry, and how it says that the version is too old. Source: vendors/abbott-libre.md, Required headers. */
import type { VendorResponse } from "#http/types.ts";

export function headersOf(settings: Readonly<Record<string, string>>): Record<string, string> {
  const accountId = settings["account_id"] ?? "";
  return {
    product: settings["product"] || "llu.android", version: settings["version_wanted"] || settings["version"] || "4.16.0",
    "cache-control": "no-cache", ...(accountId === "" ? {} : { "account-id": accountId }),
  };
}

/** Cloudflare answers in HTML where the vendor would in JSON. */
export function isJson({ headers, body }: VendorResponse): boolean {
  return (headers["content-type"] ?? "").includes("json") || body[0] === 0x7b;
}

/** The version that a 403 with status 920 names; null for any other answer. Never throws. */
export function minimumVersion(response: VendorResponse): string | null {
  if (response.status !== 403 || !isJson(response)) return null;
  try {
    const { status, data } = JSON.parse(new TextDecoder().decode(response.body)) as { status?: unknown; data?: { minimumVersion?: unknown } };
    const version = data?.minimumVersion;
    return status === 920 && typeof version === "string" && /^\d{1,3}(\.\d{1,4}){1,3}$/.test(version) ? version : null;
  } catch {
    return null;
  }
}
