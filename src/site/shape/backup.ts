// Backup jobs, replication and snapshots: names resolved, defaults applied.
import type { Backup, Replication, Snapshots } from '../backup.ts'
import type { Path } from '../site.ts'
import { type Context, compact } from './context.ts'
import { type Draft, pathOf } from './expansion.ts'

/** Jobs whose storage exists; guests that do not are reported. `all` = every guest of the site. */
export function shapeBackups(context: Context, all: readonly string[]): Backup[] {
  return Object.entries(context.input.backup ?? {}).flatMap(([name, { bandwidth, guests, ...job }]) => {
    const path: Path = ['backup', name]
    const named = (guests ?? []).flatMap((entry, index) => context.group(entry, [...path, 'guests', index]))
    // Every node has `local`, whether the site file speaks of it or not.
    if (job.storage !== 'local' && !context.has('storage', job.storage, [...path, 'storage'])) return []
    const wanted = guests === undefined ? all : [...new Set(named)]
    return [
      compact({
        name,
        id: `orion-${context.input.site}-${name}`,
        ...job,
        guests: wanted,
        bandwidthKib: bandwidth && bandwidth * 1024,
      }),
    ]
  })
}

export function shapeSnapshots({ input }: Context): Snapshots {
  return input.snapshots ?? { keep: 2 }
}

/** Where a guest is copied to: nodes that exist. */
export function replicationsOf(context: Context, draft: Draft): Replication[] {
  const path = pathOf(draft, 'replicate')
  return (draft.settings.replicate ?? []).filter(({ to }, index) => context.has('nodes', to, [...path, index, 'to']))
}
