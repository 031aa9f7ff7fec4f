// Names that are nearly right: which of the known ones was meant.

/** Changes of one character between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, swap))
    }
  }
  return row[b.length] ?? 0
}

/** The nearest known word at most `limit` changes away; the first of equals. */
export function nearestOf(word: string, known: readonly string[], limit: number): string | undefined {
  const rows = known.map((name) => ({ name, far: distance(word, name) })).sort((a, b) => a.far - b.far)
  const [best] = rows
  return best && best.far <= limit && best.far < best.name.length ? best.name : undefined
}
