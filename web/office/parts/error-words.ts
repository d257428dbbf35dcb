/** What to say of a request that failed, and what can be done about it. */
import type { ApiError } from "#web/client/errors.ts";
import { useWords } from "../messages/words.ts";

export function useErrorWords(): (error: ApiError) => string {
  const t = useWords();
  return (error) => {
    if (error.kind === "network") return t("state.offline");
    // The server's sentence says more than a status; it comes in the language that was asked for, or in English.
    if (error.detail !== null && (error.status === 400 || error.status === 409 || error.status === 422)) return error.detail;
    if (error.status === 403) return t("state.forbidden");
    if (error.status === 404) return t("state.notFound");
    if (error.status === 412) return error.detail ?? t("state.conflict");
    if (error.status === 429) return t("state.tooMany", { seconds: error.retryAfterS ?? 60 });
    return t("state.failed", { code: error.code });
  };
}
