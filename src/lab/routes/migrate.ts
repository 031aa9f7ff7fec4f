// Moving guests between nodes, with the volumes that only their node has.
import type { ConfigRules } from '../config-rules.ts'
import { containerRules } from '../container-options.ts'
import { getGuest, kindName } from '../guest.ts'
import { checkConfigLock, withGuestLock } from '../guest-lock.ts'
import { failure, invalid } from '../refusal.ts'
import type { Handler, Routes } from '../route.ts'
import { startTask } from '../tasks.ts'
import { vmRules } from '../vm-options.ts'
import { getStorage } from '../volume.ts'
import { forgetVolumes, isShared, storageOf, volumesOf } from '../volume-index.ts'
import type { GuestState, World } from '../world.ts'

const MOVE_MS = 800

function migrate(rules: ConfigRules): Handler {
  return (call) => {
    const { world, params, who } = call
    const guest = getGuest(call, rules.kind)
    const { node, vmid, kind } = guest
    const target = String(params.target)
    if (target === node) throw invalid({ target: 'target is local node.' })
    if (!world.state.hardware.nodes.some(({ name }) => name === target))
      throw failure(`no such cluster node '${target}'`)
    const live = params.online === true || (kind === 'lxc' && params.restart === true)
    if (guest.status === 'running' && !live) {
      const option = kind === 'qemu' ? 'VM without --online' : 'container without --online or --restart'
      throw failure(`can't migrate running ${option}`)
    }
    const type = kind === 'qemu' ? 'qmigrate' : 'vzmigrate'
    return startTask(world, { node, type, id: String(vmid), who }, (job) =>
      withGuestLock(world, guest, async () => {
        checkConfigLock(guest)
        checkDisks(world, guest, params['with-local-disks'] === true)
        for (const { volid } of volumesOf(world.state, vmid)) getStorage(world, target, storageOf(volid))
        job.log(`starting migration of ${kindName(kind)} ${vmid} to node '${target}'`)
        await job.take(MOVE_MS)
        for (const volume of volumesOf(world.state, vmid)) volume.node = target
        guest.node = target
        forgetVolumes(world.state)
        world.changed()
        job.log('migration finished successfully')
      }),
    )
  }
}

function checkDisks(world: World, guest: GuestState, withDisks: boolean): void {
  if (guest.kind !== 'qemu' || guest.status !== 'running') return
  const [local] = volumesOf(world.state, guest.vmid).filter(({ volid }) => {
    const storage = world.state.storage[storageOf(volid)]
    return !storage || !isShared(storage)
  })
  const isSnapped = Object.keys(guest.snapshots ?? {}).length > 0
  if (local && withDisks && isSnapped) throw failure('online storage migration not possible if snapshot exists')
  if (local && !withDisks)
    throw failure(`can't live migrate attached local disks without with-local-disks option (${local.volid})`)
}

export const migrateRoutes: Routes = {
  'POST /nodes/{node}/qemu/{vmid}/migrate': migrate(vmRules),
  'POST /nodes/{node}/lxc/{vmid}/migrate': migrate(containerRules),
}
