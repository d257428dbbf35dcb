/** What an error of Dexcom Share says. Source: vendors/dexcom-share.md, Errors: HTTP 500 with `{"Code", "Message"}`. */

/** Code and message; empty texts for any other body. Never throws. */
export function codeOf(body: Uint8Array): { readonly code: string; readonly message: string } {
  try {
    const parsed = JSON.parse(new TextDecoder().decode(body)) as unknown;
    const { Code, Message } = (typeof parsed === "object" && parsed !== null ? parsed : {}) as { Code?: unknown; Message?: unknown };
    return { code: typeof Code === "string" ? Code : "", message: typeof Message === "string" ? Message : "" };
  } catch {
    return { code: "", message: "" };
  }
}

/** A session that has ended comes with status 500: it stands for a 401. */
export function meantStatus(body: Uint8Array, status: number): number {
  return ["SessionIdNotFound", "SessionNotValid"].includes(codeOf(body).code) ? 401 : status;
}
