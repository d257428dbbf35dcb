import { describe, expect, it } from "vitest";
import { runMap } from "./map.ts";

async function map(vendor: string, body: string): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const code = await runMap({ vendor, resource: "webhook", file: "body", tz: "Europe/Madrid" }, {
    readFile: () => new TextEncoder().encode(body), stdout: (text) => (out += text), stderr: (text) => (err += text),
  });
  return { code, out, err };
}

describe("islet map … webhook", () => {
  it("reads the fields of a form where the vendor sends one, with a line end behind it", async () => {
    const { code, err } = await map("withings", "userid=363&startdate=1760000000&enddate=1760003600&appli=1\n");
    expect([code, err]).toEqual([0, "/: a hint: getmeas would be fetched\n"]);
  });

  it("keeps ids that JavaScript's numbers cannot hold", async () => {
    const event = '{"user_id":9007199254740993,"id":"ecfc6a15-4661-442f-a9a4-f160dd7afae8","type":"sleep.updated","trace_id":"t"}';
    expect((await map("whoop", event)).err).toBe("/: a hint: sleep would be fetched\n");
  });

  it("refuses what is no JSON where JSON is sent", async () => {
    await expect(map("whoop", "userid=363")).rejects.toThrow("The payload is no JSON.");
  });
});
