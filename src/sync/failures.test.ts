import { describe, expect, it } from "vitest";
import {
  InternalError, ProviderContractBroken, ProviderMisconfigured, ProviderRateLimited, ProviderUnavailable, ReauthorizationRequired,
} from "../errors.ts";
import { afterFailure } from "./failures.ts";

const NOW = { nowMs: 1_000_000_000, random: 1 };
const healthy = { status: "active", failures: 0 } as const;

describe("afterFailure", () => {
  it("[OA-20] asks the person, and nobody else, for a new consent", () => {
    expect(afterFailure(healthy, new ReauthorizationRequired("x"), NOW)).toEqual({ status: "needs_reauthorization", nextMs: null, failures: 0 });
  });

  it("[OA-21] keeps a connection active through a vendor's outage and tries again ever more rarely, at most every six hours", () => {
    const pauses = Array.from({ length: 14 }, (_, failures) => afterFailure({ status: "active", failures }, new ProviderUnavailable("x"), NOW).nextMs! - NOW.nowMs);
    expect(pauses.slice(0, 4)).toEqual([120_000, 240_000, 480_000, 960_000]);
    expect(pauses.at(-1)).toBe(6 * 3_600_000);
    expect(afterFailure(healthy, new ProviderUnavailable("x"), { ...NOW, random: 0 }).nextMs).toBe(NOW.nowMs + 30_000);
  });

  it("[E8] shows an error after five failures in a row, not before", () => {
    const statuses = [0, 1, 2, 3, 4, 5].map((failures) => afterFailure({ status: "active", failures }, new ProviderContractBroken("x", "/a"), NOW).status);
    expect(statuses).toEqual(["active", "active", "active", "active", "error", "error"]);
    expect(afterFailure({ status: "limited", failures: 0 }, new InternalError("x"), NOW).status).toBe("limited");
  });

  it("[VA-02] comes back when a vendor that counts says so, and does not count it as a failure", () => {
    expect(afterFailure({ status: "active", failures: 4 }, new ProviderRateLimited("x", NOW.nowMs + 90_000), NOW)).toEqual({
      status: "active", nextMs: NOW.nowMs + 90_000, failures: 4,
    });
    expect(afterFailure(healthy, new ProviderRateLimited("x", 5), NOW).nextMs).toBeGreaterThan(NOW.nowMs);
  });

  it("[OA-20] gives up no connection for our own wrong registration", () => {
    expect(afterFailure({ status: "active", failures: 20 }, new ProviderMisconfigured("x"), NOW).status).toBe("active");
  });
});
