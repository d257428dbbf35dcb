/** From words that people choose as passwords to the passwords that they make of them when they must be longer. Pure. */

/** What is put behind a word, in the order in which guessers try it. */
const ENDINGS = ["", "1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "01", "007", "69", "100", "2000", "2020", "2021", "2022", "2023", "2024", "2025", "2026"];
/** So many of the first words are joined with one another; the list is by how common they are. */
const JOINED = 64;
const LEAST = 8;

/** Every password of at least eight letters, folded as `foldPassword` folds, each once, sorted. */
export function spreadPasswords(words: readonly string[]): string[] {
  const known = [...new Set(words.map(foldPassword))];
  const first = known.slice(0, JOINED);
  const made = [
    ...known.flatMap((word) => [...ENDINGS.map((ending) => word + ending), word + word, word + word + word, word + Array.from(word).toReversed().join(""), `my${word}`, `mi${word}`, `${word}forever`]),
    ...first.flatMap((one) => first.map((other) => one + other)),
  ];
  return [...new Set(made.map(foldPassword))].filter((password) => password.length >= LEAST).toSorted();
}

const LOOKALIKES: Readonly<Record<string, string>> = { "0": "o", "1": "i", "!": "i", "|": "i", "3": "e", "4": "a", "@": "a", "5": "s", $: "s", "7": "t", "+": "t", "8": "b", "9": "g" };

/** As guessers see it: small letters without marks, and nothing between them. Digits stay digits. */
export function foldPassword(password: string): string {
  return password.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[\s._\-'"]/g, "");
}

/** With the digits and signs that stand for letters read as those. */
export function readLookalikes(folded: string): string {
  return Array.from(folded).map((letter) => LOOKALIKES[letter] ?? letter).join("");
}
