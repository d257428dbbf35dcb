import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createApi } from "#web/client/api.ts";
import { ResourceCache } from "#web/client/cache.ts";
import { Presence } from "#web/client/presence.ts";
import { Requester } from "#web/client/request.ts";
import { App, UNAUTHENTICATED } from "./App.tsx";
import { DataProvider } from "./data.tsx";
import { applyTheme, recall, recallTheme } from "./device-memory.ts";
import { guessLocale } from "./language.tsx";
import { watchLinkToken } from "./link-token.ts";
import { loadCatalogue } from "./messages/translate.ts";
import { CrashNote } from "./parts/CrashNote.tsx";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import "./styles/people.css";
import "./styles/record.css";
import "./styles/charts.css";
import "./styles/pictures.css";

watchLinkToken();
applyTheme(recallTheme());

const presence = new Presence(() => Date.now());
for (const sign of ["pointerdown", "keydown", "wheel", "touchmove"]) window.addEventListener(sign, () => presence.noteInput(), { capture: true, passive: true });
// Whoever works in one tab is not idle in the others.
const tabs = new BroadcastChannel("islet.presence");
tabs.addEventListener("message", ({ data }: MessageEvent<unknown>) => (typeof data === "number" ? presence.noteAsked(data) : undefined));
// The rule means windows; a channel has no origin to name.
// eslint-disable-next-line unicorn/require-post-message-target-origin
presence.onAsked = (atMs) => tabs.postMessage(atMs);

const requester = new Requester({
  presence,
  fetch: (input, init) => fetch(input, init),
  onUnauthenticated: () => window.dispatchEvent(new Event(UNAUTHENTICATED)),
});
const source = { api: createApi(requester), cache: new ResourceCache(() => Date.now()), presence };

/** Draws the portal in the language that this browser last used. */
async function start(root: HTMLElement): Promise<void> {
  const catalogue = await loadCatalogue(guessLocale(recall("locale"), navigator.languages));
  createRoot(root).render(
    <StrictMode>
      <CrashNote catalogue={catalogue}>
        <DataProvider value={source}>
          <App catalogue={catalogue} />
        </DataProvider>
      </CrashNote>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);
