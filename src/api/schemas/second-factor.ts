/** Shapes of second factors. */
import { z } from "zod";
import { instant, plainText, uuid } from "./common.ts";

const name = plainText.trim().min(1).max(60);
const factor = z.object({
  id: uuid, kind: z.enum(["totp", "passkey"]), name: z.string(), isConfirmed: z.boolean().describe("An authenticator app counts once its first code was given."),
  createdAt: instant, lastUsedAt: instant.nullable(),
});
export const factorList = z.object({ data: z.array(factor), recoveryCodesLeft: z.number().int() });
export const totpRequest = z.strictObject({ name });
export const totpSecret = z.object({ id: uuid, secret: z.string().describe("Base32."), uri: z.string().describe("otpauth://"), qrSvg: z.string() });
export const totpCode = z.strictObject({ code: z.string().max(20) });
export const factorAdded = z.object({ id: uuid, recoveryCodes: z.array(z.string()).nullable().describe("With the first factor; shown here and never again.") });
export const factorPatch = z.strictObject({ name });
export const recoveryCodes = z.object({ codes: z.array(z.string()) });

const webAuthnJson = z.record(z.string(), z.unknown()).describe("As the browser's WebAuthn calls give and take it (W3C WebAuthn level 3, JSON).");
export const passkeyOptions = z.object({ challengeId: z.string(), expiresAt: instant, options: webAuthnJson });
export const passkeyAnswer = z.strictObject({ challengeId: z.string().max(100), name: name.optional(), response: webAuthnJson });

/** A sign-in that is half done: what to answer with. */
export const secondFactorNeeded = z.object({
  secondFactor: z.object({ challengeId: z.string(), expiresAt: instant, methods: z.array(z.enum(["totp", "passkey", "recovery_code"])), passkeyOptions: webAuthnJson.nullable() }),
});
export const secondFactorAnswer = z.union([
  z.strictObject({ challengeId: z.string().max(100), code: z.string().max(20).describe("Of the authenticator app.") }),
  z.strictObject({ challengeId: z.string().max(100), recoveryCode: z.string().max(60) }),
  z.strictObject({ challengeId: z.string().max(100), response: webAuthnJson }),
]);
