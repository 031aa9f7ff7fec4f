// AS numbers as regular expressions: GoBGP has no ranges of numbers, and takes `_[64496-65551]_` for a class of characters.

export interface AsRange {
  readonly first: number
  readonly last: number
}

/**
 * One AS number of these ranges anywhere in an AS_PATH, in the syntax of RE2 (Go); `_` is GoBGP's word for what stands between
 * two numbers. Errors: RangeError for a range that ends before it begins.
 */
export function toPathPattern(ranges: readonly AsRange[]): string {
  return `_(${ranges.flatMap(toDigits).join('|')})_`
}

/** Decimal numbers from `first` to `last`, and no other, as alternatives without anchors. */
export function toDigits({ first, last }: AsRange): readonly string[] {
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first < 0 || first > last)
    throw new RangeError(`${first} to ${last} is no range`)
  const found: string[] = []
  // From one number whose digits end in zeros, or whose following ones end in nines, to the next.
  for (let from = first; from <= last; ) {
    const zeros = widest(from, last)
    found.push(alternative(from, zeros.to, zeros.digits))
    from = zeros.to + 1
  }
  return found
}

/** The last number that shares a pattern with `from`: one digit class and then any digits. */
function widest(from: number, last: number): { readonly to: number; readonly digits: number } {
  let best = { to: lastOfClass(from, last, 0), digits: 0 }
  for (let digits = 1; from % 10 ** digits === 0 && from >= 10 ** digits; digits += 1) {
    const block = 10 ** digits
    if (from + block - 1 > last) break
    best = { to: lastOfClass(from, last, digits), digits }
  }
  return best
}

/** How far the digit above `digits` free ones can run without carrying. */
function lastOfClass(from: number, last: number, digits: number): number {
  const block = 10 ** digits
  const digit = Math.floor(from / block) % 10
  const blocks = Math.min(9 - digit, Math.floor((last - from + 1) / block) - 1)
  return from + (blocks + 1) * block - 1
}

function alternative(from: number, to: number, digits: number): string {
  const [low, high] = [Math.floor(from / 10 ** digits), Math.floor(to / 10 ** digits)]
  const head = low < 10 ? '' : String(Math.floor(low / 10))
  const [a, b] = [low % 10, high % 10]
  const free = digits === 0 ? '' : digits === 1 ? '[0-9]' : `[0-9]{${digits}}`
  return `${head}${a === b ? a : `[${a}-${b}]`}${free}`
}
