/** Mantine in Rapport's clothes: one accent, 13 px body, neutral surfaces from tokens.css. */
import { createTheme, type CSSVariablesResolver } from "@mantine/core";

export const theme = createTheme({
  fontFamily:
    '"Inter Variable", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif',
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "20px" }, h2: { fontSize: "15px" }, h3: { fontSize: "13px" } } },
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  primaryColor: "brand",
  primaryShade: { light: 6, dark: 5 },
  respectReducedMotion: true,
  cursorType: "pointer",
  colors: {
    brand: [
      "#f0f1ff", "#dfe1fe", "#bcc0fb", "#979df7", "#787ff2", "#6267e6", "#4b4fd6", "#3f42bd", "#34379b", "#2a2c7a",
    ],
    dark: [
      "#eceef3", "#b9bfcb", "#959daf", "#6c7485", "#3b404c", "#2a2e37", "#1d2026", "#16181d", "#111317", "#0c0e11",
    ],
  },
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, fz: "xs" } },
    // Without the placeholder an opened menu takes the focus itself: its element would be alien in a `menu`.
    Menu: { defaultProps: { shadow: "md", radius: "md", withInitialFocusPlaceholder: false } },
  },
});

/** The kit's own greys and dimmed text miss the AA contrast: they are taken from our tokens. */
const TOKENS = {
  "--mantine-color-body": "var(--bg)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--text-3)",
  "--mantine-color-placeholder": "var(--text-3)",
  "--mantine-color-default-border": "var(--line-strong)",
  "--mantine-color-error": "var(--bad)",
  "--mantine-color-anchor": "var(--accent)",
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: TOKENS, dark: TOKENS });
