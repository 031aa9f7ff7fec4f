// Which parts of a file are secrets, however they got there: they are never shown.
import { isMap, isScalar, isSeq, type Pair } from 'yaml'
import { distance } from './nearest.ts'
import { type Range, rangeOf } from './range.ts'

const SECRET_KEY =
  /passw|passphrase|(?<!by)pass$|pwd|secret|psk|preshared|token|credential|(?:auth|api|private)[_-]?key/i
const REFERENCE = new Set(['env', 'file', 'command'])
const TOKEN = new Set(['id', 'secret'])

/** What stands under a key that names a secret is never shown, except a well-formed reference. Nor is a comment behind it. */
export function secretsOf({ key, value }: Pair, target: unknown, text: string): Range[] {
  const after = rangeOf(key)[1]
  const colon = text.indexOf(':', after)
  const begin = colon < 0 ? after : skipSpaces(text, colon + 1)
  const own = rangeOf(value)
  const end = Math.max(begin, own[1])
  // An anchor or a tag before the value is part of what was written there.
  const inside = isReference(target) ? [] : isToken(target) ? tokenSecrets(target) : [[begin, end] as const]
  // An alias shows nothing by itself, but its target stands elsewhere.
  const elsewhere = target === value || inside.length === 0 ? [] : [rangeOf(target)]
  return [...inside, ...elsewhere, ...commentBehind(text, Math.max(begin, own[1]))]
}

/** `{ env: NAME }`, `{ file: path }` or `{ command: [program] }`: it may be shown. */
function isReference(node: unknown): boolean {
  if (!isMap(node) || node.items.length !== 1) return false
  const [{ key, value } = { key: undefined, value: undefined }] = node.items
  if (!isScalar(key) || !REFERENCE.has(String(key.value))) return false
  if (key.value === 'command') return isSeq(value)
  if (!isScalar(value)) return false
  // Anything may be a file's name, but names of variables are written large.
  return key.value === 'file' || /^[A-Z_][A-Z0-9_]*$/.test(String(value.value))
}

/** `{ id, secret }` of an API token; its `secret` is looked at on its own. */
function isToken(node: unknown): boolean {
  return isMap(node) && node.items.every(({ key }) => isScalar(key) && TOKEN.has(String(key.value)))
}

function tokenSecrets(node: unknown): Range[] {
  if (!isMap(node)) return []
  return node.items.flatMap(({ key, value }) => {
    if (isScalar(key) && key.value === 'secret') return []
    // `user@realm!name=SECRET` is a whole token in the place of its id.
    return isScalar(value) && !String(value.value).includes('=') ? [] : [rangeOf(value)]
  })
}

function skipSpaces(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}

function commentBehind(text: string, from: number): Range[] {
  const at = skipSpaces(text, from)
  return text[at] === '#' ? [[at, endOfLine(text, at)]] : []
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

const KEY = /(?:^|[\s{[,?-])["']?([\w.-]+)["']?[ \t]*:(?=\s|$)[ \t]*/gm
const SHOWN =
  /(?:\{\s*(?:env:\s*["']?[A-Z_][A-Z0-9_]*["']?|file:\s*[^\s,{}[\]]+|command:\s*\[[^\]\n]*\])\s*\}[ \t]*(?=[,}\]\n]|$)|\{\s*(?=(?:id|secret)["']?\s*:))/y
const NEXT_KEY = /[ \t]*(?:[-{[][ \t]*)*(?:["']?[\w.-]+["']?[ \t]*:(?:\s|$)|#|[}\]]|\r?\n|$)/y

/**
 * The same for text that is not YAML, where nobody can say what ends where: from such a key to the end of its line, and the
 * lines after it up to the next that begins as a key does.
 */
export function secretsOfText(text: string): Range[] {
  const ranges: Range[] = []
  KEY.lastIndex = 0
  for (let match = KEY.exec(text); match !== null; match = KEY.exec(text)) {
    const begin = KEY.lastIndex
    if (!namesSecret(match[1] ?? '') || matchAt(SHOWN, text, begin)) continue
    let end = endOfLine(text, begin)
    ranges.push([begin, end])
    while (end < text.length && !matchAt(NEXT_KEY, text, end + 1)) {
      ranges.push([end + 1, endOfLine(text, end + 1)])
      end = endOfLine(text, end + 1)
    }
    KEY.lastIndex = end
  }
  return ranges
}

function matchAt(form: RegExp, text: string, at: number): boolean {
  form.lastIndex = at
  return form.test(text)
}

/** Mistyped ones too: `pasword`. */
export function namesSecret(key: string): boolean {
  if (SECRET_KEY.test(key)) return true
  const word = key.toLowerCase()
  return (
    key.length > 3 && key.length < 11 && ['password', 'secret', 'token'].some((known) => distance(word, known) <= 2)
  )
}
