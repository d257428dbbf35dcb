/** Resolves when all of the work has ended, well or not, or when the time is up. */
export async function atMost(limitMs: number, work: Iterable<Promise<unknown>>): Promise<void> {
  const { promise: patience, resolve } = Promise.withResolvers<undefined>();
  const limit = setTimeout(() => resolve(undefined), limitMs);
  await Promise.race([Promise.allSettled(work), patience]);
  clearTimeout(limit);
}
