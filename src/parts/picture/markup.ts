// A text as content or attribute of XML and HTML: whatever it says, it stays text.

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What XML 1.0 cannot hold (2.2), and signs that turn the direction of what follows: shown as a sign of their own. */
const NEVER = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufffe\uffff]/gu

/** On one line. Nothing is refused: what cannot be shown becomes `�`. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll(/\r?\n|\t/g, ' ')
    .replaceAll(NEVER, '\ufffd')
    .replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')
}
