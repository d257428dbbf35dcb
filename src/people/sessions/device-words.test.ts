import { describe, expect, it } from "vitest";
import { deviceWords } from "./device-words.ts";

describe("the words for a device", () => {
  it.each([
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Windows"],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge · Windows"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1", "Safari · iPhone"],
    ["Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome · Android"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15", "Safari · macOS"],
    ["Dalvik/2.1.0 (Linux; U; Android 16; Pixel 9)", "Android"],
  ])("of %s are few", (userAgent, words) => expect(deviceWords(userAgent)).toBe(words));

  it.each([undefined, "", "curl/8.9.1", "<script>alert(1)</script>", "\u0000\r\nX-Evil: 1"])("are none for %j: nothing of it is taken over", (userAgent) => {
    expect(deviceWords(userAgent)).toBeNull();
  });

  it("name no version, no model and no person", () => {
    expect(deviceWords("Mozilla/5.0 (Linux; Android 16; Ana's Pixel 9 Pro) Chrome/140.0.7339.80")).toBe("Chrome · Android");
  });

  it("take no longer for a long text", () => {
    const startedMs = performance.now();
    expect(deviceWords("Mozilla ".repeat(200_000))).toBeNull();
    expect(performance.now() - startedMs).toBeLessThan(100);
  });
});
