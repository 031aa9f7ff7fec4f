// What each guest of a node shall have of its cores: the affinity that is stored, and where the threads of a running one belong.
import { formatCpuset, parseCpuset } from '../../site/rules/cpuset.ts'
import type { Guest, Node, Site } from '../../site/site.ts'
import { snippetsOf } from '../../site/snippets.ts'
import { type Choice, choosePins, type PinWish } from './choice.ts'
import type { CoresLook } from './look.ts'
import { HOOK } from './paths.ts'
import type { Topology } from './topology.ts'

export interface GuestCores {
  readonly guest: Guest
  /** A cpuset; '' = all CPUs. */
  readonly cpus: string
  /** What shall be stored: as `cpus`, or undefined where the site file's own `affinity` is stored by the guest's resource. */
  readonly affinity?: string
  /** It is somebody's own affinity, whole or what the cores of others leave of it. */
  readonly isOwn?: true
  /** Where it is only to stay away from the cores of others: the CPUs that are nobody's alone, a cpuset. */
  readonly within?: string
  readonly realtime?: Realtime
}

interface Realtime {
  /** The CPU of each virtual CPU, in their order. */
  readonly vcpus: readonly number[]
  /** Where the other threads of QEMU belong, a cpuset: they would wait for ever behind a virtual CPU that never rests. */
  readonly others: string
  /** The volume of the hookscript. */
  readonly hook: string
}

export interface NodeCores {
  readonly guests: readonly GuestCores[]
  /** CPUs that no guest has for itself, a cpuset; undefined = nobody has any. */
  readonly rest?: string
  readonly problems: readonly string[]
}

/** Does the site file pin a guest of this node? */
export function hasPins(site: Site, { name }: Node): boolean {
  return site.guests.some(({ node, kind, pin }) => node === name && kind === 'vm' && pin !== undefined)
}

/** Pure. */
export function getCores(site: Site, node: Node, look: CoresLook): NodeCores {
  if (look.topology.length === 0) return { guests: [], problems: ['it does not say which CPUs it has'] }
  const guests = site.guests.filter((guest) => guest.node === node.name && guest.kind === 'vm')
  const wishes = guests.flatMap((guest) => wishOf(guest, look))
  const choice = choosePins(look.topology, wishes)
  const rest = guests.some(({ pin }) => pin?.exclusive) ? formatCpuset(choice.rest) : undefined
  const problems = [...choice.problems]
  const rows = guests.flatMap((guest): GuestCores[] => {
    const cpus = choice.cpus.get(guest.vmid)
    if (cpus === undefined) return unpinned(guest, look, rest === undefined ? undefined : choice)
    if (guest.pin !== undefined) return [pinned(site, guest, cpus, { look, problems })]
    // Stored by the guest's own resource, and in force without a restart where others have cores for themselves.
    return rest === undefined ? [] : [{ guest, cpus: formatCpuset(cpus), within: rest }]
  })
  return { guests: rows, problems, ...(rest === undefined ? {} : { rest }) }
}

function wishOf({ name, vmid, pin, affinity }: Guest, { stored }: CoresLook): PinWish[] {
  if (pin === undefined && affinity === undefined) return []
  const current = parseCpuset(stored.get(vmid) ?? '')
  const cpus = affinity === undefined ? undefined : (parseCpuset(affinity) ?? [])
  return [{ name, vmid, exclusive: pin?.exclusive ?? false, cores: pin?.cores ?? 0, cpus, current }]
}

interface Findings {
  readonly look: CoresLook
  readonly problems: string[]
}

function pinned(site: Site, guest: Guest, cpus: readonly number[], { look, problems }: Findings): GuestCores {
  const text = formatCpuset(cpus)
  const row = { guest, cpus: text, ...(guest.affinity === undefined ? { affinity: text } : {}) }
  if (!guest.pin?.realtime) return row
  const snippets = snippetsOf(site, guest.node)
  const count = guest.cores * guest.sockets
  const vcpus = spread(look.topology, cpus).slice(0, count)
  if (vcpus.length < count)
    problems.push(
      `${guest.name} has ${count} virtual CPUs, and ${cpus.length} CPUs to run them on in real time: one each`,
    )
  if (snippets === undefined) problems.push(`${guest.name} is realtime: its hookscript needs a storage with snippets`)
  if (vcpus.length < count || snippets === undefined) return row
  const left = cpus.filter((cpu) => !vcpus.includes(cpu))
  const others = left.length === 0 ? text : formatCpuset(left)
  return { ...row, realtime: { vcpus, others, hook: `${snippets.storage}:snippets/${HOOK}` } }
}

/** The first thread of each core, then the second ones: a virtual CPU has a core to itself while there are enough. */
function spread(topology: Topology, cpus: readonly number[]): readonly number[] {
  const cores = topology.map((core) => core.cpus.filter((cpu) => cpus.includes(cpu)))
  const most = Math.max(0, ...cores.map(({ length }) => length))
  return Array.from({ length: most }, (_, at) => cores.flatMap((own) => own[at] ?? [])).flat()
}

/** Somebody's own affinity stays where it leaves the cores of others alone, and else is cut by these. */
function unpinned(guest: Guest, { stored, ours }: CoresLook, choice: Choice | undefined): GuestCores[] {
  const have = stored.get(guest.vmid)
  const isOurs = have !== undefined && have === ours.get(guest.vmid)
  // It was there before orion, and the site file says nothing of its cores: as a guest that is not of this site, a probe names it.
  if (guest.adopted !== undefined && !isOurs) return []
  if (choice === undefined) return isOurs ? [{ guest, cpus: '', affinity: '' }] : []
  const rest = formatCpuset(choice.rest)
  const row = (cpus: string) => ({ guest, cpus, affinity: cpus, within: rest })
  const own = have === undefined || isOurs ? [] : (parseCpuset(have) ?? [])
  const allowed = own.filter((cpu) => choice.rest.includes(cpu))
  if (have === undefined || allowed.length === 0) return [row(rest)]
  return [{ ...row(allowed.length === own.length ? have : formatCpuset(allowed)), isOwn: true }]
}
