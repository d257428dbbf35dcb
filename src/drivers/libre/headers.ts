/** What every call to LibreLinkUp must carry. Source: vendors/abbott-libre.md, Required headers. */

/** The oldest version that was let in when this was written (since 2025-10-08). */
export const KNOWN_VERSION = "4.16.0";

export function headersOf(settings: Readonly<Record<string, string>>): Record<string, string> {
  const accountId = settings["account_id"] ?? "";
  return {
    product: settings["product"] || "llu.android", version: versionOf(settings), "content-type": "application/json", "cache-control": "no-cache",
    ...(accountId === "" ? {} : { "account-id": accountId }),
  };
}

/** The newer of what the operator set and what LibreLinkUp wanted when this connection last signed in: either may be ahead. */
export function versionOf(settings: Readonly<Record<string, string>>): string {
  const [chosen, wanted] = [settings["version"] || KNOWN_VERSION, settings["version_wanted"] ?? ""];
  return wanted !== "" && isNewer(wanted, chosen) ? wanted : chosen;
}

/** Compares `4.16.0` part by part; a part that is missing or no number counts as 0. */
export function isNewer(version: string, than: string): boolean {
  const [parts, others] = [version, than].map((text) => text.split(".").map((part) => Number(part) || 0)) as [number[], number[]];
  for (let index = 0; index < Math.max(parts.length, others.length); index += 1) {
    const [part = 0, other = 0] = [parts[index], others[index]];
    if (part !== other) return part > other;
  }
  return false;
}
