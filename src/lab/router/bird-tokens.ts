// The words of BIRD's configuration with their places, includes read in where they stand.
import { posix } from 'node:path'
import { type HostState, textAt } from '../host/state.ts'

export interface Token {
  readonly text: string
  readonly kind: 'word' | 'string' | 'value' | 'sign'
  /** `/etc/bird/bird.conf:12:3` */
  readonly at: string
}

const MAX_DEPTH = 8

const PATTERN =
  /(?<space>[ \t\r\n]+|#[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"[^"\n]*")|(?<quoted>'[A-Za-z0-9_.:-]+')|(?<value>(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F.]{0,15}|0x[0-9a-fA-F]+|\d+)|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<sign>&&|\|\||!=|<=|>=|!~|\.\.|->|[-+*/=<>!~.,;:?(){}[\]&|%])/y

/** Errors: `FILE:LINE:COLUMN message` as BIRD says it. */
export function birdTokens(host: Pick<HostState, 'files'>, path: string, depth = 0): readonly Token[] {
  const text = textAt(host, path)
  if (text === undefined) throw new Error(`Unable to open configuration file ${path}: No such file or directory`)
  const tokens = wordsOf(text, path)
  return tokens.flatMap((token, index) => {
    const before = tokens[index - 1]
    if (isInclude(token, tokens[index + 1])) return []
    if (before === undefined || !isInclude(before, token)) {
      return token.text === ';' && isEnd(tokens, index) ? [] : [token]
    }
    const name = token.text.slice(1, -1)
    const file = name.startsWith('/') ? name : posix.join(posix.dirname(path), name)
    if (textAt(host, file) === undefined)
      throw new Error(`${token.at} Unable to open included file ${file}: No such file or directory`)
    if (depth >= MAX_DEPTH) throw new Error(`${token.at} Max include depth reached`)
    return birdTokens(host, file, depth + 1)
  })
}

const isInclude = (token: Token, next: Token | undefined): boolean =>
  token.text === 'include' && next?.kind === 'string'

/** The semicolon behind an include. */
function isEnd(tokens: readonly Token[], index: number): boolean {
  const [word, file] = [tokens[index - 2], tokens[index - 1]]
  return word !== undefined && isInclude(word, file)
}

function wordsOf(text: string, path: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let lineStart = 0
  PATTERN.lastIndex = 0
  while (PATTERN.lastIndex < text.length) {
    const start = PATTERN.lastIndex
    const at = `${path}:${line}:${start - lineStart + 1}`
    const { groups = {}, 0: word = '' } = PATTERN.exec(text) ?? {}
    if (word === '')
      throw new Error(`${at} ${text[start] === '"' ? 'Unterminated string' : `Unknown character '${text[start]}'`}`)
    const kind = (['string', 'value', 'sign'] as const).find((one) => groups[one] !== undefined) ?? 'word'
    if (groups.space === undefined)
      tokens.push({ text: groups.quoted === undefined ? word : word.slice(1, -1), kind, at })
    for (const [offset] of [...word].entries())
      if (word[offset] === '\n') {
        line += 1
        lineStart = start + offset + 1
      }
  }
  return tokens
}
