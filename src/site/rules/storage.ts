// Rule: storage has the content type that is put on it, on the node where it is put.
import type { Content, Finding, Guest, Image, Path, Site, Storage } from '../site.ts'
import { byName } from './lookup.ts'
import { error, guestPath } from './verdict.ts'

/** What the types of storage can hold at all (Proxmox VE administration guide, chapter Storage). */
const FILES: readonly Content[] = ['vztmpl', 'backup', 'iso', 'snippets', 'import']
const DISKS: readonly Content[] = ['images', 'rootdir']
const CAPABLE: Readonly<Record<Storage['type'], readonly Content[]>> = {
  dir: [...DISKS, ...FILES],
  nfs: [...DISKS, ...FILES],
  cifs: [...DISKS, ...FILES],
  btrfs: [...DISKS, ...FILES],
  cephfs: FILES,
  zfspool: DISKS,
  lvm: DISKS,
  lvmthin: DISKS,
  rbd: DISKS,
  pbs: ['backup'],
}

/** Every Proxmox node has this storage. Where the site file does not speak of it, it is taken as Proxmox made it. */
const BUILT_IN = 'local'

type Storages = ReadonlyMap<string, Storage>

export function storages(site: Site): Finding[] {
  const known = byName(site.storage)
  const findings = site.storage.flatMap(capable)
  for (const guest of site.guests) findings.push(...volumes(guest, known))
  return [...findings, ...images(site, known)]
}

function capable({ name, type, content }: Storage): Finding[] {
  return content
    .filter((each) => !CAPABLE[type].includes(each))
    .map((each) => error(['storage', name, 'content'], `a storage of type ${type} cannot hold ${each}`))
}

function volumes(guest: Guest, known: Storages): Finding[] {
  const content = guest.kind === 'vm' ? 'images' : 'rootdir'
  const findings = put(guest.storage, content, guest, guestPath(guest, 'storage'), known)
  guest.disks.forEach(({ storage }, index) => {
    findings.push(...put(storage, 'images', guest, [...guestPath(guest, 'disks'), index], known))
  })
  guest.mounts.forEach(({ storage, source }, index) => {
    if (storage === undefined || source !== undefined) return
    findings.push(...put(storage, 'rootdir', guest, [...guestPath(guest, 'mounts'), index], known))
  })
  if (guest.hookscript !== undefined)
    findings.push(...volumeId(guest.hookscript, 'snippets', guest, guestPath(guest, 'hookscript'), known))
  return findings
}

/** What is wrong with putting `content` for a guest on a storage. A storage that nobody declares is another rule's matter. */
function put(name: string, content: Content, guest: Guest, path: Path, known: Storages): Finding[] {
  const storage = known.get(name)
  if (storage === undefined) return []
  if (!isOn(storage, guest.node))
    return [error(path, `storage ${name} is not on ${guest.node}, where guests.${guest.name} runs`)]
  if (storage.content.includes(content)) return []
  return [
    error(path, `storage ${name} does not have the content type ${content} (it has ${storage.content.join(', ')})`),
  ]
}

function isOn(storage: Storage, node: string): boolean {
  return storage.nodes.length === 0 || storage.nodes.includes(node)
}

/** A volume id `storage:type/file`: its storage has the content type. */
function volumeId(volume: string, content: Content, guest: Guest, path: Path, known: Storages): Finding[] {
  const name = volume.slice(0, Math.max(0, volume.indexOf(':')))
  if (name === '') return [error(path, `${volume} is not a volume such as ${BUILT_IN}:${content}/NAME`)]
  return put(name, content, guest, path, known)
}

/** Each image is looked at once per node and kind of guest, not once per guest. */
function images(site: Site, known: Storages): Finding[] {
  const all = byName(site.images)
  const done = new Set<string>()
  const holders = new Map<string, boolean>()
  const findings: Finding[] = []
  const has = (node: string, content: Content): boolean => {
    const key = `${node} ${content}`
    const held = holders.get(key) ?? holds(site.storage, known, node, content)
    holders.set(key, held)
    return held
  }
  for (const guest of site.guests) {
    const image = guest.image === undefined ? undefined : all.get(guest.image)
    const key = JSON.stringify([guest.image, guest.node, guest.kind])
    if (image === undefined || done.has(key)) continue
    done.add(key)
    findings.push(...imageMistakes(image, guest, known, has))
  }
  return findings
}

function holds(all: readonly Storage[], known: Storages, node: string, content: Content): boolean {
  if (!known.has(BUILT_IN)) return true
  return all.some((storage) => storage.content.includes(content) && isOn(storage, node))
}

type Has = (node: string, content: Content) => boolean

function imageMistakes(image: Image, guest: Guest, known: Storages, has: Has): Finding[] {
  const path = ['images', image.name]
  if (image.kind === 'volume')
    return volumeId(image.volume, volumeContent(image.volume, guest), guest, [...path, 'volume'], known)
  if (image.kind === 'iso') {
    const drivers =
      image.drivers === undefined ? [] : volumeId(image.drivers, 'iso', guest, [...path, 'drivers'], known)
    return [...volumeId(image.iso, 'iso', guest, [...path, 'iso'], known), ...drivers]
  }
  const content = image.kind === 'template' ? 'vztmpl' : 'import'
  if (has(guest.node, content)) return []
  const need = `which guests.${guest.name} needs for this image`
  return [error(path, `no storage on ${guest.node} has the content type ${content}, ${need}`)]
}

/** The content type in the path of a volume id (`local:import/x.qcow2`); a disk (`local-zfs:base-9000-disk-0`) has none. */
function volumeContent(volume: string, guest: Guest): Content {
  const type = /^[^:]*:(vztmpl|iso|import|snippets|backup)\//.exec(volume)?.[1]
  if (type !== undefined) return FILES.find((each) => each === type) ?? 'images'
  return guest.kind === 'vm' ? 'images' : 'rootdir'
}
