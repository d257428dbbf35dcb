/** Remembers what was made for a key; the longest unused goes first. */
export interface Memo<T> {
  (key: string): T;
  forget(key: string): void;
}

export function createMemo<T>(most: number, make: (key: string) => T): Memo<T> {
  const kept = new Map<string, T>();
  const recall = (key: string): T => {
    const known = kept.get(key);
    const value = known ?? make(key);
    kept.delete(key);
    kept.set(key, value);
    if (kept.size > most) {
      for (const oldest of kept.keys()) {
        kept.delete(oldest);
        break;
      }
    }
    return value;
  };
  return Object.assign(recall, {
    forget(key: string): void {
      kept.delete(key);
    },
  });
}
