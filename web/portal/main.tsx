import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createApi } from "#web/client/api.ts";
import { ResourceCache } from "#web/client/cache.ts";
import { Requester } from "#web/client/request.ts";
import { App, UNAUTHENTICATED } from "./App.tsx";
import { DataProvider } from "./data.tsx";
import { applyTheme, recallTheme } from "./device-memory.ts";
import { CrashNote } from "./parts/CrashNote.tsx";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import "./styles/charts.css";

applyTheme(recallTheme());

const requester = new Requester({
  fetch: (input, init) => fetch(input, init),
  onUnauthenticated: () => window.dispatchEvent(new Event(UNAUTHENTICATED)),
});
const source = { api: createApi(requester), cache: new ResourceCache(() => Date.now()) };

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <CrashNote>
        <DataProvider value={source}>
          <App />
        </DataProvider>
      </CrashNote>
    </StrictMode>,
  );
}
