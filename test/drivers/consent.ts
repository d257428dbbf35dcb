/** A person in front of a simulated consent page: reads the form, chooses who to be, ticks every box, allows. */
import { request } from "undici";

/** The address that the page sends the browser back to. Throws when the page refuses, or shows no form. */
export async function consentAs(person: string, authorizeUrl: string): Promise<string> {
  const page = await request(authorizeUrl);
  const html = await page.body.text();
  const action = /<form[^>]*\saction="([^"]*)"/.exec(html)?.[1];
  if (page.statusCode !== 200 || action === undefined) throw new Error(`The consent page answered ${page.statusCode} without a form.`);
  const form = new URLSearchParams();
  for (const [tag] of html.matchAll(/<input\b[^>]*>/g)) {
    const isSent = tag.includes('type="hidden"') || tag.includes('type="checkbox"');
    const name = attribute(tag, "name");
    if (isSent && name !== null) form.append(name, attribute(tag, "value") ?? "on");
  }
  form.set("person", person);
  form.set("decision", "allow");
  const answer = await request(new URL(decode(action), authorizeUrl), {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
  await answer.body.dump();
  const { location } = answer.headers;
  if (typeof location !== "string") throw new Error(`The consent form answered ${answer.statusCode} without an address.`);
  return location;
}

function attribute(tag: string, name: string): string | null {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? null : decode(value);
}

function decode(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
