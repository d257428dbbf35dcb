import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/**
 * Builds the portal into web/dist, which the API server serves at `/`. Everything is a file of its own (no inlined scripts, styles
 * or data: addresses), so that `script-src 'self'; style-src 'self'; img-src 'self'` is enough.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsDir: "assets",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: {
    // `npm start` in another terminal, then `npx vite web`: the pages reload as you type, the data come from the real server.
    proxy: { "/api": { target: `http://localhost:${process.env["PORT"] ?? "3000"}` } },
  },
});
