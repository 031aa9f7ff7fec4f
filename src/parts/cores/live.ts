// What is not as wanted of the threads of a running guest: the CPUs that they may run on, and how Linux schedules them.
import type { Difference } from '../../resource.ts'
import { formatCpuset, parseCpuset } from '../../site/rules/cpuset.ts'
import type { CoresLook, ThreadLook } from './look.ts'
import type { GuestCores } from './wanted.ts'

const POLICIES = ['SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', '', 'SCHED_IDLE', 'SCHED_DEADLINE'] as const
const FIFO = 1

/** [] also where the guest does not run: Proxmox VE and the hookscript see to it when it starts. Pure. */
export function diffThreads(own: GuestCores, look: CoresLook): Difference[] {
  const { guest, cpus, realtime } = own
  const online = formatCpuset(look.topology.flatMap((core) => core.cpus))
  const rows = (look.threads.get(guest.vmid) ?? []).map((thread) => {
    const place = thread.vcpu === undefined ? undefined : realtime?.vcpus[thread.vcpu]?.toString()
    const want = place ?? realtime?.others ?? (cpus || online)
    const kind = thread.vcpu === undefined ? 'QEMU' : `CPU ${thread.vcpu}`
    return { thread, want, kind, isFifo: place !== undefined }
  })
  const places = rows
    .filter(({ thread, want }) => !isPlaced(own, thread.cpus, want))
    .map(({ kind, thread, want }) => ({ kind, have: thread.cpus, want }))
  const schedules = rows
    .filter(({ thread, isFifo }) => !isScheduled(thread, isFifo))
    .map(({ kind, thread, isFifo }) => ({
      kind,
      have: scheduleOf(thread),
      want: isFifo ? 'SCHED_FIFO 1' : 'SCHED_OTHER',
    }))
  return [
    ...summed(`CPUs of running ${guest.name}`, places),
    ...summed(`scheduling of running ${guest.name}`, schedules),
  ]
}

/** Who only has to stay away from the cores of others may be on fewer CPUs; who may be everywhere, also on CPUs that are offline. */
function isPlaced({ cpus, within }: GuestCores, have: string, want: string): boolean {
  if (within !== undefined) return isWithin(have, within)
  return cpus === '' ? isWithin(want, have) : isWithin(have, want) && isWithin(want, have)
}

interface Row {
  readonly kind: string
  readonly have: string
  readonly want: string
}

/** One difference for all threads of one fault; those of virtual CPUs are told apart only where each belongs elsewhere. */
function summed(field: string, rows: readonly Row[]): Difference[] {
  if (rows.length === 0) return []
  const list = (side: 'have' | 'want') => {
    const values = new Set(rows.map((row) => row[side]))
    if (values.size === 1) return [...values].join()
    return [...new Set(rows.map((row) => `${row.kind} ${row[side]}`))].join(', ')
  }
  return [{ field, have: list('have'), want: list('want') }]
}

function isScheduled({ policy, priority }: ThreadLook, isFifo: boolean): boolean {
  return isFifo ? policy === FIFO && priority === 1 : policy !== FIFO
}

function scheduleOf({ policy, priority }: ThreadLook): string {
  const name = POLICIES[policy] || `policy ${policy}`
  return priority > 0 ? `${name} ${priority}` : name
}

/** Is every CPU of the one also in the other? */
export function isWithin(have: string, want: string): boolean {
  const wanted = new Set(parseCpuset(want))
  return (parseCpuset(have) ?? []).every((cpu) => wanted.has(cpu))
}
