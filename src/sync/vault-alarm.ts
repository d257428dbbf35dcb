/** A sealed value that does not open is no ordinary error: somebody moved, cut or swapped it, or a key is gone. It is audited and told. */
import { audit } from "#people/audit/audit.ts";
import { HOUR_MS } from "#units/time.ts";
import { VaultRefused } from "../errors.ts";
import type { SyncContext } from "./context.ts";

/** Where the value lies, never what it is. */
export interface SealedThing {
  /** Null for what is nobody's. */
  readonly organizationId: string | null;
  readonly patientId?: string;
  readonly table: "credentials" | "oauth_states" | "provider_subscriptions" | "patient_keys" | "privacy_keys" | "users" | "mails" | "second_factors" | "webhook_secrets";
  readonly objectId: string;
}

type AlarmContext = Pick<SyncContext, "database" | "clock" | "log">;

/** Whoever asks for a broken value again and again must not fill the audit log. */
const AGAIN_AFTER_MS = HOUR_MS;
const told = new WeakMap<object, Map<string, number>>();

/** Runs `work`; a VaultRefused out of it is audited and logged as an error, once an hour for each thing, and thrown on. */
export async function withVaultAlarm<T>(context: AlarmContext, thing: SealedThing, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof VaultRefused) await alarm(context, thing, error);
    throw error;
  }
}

async function alarm(context: AlarmContext, thing: SealedThing, error: VaultRefused): Promise<void> {
  const mine = told.get(context) ?? new Map<string, number>();
  told.set(context, mine);
  const key = `${thing.table}/${thing.objectId}`;
  const nowMs = context.clock.now();
  if (nowMs - (mine.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_AFTER_MS) return;
  mine.set(key, nowMs);
  context.log.error({ event: "vault_refused", table: thing.table, id: thing.objectId, error }, "a sealed value does not open");
  const entry = { action: "vault.refused", objectType: thing.table, objectId: thing.objectId, outcome: "failed", ...(thing.patientId === undefined ? {} : { patientId: thing.patientId }) } as const;
  const { organizationId } = thing;
  await (organizationId === null
    ? context.database.asSystem((tx) => audit(tx, null, entry))
    : context.database.withOrganization(organizationId, (tx) => audit(tx, organizationId, entry)));
}
