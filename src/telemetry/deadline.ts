/** An answer within a time, or none: for looks at services that may hang. */
import { Unavailable } from "../errors.ts";

/** Rejects with Unavailable after `ms` of real time; what `work` does later is nobody's concern. Throws what `work` throws. */
export async function within<T>(ms: number, what: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Unavailable(`${what} did not answer within ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
