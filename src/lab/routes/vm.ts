// /nodes/{node}/qemu: the list of VMs, and making one.

import { isCdrom, isCloudInit, isDriveKey, parseDrive, placeDrive } from '../drive.ts'
import { configView, digestOf, getGuest, guestRow, pendingView } from '../guest.ts'
import { changeConfig, readChange } from '../guest-config.ts'
import { checkSettings, checkVmidFree, createInTask, destroyGuest, reserveGuest } from '../guest-create.ts'
import { plainValue, smbios } from '../option-value.ts'
import { failure } from '../refusal.ts'
import { seesGuest } from '../rights.ts'
import type { Call, Routes } from '../route.ts'
import { type Job, startTask } from '../tasks.ts'
import { vmRules } from '../vm-options.ts'
import type { GuestState } from '../world.ts'

const CREATE_MS = 150
const CONTROL = new Set([
  ...['node', 'vmid', 'pool', 'start', 'storage', 'force', 'unique', 'archive', 'bwlimit', 'ha-managed'],
  ...['live-restore', 'import-working-storage', 'skiplock'],
])
const QEMU_VERSION = { 8: '9.2.0', 9: '10.1.2' }

function listVms(call: Call): unknown {
  const { world, ids } = call
  return Object.values(world.state.guests)
    .filter((guest) => guest.kind === 'qemu' && guest.node === ids.node && seesGuest(call, guest))
    .map((guest) => guestRow(world, guest))
}

function createVm(call: Call): unknown {
  const { params, world } = call
  if (params.archive !== undefined) throw failure('restoring from an archive is not simulated by the lab')
  const guest = reserveGuest(call, 'qemu', {})
  const settings = Object.fromEntries(Object.entries(params).filter(([key]) => !CONTROL.has(key)))
  checkVmidFree(world, 'qemu', guest.vmid)
  checkSettings(call, guest, vmRules, settings)
  return createInTask(call, guest, vmRules, (job) => buildVm(call, guest, settings, job))
}

async function buildVm(call: Call, guest: GuestState, settings: Record<string, unknown>, job: Job): Promise<void> {
  const { world } = call
  await job.take(CREATE_MS)
  const major = Number.parseInt(world.state.hardware.version, 10) >= 9 ? 9 : 8
  guest.config.meta = `creation-qemu=${QEMU_VERSION[major]},ctime=${Math.floor(world.now() / 1000)}`
  // Disks come in the order of their names, and only then the drive of cloud-init.
  const keys = Object.keys(settings).sort(
    (one, two) => rank(settings, one) - rank(settings, two) || (one < two ? -1 : 1),
  )
  for (const key of keys) {
    const value = settings[key]
    guest.config[key] = isDriveKey(key)
      ? await placeDrive(world, guest, key, String(plainValue(key, value)), job)
      : await vmRules.place(world, guest, key, value)
  }
  setBootOrder(guest)
  guest.config.smbios1 ??= smbios(undefined)
  guest.config.vmgenid ??= String(await vmRules.place(world, guest, 'vmgenid', '1'))
}

/** Without an order the first disk, the first CD-ROM and the first NIC are tried. */
function setBootOrder({ config }: GuestState): void {
  if (config.boot !== undefined || config.bootdisk !== undefined) return
  const drives = ['ide', 'scsi', 'virtio', 'sata'].flatMap((bus) =>
    Object.keys(config)
      .filter((key) => new RegExp(`^${bus}\\d+$`).test(key))
      .sort(),
  )
  const cdrom = (key: string) => isCdrom(parseDrive(String(config[key])))
  const nic = Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .sort()[0]
  const order = [drives.find((key) => !cdrom(key)), drives.find(cdrom), nic].filter((key) => key !== undefined)
  if (order.length > 0) config.boot = `order=${order.join(';')}`
}

function rank(settings: Record<string, unknown>, key: string): number {
  if (!isDriveKey(key)) return 0
  return isCloudInit(parseDrive(String(settings[key]))) ? 2 : 1
}

async function putConfig(call: Call): Promise<unknown> {
  const guest = getGuest(call, 'qemu')
  await changeConfig(call, guest, vmRules, readChange(call, guest, vmRules))
  return null
}

function postConfig(call: Call): unknown {
  const guest = getGuest(call, 'qemu')
  const change = readChange(call, guest, vmRules)
  const { digest } = call.params
  if (digest !== undefined && digest !== digestOf(guest))
    throw failure('checksum mismatch (file change by other user?)')
  const { node, vmid } = guest
  return startTask(call.world, { node, type: 'qmconfig', id: String(vmid), who: call.who }, (job) =>
    changeConfig(call, guest, vmRules, change, job),
  )
}

export const vmRoutes: Routes = {
  'GET /nodes/{node}/qemu': listVms,
  'POST /nodes/{node}/qemu': createVm,
  'GET /nodes/{node}/qemu/{vmid}': (call) => {
    getGuest(call, 'qemu')
    return ['config', 'pending', 'status', 'resize', 'agent', 'cloudinit'].map((subdir) => ({ subdir }))
  },
  'DELETE /nodes/{node}/qemu/{vmid}': (call) => destroyGuest(call, vmRules),
  'GET /nodes/{node}/qemu/{vmid}/config': (call) => configView(getGuest(call, 'qemu'), call.params.current === true),
  'PUT /nodes/{node}/qemu/{vmid}/config': putConfig,
  'POST /nodes/{node}/qemu/{vmid}/config': postConfig,
  'GET /nodes/{node}/qemu/{vmid}/pending': (call) => pendingView(getGuest(call, 'qemu')),
}
