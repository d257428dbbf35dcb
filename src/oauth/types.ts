/** How a vendor does OAuth 2.0, as data; and what its token endpoint gives back. */
import type { Secret } from "../secret.ts";

export interface OAuth2Auth {
  readonly kind: "oauth2";
  /** Path below `endpoints.auth`. */
  readonly authorizePath: string;
  /** Path below `endpoints.token`. */
  readonly tokenPath: string;
  readonly scopes: readonly string[];
  readonly scopeSeparator: " " | ",";
  /** "default-on": sent unless the provider setting `pkce` is "off". */
  readonly pkce: "required" | "default-on" | "none";
  /** Where client id and secret go at the token endpoint. */
  readonly clientAuthentication: "body" | "basic";
  readonly extraAuthorizeParameters?: Readonly<Record<string, string>>;
  /** Whether the vendor wants redirect_uri again at the token endpoint. */
  readonly sendsRedirectUriWithCode: boolean;
  /** Used when the token answer has no usable `expires_in`. */
  readonly defaultTokenLifeSeconds: number;
  /** Whether each refresh token works once only. */
  readonly refreshTokenRotates: boolean;
  /**
   * True for a vendor known to answer a dead grant with a 400 or 401 that carries no OAuth error code: such an answer of its token
   * endpoint then asks for the person's consent again. Absent: it stays ProviderRefused, and no connection is given up for it.
   */
  readonly bareRefusalEndsGrant?: boolean;
}

/** Our registration at a vendor. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: Secret;
}

/** Where a vendor lives. Settings (regions, path versions) and the simulator change it. URLs without a trailing slash. */
export interface Endpoints {
  /** Where the person's browser goes to consent. */
  readonly auth: string;
  /** Where we exchange codes and refresh tokens. */
  readonly token: string;
  readonly api: string;
}

export interface TokenSet {
  readonly accessToken: Secret;
  /** Null when the vendor gave none: keep the old one. */
  readonly refreshToken: Secret | null;
  /** UTC epoch milliseconds. */
  readonly expiresAtMs: number;
  /** What the vendor says was granted; null when it does not say. */
  readonly scopes: readonly string[] | null;
}
