/**
 * The door for what people's phones and meters send. A device is paired once by a short code that its owner sees signed in; from then on it
 * has a token of its own that can do nothing but send. What it sends is committed before it is acknowledged, like everything that enters.
 */
import { audit } from "#people/audit/audit.ts";
import { digestOf } from "#inbox/inbox.ts";
import { Conflict, InvalidInput, NotAuthenticated, NotFound } from "../errors.ts";
import { checkSettings, type ConnectRequest } from "./connect-settings.ts";
import { readConnection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { refuseUnwantedBy } from "./consent-gate.ts";
import { linkAccount } from "./link.ts";

const CODE_LIFE_MS = 10 * 60_000;
/** Crockford's alphabet: no letter that is taken for a digit. */
const CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH = 8;
const SEEN_PAUSE_SECONDS = 60;

export interface Pairing {
  /** Two groups of four, as shown to the person. */
  readonly code: string;
  readonly expiresMs: number;
}

/** Makes a code by which one device can be paired within ten minutes. */
export async function beginPairing(context: SyncContext, request: ConnectRequest): Promise<Pairing> {
  const provider = context.providers.require(request.providerId);
  const settings = checkSettings(provider, request.settings);
  const bytes = context.randomBytes(CODE_LENGTH);
  const code = [...bytes].map((byte) => CODE_ALPHABET[byte % CODE_ALPHABET.length]).join("");
  const expiresMs = context.clock.now() + CODE_LIFE_MS;
  const { organizationId, id: patientId } = request.patient;
  await context.database.withOrganization(organizationId, async (tx) => {
    await tx.query(
      `insert into oauth_states (state_hash, organization_id, patient_id, user_id, session_hash, provider, verifier_sealed, settings, redirect_uri, return_to, expires_at)
       values ($1, $2, $3, $4, $5, $6, null, $7, '', '', to_timestamp($8::float8 / 1000))`,
      [codeHash(code), organizationId, patientId, request.actor.userId, request.actor.session.hash, provider.driver.id, JSON.stringify(settings), expiresMs],
    );
    await audit(tx, organizationId, {
      action: "connection.begun", actorUserId: request.actor.userId, patientId, objectType: "provider", objectId: provider.driver.id,
    });
  });
  return { code: `${code.slice(0, 4)}-${code.slice(4)}`, expiresMs };
}

/** The same for a code however it was typed. */
function codeHash(code: string): Buffer {
  const plain = code.toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return digestOf("pairing", "\0", plain);
}

export interface PairedDevice {
  readonly ref: ConnectionRef;
  readonly provider: string;
  /** Shown once; only its digest is kept. */
  readonly token: string;
}

interface PairingRow {
  organization_id: string; patient_id: string; user_id: string; provider: string; settings: Record<string, string>; expires_at: number;
}

/** Spends a code: the device becomes a connection of whoever asked for it. Throws InvalidInput (code `pairing_refused`) for a wrong, used or old one. */
export async function pairDevice(context: SyncContext, given: { readonly code: string; readonly name: string | null }): Promise<PairedDevice> {
  // One statement takes the code away, so that it cannot work twice however many come at once.
  const row = await context.database.asSystem(async (tx) =>
    (await tx.query<PairingRow>("delete from oauth_states where state_hash = $1 and redirect_uri = '' returning *", [codeHash(given.code)]))[0]);
  if (!row || row.expires_at <= context.clock.now()) {
    throw new InvalidInput("This pairing code is not valid (any more): make a new one on the page of connections.", { code: "pairing_refused" });
  }
  const provider = context.providers.require(row.provider);
  const token = context.randomBytes(32).toString("base64url");
  const ref = await linkAccount(context, provider, {
    organizationId: row.organization_id, patientId: row.patient_id, userId: row.user_id, tokens: null,
    settings: { ...row.settings, ...(given.name === null ? {} : { device_name: given.name }) },
    account: { vendorUserId: `device-${context.randomBytes(9).toString("base64url")}`, grantedScopes: null },
  });
  await context.database.withOrganization(ref.organizationId, (tx) =>
    tx.query("insert into device_tokens (token_hash, organization_id, patient_id, connection_id) values ($1, $2, $3, $4)", [
      tokenHash(token), ref.organizationId, ref.patientId, ref.connectionId,
    ]),
  );
  return { ref, provider: row.provider, token };
}

const tokenHash = (token: string): Buffer => digestOf("device", "\0", token);

export interface DevicePush {
  readonly provider: string;
  /** Null: what the driver takes when nothing is named. */
  readonly resource: string | null;
  readonly token: string | null;
  readonly body: Uint8Array;
}

/**
 * Takes what a device sends; resolves after it is committed. The same body again is one delivery. Throws NotAuthenticated for a token that
 * is none, NotFound for a resource that devices of this kind do not send, ConsentMissing where the person wants it no more, Conflict where the connection has ended.
 */
export async function acceptPush(context: SyncContext, push: DevicePush): Promise<{ id: string; isNew: boolean }> {
  const ref = push.token === null ? null : await findDevice(context, push.token);
  if (!ref) throw new NotAuthenticated("Send the token that this device was given when it was paired, as a bearer token.");
  const connection = await context.database.withOrganization(ref.organizationId, async (tx) => {
    const found = await readConnection(tx, ref.patientId, ref.connectionId);
    await refuseUnwantedBy(tx, found);
    return found;
  });
  // A token of another vendor's bridge proves nothing here.
  if (connection.provider !== push.provider) throw new NotAuthenticated("This token belongs to another kind of device.");
  if (connection.status === "disconnected" || connection.status === "revoked") throw new Conflict("This device was disconnected: pair it again.", { code: "connection_ended" });
  const { auth } = context.providers.require(push.provider).driver;
  const names = auth.kind === "device" ? auth.pushes : [];
  const resource = push.resource ?? names[0];
  if (resource === undefined || !names.includes(resource)) throw new NotFound(`Such a device sends ${names.join(", ") || "nothing"}.`);
  const accepted = await context.inbox.accept({
    provider: push.provider, via: "push", resource, body: push.body, headers: {}, owner: ref, causedBy: null,
    dedupeKey: digestOf(ref.connectionId, "\0", resource, "\0", push.body),
  });
  await noteSeen(context, ref);
  return accepted;
}

/** Whether a token is some device's: to be asked before its body is read. */
export async function isDevice(context: SyncContext, token: string): Promise<boolean> {
  return (await findDevice(context, token)) !== null;
}

async function findDevice(context: SyncContext, token: string): Promise<ConnectionRef | null> {
  const rows = await context.database.asSystem((tx) =>
    tx.query<{ organization_id: string; patient_id: string; connection_id: string }>(
      "select organization_id, patient_id, connection_id from device_tokens where token_hash = $1", [tokenHash(token)],
    ));
  const row = rows[0];
  return row ? { organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.connection_id } : null;
}

/** A push is to a device what a sync is to a cloud. Once a minute is often enough. */
async function noteSeen(context: SyncContext, ref: ConnectionRef): Promise<void> {
  await context.database.withOrganization(ref.organizationId, (tx) =>
    tx.query(
      `update connections set last_sync_at = to_timestamp($3::float8 / 1000) where patient_id = $1 and id = $2
         and (last_sync_at is null or last_sync_at < to_timestamp($3::float8 / 1000) - make_interval(secs => ${SEEN_PAUSE_SECONDS}))`,
      [ref.patientId, ref.connectionId, context.clock.now()],
    ));
}
