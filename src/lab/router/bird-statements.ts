// BIRD's configuration taken apart: statements, and the blocks behind them.
import type { Token } from './bird-tokens.ts'

/** One statement: its words, and what stands in braces behind them. */
export interface Statement {
  readonly head: readonly Token[]
  readonly inside?: readonly Token[]
}

const PAIRS: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' }

function checkBalance(tokens: readonly Token[]): void {
  const open: string[] = []
  for (const { text, at, kind } of tokens) {
    if (kind !== 'sign') continue
    const close = PAIRS[text]
    if (close !== undefined) open.push(close)
    else if (Object.values(PAIRS).includes(text) && open.pop() !== text)
      throw new Error(`${at} syntax error, unexpected '${text}'`)
  }
  const last = tokens.at(-1)
  if (open.length > 0) throw new Error(`${last?.at ?? ''} syntax error, unexpected END`)
}

/** Statements end with `;`, or with a block behind which nothing of them follows. Errors: as BIRD says it. */
export function statementsOf(tokens: readonly Token[]): Statement[] {
  checkBalance(tokens)
  const found: Statement[] = []
  let head: Token[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.text === ';' && token.kind === 'sign') {
      if (head.length > 0) found.push({ head })
      head = []
    } else if (token.text === '{' && token.kind === 'sign') {
      const end = endOf(tokens, at)
      found.push({ head, inside: tokens.slice(at + 1, end) })
      head = []
      at = end
    } else if ((token.text === '[' || token.text === '(') && token.kind === 'sign') {
      const end = endOf(tokens, at)
      head.push(...tokens.slice(at, end + 1))
      at = end
    } else head.push(token)
  }
  if (head.length > 0) throw new Error(`${head.at(-1)?.at ?? ''} syntax error, unexpected END, expecting ';'`)
  return found
}

function endOf(tokens: readonly Token[], start: number): number {
  let depth = 0
  for (let at = start; at < tokens.length; at++) {
    const { text = '', kind = '' } = tokens[at] ?? {}
    if (kind === 'sign' && text in PAIRS) depth += 1
    if (kind === 'sign' && Object.values(PAIRS).includes(text)) depth -= 1
    if (depth === 0) return at
  }
  return tokens.length
}

/** Words with one blank between them. */
export const wordsOf = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join(' ')
