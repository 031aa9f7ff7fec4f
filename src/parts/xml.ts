// A text as the content of an XML element (XML 1.0, 2.2 and 2.4).
import { OrionError } from '../errors.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** What XML has no place for, escaped or not: control characters, halves of surrogate pairs, U+FFFE and U+FFFF. */
const NEVER = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u

/** `what` names it in the error, as the text itself may be a secret. Errors: E_SITE. */
export function escapeXml(text: string, what: string): string {
  if (NEVER.test(text)) throw new OrionError(`${what} has a sign that XML cannot hold`, { code: 'E_SITE' })
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')
}
