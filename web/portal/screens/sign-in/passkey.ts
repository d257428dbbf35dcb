/** Passkeys in the browser. A fault of the authenticator (cancelled, none there) comes out as an ApiError. */
import { startAuthentication, startRegistration, WebAuthnError } from "@simplewebauthn/browser";
import { ApiError } from "#web/client/errors.ts";
import { createPeopleApi, type PeopleApi } from "#web/client/people.ts";
import type { Requester } from "#web/client/request.ts";
import type { FactorAdded, PasskeyCreation, SecondFactorNeeded } from "#web/client/second-factor.ts";
import type { Session } from "#web/client/types.ts";

/** Signs in by any passkey of this device. */
export async function signInByPasskey(requester: Requester): Promise<Session> {
  const people = createPeopleApi(requester);
  const { challengeId, options } = await people.passkeySignIn();
  return people.answerPasskey({ challengeId, response: await asked(() => startAuthentication({ optionsJSON: options })) });
}

/** The second step of a sign-in, by a passkey. */
export async function answerByPasskey(people: PeopleApi, { challengeId, passkeyOptions }: SecondFactorNeeded["secondFactor"]): Promise<Session> {
  if (passkeyOptions === null) throw new ApiError({ kind: "problem", status: 400, code: "passkey_refused" });
  return people.answerSecondFactor({ challengeId, response: await asked(() => startAuthentication({ optionsJSON: passkeyOptions })) });
}

/** Makes a passkey on this device for whoever is signed in. */
export async function makePasskey(people: PeopleApi, { challengeId, options }: PasskeyCreation, name: string): Promise<FactorAdded> {
  return people.addPasskey({ challengeId, name, response: await asked(() => startRegistration({ optionsJSON: options })) });
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const cause = error instanceof WebAuthnError ? error.cause : error;
    // One name for cancelled, timed out and nothing suitable: the browser does not tell them apart, on purpose.
    const isNotGiven = cause instanceof DOMException && cause.name === "NotAllowedError";
    const isKnown = error instanceof WebAuthnError && error.code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED";
    const code = isKnown ? "passkey_known" : isNotGiven ? "passkey_not_given" : "passkey_refused";
    throw new ApiError({ kind: "problem", status: 400, code, cause: error });
  }
}
