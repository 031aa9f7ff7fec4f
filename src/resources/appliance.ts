// Container templates by the name that the site file gives: the newest that fits, or an exact one.

/**
 * The newest of `files` (`debian-13-standard_13.1-2_amd64.tar.zst`) that `template` means: the whole name, or its beginning up
 * to a separator (`debian-13-standard`, `alpine-3`). undefined where none fits.
 * The index also has TurnKey's appliances (`debian-13-turnkey-wordpress_…`): one of those is meant only where the name says so.
 */
export function newestTemplate(template: string, files: readonly string[]): string | undefined {
  if (files.includes(template)) return template
  const turnkey = template.includes('turnkey')
  const fitting = files.filter((file) => fits(template, file) && (turnkey || !file.includes('-turnkey-')))
  return fitting.sort(compareVersions).at(-1)
}

// `alpine-3` means alpine-3.22-default_…, and not alpine-30.
function fits(template: string, file: string): boolean {
  return file.startsWith(template) && !/^\d/.test(file.slice(template.length))
}

/** Compares as versions do: runs of digits by their number (3.9 before 3.22), the rest as text. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [split(left), split(right)]
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [x = '', y = ''] = [a[index], b[index]]
    const order = /^\d/.test(x) && /^\d/.test(y) ? compareNumbers(x, y) : Number(x > y) - Number(x < y)
    if (order !== 0) return order
  }
  return 0
}

// As text without leading zeros: a date of 20 digits is beyond what a number holds.
function compareNumbers(left: string, right: string): number {
  const [a, b] = [left.replace(/^0+(?=\d)/, ''), right.replace(/^0+(?=\d)/, '')]
  return a.length - b.length || Number(a > b) - Number(a < b)
}

function split(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? []
}
