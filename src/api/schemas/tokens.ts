/** Shapes of tokens, sessions, keys of apps and sign-in elsewhere. */
import { z } from "zod";
import { KEY_SCOPES } from "#people/sessions/keys/key-scopes.ts";
import { instant, uuid } from "./common.ts";

const refreshToken = z.string().min(20).max(200);

/** POST /tokens with what a program got the last time. */
export const refreshRequest = z.object({ grant: z.literal("refresh_token"), refreshToken });

export const accessToken = z.object({
  accessToken: z.string().describe("Sent as `Authorization: Bearer …`; lasts ten minutes."), tokenType: z.literal("Bearer"), expiresAt: instant,
  refreshToken: z.string().describe("Works once and gives the next one. Whoever shows a used one ends the whole session."),
  refreshExpiresAt: instant,
});

export const proofRequest = z.union([
  z.object({ password: z.string().min(1).max(1024) }),
  z.object({ challengeId: z.string().max(100).describe("Of POST /session/passkey/options."), response: z.record(z.string(), z.unknown()) }),
]);
export const proof = z.object({
  provenAt: instant, expiresAt: instant,
  csrfToken: z.string().nullable().describe("Of a browser's renewed session; null for a program."),
  accessToken: z.string().nullable().describe("A program's new access token; null for a browser."),
});

export const deviceSession = z.object({
  id: uuid, kind: z.enum(["browser", "program"]),
  device: z.string().nullable().describe("Coarse, such as `Firefox · Windows`; null where nothing is known."),
  startedAt: instant, lastSeenAt: instant.describe("To the minute, about."), expiresAt: instant, isThis: z.boolean(),
});
export const deviceSessionList = z.object({ data: z.array(deviceSession) });
export const endedSessions = z.object({ ended: z.number().int() });

export const signingKeys = z.object({
  keys: z.array(z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string(), kid: z.string(), alg: z.literal("EdDSA"), use: z.literal("sig") })),
});

export const keyScope = z.enum(KEY_SCOPES).describe(
  "`data:read` reads what one may view of a patient, `data:write` uploads, `data:manage` connects, disconnects and changes; `patients:read` lists whom one may see, `admin` operates the inbox: both an admin's to give.",
);
export const apiKeyRequest = z.object({
  name: z.string().trim().min(1).max(80).describe("For its person to know it again by."),
  scopes: z.array(keyScope).min(1).max(KEY_SCOPES.length),
  days: z.number().int().min(1).max(365).default(90).describe("After so many days it ends."),
});
export const apiKey = z.object({
  id: uuid, userId: uuid, publicId: z.string().describe("Stands in the key, and opens nothing."), name: z.string(), scopes: z.array(keyScope),
  isOwnOnly: z.boolean().describe("Opens its person's own data and nobody else's."),
  createdAt: instant, expiresAt: instant, lastUsedAt: instant.nullable().describe("To five minutes, about."),
});
export const apiKeyList = z.object({ data: z.array(apiKey) });
export const newApiKey = apiKey.extend({ key: z.string().describe("Shown this once. Sent as `Authorization: Bearer islet_…`.") });

export const signInProviderList = z.object({ data: z.array(z.object({ id: z.string(), name: z.string() })) });
export const identityList = z.object({ data: z.array(z.object({ id: z.string(), name: z.string(), linkedAt: instant })) });
export const outsideRequest = z.object({ returnTo: z.string().max(300).optional().describe("A path of the portal to come back to.") });
export const outsideDeparture = z.object({ authorizeUrl: z.string().describe("Lead the browser there; it comes back by itself."), expiresAt: instant });
