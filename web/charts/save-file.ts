/** Gives the person a file to keep, under a name. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The browser has its own hold of it from the click on, but for one that asks first where to put it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
