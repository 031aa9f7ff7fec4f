// The text of a bird.conf as statements: enough of its grammar to tell what one and the next have in common.

/** One statement as its words, brackets and signs; comments and white space are gone. */
export type Statement = readonly string[]

// A string, a quoted symbol, a comment, a bracket or sign, else a word.
const TOKEN = /"[^"\n]*"|'[^'\n]*'|#[^\n]*|\/\*[\s\S]*?\*\/|[{}()[\];,]|[^\s{}()[\];,"'#]+|\S/g

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' }

/** Pure; reads what it can of any text. A statement ends with `;`, or with the block that it opened. */
export function parseStatements(text: string): readonly Statement[] {
  const tokens = (text.match(TOKEN) ?? []).filter((token) => !token.startsWith('#') && !token.startsWith('/*'))
  return splitStatements(tokens)
}

/** The statements between the outermost braces of one: of `protocol bgp x { … }` its options. */
export function statementsIn(statement: Statement): readonly Statement[] {
  const start = statement.indexOf('{')
  return start < 0 ? [] : splitStatements(statement.slice(start + 1, statement.lastIndexOf('}')))
}

function splitStatements(tokens: readonly string[]): readonly Statement[] {
  const statements: string[][] = []
  const open: string[] = []
  let current: string[] = []
  const end = () => {
    if (current.length > 0) statements.push(current)
    current = []
  }
  for (const token of tokens) {
    if (token === ';' && open.length === 0) {
      end()
      continue
    }
    current.push(token)
    const closing = CLOSING[token]
    if (closing !== undefined) open.push(closing)
    // A block ends its statement; braces within brackets are lengths of prefixes, `[ 10.0.0.0/8{16,24} ]`.
    else if (open.at(-1) === token && open.pop() === '}' && open.length === 0) end()
  }
  end()
  return statements
}
