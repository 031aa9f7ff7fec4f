// Public keys as the site file names them: what was read of each entry, and what is wrong with it.
import type { Path } from '../site.ts'
import type { Context } from './context.ts'

/** The keys of these entries, each once; what is wrong is reported at its entry. */
export function keysAt(context: Context, path: Path, entries: readonly string[]): string[] {
  const keys = entries.flatMap((entry, index) => {
    const source = context.keys.get(entry)
    if (source === undefined) return []
    if ('problem' in source && source.missing) context.note([...path, index], source.problem, 'error')
    else if ('problem' in source) context.report([...path, index], source.problem)
    else if (source.warning !== undefined) context.note([...path, index], source.warning, 'warning')
    return 'keys' in source ? source.keys : []
  })
  return [...new Set(keys)]
}
