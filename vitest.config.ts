import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "web/**/*.test.{ts,tsx}", "test/**/*.test.ts"],
    environment: "node",
    globalSetup: ["test/kit/global-setup.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A second, the default, is nothing where two browsers, two servers and a database share two cores.
    expect: { poll: { timeout: 10_000 } },
  },
});
