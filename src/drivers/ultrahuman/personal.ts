/** Ultrahuman's personal tokens: another way in, on another path, with the bare token in the header. Source: vendors/ultrahuman.md, Status. */
import { createHash } from "node:crypto";
import { InvalidInput } from "#errors.ts";
import type { OtherAuth, SignedIn, SignInCall } from "#driver/auth.ts";
import { Secret } from "#secret.ts";
import { DAY_MS } from "#units/time.ts";

export const PERSONAL_PATH = "/api/v1/partner/daily_metrics";

/** Of a token that does not say: looked after until the vendor refuses it. */
const LIFE_S = 365 * 86_400;

export const personalAccess: OtherAuth = {
  setting: "access",
  value: "personal_token",
  auth: {
    kind: "credentials",
    fields: [
      { name: "token", label: "Personal API token", isSecret: true, example: "eyJhbGc…" },
      { name: "email", label: "E-mail of the account, if it is not the token's own", isSecret: false, isOptional: true },
    ],
    defaultSessionLifeSeconds: LIFE_S,
    apply: (session) => {
      const { token, email } = readSession(session);
      return { headers: { authorization: token }, ...(email === "" ? {} : { query: { email } }) };
    },
  },
  signIn,
};

/** The session is the token, and after a space the account that it is for. */
function readSession(session: string): { readonly token: string; readonly email: string } {
  const [token = "", email = ""] = session.split(" ");
  return { token, email };
}

/**
 * Tries the token on yesterday. The account is the `user_id` in the token, or a digest where it has none or opens another's account. Throws
 * InvalidInput for a token that Ultrahuman refuses, or that is none.
 */
async function signIn({ fetch, credentials, nowMs }: SignInCall): Promise<SignedIn> {
  const token = credentials["token"]?.open().trim() ?? "";
  const email = credentials["email"]?.open().trim() ?? "";
  if (!/^[\x21-\x7e]+$/.test(token) || /\s/.test(email)) throw new InvalidInput("This is no personal token of Ultrahuman.");
  const session = email === "" ? token : `${token} ${email}`;
  const answer = await fetch(PERSONAL_PATH, {
    query: { date: new Date(nowMs - DAY_MS).toISOString().slice(0, 10), ...(email === "" ? {} : { email }) },
    headers: { authorization: token },
    // 404: nothing of that day, or no such account.
    accept: email === "" ? [401, 403, 404] : [401, 403],
  });
  if (answer.status === 401 || answer.status === 403) throw new InvalidInput("Ultrahuman refuses this personal token.");
  const { user_id: user, exp } = claimsOf(token);
  const isOwn = email === "" && (typeof user === "string" || typeof user === "number");
  return {
    session: new Secret(session),
    expiresAtMs: typeof exp === "number" && exp * 1000 > nowMs ? exp * 1000 : null,
    answer: { user_id: isOwn ? String(user) : `key-${createHash("sha256").update(session).digest("hex").slice(0, 24)}` },
  };
}

/** What a token says of itself, if it is a JWT. */
function claimsOf(token: string): { readonly user_id?: unknown; readonly exp?: unknown } {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as unknown;
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
