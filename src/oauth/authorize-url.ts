/** The address of a vendor's consent page for one flow. */
import { InternalError } from "../errors.ts";
import type { Endpoints, OAuth2Auth } from "./types.ts";

export interface AuthorizeUrlParts {
  readonly auth: OAuth2Auth;
  /** What to ask for (`scopesOf`); none where the vendor has no scopes. */
  readonly scopes: readonly string[];
  readonly endpoints: Pick<Endpoints, "auth">;
  readonly clientId: string;
  /** Exactly as registered at the vendor. */
  readonly redirectUri: string;
  readonly state: string;
  /** S256 challenge; its presence decides, so a vendor with `pkce: "default-on"` that is switched off gets none. */
  readonly challenge?: string;
}

/**
 * The URL where the person's browser goes to consent. A vendor's extra parameters never replace ours. Throws InternalError when
 * the challenge contradicts the vendor's data sheet: a flow must not lose PKCE unnoticed (OA-08).
 * Source: RFC 6749 §4.1.1, RFC 7636 §4.3; requirements E2, P1.
 */
export function buildAuthorizeUrl({ auth, scopes, endpoints, clientId, redirectUri, state, challenge }: AuthorizeUrlParts): string {
  if (auth.pkce === "required" && challenge === undefined) throw new InternalError("This vendor requires PKCE, but the flow has no challenge.");
  if (auth.pkce === "none" && challenge !== undefined) throw new InternalError("This vendor has no PKCE, but the flow has a challenge.");
  const url = new URL(endpoints.auth + auth.authorizePath);
  const parameters = {
    ...auth.extraAuthorizeParameters,
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    ...(scopes.length > 0 ? { scope: scopes.join(auth.scopeSeparator) } : {}),
    state,
    ...(challenge === undefined ? {} : { code_challenge: challenge, code_challenge_method: "S256" }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  // Spaces as %20: not every consent page reads "+" as a space. A real plus sign is %2B by now.
  url.search = url.search.replaceAll("+", "%20");
  return url.href;
}
