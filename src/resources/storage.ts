// A storage definition of a cluster. The site file is the wish: content types and nodes are exactly those that it names.
import { OrionError } from '../errors.ts'
import type { Difference, Outside, Resource } from '../resource.ts'
import type { Storage } from '../site/site.ts'
import { storages } from './shared-reads.ts'

/** As GET /storage gives it; numbers and texts mixed. */
export type StorageHave = Readonly<Record<string, unknown>>

// Proxmox VE takes these only when a storage is added.
const FIXED = new Set([
  'type',
  'path',
  'pool',
  'vgname',
  'thinpool',
  'export',
  'share',
  'server',
  'datastore',
  'base',
  'fs-name',
  'mountpoint',
])
// `shared` is said by the site file for these; network storages are shared by nature, local pools never.
const MAY_BE_SHARED = new Set(['dir', 'lvm', 'btrfs'])

/** A storage of the site on one of its clusters. */
export function storage(cluster: string, wanted: Storage, node: string): Resource<StorageHave> {
  const { name } = wanted
  const password = passwordOf(wanted)
  return {
    id: `storage:${cluster}/${name}`,
    title: name,
    needs: [],
    async observe(outside) {
      const found = (await storages(outside.pve.cluster(node))).get(name)
      if (found === undefined) await password(outside) // One that cannot be had is an error of the plan.
      return found
    },
    diff: (have) => {
      if (have !== undefined) return diffStorage(wanted, have)
      return wanted.password === undefined
        ? newStorage(wanted)
        : [...newStorage(wanted), { field: 'password', want: '***' }]
    },
    async create(outside) {
      const options = Object.fromEntries(newStorage(wanted).map(({ field, want = '' }) => [field, want]))
      await outside.pve
        .cluster(node)
        .api.storage.$post(untyped({ storage: name, ...options, ...(await password(outside)) }))
    },
    async update({ pve }, have) {
      // No digest: it is that of the whole storage.cfg, which other storages of this run change, too.
      const differences = diffStorage(wanted, have).filter(({ immutable }) => !immutable)
      const set = differences.flatMap(({ field, want }) => (want === undefined ? [] : [[field, want]]))
      const drop = differences.flatMap(({ field, want }) => (want === undefined ? [field] : []))
      const parameters = { ...Object.fromEntries(set), ...(drop.length === 0 ? {} : { delete: drop.join(',') }) }
      await pve.cluster(node).api.storage.$(name).$put(untyped(parameters))
    },
    async remove() {
      throw new OrionError(`storage ${name} of ${cluster} stays: there are disks and backups on it`, {
        code: 'E_IMMUTABLE',
        suggestions: [`to remove the definition (not the data): pvesm remove ${name}`],
      })
    },
  }
}

// Proxmox VE never tells it again, so it is sent when the storage is added and not compared later.
function passwordOf({ name, password }: Storage): (outside: Outside) => Promise<{ password?: string }> {
  let known: string | undefined
  return async (outside) => {
    if (password === undefined) return {}
    known ??= await outside.secret?.(password)
    if (known !== undefined) return { password: known }
    throw new OrionError(`storage ${name} needs its password, and there is no way to read it`, { code: 'E_SECRET' })
  }
}

function newStorage(wanted: Storage): Difference[] {
  const nodes = wanted.nodes.length === 0 ? [] : [{ field: 'nodes', want: list(wanted.nodes) }]
  const shared = wanted.shared && MAY_BE_SHARED.has(wanted.type) ? [{ field: 'shared', want: '1' }] : []
  const options = Object.entries(wanted.options).map(([field, want]) => ({ field, want }))
  return [
    { field: 'type', want: wanted.type },
    { field: 'content', want: list(wanted.content) },
    ...options,
    ...nodes,
    ...shared,
  ]
}

function diffStorage(wanted: Storage, have: StorageHave): Difference[] {
  const options = ['type', ...Object.keys(wanted.options)].map((field) => ({
    field,
    want: field === 'type' ? wanted.type : wanted.options[field],
  }))
  const lists = [
    { field: 'content', want: list(wanted.content), have: list(words(have.content)) },
    { field: 'nodes', want: list(wanted.nodes), have: list(words(have.nodes)) },
  ]
  const plain = options.map(({ field, want }) => ({ field, want: normal(want), have: normal(have[field]) }))
  const shared = MAY_BE_SHARED.has(wanted.type)
    ? [{ field: 'shared', want: wanted.shared ? '1' : '', have: flag(have.shared) }]
    : []
  return [...plain, ...lists, ...shared]
    .filter((field) => field.want !== field.have)
    .map((field) => toDifference(wanted.name, field))
}

function toDifference(name: string, { field, want, have }: { field: string; want: string; have: string }): Difference {
  const difference = { field, ...(have === '' ? {} : { have }), ...(want === '' ? {} : { want }) }
  if (!FIXED.has(field)) return difference
  const hint = `Proxmox VE does not change ${field} of a storage: say ${have} in the site file, or remove ${name} and apply again`
  return { ...difference, immutable: true, hint }
}

function words(value: unknown): readonly string[] {
  return String(value ?? '').split(/[,;\s]+/)
}

function list(values: readonly string[]): string {
  return [...new Set(values.filter((value) => value !== ''))].sort().join(',')
}

function normal(value: unknown): string {
  const text = String(value ?? '')
  if (/^(true|on|yes)$/i.test(text)) return '1'
  return /^(false|off|no)$/i.test(text) ? '0' : text
}

function flag(value: unknown): string {
  return normal(value) === '1' ? '1' : ''
}

// The keys of a storage's type are data of the site file, checked there and by the API; proxmox-api lists them all in one type.
function untyped<T>(parameters: Readonly<Record<string, string>>): T {
  return parameters as T
}
