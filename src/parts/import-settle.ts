// Takes out of an imported site file what a plan would change: what was there before orion stays as it is.
import type { Difference } from '../resource.ts'
import type { SiteDraft } from '../site/schema/schema.ts'
import type { Path, Site } from '../site/site.ts'
import { backup } from './backup.ts'
import { cores } from './cores.ts'
import { gpu } from './gpu.ts'
import type { Imported } from './import.ts'
import { takeOut, withNotes } from './import-check.ts'
import { clean } from './import-notes.ts'
import { net } from './net.ts'
import { storage } from './storage.ts'
import { vm } from './vm.ts'

/** What is imported, and what would take back what orion made on the same host before: all of it has to be as wanted. */
export const importedParts = [net, storage, vm, gpu, cores, backup] as const

/** A step of a plan, as far as it matters here. */
export interface Step {
  readonly id: string
  readonly verb: string
  readonly differences: readonly Difference[]
  readonly waits: readonly Difference[]
  readonly problem?: { readonly message: string }
}

/** Option of Proxmox VE → key of a guest in the site file. */
const KEYS: Readonly<Record<string, string>> = {
  bios: 'firmware',
  nameserver: 'dns',
  searchdomain: 'searchDomain',
  scsi0: 'disk',
  rootfs: 'disk',
  status: 'started',
}

function keyOf(field: string): string {
  const option = field.split('.')[0] ?? ''
  if (KEYS[option] !== undefined) return KEYS[option]
  if (/^net\d+$/.test(option)) return 'nics'
  if (/^mp\d+$/.test(option)) return 'mounts'
  return /^(scsi|virtio|sata|ide)\d+$/.test(option) ? 'disks' : option
}

/**
 * The same without what the plan would change; undefined where it would change nothing. `site` is what the plan was made of.
 */
export function settle(imported: Imported, site: Site, steps: readonly Step[]): Imported | undefined {
  const value = structuredClone(imported.value)
  const notes = steps.flatMap((step) => {
    if (step.verb === 'keep') return []
    const text = step.problem?.message ?? [...step.differences, ...step.waits].map(say).join(', ')
    const paths = pathsOf(value, site, step)
    const why =
      step.id.startsWith('file-set:') && step.id.endsWith('/hosts') ? HOSTS : `orion would have changed: ${text}`
    return paths.map((at) => ({ at, text: clean(`stays as it is; ${why}`) }))
  })
  return notes.length === 0 ? undefined : withNotes({ ...imported, value }, notes)
}

const HOSTS = 'with a domain orion would have written the nodes into /etc/hosts'

const say = ({ field, have = 'none', want = 'none' }: Difference): string => `${field} ${have} → ${want}`

/** Takes out what makes the step, and returns where it was. */
function pathsOf(value: SiteDraft, site: Site, step: Step): readonly Path[] {
  const [kind = '', place = ''] = step.id.split(':')
  const [where = '', name = ''] = [place.split('/')[0], place.slice(place.indexOf('/') + 1)]
  if (kind === 'vm' || kind === 'container') return ofGuest(value, site, Number(name), step)
  if (kind === 'storage') return ofStorage(value, name, step)
  if (kind === 'timezone') return out(value, ['timezone'])
  if (kind === 'file-set' && name === 'hosts') return out(value, ['domain'])
  const node = value.nodes[where]
  if (kind !== 'file-set' || name !== 'interfaces' || node === undefined) return []
  node.keepInterfaces = true
  return [['nodes', where, 'keepInterfaces']]
}

function out(value: SiteDraft, path: Path): readonly Path[] {
  return Reflect.deleteProperty(value, path[0] ?? '') ? [path] : []
}

function ofGuest(value: SiteDraft, site: Site, vmid: number, step: Step): readonly Path[] {
  const guest = site.guests.find((one) => one.vmid === vmid)
  if (guest === undefined) return []
  const path = ['guests', guest.name]
  const fields = step.problem === undefined || step.differences.length > 0 ? [...step.differences, ...step.waits] : []
  const keys = [...new Set(fields.map(({ field }) => keyOf(field)))]
  const gone = keys.flatMap((key) => takeOut(value, [...path, key]) ?? [])
  if (gone.length > 0) return keys.map((key) => [...path, key])
  return takeOut(value, path) === undefined ? [] : [path]
}

function ofStorage(value: SiteDraft, name: string, step: Step): readonly Path[] {
  const path = ['storage', name]
  const keys = step.differences.map(({ field }) => field)
  const gone = keys.flatMap((key) => takeOut(value, [...path, key]) ?? [])
  return gone.length > 0 ? keys.map((key) => [...path, key]) : (takeOut(value, path) ?? []).length > 0 ? [path] : []
}
