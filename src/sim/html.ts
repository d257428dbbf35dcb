/** Pages of the simulated clouds: plain HTML that works without script, everything put in is escaped. */

import { createHash } from "node:crypto";
import type { Answer } from "./exchange.ts";

/** Text that is already HTML. */
export interface Html {
  readonly html: string;
}

type Piece = Html | readonly Html[] | string | number | null | false;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? "");
}

/** Template tag: strings and numbers are escaped, `Html` is not; null and false are nothing. */
export function html(texts: TemplateStringsArray, ...pieces: Piece[]): Html {
  const render = (piece: Piece): string => {
    if (piece === null || piece === false) return "";
    if (typeof piece === "string" || typeof piece === "number") return escapeHtml(String(piece));
    return "html" in piece ? piece.html : piece.map(render).join("");
  };
  return { html: texts.map((text, index) => text + (index < pieces.length ? render(pieces[index] ?? null) : "")).join("") };
}

export const STYLE = `
:root { color-scheme: light dark; --ground: #f6f7f8; --panel: #fff; --ink: #1b1f24; --soft: #4d565f; --line: #7d8790; --act: #0b57d0; --on-act: #fff; --note: #fff4d6; --note-ink: #4a3500; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --panel: #1e2226; --ink: #eceff1; --soft: #b4bcc4; --line: #7d8790; --act: #a8c7fa; --on-act: #0b1d3a; --note: #3a2f10; --note-ink: #ffe7a8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
main.wide { max-width: 72rem; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: 1.25rem; margin: 1rem 0; }
.note { background: var(--note); color: var(--note-ink); border-radius: .5rem; padding: .6rem .9rem; margin: 0; }
h1 { font-size: 1.4rem; margin: 1rem 0 .5rem; } h2 { font-size: 1.15rem; margin: 0 0 .5rem; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .5rem 0; } .soft { color: var(--soft); }
label, legend { font-weight: 600; } .row { display: flex; gap: .75rem; flex-wrap: wrap; align-items: end; margin: .5rem 0; }
.field { display: grid; grid-template-columns: minmax(0, 1fr); gap: .25rem; min-width: 0; } .field select { width: 100%; } .check { display: flex; gap: .5rem; align-items: start; margin: .4rem 0; } .check label { font-weight: 400; }
.check input { width: 1.25rem; height: 1.25rem; margin: .15rem 0 0; flex: none; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; }
select, input[type=number], input[type=text] { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; padding: .5rem; min-height: 2.75rem; max-width: 100%; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.1rem; border-radius: .4rem; border: 1px solid var(--act); background: transparent; color: var(--act); cursor: pointer; }
button.main { background: var(--act); color: var(--on-act); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
a { color: var(--act); }
.scroll { overflow-x: auto; max-height: 24rem; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
.scroll.whole { max-height: none; } .whole > table { min-width: 54rem; } .whole details { position: sticky; left: 0; max-width: calc(100vw - 6.5rem); } td.account { white-space: nowrap; } tr.line > * { border-bottom: 0; padding-bottom: 0; } summary { cursor: pointer; min-height: 1.75rem; color: var(--soft); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; } th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font-size: .9em; overflow-wrap: anywhere; }
`;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** A whole page. `formTargets` are the origins a form on it may lead to, besides its own. */
export function page(title: string, content: Html, options: { status?: number; isWide?: boolean; formTargets?: readonly string[] } = {}): Answer {
  const body = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${{ html: STYLE }}</style></head>
<body><main${{ html: options.isWide ? ' class="wide"' : "" }}>${content}</main></body></html>`;
  const policy = [
    "default-src 'none'", `style-src 'sha256-${STYLE_HASH}'`, "base-uri 'none'", "frame-ancestors 'none'",
    `form-action 'self' ${(options.formTargets ?? []).join(" ")}`.trim(),
  ].join("; ");
  return {
    status: options.status ?? 200,
    type: "text/html; charset=utf-8",
    headers: { "content-security-policy": policy, "cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" },
    body: body.html,
  };
}
