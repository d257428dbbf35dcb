import { expect, it } from "vitest";
import { createTurns } from "./turns.ts";

it("lets one piece of work run at a time, in order, also after one that failed", async () => {
  const turns = createTurns();
  const seen: string[] = [];
  const piece = (name: string) => async (): Promise<string> => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    if (name === "b") throw new Error("no");
    return name;
  };
  expect(await Promise.allSettled(["a", "b", "c"].map((name) => turns(piece(name))))).toMatchObject([{ value: "a" }, { status: "rejected" }, { value: "c" }]);
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});
