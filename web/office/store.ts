/** What the office remembers in this browser: how it looks and which columns and filters were saved, never whom somebody looked for. The rest lives as long as the page. */
import { localStorageStore, memoryStore, type Store } from "ra-core";

/** Raised when what is kept has another shape. */
const VERSION = "1";
const KEPT = /^(theme|sidebar\.open|preferences\.|.*\.savedQueries$)/;

export function createOfficeStore(): Store {
  const kept = localStorageStore(VERSION, "islet.office");
  const forgotten = memoryStore();
  const of = (key: string): Store => (KEPT.test(key) ? kept : forgotten);
  return {
    setup: () => {
      kept.setup();
      forgotten.setup();
    },
    teardown: () => {
      kept.teardown();
      forgotten.teardown();
    },
    getItem: (key, fallback) => of(key).getItem(key, fallback),
    setItem: (key, value) => of(key).setItem(key, value),
    removeItem: (key) => of(key).removeItem(key),
    removeItems: (prefix) => {
      kept.removeItems(prefix);
      forgotten.removeItems(prefix);
    },
    // Signing out: appearance and columns are nobody's secret.
    reset: () => forgotten.reset(),
    subscribe: (key, callback) => of(key).subscribe(key, callback),
  };
}
