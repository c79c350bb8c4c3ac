import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const hub = process.env.RAPPORT_HUB ?? "http://127.0.0.1:8080";

/** The console and supervisor page. It is built first, because it empties `hub/static`; demo and widget add to it. */
export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../hub/static",
    emptyOutDir: true,
    target: ["chrome123", "firefox120", "safari17.5"],
    // Older CSS targets make the minifier rewrite light-dark() and lose the dark half.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
  },
  server: {
    port: 5173,
    proxy: { "/api": hub, "/socket.io": { target: hub, ws: true } },
  },
});
