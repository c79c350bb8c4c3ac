import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

const hub = process.env.RAPPORT_HUB ?? "http://127.0.0.1:8080";

/** The page on which a newcomer plays the customers: `/demo`. It joins what the console's build left behind. */
export default defineConfig({
  root: "demo",
  plugins: [preact()],
  publicDir: false,
  build: {
    outDir: "../../hub/static",
    emptyOutDir: false,
    target: ["chrome123", "firefox120", "safari17.5"],
    // Older CSS targets make the minifier rewrite light-dark() and lose the dark half.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: "demo/demo.html" },
  },
  server: { proxy: { "/demo/api": hub, "/channels": hub, "/widget.js": hub, "/socket.io": { target: hub, ws: true } } },
});
