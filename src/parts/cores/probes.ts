// What is read back from /proc and the control groups of a node: real time, and cores that are one guest's alone.
import { exclusiveCores } from '../../probes/exclusive-cores.ts'
import { realtime } from '../../probes/realtime.ts'
import type { Outside, Probe } from '../../resource.ts'
import { readFacts, refuseFacts } from '../../resources/host-facts.ts'
import { formatCpuset, parseCpuset } from '../../site/rules/cpuset.ts'
import type { Node, Site } from '../../site/site.ts'
import { coresOf, coresWish } from './files.ts'
import { diffThreads } from './live.ts'
import { type CoresLook, getLook } from './look.ts'
import { SLICES } from './paths.ts'
import { cpusOf } from './topology.ts'
import type { NodeCores } from './wanted.ts'

export function coresProbes(site: Site, node: Node): readonly Probe[] {
  const guests = site.guests.filter((guest) => guest.node === node.name && guest.kind === 'vm')
  const look = (outside: Outside) => lookAt(site, node, outside)
  return [
    ...(guests.some(({ pin }) => pin?.exclusive)
      ? [exclusiveCores(node.name, async (outside) => intruders(site, node, await look(outside)))]
      : []),
    ...guests
      .filter(({ pin }) => pin?.realtime)
      .map((guest) => realtime(guest, async (outside) => realtimeOf(guest.vmid, await look(outside)))),
  ]
}

interface Looked {
  readonly look: CoresLook
  readonly cores: NodeCores
}

/** Errors: E_HOST_FACTS where the cores cannot be chosen. */
async function lookAt(site: Site, node: Node, outside: Outside): Promise<Looked> {
  const seen = await readFacts(await outside.host(node.name), coresWish(site, node))
  const cores = coresOf(site, node, seen)
  refuseFacts(node.name, `pinned cores of ${node.name}`, cores.problems)
  const look = getLook(seen)
  if (look === undefined) throw new Error('cores without a look')
  return { look, cores }
}

function realtimeOf(vmid: number, { look, cores }: Looked) {
  const row = cores.guests.find(({ guest }) => guest.vmid === vmid)
  const threads = look.threads.get(vmid)
  if (row?.realtime === undefined || threads === undefined) return undefined
  const vcpus = threads.filter(({ vcpu }) => vcpu !== undefined).length
  return { wanted: row.realtime.vcpus, vcpus, differences: diffThreads(row, look) }
}

/** Everybody who may run on cores that are another's alone. */
function intruders(site: Site, node: Node, { look, cores: { guests, rest = '' } }: Looked): readonly string[] {
  const open = new Set(parseCpuset(rest))
  const closed = cpusOf(look.topology).filter((cpu) => !open.has(cpu))
  const names = new Map(site.guests.map(({ vmid, name }) => [vmid, name]))
  const where = (cpus: string, own: readonly number[] = []) => {
    const there = parseCpuset(cpus) ?? []
    return closed.filter((cpu) => (cpus === '' || there.includes(cpu)) && !own.includes(cpu))
  }
  const vms = [...look.threads].flatMap(([vmid, threads]) => {
    const own = guests.find(({ guest, within }) => guest.vmid === vmid && within === undefined)
    const cpus = threads.flatMap((thread) => where(thread.cpus, parseCpuset(own?.cpus ?? '')))
    const name = names.get(vmid) ?? `VM ${vmid}, which is not of this site,`
    return cpus.length === 0 ? [] : [`${name} may run on CPUs ${formatCpuset(cpus)}`]
  })
  const groups = ['lxc', ...(node.isolateCores ? SLICES : [])].flatMap((group) => {
    const have = look.cgroups.get(group)
    const cpus = have === undefined ? [] : where(have)
    return cpus.length === 0 ? [] : [`${group === 'lxc' ? 'containers' : group} may run on CPUs ${formatCpuset(cpus)}`]
  })
  return [...vms, ...groups]
}
