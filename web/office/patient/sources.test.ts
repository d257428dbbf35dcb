import { expect, it } from "vitest";
import { grouped, sourceLabel } from "./sources.ts";

it("names a source once, by the names that people know", () => {
  const names = new Map([["dexcom", "Dexcom"]]);
  const source = (provider: string | null, device: string | null, attribution: string | null = null) => ({ provider, device, attribution });
  const sources = [source("dexcom", "Dexcom G7"), source("dexcom", "Dexcom G7"), source("nightscout", "xDrip"), source("garmin", null, "Garmin"), source("dexcom", null), source(null, null)];
  expect(grouped(sources, (each) => sourceLabel(each, names)).map(({ label, members }) => [label, members.length])).toEqual([
    ["Dexcom G7", 2], ["nightscout · xDrip", 1], ["Garmin", 1], ["Dexcom", 1], ["–", 1],
  ]);
});
