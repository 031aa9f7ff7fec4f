// What a pattern of --only fits.

/** `*` and `?` as in a shell; everything else is literal. A pattern fits a title, an id, or the last part of an id. */
export function toMatcher(patterns: readonly string[]): (id: string, title: string) => boolean {
  const source = (pattern: string) =>
    pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
  const expressions = patterns.map((pattern) => new RegExp(`^${source(pattern)}$`, 'i'))
  return (id, title) => {
    // A probe's id is the resource's behind what it proves: `as-wanted:vm:r730/200`.
    const names = [id, title, id.slice(id.lastIndexOf('/') + 1), id.slice(id.indexOf(':') + 1)]
    return expressions.some((expression) => names.some((name) => expression.test(name)))
  }
}
