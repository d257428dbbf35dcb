/** COPY as an application does it: rows written as text and sent over its connection. What we compare ourselves with. */
import type pg from "pg";

/** Lines of one message on the wire. */
const LINES_AT_ONCE = 2_000;

interface WireConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Sends the rows into `target` (`table (columns)`); each is written by `line`, in CSV. Gives the seconds it took, the commit included. */
export async function copyIn<Row>(client: pg.Client, target: string, rows: readonly Row[], line: (row: Row) => string): Promise<number> {
  const begun = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  // The driver's own queue takes anything that can submit itself and hears how it ends.
  const job = {
    submit: (connection: WireConnection) => connection.query(`copy ${target} from stdin with (format csv)`),
    handleCopyInResponse: (connection: WireConnection) => {
      for (let at = 0; at < rows.length; at += LINES_AT_ONCE) {
        let text = "";
        for (const row of rows.slice(at, at + LINES_AT_ONCE)) text += `${line(row)}\n`;
        connection.sendCopyFromChunk(Buffer.from(text));
      }
      connection.endCopyFrom();
    },
    handleCommandComplete: () => undefined,
    handleReadyForQuery: () => resolve(undefined),
    handleError: (error: Error) => reject(error),
  };
  client.query(job as unknown as pg.Submittable);
  await promise;
  return (performance.now() - begun) / 1000;
}
