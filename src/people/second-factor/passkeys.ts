/**
 * Passkeys: WebAuthn level 3 by @simplewebauthn/server. The origin and the party's name come from the configuration, never from the request; a challenge works
 * once; a counter that goes back is refused (faults AU-18; ASVS 6.3.3, 6.5.7).
 */
import {
  generateAuthenticationOptions, generateRegistrationOptions, verifyAuthenticationResponse, verifyRegistrationResponse,
  type AuthenticationResponseJSON, type PublicKeyCredentialCreationOptionsJSON, type PublicKeyCredentialRequestOptionsJSON, type RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { InvalidInput, NotAuthenticated } from "../../errors.ts";

export type { AuthenticationResponseJSON, PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON };

/** Islet as browsers know it. */
export interface Party {
  readonly origins: readonly string[];
  /** The host of the canonical origin. */
  readonly id: string;
}

export function partyOf(publicOrigins: readonly string[]): Party {
  return { origins: publicOrigins, id: new URL(publicOrigins[0]!).hostname };
}

export interface Passkey {
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
}

/** Options for making a passkey. It shall be able to say by itself who it is (discoverable) and ask for a finger, a face or a PIN. */
export function registrationOptions(party: Party, user: { readonly id: string; readonly name: string; readonly displayName: string }, known: readonly Passkey[]): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: "Islet", rpID: party.id, userID: new TextEncoder().encode(user.id), userName: user.name, userDisplayName: user.displayName, attestationType: "none",
    excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
}

/** What a new passkey is. Throws InvalidInput for an answer that does not belong to the challenge, the origin or the party. */
export async function checkRegistration(party: Party, response: RegistrationResponseJSON, challenge: string): Promise<Passkey & { readonly isBackedUp: boolean }> {
  const checked = await verifyRegistrationResponse({
    response, expectedChallenge: challenge, expectedOrigin: [...party.origins], expectedRPID: party.id, requireUserVerification: true,
  }).catch((error: unknown) => {
    throw new InvalidInput("The passkey's answer does not belong to this step.", { code: "passkey_refused", cause: error });
  });
  if (!checked.verified) throw new InvalidInput("The passkey's answer does not belong to this step.", { code: "passkey_refused" });
  const { credential, credentialBackedUp } = checked.registrationInfo;
  return { credentialId: credential.id, publicKey: credential.publicKey, counter: credential.counter, transports: credential.transports ?? [], isBackedUp: credentialBackedUp };
}

/** Options for signing in; of any passkey where none are named. */
export function authenticationOptions(party: Party, known: readonly Passkey[]): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({ rpID: party.id, userVerification: "required", allowCredentials: known.map(({ credentialId }) => ({ id: credentialId })) });
}

/** The passkey's new counter. Throws NotAuthenticated for an answer that is not this passkey's to this challenge, and for a counter that went back (a copy). */
export async function checkAuthentication(party: Party, response: AuthenticationResponseJSON, expected: { readonly challenge: string; readonly passkey: Passkey }): Promise<{ counter: number; isBackedUp: boolean }> {
  const { credentialId, publicKey, counter } = expected.passkey;
  const checked = await verifyAuthenticationResponse({
    response, expectedChallenge: expected.challenge, expectedOrigin: [...party.origins], expectedRPID: party.id, requireUserVerification: true,
    credential: { id: credentialId, publicKey: Uint8Array.from(publicKey), counter },
  }).catch((error: unknown) => {
    throw new NotAuthenticated("The passkey was not accepted.", { cause: error });
  });
  if (!checked.verified) throw new NotAuthenticated("The passkey was not accepted.");
  return { counter: checked.authenticationInfo.newCounter, isBackedUp: checked.authenticationInfo.credentialBackedUp };
}
