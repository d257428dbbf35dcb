import { describe, expect, it } from "vitest";
import { ProviderRateLimited, ProviderUnavailable, ReauthorizationRequired } from "../errors.ts";
import { localeOf, statusDetail, syncFailure } from "./words.ts";

const of = (language?: string) => localeOf({ headers: language === undefined ? {} : { "accept-language": language } });

describe("the words of the API", () => {
  it("are in the first of the reader's languages that Islet speaks, else in English", () => {
    expect([of("es-AR,es;q=0.9"), of("fr, es;q=0.5, en;q=0.4"), of("en-GB"), of("de"), of()]).toEqual(["es", "es", "en", "en", "en"]);
  });

  it("say of each state what is wrong and what to do [E8]", () => {
    expect(statusDetail({ status: "active", statusCode: null, failures: 0 }, "en")).toBeNull();
    expect(statusDetail({ status: "active", statusCode: null, failures: 1 }, "es")).toContain("vuelve a probar");
    expect(statusDetail({ status: "limited", statusCode: null, failures: 0 }, "en")).toContain("allow them");
    expect(statusDetail({ status: "needs_reauthorization", statusCode: null, failures: 9 }, "es")).toContain("conecta de nuevo");
  });

  it("tell consent, a spent budget and an outage apart, without the vendor's own words", () => {
    const told = [new ReauthorizationRequired("x"), new ProviderRateLimited("x", 0), new ProviderUnavailable("x")].map((error) => syncFailure(error, "en"));
    expect(new Set(told).size).toBe(3);
    expect(told.join()).not.toContain("x,");
  });
});
