/** A passkey's authenticator in software: makes keys and signs challenges as WebAuthn level 3 says, and wrongly where a test wants it so. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

interface Told {
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
}

/** What a test may want to be wrong. */
export interface Wrong {
  readonly type?: string;
  readonly counter?: number;
  /** User present (1) and verified (4) by default. */
  readonly flags?: number;
  readonly signature?: Buffer;
}

export interface Authenticator {
  readonly credentialId: string;
  register(told: Told, wrong?: Wrong): Record<string, unknown>;
  authenticate(told: Told, wrong?: Wrong): Record<string, unknown>;
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

export function createAuthenticator(counts = true): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const id = randomBytes(32);
  let counter = 0;
  const next = (wrong: Wrong): number => wrong.counter ?? (counts ? (counter += 1) : 0);
  return {
    credentialId: base64url(id),
    register: (told, wrong = {}) => {
      const authData = Buffer.concat([authenticatorData(told.rpId, wrong.flags ?? 0x45, next(wrong)), Buffer.alloc(16), lengthOf(id), id, coseKey(publicKey)]);
      const attestation = cborMap([["fmt", cborText("none")], ["attStmt", Buffer.from([0xa0])], ["authData", cborBytes(authData)]]);
      return {
        id: base64url(id), rawId: base64url(id), type: "public-key", clientExtensionResults: {},
        response: { clientDataJSON: base64url(clientData(wrong.type ?? "webauthn.create", told)), attestationObject: base64url(attestation), transports: ["internal"] },
      };
    },
    authenticate: (told, wrong = {}) => {
      const authData = authenticatorData(told.rpId, wrong.flags ?? 0x05, next(wrong));
      const client = clientData(wrong.type ?? "webauthn.get", told);
      const signature = wrong.signature ?? sign("sha256", Buffer.concat([authData, createHash("sha256").update(client).digest()]), privateKey);
      return {
        id: base64url(id), rawId: base64url(id), type: "public-key", clientExtensionResults: {},
        response: { clientDataJSON: base64url(client), authenticatorData: base64url(authData), signature: base64url(signature) },
      };
    },
  };
}

function clientData(type: string, { challenge, origin }: Told): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

function authenticatorData(rpId: string, flags: number, counter: number): Buffer {
  const tail = Buffer.alloc(5);
  tail.writeUInt8(flags, 0);
  tail.writeUInt32BE(counter, 1);
  return Buffer.concat([createHash("sha256").update(rpId).digest(), tail]);
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return length;
}

/** EC2, ES256, P-256, x, y (RFC 9053). */
function coseKey(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: "jwk" });
  const part = (value: string | undefined): Buffer => cborBytes(Buffer.from(value!, "base64url"));
  return Buffer.concat([Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]), part(x), Buffer.from([0x22]), part(y)]);
}

function cborMap(entries: readonly (readonly [string, Buffer])[]): Buffer {
  return Buffer.concat([Buffer.from([0xa0 + entries.length]), ...entries.flatMap(([name, value]) => [cborText(name), value])]);
}

function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);
}

function cborBytes(bytes: Uint8Array): Buffer {
  const head = bytes.length < 256 ? Buffer.from([0x58, bytes.length]) : Buffer.concat([Buffer.from([0x59]), lengthOf(bytes)]);
  return Buffer.concat([head, bytes]);
}
