// …/snapshot and …/feature: what a guest was, and going back to it.
import type { ConfigRules } from '../config-rules.ts'
import { containerRules } from '../container-options.ts'
import { digestOf, getGuest } from '../guest.ts'
import { checkConfigLock, withGuestLock } from '../guest-lock.ts'
import { bootGuest, haltGuest } from '../guest-start.ts'
import { failure } from '../refusal.ts'
import type { Call, Handler, Routes } from '../route.ts'
import { canSnapshot, checkNewest, dropSnapshot, getSnapshot, goBack, snapshotsOf, takeSnapshot } from '../snapshot.ts'
import { type Job, startTask } from '../tasks.ts'
import { vmRules } from '../vm-options.ts'
import type { GuestState } from '../world.ts'

const MS = { snapshot: 150, delsnapshot: 100, rollback: 200 } as const
const RESERVED = new Set(['current', 'pending'])

function list(rules: ConfigRules): Handler {
  return (call) => {
    const guest = getGuest(call, rules.kind)
    const rows = Object.entries(snapshotsOf(guest)).map(([name, { takenAt: snaptime, description, parent }]) => ({
      name,
      snaptime,
      description,
      ...(rules.kind === 'qemu' ? { vmstate: 0 } : {}),
      ...(parent === undefined ? {} : { parent }),
    }))
    const { parent } = guest.config
    const running = guest.status === 'running' ? 1 : 0
    const current = { name: 'current', description: 'You are here!', digest: digestOf(guest), running }
    return [...rows, { ...current, ...(parent === undefined ? {} : { parent }) }]
  }
}

/** Work on a guest in a task of its own; what is wrong is found only there, as on a real node. */
function inTask(
  rules: ConfigRules,
  what: keyof typeof MS,
  work: (call: Call, guest: GuestState, job: Job) => unknown,
): Handler {
  return (call) => {
    const guest = getGuest(call, rules.kind)
    const name = String(call.params.snapname ?? call.ids.snapname)
    if (what === 'snapshot' && RESERVED.has(name))
      throw failure(`unable to use snapshot name '${name}' (reserved name)`)
    const { node, vmid } = guest
    const type = `${rules.kind === 'qemu' ? 'qm' : 'vz'}${what}`
    return startTask(call.world, { node, type, id: String(vmid), who: call.who }, (job) =>
      withGuestLock(call.world, guest, async () => {
        checkConfigLock(guest)
        await job.take(MS[what])
        await work(call, guest, job)
      }),
    )
  }
}

async function rollback(call: Call, guest: GuestState, rules: ConfigRules, job: Job): Promise<void> {
  const { world, params } = call
  const name = String(call.ids.snapname)
  checkNewest(world, guest, name)
  if (guest.status === 'running') haltGuest(world, guest, rules)
  goBack(world, guest, rules, name)
  if (params.start === true) await bootGuest(world, guest, rules, job)
}

function routesOf(folder: 'qemu' | 'lxc', rules: ConfigRules): Routes {
  const guest = `/nodes/{node}/${folder}/{vmid}`
  const one = `${guest}/snapshot/{snapname}`
  const named = (call: Call) => getSnapshot(getGuest(call, rules.kind), String(call.ids.snapname))
  return {
    [`GET ${guest}/feature`]: (call) => {
      const can = call.params.feature !== 'snapshot' || canSnapshot(call.world, getGuest(call, rules.kind))
      return { hasFeature: can ? 1 : 0, ...(rules.kind === 'qemu' ? { nodes: [] } : {}) }
    },
    [`GET ${guest}/snapshot`]: list(rules),
    [`POST ${guest}/snapshot`]: inTask(rules, 'snapshot', ({ world, params }, guest) =>
      takeSnapshot(world, guest, String(params.snapname), String(params.description ?? '')),
    ),
    [`GET ${one}`]: () => ['rollback', 'config'].map((cmd) => ({ cmd })),
    [`DELETE ${one}`]: inTask(rules, 'delsnapshot', ({ world, ids }, guest) =>
      dropSnapshot(world, guest, String(ids.snapname)),
    ),
    [`POST ${one}/rollback`]: inTask(rules, 'rollback', (call, guest, job) => rollback(call, guest, rules, job)),
    [`GET ${one}/config`]: (call) => {
      const { config, takenAt: snaptime, description, parent } = named(call)
      return { ...config, snaptime, description, ...(parent === undefined ? {} : { parent }) }
    },
    [`PUT ${one}/config`]: (call) => {
      const snapshot = named(call)
      if (call.params.description !== undefined) snapshot.description = String(call.params.description)
      call.world.changed()
      return null
    },
  }
}

export const snapshotRoutes: Routes = { ...routesOf('qemu', vmRules), ...routesOf('lxc', containerRules) }
