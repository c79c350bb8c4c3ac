/** Entry of the demo page. */
import "@fontsource-variable/inter/wght.css";
import { render } from "preact";
import "../src/ui/tokens.css";
import { Page } from "./page";
import "./style.css";

const root = document.getElementById("root");
if (root) render(<Page />, root);
