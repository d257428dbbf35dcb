/**
 * How a person's account at a vendor is opened to us. OAuth 2.0 is the rule (src/oauth/types.ts); these are the others, as data plus the one
 * call that each needs.
 */
import type { AuthorizedFetch } from "#http/types.ts";
import type { OAuth2Auth } from "#oauth/types.ts";
import type { Secret } from "../secret.ts";
import type { AppCall, ProviderAccount } from "./types.ts";

export interface CredentialField {
  readonly name: string;
  /** English words beside the field; the pages translate by name where they can. */
  readonly label: string;
  readonly isSecret: boolean;
  readonly isOptional?: true;
  /** What a value looks like, e.g. "https://my-site.example". */
  readonly example?: string;
}

/**
 * The person gives something to us: e-mail and password, a site's address and token. Sealed like tokens, opened only to sign in; what
 * `signIn` gives is the session that calls carry.
 */
export interface CredentialsAuth {
  readonly kind: "credentials";
  readonly fields: readonly CredentialField[];
  /** Used when `signIn` names no end. */
  readonly defaultSessionLifeSeconds: number;
  /** Where the session goes in a call: headers or query parameters. */
  apply(session: string): { readonly headers?: Readonly<Record<string, string>>; readonly query?: Readonly<Record<string, string>> };
  /** Field that holds the address of the person's own server, which then is the API endpoint (Nightscout). */
  readonly addressField?: string;
}

export interface SignInCall {
  /** Calls without any session, against the API endpoint of `settings`. */
  readonly fetch: AuthorizedFetch;
  readonly credentials: Readonly<Record<string, Secret>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export interface SignedIn {
  readonly session: Secret;
  /** UTC epoch milliseconds; null when the vendor does not say. */
  readonly expiresAtMs: number | null;
  /** Settings learnt on the way (a region the vendor redirects to), kept with the connection. */
  readonly settings?: Readonly<Record<string, string>>;
  /** For `identify`, in place of a code exchange's answer. */
  readonly answer?: Readonly<Record<string, unknown>>;
}

/** Another way in than the driver's own: in its place while the provider setting has that value. */
export interface OtherAuth {
  readonly setting: string;
  readonly value: string;
  readonly auth: CredentialsAuth;
  /** Throws InvalidInput for credentials that the vendor refuses. */
  signIn(call: SignInCall): Promise<SignedIn>;
}

/** An aggregator's own consent page, opened for us by a call with our key; the person comes back with the account in the address (Terra). */
export interface HostedAuth {
  readonly kind: "hosted";
  /** Headers that prove the app in every call, made of the client id and secret. */
  appHeaders(clientId: string, clientSecret: string): Readonly<Record<string, string>>;
  /** Query parameters that choose the person in every call. */
  personQuery(vendorUserId: string): Readonly<Record<string, string>>;
  begin(call: AppCall, flow: { readonly state: string; readonly redirectUri: string }): Promise<{ readonly url: string }>;
  /** Reads the address the person came back with. Throws InvalidInput when it is no success. */
  finish(query: Readonly<Record<string, string | undefined>>): ProviderAccount;
}

/** Nothing is asked of any cloud: a phone, a meter or a person brings the data to our own door. */
export interface PushAuth {
  readonly kind: "push";
}

export type DriverAuth = OAuth2Auth | CredentialsAuth | HostedAuth | PushAuth;
