import { expect, it } from "vitest";
import { toCsv } from "./csv.ts";

it("writes what a spreadsheet reads as it stands, and runs nothing", () => {
  expect(toCsv([["time", "note"], [6.2, null], [-1, 'said "no", then\nyes'], ["=HYPERLINK(1)", "-2"]])).toBe(
    "time,note\r\n6.2,\r\n-1,\"said \"\"no\"\", then\nyes\"\r\n'=HYPERLINK(1),'-2\r\n",
  );
});
