/** docs/cryptography.md holds every algorithm, and every place where there is one; nothing weak is among them. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PUBLISHED_ALGORITHMS } from "#people/sessions/outside/settings.ts";
import { code, filesWith, read, server } from "./files.ts";

const DOCUMENT = read("docs/cryptography.md");

/** The first cell of each row of the table below a heading. */
function column(heading: string): string[] {
  const section = DOCUMENT.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return section.split("\n").filter((line) => /^\| (?!---)/.test(line)).slice(1).map((line) => line.split("|")[1]!.trim());
}

const USES = /from "(?:node:crypto|jose|otpauth|@node-rs\/argon2|@simplewebauthn\/server)"/;
const algorithms = (): string[] => [...new Set(server.filter((file) => USES.test(read(file)) || /algorithm/i.test(code(file))).flatMap((file) =>
  [...code(file).matchAll(/["'`](md5|sha-?\d+|aes-\d+-\w+|des[-\w]*|rc4|chacha20[-\w]*|argon2id?|bcrypt|scrypt|pbkdf2|EdDSA|ES\d+|RS\d+|PS\d+|HS\d+|RSA-OAEP[-\d]*|none)["'`]/gi)].map(([, name]) => name!.toLowerCase().replace("sha-", "sha"))))].toSorted();

describe("docs/cryptography.md", () => {
  it("names each algorithm that the code names, and no other is in the code [ASVS 11.1.2, 11.3.1, 11.3.2, 11.4.1]", () => {
    const named = [...column("Algorithms").join(" ").toLowerCase().matchAll(/[a-z0-9-]+/g)].map(([name]) => name);
    const used = algorithms();
    expect(used).toEqual(expect.arrayContaining(["aes-256-gcm", "sha256", "hs256", "rs256", "es256"]));
    // `none` is a setting of other things; a token's algorithm is never that.
    expect(used.filter((name) => name !== "none" && !named.includes(name))).toEqual([]);
    expect(used.filter((name) => /^(md5|des|rc4|.*-(ecb|cbc|ctr)$|bcrypt|pbkdf2)/.test(name))).toEqual([]);
  });

  it("names each place that uses cryptography", () => {
    const places = column("Files").join(" ");
    const unnamed = server.filter((file) => USES.test(read(file))).filter((file) => !places.includes(`\`${file}\``) && !file.split("/").some((_, depth, parts) => places.includes(`\`${parts.slice(0, depth + 1).join("/")}/\``)));
    expect(unnamed).toEqual([]);
  });

  it("says of each key how long it is, how long it lives and how it is changed [ASVS 11.1.1]", () => {
    const rows = DOCUMENT.split("## Keys\n")[1]!.split("\n## ")[0]!.split("\n").filter((line) => /^\| (?!---)/.test(line)).slice(1).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect(row.every((cell) => cell !== ""), row[0]).toBe(true);
    for (const name of ["ISLET_VAULT_KEYS", "ISLET_SESSION_SECRET"]) expect(DOCUMENT).toContain(name);
  });
});

describe("SHA-1", () => {
  it("is used where a vendor's protocol or every authenticator app wants it, and nowhere else", () => {
    expect(filesWith(server, /["']sha-?1["']/i)).toEqual(["src/driver/verify.ts", "src/drivers/fitbit/webhook.ts", "src/drivers/nightscout/auth.ts", "src/people/second-factor/totp.ts"]);
  });
});

describe("ciphers, signatures and hashes", () => {
  it("come from libraries that the industry checks, and none is written here [ASVS 11.2.1]", () => {
    expect(filesWith(server, /createCipheriv|createDecipheriv/)).toEqual(["src/privacy/package/sealed-file.ts", "src/vault/cipher.ts", "src/vault/content.ts"]);
    // The round constants and S-boxes by which a home-made hash or cipher is known.
    expect(filesWith(server, /0x6a09e667|0x67452301|0xd76aa478|0x428a2f98|0x63, ?0x7c, ?0x77/i)).toEqual([]);
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).filter((name) => /crypto-js|md5|sha\.?js|bcryptjs|jsonwebtoken|forge|elliptic|tweetnacl/.test(name))).toEqual([]);
    expect(createHash("sha256").update("abc").digest("hex")).toMatch(/^ba7816bf/);
  });

  it("authenticate what they hide: GCM with the whole tag, checked before anything is given out [ASVS 11.3.3]", () => {
    for (const file of ["src/privacy/package/sealed-file.ts", "src/vault/cipher.ts", "src/vault/content.ts"]) {
      expect(code(file), file).toMatch(/CIPHER = "aes-256-gcm"/);
      expect(code(file), file).toMatch(/TAG_BYTES = 16/);
      expect(code(file), file).toContain("authTagLength: TAG_BYTES");
      expect(code(file), file).toContain("setAuthTag");
    }
  });

  it("sign by Ed25519, and check by a list that holds neither none nor a secret's algorithm [ASVS 11.6.1]", () => {
    expect(code("src/people/sessions/signing-ring.ts")).toContain('"EdDSA"');
    expect([...PUBLISHED_ALGORITHMS].toSorted()).toEqual(["ES256", "EdDSA", "RS256"]);
    expect(filesWith(server, /generateKeyPair|modulusLength/)).toEqual([]);
  });

  it("can be changed beside what is there: sealed texts, passwords, tokens and the audit chain name their kind [ASVS 11.2.2]", () => {
    expect(code("src/vault/seal.ts")).toMatch(/"v1"[\s\S]*"v2"/);
    expect(code("src/people/sign-in/passwords.ts")).toContain("PasswordScheme");
    expect(code("src/people/sessions/access-token.ts")).toMatch(/kid/);
    expect(read("migrations/0016-audit.sql")).toContain("islet-audit-1;");
  });
});
