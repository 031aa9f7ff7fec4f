// A file of nftables taken apart: words, statements, and the blocks of tables.

/** What a table holds. */
export const IN_TABLE: ReadonlySet<string> = new Set(['chain', 'set', 'map', 'counter', 'flowtable'])

export interface Statement {
  readonly words: readonly string[]
  readonly line: number
  /** Of a block. */
  readonly inside?: readonly Statement[]
}

/** An error of the file, with its line. */
export function wrong(line: number, message: string): Error {
  return new Error(message, { cause: line })
}

interface Token {
  readonly text: string
  readonly line: number
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  const pattern = /\\\n|\n|#[^\n]*|"[^"\n]*"|"|[{};]|[^\s{};"#]+/g
  for (const [word] of text.matchAll(pattern)) {
    if (word === '"') throw wrong(line, 'syntax error, unterminated string')
    if (!word.startsWith('#') && word !== '\\\n') tokens.push({ text: word, line })
    if (word.endsWith('\n')) line += 1
  }
  return tokens
}

/** Statements and blocks. Braces belong to a statement (a set of values) but where they follow the name of a block. */
export function blocksOf(text: string): Statement[] {
  const tokens = tokensOf(text)
  let at = 0
  const read = (depth: number): Statement[] => {
    const found: Statement[] = []
    let words: string[] = []
    let line = 0
    const end = () => {
      if (words.length > 0) found.push({ words, line })
      words = []
    }
    for (; at < tokens.length; at++) {
      const token = tokens[at] ?? { text: '', line: 0 }
      if (words.length === 0) line = token.line
      if (token.text === '\n' || token.text === ';') end()
      else if (token.text === '}') {
        end()
        if (depth === 0) throw wrong(token.line, "syntax error, unexpected '}'")
        return found
      } else if (token.text === '{' && opensBlock(words, depth)) {
        at += 1
        const inside = read(depth + 1)
        if (tokens[at]?.text !== '}') throw wrong(token.line, 'syntax error, unexpected end of file')
        found.push({ words, line, inside })
        words = []
      } else if (token.text === '{') words.push(values())
      else words.push(token.text)
    }
    end()
    return found
  }
  /** `{ a, b }` as one word; over several lines, too. */
  const values = (): string => {
    const begin = tokens[at]?.line ?? 0
    const words: string[] = []
    for (at += 1; at < tokens.length; at++) {
      const word = tokens[at]?.text ?? ''
      if (word === '}') return `{ ${words.join(' ')} }`
      if (word === '{') words.push(values())
      else if (word !== '\n') words.push(word)
    }
    throw wrong(begin, 'syntax error, unexpected end of file')
  }
  return read(0)
}

function opensBlock([kind = '', ...rest]: readonly string[], depth: number): boolean {
  return depth === 0 ? kind === 'table' : depth === 1 && IN_TABLE.has(kind) && rest.length === 1
}
