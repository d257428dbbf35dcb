import { describe, expect, it } from "vitest";
import type { CloudGrants, Grants, Issued, TokenOutcome } from "./grants.ts";
import { createGrants } from "./grants.ts";
import type { TokenRules } from "./tokens.ts";

const USUAL: TokenRules = { codeSeconds: 60, accessSeconds: 3600, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null };

interface Bench {
  readonly all: Grants;
  readonly grants: CloudGrants;
  readonly pass: (seconds: number) => void;
}

function bench(rules: Partial<TokenRules>): Bench {
  let nowMs = 1_800_000_000_000;
  const all = createGrants({ now: () => nowMs, rulesOf: () => ({ ...USUAL, ...rules }), secretOf: (vendor) => `secret of ${vendor}` });
  return {
    all, grants: all.of("vendor"),
    pass: (seconds) => {
      nowMs += seconds * 1000;
    },
  };
}

function good(outcome: TokenOutcome): Issued {
  if ("refusal" in outcome) throw new Error(outcome.refusal);
  return outcome;
}

describe("refresh tokens", () => {
  it("rotate: the former one is dead, the former access token lives out its time", () => {
    const { grants } = bench({});
    const { tokens: first } = grants.open("ana", ["all"]);
    const { tokens: second } = good(grants.refresh(first.refreshToken));
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(grants.refresh(first.refreshToken)).toHaveProperty("refusal");
    expect(grants.find(first.accessToken)?.personId).toBe("ana");
  });

  it("rotate with access tokens that end at once, where the vendor has it so", () => {
    const { grants } = bench({ endsFormerAccess: true });
    const { tokens: first } = grants.open("ana", []);
    const { tokens: second } = good(grants.refresh(first.refreshToken));
    expect(grants.find(first.accessToken)).toBeNull();
    expect(grants.find(second.accessToken)).not.toBeNull();
  });

  it("stay the same beside new access tokens", () => {
    const { grants } = bench({ refreshing: "keep" });
    const { tokens: first } = grants.open("ana", []);
    const { tokens: second } = good(grants.refresh(first.refreshToken));
    expect(second.refreshToken).toBe(first.refreshToken);
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(good(grants.refresh(first.refreshToken)).tokens.accessToken).not.toBe(second.accessToken);
  });

  it("extend the pair there is", () => {
    const { grants, pass } = bench({ refreshing: "extend" });
    const { tokens: first } = grants.open("ana", []);
    pass(3000);
    const { tokens: second } = good(grants.refresh(first.refreshToken));
    expect(second).toEqual({ ...first, accessExpiresMs: first.accessExpiresMs + 3_000_000 });
    pass(3000);
    expect(grants.find(first.accessToken)).not.toBeNull();
  });

  it("are none", () => {
    const { grants } = bench({ refreshing: "none" });
    expect(grants.refresh(grants.open("ana", []).tokens.refreshToken)).toHaveProperty("refusal");
  });

  it("answer once more within the grace, with the same tokens, and not after it", () => {
    const { grants, pass } = bench({ graceSeconds: 120 });
    const { tokens: first } = grants.open("ana", []);
    const { tokens: second } = good(grants.refresh(first.refreshToken));
    pass(119);
    expect(good(grants.refresh(first.refreshToken)).tokens).toEqual(second);
    pass(1);
    expect(grants.refresh(first.refreshToken)).toHaveProperty("refusal");
  });

  it("lose their grace when the new access token is used, where the vendor has it so", () => {
    const { grants } = bench({ graceSeconds: 28_800, graceEndsWithUse: true });
    const { tokens: first } = grants.open("ana", []);
    const { tokens: second } = good(grants.refresh(first.refreshToken));
    grants.find(first.accessToken);
    expect(grants.refresh(first.refreshToken)).not.toHaveProperty("refusal");
    grants.find(second.accessToken);
    expect(grants.refresh(first.refreshToken)).toHaveProperty("refusal");
  });
});

describe("tokens", () => {
  it("can have the vendor's own look, and are known by it", () => {
    const { grants } = bench({ makeText: ({ kind, plain }) => `${kind}.${Buffer.from(plain).toString("base64url")}` });
    const { tokens } = grants.open("ana", []);
    expect(tokens.accessToken).toMatch(/^access\./);
    expect(grants.find(tokens.accessToken)?.personId).toBe("ana");
    expect(grants.findByRefresh(tokens.refreshToken)?.personId).toBe("ana");
    expect(grants.find(tokens.refreshToken)).toBeNull();
    expect(grants.find(`${tokens.accessToken}A`)).toBeNull();
  });

  it("end one by one, by person, and at another cloud not at all", () => {
    const { all, grants } = bench({});
    const [one, two, other] = [grants.open("ana", []), grants.open("ana", []), all.of("other").open("ana", [])];
    grants.end(one.grant);
    expect([one, two].map(({ tokens }) => grants.find(tokens.accessToken) !== null)).toEqual([false, true]);
    expect(grants.revoke("ana")).toBe(1);
    expect(grants.live("ana")).toEqual([]);
    expect(all.of("other").find(other.tokens.accessToken)).not.toBeNull();
    expect(grants.find(other.tokens.accessToken)).toBeNull();
  });

  it("are the same after a restart", () => {
    const before = bench({ makeText: ({ plain }) => plain.toUpperCase() });
    const { tokens } = before.grants.open("ana", ["all"]);
    const after = bench({ makeText: ({ plain }) => plain.toUpperCase() });
    after.all.restore(before.all.all());
    expect(after.grants.find(tokens.accessToken)?.scopes).toEqual(["all"]);
  });
});
