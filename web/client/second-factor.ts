/** Shapes of second factors, as the pages use them. WebAuthn's own, which the API passes through as JSON, have their exact types here. */
import type * as schemas from "#api/schemas.ts";
import type { AuthenticationResponseJSON, PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON } from "@simplewebauthn/browser";
import type { z } from "zod";

export interface SecondFactorNeeded {
  readonly secondFactor: {
    readonly challengeId: string;
    readonly expiresAt: string;
    readonly methods: readonly ("totp" | "passkey" | "recovery_code")[];
    readonly passkeyOptions: PublicKeyCredentialRequestOptionsJSON | null;
  };
}

export type SecondFactorAnswer =
  | { readonly challengeId: string; readonly code: string }
  | { readonly challengeId: string; readonly recoveryCode: string }
  | { readonly challengeId: string; readonly response: AuthenticationResponseJSON };

export type FactorList = z.infer<typeof schemas.factorList>;
export type Factor = FactorList["data"][number];
export type TotpSecret = z.infer<typeof schemas.totpSecret>;
/** With the first factor come recovery codes, shown this once. */
export type FactorAdded = z.infer<typeof schemas.factorAdded>;

export interface PasskeyChallenge<Options> {
  readonly challengeId: string;
  readonly expiresAt: string;
  readonly options: Options;
}

export type PasskeySignIn = PasskeyChallenge<PublicKeyCredentialRequestOptionsJSON>;
export type PasskeyCreation = PasskeyChallenge<PublicKeyCredentialCreationOptionsJSON>;

export interface PasskeyAnswer<Response> {
  readonly challengeId: string;
  readonly name?: string;
  readonly response: Response;
}

export type PasskeySignInAnswer = PasskeyAnswer<AuthenticationResponseJSON>;
export type PasskeyCreationAnswer = PasskeyAnswer<RegistrationResponseJSON>;
