// …/resize: growing disks. What is wrong with a wish is only found inside the task, as on a real node.

import type { ConfigRules } from '../config-rules.ts'
import { containerRules } from '../container-options.ts'
import { isCdrom } from '../drive.ts'
import { digestOf, getGuest } from '../guest.ts'
import { checkConfigLock, withGuestLock } from '../guest-lock.ts'
import { formatProperties, formatSize, parseProperties, parseSize } from '../property.ts'
import { failure } from '../refusal.ts'
import { demand } from '../rights.ts'
import type { Call, Handler, Routes } from '../route.ts'
import { startTask } from '../tasks.ts'
import { vmRules } from '../vm-options.ts'
import { checkRoom, findVolume, getStorage } from '../volume.ts'
import { sizeVolume, storageOf } from '../volume-index.ts'
import type { GuestState } from '../world.ts'

const RESIZE_MS = 100

function resize(rules: ConfigRules): Handler {
  return (call) => {
    const guest = getGuest(call, rules.kind)
    const { digest } = call.params
    const { node, vmid } = guest
    return startTask(call.world, { node, type: 'resize', id: String(vmid), who: call.who }, (job) =>
      withGuestLock(call.world, guest, async () => {
        if (digest !== undefined && digest !== digestOf(guest)) {
          throw failure('checksum mismatch (file change by other user?)')
        }
        checkConfigLock(guest)
        await job.take(RESIZE_MS)
        growDisk(call, guest, rules)
      }),
    )
  }
}

function growDisk(call: Call, guest: GuestState, rules: ConfigRules): void {
  const { world } = call
  const disk = String(call.params.disk)
  const text = guest.config[disk]
  if (text === undefined) throw failure(`disk '${disk}' does not exist`)
  const defaultKey = rules.kind === 'qemu' ? 'file' : 'volume'
  const properties = parseProperties(String(text), defaultKey)
  if (isCdrom(properties)) throw failure("you can't resize a cdrom")
  const volid = rules.volumeOf(disk, text)
  const volume = volid === undefined ? undefined : findVolume(world, guest.node, volid)
  if (!volume) throw failure(`volume '${properties[defaultKey]}' does not exist`)
  demand(call, `/storage/${storageOf(volume.volid)}`, ['Datastore.AllocateSpace'])
  const bytes = wantedBytes(String(call.params.size), volume.sizeBytes)
  if (bytes < volume.sizeBytes) {
    throw failure(rules.kind === 'qemu' ? 'shrinking disks is not supported' : 'unable to shrink disk size')
  }
  checkRoom(world, getStorage(world, guest.node, storageOf(volume.volid)), volume, bytes - volume.sizeBytes)
  sizeVolume(world.state, volume, bytes)
  guest.config[disk] = formatProperties({ ...properties, size: formatSize(bytes) }, defaultKey)
  world.changed()
}

/** `+5G` adds, `40G` is the size wanted. */
function wantedBytes(size: string, have: number): number {
  const bytes = parseSize(size.replace(/^\+/, ''))
  if (bytes === undefined) throw failure(`invalid size string '${size}'`)
  return size.startsWith('+') ? have + bytes : bytes
}

export const resizeRoutes: Routes = {
  'PUT /nodes/{node}/qemu/{vmid}/resize': resize(vmRules),
  'PUT /nodes/{node}/lxc/{vmid}/resize': resize(containerRules),
}
