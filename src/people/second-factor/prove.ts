/**
 * The second step of a sign-in, and the one step of a sign-in by passkey. A challenge takes five tries; tries are counted for the account, too, so that nobody goes on
 * with a new challenge where the last one ended (faults AU-17, AU-18).
 */
import type { Database, Tx } from "#db/database.ts";
import type { Vault } from "#vault/seal.ts";
import type { Clock } from "../../clock.ts";
import { NotAuthenticated } from "../../errors.ts";
import { audit } from "../audit/audit.ts";
import type { Proven } from "../sign-in/sign-in.ts";
import { endChallenge, openChallenge, takeChallenge, tryChallenge } from "./challenges.ts";
import { findPasskey, secondFactorsOf, notePasskeyUse, passkeysOf, recoveryCodesLeft, useRecoveryCode, useTotp, type StoredPasskey } from "./factors.ts";
import { authenticationOptions, checkAuthentication, type AuthenticationResponseJSON, type Party, type PublicKeyCredentialRequestOptionsJSON } from "./passkeys.ts";

export interface Asked {
  readonly challengeId: string;
  readonly expiresMs: number;
  readonly methods: readonly ("totp" | "passkey" | "recovery_code")[];
  readonly passkeyOptions: PublicKeyCredentialRequestOptionsJSON | null;
}

/** What was given in answer. */
export type Answer = { readonly code: string } | { readonly recoveryCode: string } | { readonly response: AuthenticationResponseJSON };

export interface SecondFactor {
  /** Asks for the second step of somebody whose password was right. */
  ask(proven: Proven): Promise<Asked>;
  /** Who has answered. Throws NotAuthenticated for a wrong answer and for a step that is over. */
  answer(challengeId: string, answer: Answer): Promise<Proven>;
  /** Asks for any passkey of anybody. */
  askPasskey(): Promise<{ readonly challengeId: string; readonly expiresMs: number; readonly options: PublicKeyCredentialRequestOptionsJSON }>;
  /** Whose passkey has answered. Throws NotAuthenticated. */
  answerPasskey(challengeId: string, response: AuthenticationResponseJSON): Promise<Proven>;
}

export interface SecondFactorParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly party: Party;
  /** Counts a try for the account; false while it has to wait. */
  readonly admit: (tx: Tx, userId: string) => Promise<boolean>;
  /** The tries so far are forgiven. */
  readonly forgive: (tx: Tx, userId: string) => Promise<void>;
}

const WRONG = "That did not work: check the code, or take another way to prove that it is you.";

export function createSecondFactor(parts: SecondFactorParts): SecondFactor {
  const { database, clock, party } = parts;
  return {
    ask: ({ userId, organizationId }) => database.asSystem(async (tx) => {
      const { totp, passkey } = await secondFactorsOf(tx, userId);
      const options = passkey ? await authenticationOptions(party, await passkeysOf(tx, userId)) : null;
      const { id, expiresMs } = await openChallenge(tx, { purpose: "second_factor", userId, organizationId, challenge: options?.challenge ?? null }, clock.now());
      const hasCodes = (await recoveryCodesLeft(tx, userId)) > 0;
      return { challengeId: id, expiresMs, methods: [...(totp ? (["totp"] as const) : []), ...(passkey ? (["passkey"] as const) : []), ...(hasCodes ? (["recovery_code"] as const) : [])], passkeyOptions: options };
    }),

    answer: async (challengeId, answer) => {
      // The try counts whatever comes of it: it is committed before the answer is looked at.
      const asked = await database.asSystem(async (tx) => {
        const challenge = await tryChallenge(tx, challengeId, clock.now());
        return { ...challenge, mayTry: await parts.admit(tx, challenge.userId!) };
      });
      const proven = { userId: asked.userId!, organizationId: asked.organizationId! };
      const isRight = asked.mayTry && (await database.asSystem((tx) => isAnswer(parts, tx, { ...proven, challenge: asked.challenge }, answer)));
      await database.asSystem(async (tx) => {
        if (isRight) {
          await endChallenge(tx, challengeId);
          await parts.forgive(tx, proven.userId);
        }
        const what = { actorUserId: proven.userId, objectType: "user", objectId: proven.userId };
        await audit(tx, proven.organizationId, isRight ? { ...what, action: "recoveryCode" in answer ? "recovery_code.used" : "second_factor.proved" } : { ...what, action: "second_factor.refused", outcome: "refused" });
      });
      if (!isRight) throw new NotAuthenticated(WRONG);
      return proven;
    },

    askPasskey: () => database.asSystem(async (tx) => {
      const options = await authenticationOptions(party, []);
      const { id, expiresMs } = await openChallenge(tx, { purpose: "passkey_sign_in", userId: null, organizationId: null, challenge: options.challenge }, clock.now());
      return { challengeId: id, expiresMs, options };
    }),

    answerPasskey: async (challengeId, response) => {
      const { challenge } = await database.asSystem((tx) => takeChallenge(tx, challengeId, "passkey_sign_in", clock.now()));
      return database.asSystem(async (tx) => {
        const passkey = await findPasskey(tx, response.id);
        if (!passkey || challenge === null) throw new NotAuthenticated(WRONG);
        if (!(await isPasskey(parts, tx, { passkey, challenge, response }))) throw new NotAuthenticated(WRONG);
        await audit(tx, passkey.organizationId, { action: "second_factor.proved", actorUserId: passkey.userId, objectType: "user", objectId: passkey.userId });
        return { userId: passkey.userId, organizationId: passkey.organizationId };
      });
    },
  };
}

async function isAnswer(parts: SecondFactorParts, tx: Tx, asked: Proven & { readonly challenge: string | null }, answer: Answer): Promise<boolean> {
  const nowMs = parts.clock.now();
  if ("code" in answer) return useTotp(tx, asked.userId, { code: answer.code.trim(), nowMs, vault: parts.vault });
  if ("recoveryCode" in answer) return useRecoveryCode(tx, asked.userId, { code: answer.recoveryCode, nowMs });
  const passkey = await findPasskey(tx, answer.response.id);
  // Somebody else's passkey is none.
  if (!passkey || passkey.userId !== asked.userId || asked.challenge === null) return false;
  return isPasskey(parts, tx, { passkey, challenge: asked.challenge, response: answer.response });
}

async function isPasskey(parts: SecondFactorParts, tx: Tx, given: { readonly passkey: StoredPasskey; readonly challenge: string; readonly response: AuthenticationResponseJSON }): Promise<boolean> {
  try {
    const { counter, isBackedUp } = await checkAuthentication(parts.party, given.response, given);
    return await notePasskeyUse(tx, given.passkey.id, { counter, isBackedUp, nowMs: parts.clock.now() });
  } catch (error) {
    if (error instanceof NotAuthenticated) return false;
    throw error;
  }
}
