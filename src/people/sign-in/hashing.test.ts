import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createHashing } from "./hashing.ts";
import { passwordMatches, wrapLegacyHash } from "./passwords.ts";

describe("hashing passwords", () => {
  it("of many at once goes in turn, and refuses whom it cannot let wait [AU-05]", async () => {
    const hashing = createHashing({ atOnce: 2, mostWaiting: 3 });
    const answers = await Promise.allSettled(Array.from({ length: 9 }, () => hashing.matches(null, "x")));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused).toHaveLength(4);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "unavailable", httpStatus: 503, retryAfterSeconds: 5 });
    // All places are free again.
    expect(await Promise.all(Array.from({ length: 5 }, () => hashing.matches(null, "x")))).toEqual(Array.from({ length: 5 }, () => false));
  });

  it("gives its place back after a failure", async () => {
    const hashing = createHashing({ atOnce: 1, mostWaiting: 0 });
    await expect(hashing.matches({ hash: "no hash at all", scheme: "argon2id" }, "x")).rejects.toThrow();
    expect(await hashing.matches(null, "x")).toBe(false);
  });
});

describe("a hash of an older system [D1]", () => {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

  it("opens by its password alone, wrapped, however its digits are written", async () => {
    const wrapped = { hash: await wrapLegacyHash(sha256("vieja clave").toUpperCase()), scheme: "sha256+argon2id" } as const;
    expect(wrapped.hash).not.toContain(sha256("vieja clave"));
    expect(await passwordMatches(wrapped, "vieja clave")).toBe(true);
    expect(await passwordMatches(wrapped, "vieja clave ")).toBe(false);
  });

  it("does not open by the hash itself: whoever stole the old table has no password", async () => {
    const wrapped = { hash: await wrapLegacyHash(sha256("vieja clave")), scheme: "sha256+argon2id" } as const;
    expect(await passwordMatches(wrapped, sha256("vieja clave"))).toBe(false);
    expect(await passwordMatches({ ...wrapped, scheme: "argon2id" }, "vieja clave")).toBe(false);
  });
});
