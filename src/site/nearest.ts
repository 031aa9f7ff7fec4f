// "Did you mean": the known word that is nearest to a mistyped one.

/** Number of inserted, removed, replaced or swapped neighbouring characters between two words (optimal string alignment). */
export function distance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + cost)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? i) + cost)
      row.push(best)
    }
    before = above
    above = row
  }
  return above[b.length] ?? 0
}

/** The nearest of `known`, compared without case; undefined where none is near (a third of the word, at least 2, may differ). */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined
  const small = word.toLowerCase()
  let limit = Math.max(2, Math.floor(word.length / 3))
  let found: string | undefined
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > limit) continue
    const far = distance(small, candidate.toLowerCase())
    if (far > limit || (found !== undefined && far === limit)) continue
    if (far >= candidate.length) continue
    found = candidate
    limit = far
  }
  return found
}

/** ` (did you mean "memory"?)`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const found = nearest(word, known)
  return found === undefined ? '' : ` (did you mean "${found}"?)`
}
