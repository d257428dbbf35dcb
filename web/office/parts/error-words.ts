/** What to say of a request that failed, and what can be done about it. */
import type { ApiError } from "#web/client/errors.ts";
import type { MessageKey } from "../messages/catalogue.ts";
import { useWords } from "../messages/words.ts";

/** What people run into at their work, in both languages; the server's own sentences are English. */
const OWN: ReadonlyMap<string, MessageKey> = new Map((["email_taken", "username_taken", "national_id_taken", "last_admin", "second_factor_first", "tag_taken", "review_settled"] as const).map((code) => [code, `refused.${code}`]));

export function useErrorWords(): (error: ApiError) => string {
  const t = useWords();
  return (error) => {
    if (error.kind === "network") return t("state.offline");
    const own = OWN.get(error.code);
    if (own !== undefined) return t(own);
    // The server's sentence says more than a status.
    if (error.detail !== null && (error.status === 400 || error.status === 409 || error.status === 422)) return error.detail;
    if (error.status === 403) return t("state.forbidden");
    if (error.status === 404) return t("state.notFound");
    if (error.status === 412) return error.detail ?? t("state.conflict");
    if (error.status === 429) return t("state.tooMany", { seconds: error.retryAfterS ?? 60 });
    return t("state.failed", { code: error.code });
  };
}
