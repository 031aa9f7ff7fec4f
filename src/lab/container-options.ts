// Options of a container: which privilege each one needs, what is kept of it, and whether a running one takes it at once.

import type { ConfigRules } from './config-rules.ts'
import { checkStorage } from './drive.ts'
import { hasBridge } from './network.ts'
import { containerNic, plainValue } from './option-value.ts'
import { isRootTicket } from './permissions.ts'
import { formatProperties, formatSize, GIB, parseProperties } from './property.ts'
import { denied, failure } from './refusal.ts'
import { demand, demandBridge, demandOnGuest } from './rights.ts'
import type { Call } from './route.ts'
import { allocateDisk, findVolume, getStorage } from './volume.ts'
import { storageOf } from './volume-index.ts'
import type { GuestState, World } from './world.ts'

const MOUNT_KEY = /^(rootfs|mp\d+)$/
const NEW_VOLUME = /^([A-Za-z][\w.-]*):(\d+(?:\.\d+)?)$/
const RIGHTS: readonly { readonly keys: RegExp; readonly need: string }[] = [
  { keys: /^(cores|cpulimit|cpuunits)$/, need: 'VM.Config.CPU' },
  { keys: /^(rootfs|mp\d+|unused\d+)$/, need: 'VM.Config.Disk' },
  { keys: /^(memory|swap)$/, need: 'VM.Config.Memory' },
  { keys: /^features$/, need: 'VM.Allocate' },
  { keys: /^(net\d+|nameserver|searchdomain|hostname)$/, need: 'VM.Config.Network' },
  {
    keys: /^(arch|cmode|console|debug|description|dev\d+|entrypoint|env|hookscript|lock|onboot|ostype|protection|startup|tags|template|timezone|tty|unprivileged)$/,
    need: 'VM.Config.Options',
  },
]
const LIVE =
  /^(description|onboot|startup|protection|hostname|hookscript|cores|tags|lock|memory|swap|cpulimit|cpuunits|net\d+|unused\d+)$/

export function isMountKey(key: string): boolean {
  return MOUNT_KEY.test(key)
}

function checkRights(call: Call, guest: GuestState, key: string, value: string | number | undefined): void {
  const isRoot = isRootTicket(call.who)
  const text = value === undefined ? undefined : String(value)
  if (!isRoot) checkRootOnly(guest, key, text)
  const row = RIGHTS.find(({ keys }) => keys.test(key))
  demandOnGuest(call, guest, [row?.need ?? 'VM.Config.Options'])
  if (key === 'startup') demand(call, '/', ['Sys.Modify'])
  if (text === undefined) return
  if (isMountKey(key)) checkMount(call, guest, text)
  if (key.startsWith('net')) {
    const { bridge, tag } = parseProperties(text, 'name')
    demandBridge(call, bridge, tag)
  }
}

function checkRootOnly(guest: GuestState, key: string, text: string | undefined): void {
  if (/^dev\d+$/.test(key)) throw denied('configuring device passthrough is only allowed for root@pam')
  if (key === 'hookscript') throw denied('changing the hookscript is only allowed for root@pam')
  if (key === 'features') checkFeatures(guest, text)
  if (!isMountKey(key)) return
  const volume = parseProperties(text ?? String(guest.config[key] ?? ''), 'volume').volume ?? ''
  const type = volume.startsWith('/dev/') ? 'device' : 'bind'
  if (volume.startsWith('/')) throw denied(`mount point type ${type} is only allowed for root@pam`)
}

/** Only `nesting`, and only of an unprivileged container, is for everybody with the right on it. */
function checkFeatures(guest: GuestState, text: string | undefined): void {
  if (guest.config.unprivileged !== 1) {
    throw denied('changing feature flags for privileged container is only allowed for root@pam')
  }
  const { nesting: _old, ...have } = parseProperties(String(guest.config.features ?? ''), '')
  const { nesting: _new, ...want } = parseProperties(text ?? '', '')
  if (formatProperties(have, '') !== formatProperties(want, '')) {
    throw denied('changing feature flags (except nesting) is only allowed for root@pam')
  }
}

function checkMount(call: Call, guest: GuestState, text: string): void {
  const { volume = '' } = parseProperties(text, 'volume')
  const storage = NEW_VOLUME.exec(volume)?.[1]
  if (storage !== undefined) checkStorage(call, guest.node, storage, 'rootdir')
  else if (volume.includes(':')) {
    getStorage(call.world, guest.node, storageOf(volume))
    const owner = findVolume(call.world, guest.node, volume)?.vmid
    if (owner !== guest.vmid) demand(call, `/storage/${storageOf(volume)}`, ['Datastore.Allocate'])
  }
}

/** Makes the volume that a mount point asks for, and gives the text that is kept. */
function placeMount(world: World, guest: GuestState, text: string): string {
  const { size: _, ...mount } = parseProperties(text, 'volume')
  const volume = mount.volume ?? ''
  if (volume.startsWith('/')) return formatProperties(mount, 'volume')
  const fresh = NEW_VOLUME.exec(volume)
  const { node, vmid } = guest
  const held = fresh
    ? allocateDisk(world, {
        node,
        vmid,
        storage: fresh[1] ?? '',
        bytes: Math.round(Number(fresh[2]) * GIB),
        content: 'rootdir',
      })
    : findVolume(world, node, volume)
  if (!held) throw failure(`volume '${volume}' does not exist`)
  return formatProperties({ ...mount, volume: held.volid, size: formatSize(held.sizeBytes) }, 'volume')
}

function containerValue(key: string, value: unknown): string | number {
  const plain = plainValue(key, value)
  if (/^net\d+$/.test(key)) return containerNic(String(plain))
  // Every line of the comment block is read back with its end.
  if (key === 'description') return `${String(plain).replace(/\n$/, '')}\n`
  return plain
}

function hotplugs(call: Call, guest: GuestState, key: string, value: string | number | null): boolean {
  if (key.startsWith('net') && value !== null) {
    const { bridge } = parseProperties(String(value), 'name')
    const there = bridge === undefined || hasBridge(call.world, guest.node, bridge)
    if (!there) throw failure(`bridge '${bridge}' does not exist`)
  }
  // A new mount point can be mounted into a running container; one that goes, or changes, waits.
  if (key.startsWith('mp')) return value !== null && guest.config[key] === undefined
  return LIVE.test(key)
}

export const containerRules: ConfigRules = {
  kind: 'lxc',
  required: /^(rootfs|hostname|arch|memory|unprivileged|ostype)$/,
  isKnown: (key) => RIGHTS.some(({ keys }) => keys.test(key)),
  checkRights,
  place: async (world, guest, key, value) => {
    if (isMountKey(key)) return placeMount(world, guest, String(plainValue(key, value)))
    return containerValue(key, value)
  },
  hotplugs,
  volumeOf: (key, value) => {
    if (/^unused\d+$/.test(key)) return String(value)
    if (!isMountKey(key)) return undefined
    const { volume = '' } = parseProperties(String(value), 'volume')
    return volume.includes(':') && !volume.startsWith('/') ? volume : undefined
  },
}
