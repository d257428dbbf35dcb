/** Certificates for tests of TLS, made on the spot: X.509 v3 in DER, elliptic keys, an authority of the test's own (RFC 5280). */
import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";

export interface Certified {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Certified {
  /** A certificate of this authority for a host, valid within these times. */
  issue(host: string, validity: Validity): Certified;
}

export interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One element: tag, length, content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const time = (ms: number): Buffer => der(0x18, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`));
const name = (text: string): Buffer => sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(text)))));
const pem = (label: string, bytes: Buffer): string => `-----BEGIN ${label}-----\n${bytes.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd()}\n-----END ${label}-----\n`;

const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
const CRITICAL = der(0x01, Buffer.from([0xff]));
const BASIC_CONSTRAINTS = sequence(oid("551d13"), CRITICAL, der(0x04, sequence(CRITICAL)));
const namedHost = (host: string): Buffer => sequence(oid("551d11"), der(0x04, sequence(der(0x82, Buffer.from(host)))));

interface Facts {
  readonly subject: string;
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly validity: Validity;
  readonly extension: Buffer;
}

let serial = 0x1000;

function certificate({ subject, issuer, issuerKey, publicKey, validity, extension }: Facts): string {
  serial += 1;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, Buffer.from([serial >> 8, serial & 0xff])), ECDSA_SHA256, name(issuer),
    sequence(time(validity.fromMs), time(validity.toMs)), name(subject), publicKey.export({ type: "spki", format: "der" }), der(0xa3, sequence(extension)),
  );
  return pem("CERTIFICATE", sequence(body, ECDSA_SHA256, der(0x03, Buffer.from([0]), sign("sha256", body, issuerKey))));
}

const makeKeys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const keyText = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }) as string;

/** An authority that nobody knows but who is given its certificate. */
export function createAuthority(validity: Validity): Authority {
  const own = makeKeys();
  const subject = "An authority of a test";
  return {
    cert: certificate({ subject, issuer: subject, issuerKey: own.privateKey, publicKey: own.publicKey, validity, extension: BASIC_CONSTRAINTS }),
    key: keyText(own.privateKey),
    issue: (host, within) => {
      const keys = makeKeys();
      const cert = certificate({ subject: host, issuer: subject, issuerKey: own.privateKey, publicKey: keys.publicKey, validity: within, extension: namedHost(host) });
      return { cert, key: keyText(keys.privateKey) };
    },
  };
}

/** A certificate that vouches for itself. */
export function selfSigned(host: string, validity: Validity): Certified {
  const keys = makeKeys();
  const issuerKey = createPrivateKey(keyText(keys.privateKey));
  return { cert: certificate({ subject: host, issuer: host, issuerKey, publicKey: keys.publicKey, validity, extension: namedHost(host) }), key: keyText(keys.privateKey) };
}
