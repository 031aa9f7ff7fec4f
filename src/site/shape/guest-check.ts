// Is a guest whole: does it say what it must, nothing that is for the other kind, and name only what exists?
import type { Path } from '../site.ts'
import type { Context } from './context.ts'
import { type Draft, pathOf } from './expansion.ts'
import { hasVolume } from './infrastructure.ts'

/** Keys that mean something for one kind only: where a guest of the other kind says them itself, it is a mistake. */
const ONLY_VM = [
  'os',
  'sockets',
  'cpu',
  'balloon',
  'machine',
  'firmware',
  'tpm',
  'agent',
  'disks',
  'boot',
  'affinity',
  'pin',
  'zram',
] as const
const ONLY_CT = ['swap', 'mounts', 'unprivileged', 'features'] as const

/** True where the guest can be shaped; everything else is reported. */
export function isComplete(context: Context, draft: Draft): boolean {
  const { settings, own } = draft
  // An adopted guest has its disks already: what is not said of them is left alone.
  const needed = own.adopted ? (['node', 'memory'] as const) : (['node', 'storage', 'memory', 'disk'] as const)
  const missing = needed.filter((key) => settings[key] === undefined)
  if (missing.length > 0) {
    // Where the defaults are malformed, they may have said it.
    if (!context.damaged('defaults'))
      context.report(
        ['guests', draft.group],
        `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing, here and in defaults.guest`,
      )
    return false
  }
  for (const key of settings.kind === 'ct' ? ONLY_VM : ONLY_CT) {
    if (own[key] !== undefined)
      context.report(
        ['guests', draft.group, key],
        `is for ${settings.kind === 'ct' ? 'VMs' : 'containers'} only, and this is a ${settings.kind === 'ct' ? 'container' : 'VM'}`,
      )
  }
  if (own.zram !== undefined && settings.kind !== 'ct' && (settings.os ?? 'linux') !== 'linux')
    context.report(['guests', draft.group, 'zram'], `is for Linux only, and this is ${settings.os}`)
  if (typeof settings.balloon === 'number' && settings.kind !== 'ct' && settings.balloon > (settings.memory ?? 0)) {
    context.report(pathOf(draft, 'balloon'), 'is more than the memory')
  }
  checkFound(context, draft)
  const image = hasImage(context, draft)
  const storages = hasStorages(context, draft)
  return context.has('nodes', settings.node ?? '', pathOf(draft, 'node')) && storages && image
}

/** What makes sense of a guest that exists alone, and of slots that are taken once. */
function checkFound(context: Context, draft: Draft): void {
  const { settings, own, group, count } = draft
  if (own.adopted && count > 1)
    context.report(['guests', group, 'adopted'], 'is for one guest, and this is a range: give each its own entry')
  if (own.uuid !== undefined && !own.adopted)
    context.report(['guests', group, 'uuid'], 'belongs to adopted: true; else it is computed')
  for (const [network, nic] of Object.entries(own.adopted ? (own.nics ?? {}) : {}))
    if (nic.mac === undefined)
      context.report(
        ['guests', group, 'nics', network],
        'must say its mac: the NIC of an adopted guest keeps the one it has',
      )
  if (settings.kind === 'ct') return
  const taken = new Set(settings.disk === undefined ? [] : ['scsi0'])
  for (const [index, disk] of (settings.disks ?? []).entries()) {
    const slot = ('slot' in disk ? disk.slot : undefined) ?? `scsi${index + 1}`
    if (taken.has(slot)) context.report([...pathOf(draft, 'disks'), index], `${slot} is taken by another disk`)
    taken.add(slot)
  }
}

function hasStorages(context: Context, draft: Draft): boolean {
  const { storage = '', disks = [], mounts = [] } = draft.settings
  const further: [string | undefined, Path][] = [
    ...disks.map((disk, index): [string | undefined, Path] => [
      disk.storage,
      [...pathOf(draft, 'disks'), index, 'storage'],
    ]),
    ...mounts.map((mount, index): [string | undefined, Path] => [
      mount.storage,
      [...pathOf(draft, 'mounts'), index, 'storage'],
    ]),
  ]
  const all = further.filter(([name, path]) => name !== undefined && !context.has('storage', name, path))
  const { hookscript } = draft.settings
  const hook = hookscript === undefined || hasVolume(context, hookscript, pathOf(draft, 'hookscript'))
  const isNone = draft.own.adopted === true && storage === ''
  return (isNone || context.has('storage', storage, pathOf(draft, 'storage'))) && all.length === 0 && hook
}

/** Containers begin as a template, VMs as anything else. */
function hasImage(context: Context, draft: Draft): boolean {
  const { image, kind = 'vm' } = draft.settings
  const path = pathOf(draft, 'image')
  if (image === undefined) {
    if (kind === 'ct' && draft.own.adopted) return true
    if (kind === 'ct') context.report(path, 'is missing: a container needs an image with a template')
    return kind === 'vm'
  }
  if (!context.has('images', image, path)) return false
  const found = context.input.images?.[image]?.kind ?? 'volume'
  if (kind === 'vm' ? found !== 'template' : found === 'template' || found === 'volume') return true
  // The defaults are for VMs as well as containers: what does not fit is this guest's to say.
  context.report(
    ['guests', draft.group, 'image'],
    kind === 'vm' ? `${image} is a container template, and this is a VM` : `${image} is no container template`,
  )
  return false
}
