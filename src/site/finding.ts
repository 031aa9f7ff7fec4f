// A finding as text for people, and values as they may appear in it.
import type { Located, Path } from './site.ts'

/** `guests.router.nics.lan`, `bgp.announce[0]`. */
export function pathText(path: Path): string {
  let text = ''
  for (const part of path)
    text += typeof part === 'number' ? `[${part}]` : text === '' ? plain(part) : `.${plain(part)}`
  return text
}

/**
 * `FILE:LINE:COLUMN  PATH  MESSAGE` and the line itself with a caret, without colour.
 * Errors carry no word for it, warnings say `warning:`.
 */
export function formatFinding(finding: Located): string {
  const where = `${finding.file}:${finding.line}:${finding.column}`
  const message = finding.severity === 'warning' ? `warning: ${finding.message}` : finding.message
  const head = [where, pathText(finding.path), message].filter((part) => part !== '').join('  ')
  return finding.frame === '' ? head : `${head}\n${finding.frame}`
}

/** A value of the site file for a message: short, on one line, without control characters. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    if (value.includes('PRIVATE KEY')) return 'a private key'
    return `"${clip(plain(hideUser(value)), 60)}"`
  }
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' && !Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : '.inf'
  return typeof value === 'object' ? 'a map of keys' : String(value)
}

/** A web address without the user and password in it. */
export function hideUser(value: string): string {
  return value.replace(/(:\/\/)[^/@\s]+(?=@)/g, '$1***')
}

/** At most `length` characters, the rest as `…`. */
function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

/** Without characters that move the cursor, hide text or turn its direction. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')
}
