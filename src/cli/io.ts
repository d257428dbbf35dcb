/** What a command reads and writes, so that tests can stand in. */
export interface CommandIo {
  readFile(path: string): Uint8Array;
  stdout(text: string): void;
  stderr(text: string): void;
}
