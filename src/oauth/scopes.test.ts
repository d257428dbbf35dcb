import { describe, expect, it } from "vitest";
import { scopesOf } from "./scopes.ts";

const auth = { scopes: ["steps", "sleep"], scopesSetting: "scopes", optionalScopes: [{ scope: "food", setting: "nutrition" }] };

describe("the scopes of a consent", () => {
  it("are the vendor's, unless the operator wrote others", () => {
    expect(scopesOf({ scopes: ["steps"] }, {})).toEqual(["steps"]);
    expect(scopesOf(auth, { scopes: "  " })).toEqual(["steps", "sleep"]);
    expect(scopesOf(auth, { scopes: "steps  heart" })).toEqual(["steps", "heart"]);
  });

  it("grow by an optional one only while its switch is on, and never repeat one", () => {
    expect(scopesOf(auth, { nutrition: "off" })).toEqual(["steps", "sleep"]);
    expect(scopesOf(auth, { nutrition: "on" })).toEqual(["steps", "sleep", "food"]);
    expect(scopesOf(auth, { nutrition: "on", scopes: "food" })).toEqual(["food"]);
  });
});
