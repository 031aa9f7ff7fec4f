// The storages of an imported site: those whose type the site file knows, with the options that it has words for.
import type { FoundStorage } from '../site/discovery.ts'
import type { Entry } from './import-network.ts'
import type { Notes } from './import-notes.ts'

/** Options of each type, in the words of the API: [needed, …] and [more, …]. */
const OPTIONS: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  dir: [['path'], []],
  btrfs: [['path'], []],
  zfspool: [['pool'], ['blocksize', 'sparse']],
  lvm: [['vgname'], []],
  lvmthin: [['vgname', 'thinpool'], []],
  nfs: [
    ['server', 'export'],
    ['path', 'options'],
  ],
  cifs: [
    ['server', 'share'],
    ['username', 'domain', 'smbversion'],
  ],
  rbd: [['pool'], ['monhost', 'username', 'krbd']],
  cephfs: [[], ['path', 'monhost', 'username', 'fs-name']],
  pbs: [
    ['server', 'datastore', 'username'],
    ['namespace', 'port', 'fingerprint'],
  ],
}
const CONTENT = new Set(['images', 'rootdir', 'vztmpl', 'backup', 'iso', 'snippets', 'import'])
const FLAGS = new Set(['sparse', 'krbd'])
const MAY_BE_SHARED = new Set(['dir', 'lvm', 'btrfs'])
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
/** Where Proxmox VE mounts them by itself. */
const MOUNTED = /^\/mnt\/pve\/[^/]+$/

/** undefined = left out, with a note. `nodes`: those of the site. */
export function storageEntry(storage: FoundStorage, nodes: readonly string[], notes: Notes): Entry | undefined {
  const { name, type, content, options, isEnabled } = storage
  const leave = (why: string) => notes.note('storage', `${name} is left out and stays as it is: ${why}`)
  const known = OPTIONS[type]
  const [needed, more] = known ?? [[], []]
  const missing = needed.filter((key) => options[key] === undefined)
  const kept = content.filter((one) => CONTENT.has(one))
  if (known === undefined) return void leave(`the site file does not know the type ${type}`)
  if (!NAME.test(name)) return void leave('its name')
  if (!isEnabled) return void leave('it is disabled')
  if (missing.length > 0) return void leave(`it has no ${missing.join(', ')}`)
  if (kept.length === 0 || kept.length < content.length)
    return void leave(`its content is ${content.join(', ') || 'nothing'}`)
  const here = storage.nodes.filter((node) => nodes.includes(node))
  if (here.length < storage.nodes.length) return void leave(`it is limited to ${storage.nodes.join(', ')}`)
  const path = `storage.${name}`
  const left = Object.keys(options).filter((key) => !needed.includes(key) && !more.includes(key))
  if (left.length > 0) notes.note(path, `stays as it is, without words here: ${left.join(', ')}`)
  if (type === 'cifs' || type === 'pbs')
    notes.note(path, 'its password stays in Proxmox VE; to make it anew: password: { env: NAME }')
  return {
    type,
    content: kept,
    ...Object.fromEntries([...needed, ...more].flatMap((key) => optionOf(storage, key))),
    ...(here.length === 0 ? {} : { nodes: here }),
    ...(MAY_BE_SHARED.has(type) && storage.isShared ? { shared: true } : {}),
  }
}

function optionOf({ type, options }: FoundStorage, key: string): [string, unknown][] {
  const text = options[key]
  if (text === undefined || (key === 'path' && type !== 'dir' && type !== 'btrfs' && MOUNTED.test(text))) return []
  if (FLAGS.has(key)) return [[key, /^(1|on|yes|true)$/i.test(text)]]
  return [[key, key === 'port' ? Number(text) : text]]
}
