/** The address to go to; only http and https, whatever a reply says. */
export function httpAddress(text: string): string {
  const url = new URL(text, "http://localhost");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error("The vendor's address is not http.");
  return text;
}
