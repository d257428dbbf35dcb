import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** react-admin's fallback router is left out of the office, which brings its own (office/router-without-data.ts). */
const officeRouter: Plugin = {
  name: "office-router",
  enforce: "pre",
  resolveId: (source, importer) =>
    source === "react-router-dom" && importer?.endsWith("/reactRouterProvider.js") ? join(import.meta.dirname, "office", "router-without-data.ts") : null,
};

/**
 * Builds the portal and the back office into web/dist, which the API server serves at `/` and `/office`. Everything is a file of its own (no inlined
 * scripts, styles or data: addresses), so that `script-src 'self'; style-src 'self'; img-src 'self'` is enough; the office's page carries a nonce for
 * the styles that its components make.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [officeRouter, react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsDir: "assets",
    assetsInlineLimit: 0,
    // The frame of the office is one piece; its size is held by a test.
    chunkSizeWarningLimit: 1_500,
    modulePreload: { polyfill: false },
    target: "es2022",
    rolldownOptions: { input: { portal: join(import.meta.dirname, "index.html"), office: join(import.meta.dirname, "office", "index.html") } },
  },
  server: {
    // `npm start` in another terminal, then `npx vite web`: the pages reload as you type, the data come from the real server.
    proxy: { "/api": { target: `http://localhost:${process.env["PORT"] ?? "3000"}` } },
  },
});
