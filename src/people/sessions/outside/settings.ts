/** Whom the operator trusts to say who somebody is: issuers of tokens, and providers of sign-in. Written as JSON in one setting each; pure. */
import { z } from "zod";
import { ConfigError } from "../../../errors.ts";
import { Secret } from "../../../secret.ts";

/** For keys that an issuer publishes; each key has one of them by its own kind. A shared secret is always HS256. */
export const PUBLISHED_ALGORITHMS = ["ES256", "RS256", "EdDSA"] as const;
export type PublishedAlgorithm = (typeof PUBLISHED_ALGORITHMS)[number];

/** What an unknown subject becomes. */
export interface NewcomerRule {
  readonly role: "patient" | "follower";
  readonly organizationId: string;
}

export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: { readonly kind: "published"; readonly url: string; readonly algorithms: readonly PublishedAlgorithm[] } | { readonly kind: "shared"; readonly secret: Secret };
  /** The claim that names the person. */
  readonly userClaim: string;
  /** Null: only subjects that are linked to somebody are let in. */
  readonly newcomers: NewcomerRule | null;
}

export interface SignInProvider {
  /** In addresses. */
  readonly id: string;
  /** On the button. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope: string;
  /** Whether an e-mail that the provider calls verified leads to the account with that address. */
  readonly linksByVerifiedEmail: boolean;
  readonly newcomers: NewcomerRule | null;
}

const address = z.string().max(500).refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).username === "", "an address that starts with https://");
const newcomers = z.strictObject({ role: z.enum(["patient", "follower"]), organization: z.uuid() });
const issuerShape = z.strictObject({
  issuer: z.string().min(1).max(500), audience: z.string().min(1).max(500), jwksUrl: address.optional(), sharedSecret: z.string().min(32, "at least 32 characters").optional(),
  algorithms: z.array(z.enum(PUBLISHED_ALGORITHMS)).min(1).optional(), userClaim: z.string().regex(/^[\w:/.-]{1,100}$/).default("sub"), create: newcomers.optional(),
});
const providerShape = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/, "small letters, digits and hyphens"), name: z.string().min(1).max(60), issuer: address, clientId: z.string().min(1).max(300),
  clientSecret: z.string().min(1).max(1_000), scope: z.string().regex(/^[\w:/. -]{1,300}$/).default("openid email profile"), linkByVerifiedEmail: z.boolean().default(false),
  create: newcomers.optional(),
});

/** Reads ISLET_TOKEN_ISSUERS. Throws ConfigError that names the place, never a value. @param allowsHttp within the operator's own network. */
export function parseTokenIssuers(text: string, allowsHttp: boolean): TokenIssuer[] {
  const issuers = parseList("ISLET_TOKEN_ISSUERS", text, issuerShape).map((given, index): TokenIssuer => {
    if ((given.jwksUrl === undefined) === (given.sharedSecret === undefined)) throw new ConfigError(`Entry ${index + 1} of ISLET_TOKEN_ISSUERS needs either jwksUrl or sharedSecret.`);
    if (given.sharedSecret !== undefined && given.algorithms) throw new ConfigError(`Entry ${index + 1} of ISLET_TOKEN_ISSUERS has a shared secret, whose algorithm is HS256: leave algorithms out.`);
    requireTls(`Entry ${index + 1} of ISLET_TOKEN_ISSUERS`, given.jwksUrl, allowsHttp);
    return {
      issuer: given.issuer, audience: given.audience, userClaim: given.userClaim, newcomers: ruleOf(given.create),
      keys: given.jwksUrl === undefined ? { kind: "shared", secret: new Secret(given.sharedSecret!) } : { kind: "published", url: given.jwksUrl, algorithms: given.algorithms ?? ["ES256", "RS256"] },
    };
  });
  if (new Set(issuers.map(({ issuer }) => issuer)).size < issuers.length) throw new ConfigError("ISLET_TOKEN_ISSUERS names an issuer twice.");
  return issuers;
}

/** Reads ISLET_SIGN_IN_PROVIDERS. Throws ConfigError that names the place, never a value. */
export function parseSignInProviders(text: string, allowsHttp: boolean): SignInProvider[] {
  const providers = parseList("ISLET_SIGN_IN_PROVIDERS", text, providerShape).map(({ clientSecret, linkByVerifiedEmail, create, ...rest }): SignInProvider => ({
    ...rest, clientSecret: new Secret(clientSecret), linksByVerifiedEmail: linkByVerifiedEmail, newcomers: ruleOf(create),
  }));
  providers.forEach(({ issuer }, index) => requireTls(`Entry ${index + 1} of ISLET_SIGN_IN_PROVIDERS`, issuer, allowsHttp));
  for (const unique of ["id", "issuer"] as const) {
    if (new Set(providers.map((provider) => provider[unique])).size < providers.length) throw new ConfigError(`ISLET_SIGN_IN_PROVIDERS uses the same ${unique} twice.`);
  }
  return providers;
}

/** Whoever stands on the way could put keys of his own in the place of the issuer's. */
function requireTls(where: string, url: string | undefined, allowsHttp: boolean): void {
  if (url !== undefined && !allowsHttp && !url.startsWith("https:")) throw new ConfigError(`${where} must be reached by https:// (http:// only with ISLET_PRIVATE_ADDRESSES=on).`);
}

function ruleOf(create: z.infer<typeof newcomers> | undefined): NewcomerRule | null {
  return create ? { role: create.role, organizationId: create.organization } : null;
}

function parseList<T>(setting: string, text: string, shape: z.ZodType<T>): T[] {
  if (text.trim() === "") return [];
  const parsed = z.array(shape).max(20).safeParse(parseJson(setting, text));
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const where = path.length === 0 ? setting : `Entry ${Number(path[0]) + 1} of ${setting}${path.length > 1 ? ` (${path.slice(1).join(".")})` : ""}`;
  throw new ConfigError(`${where} is not as described in docs/tokens.md: ${message}.`);
}

function parseJson(setting: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // No cause: the parser's complaint would repeat a secret.
    throw new ConfigError(`${setting} must be a JSON list, as in docs/tokens.md.`);
  }
}
