import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

/** The visitor's chat: one classic script, `/widget.js`, that any site can embed. */
export default defineConfig({
  plugins: [preact()],
  publicDir: false,
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: "../hub/static",
    emptyOutDir: false,
    target: ["chrome102", "firefox104", "safari16.4"],
    lib: { entry: "widget/main.tsx", formats: ["iife"], name: "RapportChatScript", fileName: () => "widget.js" },
  },
});
