import { inspect } from "node:util";

/**
 * A token, key or password in memory. Prints as `[secret]` wherever it lands by accident: in a log line, an error, JSON, the
 * debugger. Opened only where it is used.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  open(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}
