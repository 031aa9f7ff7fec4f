// Options of a VM: which privilege each one needs, what is kept of it, and whether a running VM takes it at once.

import { randomUUID } from 'node:crypto'
import type { ConfigRules } from './config-rules.ts'
import { checkDrive, isCdrom, isDriveKey, ownVolume, parseDrive, placeDrive } from './drive.ts'
import { hasBridge } from './network.ts'
import { hashed, plainValue, smbios, vmNic } from './option-value.ts'
import { isRootTicket } from './permissions.ts'
import { parseProperties } from './property.ts'
import { failure } from './refusal.ts'
import { type Demand, demand, demandBridge, demandOnGuest } from './rights.ts'
import type { Call } from './route.ts'
import type { GuestState } from './world.ts'

// Proxmox VE keeps a list per privilege; what is on none of them is for root@pam by password only.
const RIGHTS: readonly { readonly keys: RegExp; readonly needs: readonly string[]; readonly options?: Demand }[] = [
  { keys: /^(cores|cpu|cpulimit|cpuunits|numa|numa\d+|smp|sockets|vcpus)$/, needs: ['VM.Config.CPU'] },
  { keys: /^(memory|balloon|shares|allow-ksm)$/, needs: ['VM.Config.Memory'] },
  {
    keys: /^(acpi|hotplug|kvm|machine|scsihw|smbios1|tablet|vga|watchdog|audio0|rng0)$/,
    needs: ['VM.Config.HWType'],
  },
  {
    keys: /^(agent|autostart|bios|description|keyboard|localtime|migrate_downtime|migrate_speed|name|onboot|ostype|protection|reboot|startdate|startup|tdf|template|tags|freeze)$/,
    needs: ['VM.Config.Options'],
  },
  { keys: /^(boot|bootdisk|vmstatestorage|unused\d+)$/, needs: ['VM.Config.Disk'] },
  {
    keys: /^(cicustom|cipassword|citype|ciupgrade|ciuser|nameserver|searchdomain|sshkeys|ipconfig\d+)$/,
    needs: ['VM.Config.Cloudinit', 'VM.Config.Network'],
    options: { any: true },
  },
  { keys: /^net\d+$/, needs: ['VM.Config.Network'] },
]
const ROOT_ONLY =
  /^(affinity|args|hookscript|hugepages|keephugepages|ivshmem|lock|arch|amd-sev|intel-tdx|spice_enhancements|parallel\d+|vmgenid)$/
const DEVICES = /^(hostpci|usb|serial|virtiofs)\d+$/

/** Taken over at once by any running VM. */
const FAST =
  /^(description|name|onboot|protection|shares|startup|tags|migrate_downtime|migrate_speed|vmstatestorage|hookscript|lock|balloon|hotplug|cpuunits|cpulimit)$/
const HOT_DISK = /^(scsi|virtio)\d+$/

function checkRights(call: Call, guest: GuestState, key: string, value: string | number | undefined): void {
  const isRoot = isRootTicket(call.who)
  if (isDriveKey(key)) {
    checkDriveRights(call, guest, key, value, isRoot)
    return
  }
  if (DEVICES.test(key)) {
    checkDevice(call, guest, key, String(value ?? guest.config[key] ?? guest.pending[key] ?? ''), isRoot)
    return
  }
  const row = RIGHTS.find(({ keys }) => keys.test(key))
  if (!row) {
    if (!isRoot) throw failure(`only root can set '${key}' config`)
    return
  }
  demandOnGuest(call, guest, row.needs, row.options)
  // The order of start concerns the host too.
  if (key === 'startup') demand(call, '/', ['Sys.Modify'])
  if (key.startsWith('net') && value !== undefined) {
    const { bridge, tag } = parseProperties(String(value), 'model')
    demandBridge(call, bridge, tag)
  }
}

function checkDriveRights(
  call: Call,
  guest: GuestState,
  key: string,
  value: string | number | undefined,
  isRoot: boolean,
): void {
  if (value !== undefined) {
    checkDrive(call, guest, key, String(value), isRoot)
    return
  }
  const old = guest.pending[key] ?? guest.config[key]
  const cdrom = old !== undefined && isCdrom(parseDrive(String(old)))
  demandOnGuest(call, guest, [cdrom ? 'VM.Config.CDROM' : 'VM.Config.Disk'])
}

function checkDevice(call: Call, guest: GuestState, key: string, value: string, isRoot: boolean): void {
  const properties = parseProperties(value, 'host')
  const mapping = properties.mapping ?? properties.dirid
  const harmless = properties.host === 'socket' || properties.host === 'spice'
  const kind = key.replace(/\d+$/, '')
  if (mapping === undefined && !harmless) {
    if (!isRoot) throw failure(`only root can set '${key}' config for real devices`)
    return
  }
  demandOnGuest(call, guest, [kind === 'virtiofs' ? 'VM.Config.Disk' : 'VM.Config.HWType'])
  const folder = { hostpci: 'pci', usb: 'usb', virtiofs: 'dir' }[kind]
  if (mapping !== undefined) demand(call, `/mapping/${folder}/${mapping}`, ['Mapping.Use'])
}

function vmValue(key: string, value: unknown): string | number {
  const plain = plainValue(key, value)
  const text = String(plain)
  if (/^net\d+$/.test(key)) return vmNic(text)
  if (key === 'smbios1') return smbios(text)
  if (key === 'vmgenid' && text === '1') return randomUUID()
  if (key === 'cipassword') return hashed(text)
  // Memory is a property string since version 8, and text in answers.
  if (key === 'memory') return text
  return key === 'description' ? text.trimEnd() : plain
}

/** Does a running VM take the change now, or with its next start? Throws where plugging in fails. */
function hotplugs(call: Call, guest: GuestState, key: string, value: string | number | null): boolean {
  if (FAST.test(key) || key.startsWith('unused')) return key !== 'balloon' || guest.config.balloon !== 0
  const features = String(guest.config.hotplug ?? 'network,disk,usb').split(',')
  const all = features.includes('1')
  if (/^net\d+$/.test(key)) {
    if (!all && !features.includes('network')) return false
    if (value !== null) checkBridgeExists(call, guest, parseProperties(String(value), 'model').bridge)
    return true
  }
  const old = parseDrive(String(guest.config[key] ?? 'none'))
  if (isCdrom(old) && isDriveKey(key) && value !== null) return isCdrom(parseDrive(String(value)))
  if (!HOT_DISK.test(key)) return key.startsWith('usb') && (all || features.includes('usb'))
  if (!all && !features.includes('disk')) return false
  // A disk that stays the same disk takes only its limits at once; cache, discard and the like wait.
  return value === null || old.file !== parseDrive(String(value)).file || guest.config[key] === value
}

function checkBridgeExists(call: Call, guest: GuestState, bridge: string | undefined): void {
  if (bridge !== undefined && !hasBridge(call.world, guest.node, bridge)) {
    throw failure(`hotplug problem - bridge '${bridge}' does not exist`)
  }
}

function checkBootOrder(
  { config, pending }: GuestState,
  settings: Readonly<Record<string, unknown>>,
  deletes: readonly string[],
): void {
  const { order = '' } = parseProperties(String(settings.boot ?? ''), 'legacy')
  for (const device of order.split(';').filter(Boolean)) {
    const there = device in config || device in pending || device in settings
    if (!there || deletes.includes(device)) throw failure(`invalid bootorder: device '${device}' does not exist'`)
  }
}

/** A device that is deleted is taken out of the boot order too (qemu-server, `update_vm`). */
function leaveBootOrder({ config, pending }: GuestState, key: string): void {
  const { order = '' } = parseProperties(String(pending.boot ?? config.boot ?? ''), 'legacy')
  const devices = order.split(';')
  if (!devices.includes(key)) return
  const others = devices.filter((device) => device !== key)
  pending.boot = others.length > 0 ? `order=${others.join(';')}` : null
}

export const vmRules: ConfigRules = {
  kind: 'qemu',
  required: /^$/,
  isKnown: (key) =>
    isDriveKey(key) || DEVICES.test(key) || ROOT_ONLY.test(key) || RIGHTS.some(({ keys }) => keys.test(key)),
  checkRights,
  checkWhole: checkBootOrder,
  forget: leaveBootOrder,
  place: async (world, guest, key, value, job) => {
    if (isDriveKey(key)) return placeDrive(world, guest, key, plainValue(key, value).toString(), job)
    return vmValue(key, value)
  },
  hotplugs,
  volumeOf: (key, value) => {
    if (/^unused\d+$/.test(key)) return String(value)
    return isDriveKey(key) ? ownVolume(String(value)) : undefined
  },
}
