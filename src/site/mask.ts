// Which values of a file are secrets, however they got there: they are never shown.
import { isMap, isScalar, isSeq } from 'yaml'
import { distance } from './nearest.ts'
import { type Range, rangeOf } from './range.ts'

const SECRET_KEY = /passw|passphrase|secret|psk|token|authkey|privatekey/i

/** What stands under a key that names a secret is never shown, except the parts of a well-formed reference. */
export function secretRanges(node: unknown): Range[] {
  if (isScalar(node) || isSeq(node)) return [rangeOf(node)]
  if (!isMap(node)) return []
  return node.items.flatMap(({ key, value: entry }) => {
    const name = isScalar(key) ? String(key.value) : ''
    const variable = name === 'env' && isScalar(entry) && /^[A-Z_][A-Z0-9_]*$/.test(String(entry.value))
    // `user@realm!name=SECRET` is a whole token in the place of its id.
    const id = name === 'id' && isScalar(entry) && !String(entry.value).includes('=')
    const reference = variable || id || name === 'file' || name === 'command' || name === 'secret'
    return !reference && (isScalar(entry) || isSeq(entry)) ? [rangeOf(entry)] : []
  })
}

/** Mistyped ones too: `pasword`. */
export function namesSecret(key: string): boolean {
  if (SECRET_KEY.test(key)) return true
  const word = key.toLowerCase()
  return (
    key.length > 3 && key.length < 11 && ['password', 'secret', 'token'].some((known) => distance(word, known) <= 2)
  )
}
