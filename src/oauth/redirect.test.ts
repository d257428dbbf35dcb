import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidInput } from "../errors.ts";
import { checkRedirectUri, safeReturnPath } from "./redirect.ts";

const schemes = ["islet", "com.example.app"];

describe("checkRedirectUri", () => {
  it.each([
    "https://islet.example/oauth/dexcom/callback",
    "https://islet.example:8443/cb?x=1",
    "http://localhost:3000/oauth/dexcom/callback",
    "http://127.0.0.1:3000/cb",
    "http://[::1]:3000/cb",
    "islet://oauth/callback",
    "com.example.app://oauth/callback",
  ])("[P1][W8] accepts %s unchanged", (uri) => {
    expect(checkRedirectUri(uri, schemes)).toBe(uri);
  });

  it.each([
    "http://islet.example/cb",
    "http://localhost.evil.example/cb",
    "http://127.0.0.1.evil.example/cb",
    "http://localhost@evil.example/cb",
    "https://me:pw@islet.example/cb",
    "https://islet.example/cb#part",
    "https://islet.example/cb#",
    "other://oauth/callback",
    "islet:oauth",
    "javascript://islet/%0aalert(1)",
    "data://x",
    "https:islet.example/cb",
    "//islet.example/cb",
    "/cb",
    "",
    " https://islet.example/cb",
    "https://islet.example/cb\r\nSet-Cookie: a=b",
    "https://islet.example\\@evil.example/cb",
    "https://islet.example/\u0000",
  ])("[P1][OA-09][OA-10] refuses %j", (uri) => {
    expect(() => checkRedirectUri(uri, schemes)).toThrow(InvalidInput);
  });

  it("[OA-10] refuses a scheme that runs code even when somebody lists it", () => {
    expect(() => checkRedirectUri("javascript://x/%0aalert(1)", ["javascript"])).toThrow(InvalidInput);
    expect(safeReturnPath("javascript://x/%0aalert(1)", ["javascript"])).toBe("/");
  });

  it("[W8] does not take a listed 'http' for leave to use plain http anywhere", () => {
    expect(() => checkRedirectUri("http://evil.example/cb", ["http"])).toThrow(InvalidInput);
    expect(safeReturnPath("https://evil.example/cb", ["https", "http"])).toBe("/");
  });
});

describe("safeReturnPath", () => {
  it.each([
    ["/", "/"],
    ["/connections", "/connections"],
    ["/connections?provider=dexcom&q=a%20b#new", "/connections?provider=dexcom&q=a%20b#new"],
    ["/search?q=%C3%89ric", "/search?q=%C3%89ric"],
    ["/a/../b", "/b"],
    ["/x?next=https://evil.example", "/x?next=https://evil.example"],
    ["islet://oauth/callback", "islet://oauth/callback"],
    ["islet://oauth/callback?flow=1", "islet://oauth/callback?flow=1"],
  ])("[OA-10][W8] keeps %j", (returnTo, expected) => {
    expect(safeReturnPath(returnTo, schemes)).toBe(expected);
  });

  it.each([
    undefined,
    "",
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "http:evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "%2f%2fevil.example",
    "/%2f%2fevil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "/%2e%2e//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "/x\r\nSet-Cookie: a=b",
    "/x%0d%0aSet-Cookie:%20a=b",
    "/\u0000",
    " /x",
    "connections",
    "other://oauth/callback",
    "ISLET://oauth/callback",
    "islet:alert(1)",
    "islet://oauth/callback%0d%0aX: y",
  ])("[OA-10] turns %j into the start page", (returnTo) => {
    expect(safeReturnPath(returnTo, schemes)).toBe("/");
  });

  it("[OA-10] with a list goes only to listed pages and below", () => {
    const paths = ["/", "/connections"];
    expect(["/", "/connections", "/connections/7?x=1", "/connectionsx", "/admin", "/connections/../admin"].map((path) => safeReturnPath(path, schemes, paths))).toEqual(
      ["/", "/connections", "/connections/7?x=1", "/", "/", "/"],
    );
  });

  it("[OA-10] never leaves this site, whatever it is given", () => {
    const pieces = fc.constantFrom("/", "\\", "..", ".", "%2f", "%5c", "%0d", "%09", "\t", "\n", ":", "@", "//", "evil.example", "http", "https:", "javascript:", "?", "#", "a");
    const texts = fc.oneof(fc.string(), fc.array(pieces, { maxLength: 8 }).map((each) => each.join("")));
    fc.assert(
      fc.property(texts, (text) => {
        const result = safeReturnPath(text, []);
        expect(new URL(result, "https://this.example").origin).toBe("https://this.example");
        expect(result).toMatch(/^\/(?![/\\])/);
        // oxlint-disable-next-line no-control-regex
        expect(result).not.toMatch(/[\u0000-\u0020]/);
      }),
      { seed: 20_260_504, numRuns: 5_000 },
    );
  });
});
