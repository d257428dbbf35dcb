/** Rules and texts of tokens. A text is derived from grant, serial and client secret, so that only serials and times have to be kept. */

import { createHmac } from "node:crypto";
import { z } from "zod";

export interface TokenRules {
  readonly codeSeconds: number;
  readonly accessSeconds: number;
  /** Life of each refresh token from its issue; null without end. */
  readonly refreshSeconds: number | null;
  /** Life of the whole consent; null without end. */
  readonly consentSeconds: number | null;
  /** A refresh while more than this is left returns the tokens there are; null always makes new ones. */
  readonly keepAboveSeconds: number | null;
  /**
   * What a refresh does. "rotate" (default): a new pair, and the former refresh token is dead. "keep": a new access token beside
   * the same refresh token. "extend": both stay and live on from now. "none": there are no refresh tokens.
   */
  readonly refreshing?: "rotate" | "keep" | "extend" | "none";
  /** So long after its replacement a refresh token is still answered, with the tokens there are. Default: not at all. */
  readonly graceSeconds?: number;
  /** The grace ends at once when the new access token is used. */
  readonly graceEndsWithUse?: true;
  /** A refresh ends the access tokens issued before it. Else they live out their time. */
  readonly endsFormerAccess?: true;
  /** A code of the vendor's own look. Default: 32 hexadecimal digits. */
  makeCode?(): string;
  /** A token of the vendor's own look (a JWT, a UUID). The same for the same token; `plain` is unguessable and unique. */
  makeText?(token: TokenText): string;
}

export interface TokenText {
  readonly kind: "access" | "refresh";
  readonly grant: Grant;
  readonly plain: string;
}

export const grantSchema = z.object({
  id: z.string(),
  vendor: z.string(),
  personId: z.string(),
  /** Scopes or permissions the person left ticked. */
  scopes: z.array(z.string()),
  sinceMs: z.number(),
  revokedMs: z.number().nullable(),
  lastSerial: z.number(),
  access: z.array(z.object({ serial: z.number(), expiresMs: z.number() })),
  refresh: z.object({ serial: z.number(), expiresMs: z.number().nullable() }),
  /** The refresh token before this one, while it is still answered. */
  former: z.object({ serial: z.number(), untilMs: z.number() }).nullable(),
  /** When the cloud last looked after this grant, and whether it has sent what is due to a new one. */
  tickMs: z.number(),
  isWelcomed: z.boolean(),
  /** The cloud's own state of this grant: see `CloudContext.ofGrant`. */
  extra: z.unknown(),
});

/** One person's consent to the application, or one session. */
export type Grant = z.infer<typeof grantSchema>;

export interface Tokens {
  readonly accessToken: string;
  readonly accessExpiresMs: number;
  /** Of no use where the rules know no refresh. */
  readonly refreshToken: string;
  readonly refreshExpiresMs: number | null;
}

type Kind = TokenText["kind"];

export interface TokenTexts {
  make(kind: Kind, grant: Grant, serial: number): string;
  /** The grant's newest tokens. */
  current(grant: Grant): Tokens;
  /** The serial that the text stands for in this grant; null for a text of something else. */
  serialIn(grant: Grant, kind: Kind, text: string): number | null;
}

/** `secretOf` gives the client secret of a cloud. */
export function tokenTexts(rulesOf: (vendor: string) => TokenRules, secretOf: (vendor: string) => string): TokenTexts {
  const plainText = (kind: Kind, grant: Grant, serial: number): string => {
    const mark = `sim${kind === "access" ? "at" : "rt"}_${grant.id}_${serial}`;
    const seal = createHmac("sha256", secretOf(grant.vendor)).update(`${grant.vendor} ${mark}`).digest("hex").slice(0, 40);
    return `${mark}_${seal}`;
  };
  const make: TokenTexts["make"] = (kind, grant, serial) => {
    const plain = plainText(kind, grant, serial);
    return rulesOf(grant.vendor).makeText?.({ kind, grant, plain }) ?? plain;
  };
  return {
    make,
    current(grant) {
      const access = grant.access.at(-1);
      return {
        accessToken: make("access", grant, access?.serial ?? 0),
        accessExpiresMs: access?.expiresMs ?? 0,
        refreshToken: make("refresh", grant, grant.refresh.serial),
        refreshExpiresMs: grant.refresh.expiresMs,
      };
    },
    serialIn(grant, kind, text) {
      if (!rulesOf(grant.vendor).makeText && !text.includes(grant.id)) return null;
      const refreshes = [grant.refresh.serial, ...(grant.former ? [grant.former.serial] : [])];
      const serials = kind === "access" ? grant.access.map((token) => token.serial) : refreshes;
      return serials.find((serial) => make(kind, grant, serial) === text) ?? null;
    },
  };
}
