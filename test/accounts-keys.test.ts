/** National ids and links that wait, when the vault's key is changed; and what accounts leave behind. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIdentities } from "#people/accounts/identities.ts";
import { forgetOldAccountTraces } from "#people/accounts/housekeeping.ts";
import { makeUser } from "#people/accounts/users.ts";
import { countUse, isUnused, openVault } from "#sync/ring-keys.ts";
import { rotateKeys } from "#sync/rotate-keys.ts";
import { sendMail } from "#mail/outbox.ts";
import { Secret } from "../src/secret.ts";
import { silentLog } from "../src/log.ts";
import { takeMails } from "./kit/accounts.ts";
import { startTestApp, type TestApp } from "./kit/app.ts";
import { DAY } from "./api/kit.ts";

const K1 = `k1:${"ab".repeat(32)}`;
const K2 = `k2:${"cd".repeat(32)}`;
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

describe("a new key of the vault", () => {
  it("opens national ids and links in mails, and lets the old one go [D1]", async () => {
    const { organizationId } = test.people;
    const others = async (): Promise<number> => (await countUse(test.db.database)).find(({ keyId }) => keyId === "k1")!.other;
    const before = await others();
    const { userId } = await makeUser(test.app.api.accounts, { userId: null, organizationId }, { displayName: "Ana", email: null, username: null, nationalId: "12345678Z", roles: ["patient"], zone: "UTC", locale: "es", password: null });
    await test.db.database.withOrganization(organizationId, (tx) => sendMail(tx, { organizationId, to: "ana@example.org", template: "invitation", locale: "es", link: { url: new Secret("https://x.example/#token"), vault: test.app.sync.vault } }));
    expect(await others()).toBe(before + 2);
    expect(await isUnused(test.db.database, "k1")).toBe(false);

    const vault = await openVault(test.db.database, `${K2},${K1}`);
    expect(await rotateKeys({ database: test.db.database, vault, clock: test.clock, log: silentLog })).toMatchObject({ sealed: before + 2, refused: 0 });
    expect(await isUnused(test.db.database, "k1")).toBe(true);
    const [row] = await test.db.asOwner<{ national_id_sealed: string }>("select national_id_sealed from users where id = $1", [userId]);
    expect(createIdentities({ vault, secret: "any", pattern: null }).open(row!.national_id_sealed, userId)).toBe("12345678Z");
    expect((await takeMails({ ...test.app.mail, vault }))[0]!.text).toContain("https://x.example/#token");
  });

  it("opens a national id for its own user alone", async () => {
    const { identities } = test.app.api.accounts;
    const sealed = identities.seal("12345678Z", test.people.patient.userId);
    expect(identities.open(sealed, test.people.patient.userId)).toBe("12345678Z");
    expect(() => identities.open(sealed, test.people.stranger.userId)).toThrow(expect.objectContaining({ code: "vault_refused" }) as Error);
  });
});

describe("failed tries, links and known browsers", () => {
  it("go when they are of no use any more", async () => {
    const post = (path: string, payload: object): Promise<unknown> => test.request({ method: "POST", url: `/api/v1${path}`, payload });
    await post("/session", { identifier: test.people.patient.email, password: "correct horse battery" });
    await post("/session", { identifier: "nobody@example.org", password: "wrong" });
    await post("/password-recoveries", { identifier: "nobody@example.org" });
    const count = async (): Promise<number[]> =>
      (await test.db.asOwner<{ a: number; b: number; c: number }>("select (select count(*)::int from sign_in_failures) as a, (select count(*)::int from known_devices) as b, (select count(*)::int from account_links) as c")).flatMap(({ a, b, c }) => [a, b, c]);
    await forgetOldAccountTraces(test.db.database, test.clock.now() + DAY);
    expect((await count()).every((n) => n > 0)).toBe(true);
    await forgetOldAccountTraces(test.db.database, test.clock.now() + 32 * DAY);
    expect(await count()).toEqual([0, 0, 0]);
  });
});
