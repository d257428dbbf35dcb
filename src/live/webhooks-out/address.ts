/** Addresses of receivers: an admin gives them, and they must not lead into the operator's network. Faults DA-17, OA-26. */
import { refusePrivateHost } from "#http/public-address.ts";
import { InvalidInput } from "../../errors.ts";

const MOST_CHARACTERS = 2_000;

/**
 * The whole address as it is called. Throws InvalidInput, without repeating it, unless it is https without a name or password in it and leads to the
 * open Internet; with `allowsPrivate` http and private addresses are fine, too. A name is looked up with each call, and judged once more then.
 */
export function readEndpointUrl(text: string, allowsPrivate: boolean): string {
  const typed = text.trim();
  const url = URL.canParse(typed) ? new URL(typed) : null;
  if (!url || url.hostname === "" || (url.protocol !== "https:" && !(allowsPrivate && url.protocol === "http:"))) {
    throw refusal("Give the whole address of the receiver, such as https://hospital.example.org/islet", "an https address");
  }
  if (url.username !== "" || url.password !== "") throw refusal("The address must not carry a name or password: messages are signed, which proves who sent them.", "without user and password");
  if (!allowsPrivate) refusePrivateHost(url);
  url.hash = "";
  if (url.href.length > MOST_CHARACTERS) throw refusal("The address is too long.", `at most ${MOST_CHARACTERS} characters`);
  return url.href;
}

function refusal(message: string, detail: string): InvalidInput {
  return new InvalidInput(message, { issues: [{ pointer: "/body/url", detail }] });
}
