/** At which field of a form a refusal stands. Pure. */
import type { ApiError } from "#web/client/errors.ts";

const TAKEN: Readonly<Record<string, string>> = { email_taken: "email", username_taken: "username", national_id_taken: "nationalId" };

/** The field that the server's word is about; null where it is about none of these. */
export function fieldOf(error: ApiError | null, fields: readonly string[]): string | null {
  if (!error) return null;
  const named = TAKEN[error.code] ?? error.fields.map((pointer) => /^\/body\/(\w+)/.exec(pointer)?.[1]).find((name) => name !== undefined);
  return named !== undefined && fields.includes(named) ? named : null;
}
