/** How a vendor does OAuth 2.0, as data; and what its token endpoint gives back. */
import type { TokenPlace } from "#http/types.ts";
import type { Secret } from "../secret.ts";

export interface OAuth2Auth {
  readonly kind: "oauth2";
  /** Path below `endpoints.auth`. */
  readonly authorizePath: string;
  /** Path below `endpoints.token`. */
  readonly tokenPath: string;
  readonly scopes: readonly string[];
  /** What a full consent gives where no scopes are sent and the person ticks permissions at the vendor; absent: `scopes`. */
  readonly permissions?: readonly string[];
  /** Scopes asked for besides, each only while the provider setting of that name is "on". */
  readonly optionalScopes?: readonly { readonly scope: string; readonly setting: string }[];
  /** Name of the provider setting whose text (scopes separated by spaces) replaces `scopes`: for vendors whose names are unsettled. */
  readonly scopesSetting?: string;
  readonly scopeSeparator: " " | ",";
  /** "default-on": sent unless the provider setting `pkce` is "off". */
  readonly pkce: "required" | "default-on" | "none";
  /** Where client id and secret go at the token endpoint. */
  readonly clientAuthentication: "body" | "basic";
  readonly extraAuthorizeParameters?: Readonly<Record<string, string>>;
  /** Sent with every refresh besides the grant, e.g. a scope that the vendor wants to see again. */
  readonly extraRefreshParameters?: Readonly<Record<string, string>>;
  /** Whether the vendor wants redirect_uri again at the token endpoint. */
  readonly sendsRedirectUriWithCode: boolean;
  /** Used when the token answer has no usable `expires_in`. */
  readonly defaultTokenLifeSeconds: number;
  /** Whether each refresh token works once only. */
  readonly refreshTokenRotates: boolean;
  /** Path below `endpoints.token` where a grant is ended (RFC 7009), for `revokeGrant`; absent where the vendor has none or its own way. */
  readonly revokePath?: string;
  /**
   * True for a vendor known to answer a dead grant with a 400 or 401 that carries no OAuth error code: such an answer of its token
   * endpoint then asks for the person's consent again. Absent: it stays ProviderRefused, and no connection is given up for it.
   */
  readonly bareRefusalEndsGrant?: boolean;
  /** Sent with every call to the token endpoint, e.g. the name of an action. */
  readonly extraTokenParameters?: Readonly<Record<string, string>>;
  /** For a vendor that answers HTTP 200 to everything and wraps its answers. Absent: they are as RFC 6749 has them. */
  readonly answerEnvelope?: AnswerEnvelope;
  /** False for a vendor whose tokens live until they are withdrawn: a refused one needs a new consent. */
  readonly givesRefreshToken?: false;
  /** Claims of an access token that is a JWT, handed on with the code exchange's answer where that has no field of the name. */
  readonly accessTokenClaims?: readonly string[];
  /** Path below `endpoints.token` for refreshes, where it is another than `tokenPath`. */
  readonly refreshPath?: string;
  /** For a vendor whose refresh makes no new tokens but gives those at hand so many seconds more. Tokens that it sends all the same count. */
  readonly refreshProlongsSeconds?: number;
  /** How long before its end a token is refreshed ahead of use; 0: never, only for a call. Absent: as the core sees fit. */
  readonly refreshAheadSeconds?: number;
  /** How long a refusal of the refresh token must last before a person is asked, for a vendor known to refuse healthy ones. Absent: as the core sees fit. */
  readonly refusalProofSeconds?: number;
  /** Refusals of the token endpoint that RFC 6749 has no code for, by what the body says; never global. The first that fits counts. */
  readonly refusals?: readonly { readonly words: RegExp; readonly meaning: AnswerRefusal["meaning"] }[];
  /** Where the access token goes in calls of the API; the bearer header unless given. */
  readonly tokenPlace?: TokenPlace;
  /** How `revokePath` is called where it is not by RFC 7009. */
  readonly revokeCall?: RevokeCall;
}

/** A vendor's own way to end a grant: with the access token, in each of these places. */
export interface RevokeCall {
  readonly method: "GET" | "POST";
  /** Bearer header, or a parameter `token` of query or form. */
  readonly tokenIn: readonly ("bearer" | "query" | "form")[];
  /** Name of the query parameter for the client id. */
  readonly clientIdIn?: string;
}

/** `{"status": 0, "body": {…}}` where all is well; another status, with words, where it is not. */
export interface AnswerEnvelope {
  /** A number, or its digits as text. */
  readonly statusField: string;
  /** Null where the answer lies beside the status, unwrapped. */
  readonly bodyField: string | null;
  readonly wordsField: string;
  /** What statuses other than 0 mean. The first rule that fits counts; without one the refusal stays ProviderRefused. */
  readonly refusals: readonly AnswerRefusal[];
}

export interface AnswerRefusal {
  readonly statuses: readonly number[];
  /** Fits only where the vendor's words match; never global. */
  readonly words?: RegExp;
  /** Who must help: the person by a new consent, the operator, or time; `limit`: too many calls. */
  readonly meaning: "person" | "operator" | "time" | "limit";
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
