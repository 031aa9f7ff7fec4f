// Takes a command line apart as a shell does that finds nothing but words: quotes and backslashes, no operators.

const OPERATORS = /[|&;<>()$`*?[\]#~]/

/** The words of a line; undefined where a real shell would have to do more than split it. */
export function unquote(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? ''
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (char === "'" || char === '"') {
      const end = line.indexOf(char, at + 1)
      const inside = line.slice(at + 1, end)
      if (end < 0 || (char === '"' && /[$`\\]/.test(inside))) return undefined
      word = (word ?? '') + inside
      at = end
    } else if (char === '\\') {
      at += 1
      word = (word ?? '') + (line[at] ?? '')
    } else if (OPERATORS.test(char)) return undefined
    else word = (word ?? '') + char
  }
  return word === undefined ? words : [...words, word]
}
