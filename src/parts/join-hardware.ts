// The first step of joining: whether the machine is what the tier of its cluster and the site file take it for.
import { template } from '../render.ts'
import { type Facts, type HostFacts, said } from '../resources/host-facts.ts'
import type { Cluster, Node, Site } from '../site/site.ts'

const LOOK = 'join-look'
const renderLook = template<object>('join/look')

export function hardwareFacts(): Facts {
  return { commands: { [LOOK]: ['sh', '-c', renderLook({}), 'orion-join-look'] } }
}

export interface Hardware {
  readonly threads: number
  readonly memoryMib: number
  readonly disks: readonly { readonly name: string; readonly bytes: number }[]
  readonly nics: readonly { readonly name: string; readonly hasLink: boolean }[]
  readonly iommuGroups: number
  readonly isSynchronized: boolean
  /** Seconds since the epoch. */
  readonly clock: number
}

/** What each tier wants of a node that carries its work. */
const LEAST: Readonly<Record<NonNullable<Cluster['tier']>, Least>> = {
  command: { threads: 16, memoryMib: 64 * 1024, disks: 2, nics: 2 },
  workhorse: { threads: 8, memoryMib: 32 * 1024, disks: 1, nics: 1 },
  edge: { threads: 4, memoryMib: 16 * 1024, disks: 1, nics: 1 },
}
interface Least {
  readonly threads: number
  readonly memoryMib: number
  readonly disks: number
  readonly nics: number
}

/** The firmware and the kernel keep some of the memory that was bought. */
const KEPT = 0.94
/** Preshared keys are offered with a time, and refused when it is far off; seconds. */
const MOST_CLOCK_OFF = 120

export interface Verdict {
  /** What the machine has, one line each. */
  readonly seen: readonly string[]
  /** Less than is wanted where it does no harm, or cannot be seen from here. */
  readonly notes: readonly string[]
  /** Why it may not join. */
  readonly problems: readonly string[]
}

/** undefined where the host could not tell. Pure. */
export function hardwareOf(seen: HostFacts): Hardware | undefined {
  const rows = (said(seen, LOOK) ?? '').split('\n').map((line) => line.split(' '))
  const all = (kind: string) => rows.filter(([first]) => first === kind).map(([, ...rest]) => rest)
  const one = (kind: string) => all(kind)[0]?.[0] ?? ''
  if (one('clock') === '') return undefined
  return {
    threads: Number(one('threads')),
    memoryMib: Math.floor(Number(one('memory')) / 1024),
    disks: all('disk').map(([name = '', bytes]) => ({ name, bytes: Number(bytes) })),
    nics: all('nic').map(([name = '', carrier]) => ({ name, hasLink: carrier === '1' })),
    iommuGroups: Number(one('iommu')),
    isSynchronized: one('ntp') === 'yes',
    clock: Number(one('clock')),
  }
}

/** `now`: our own clock when the host was asked, seconds. Pure. */
export function judge(site: Site, node: Node, has: Hardware, now: number): Verdict {
  const { tier } = site.clusters.find(({ name }) => name === node.cluster) ?? {}
  const short = tier === undefined ? [] : lacking(LEAST[tier], has).map((text) => `${text} that tier ${tier} wants`)
  // A cluster has its tier by its best node; smaller ones beside it do no harm.
  const large = tier === undefined ? undefined : largeBeside(site, node, LEAST[tier].memoryMib)
  const isSmall = short.length > 0 && large !== undefined
  const beside = isSmall ? [`${node.cluster} has its tier by ${large}: ${node.name} is a smaller one beside it`] : []
  return {
    seen: described(has),
    notes: [...(isSmall ? short : []), ...beside, ...unseen(node, tier), ...unsynchronized(has)],
    problems: [
      ...(isSmall ? [] : short),
      ...fewer(node, has),
      ...ports(node, has),
      ...devices(site, node, has),
      ...clock(has, now),
    ],
  }
}

function lacking(least: Least, { threads, memoryMib, disks, nics }: Hardware): readonly string[] {
  return [
    ...(threads < least.threads ? [`${count(threads, 'thread')} of ${least.threads}`] : []),
    ...(memoryMib < least.memoryMib * KEPT ? [`${gib(memoryMib)} of memory of ${gib(least.memoryMib)}`] : []),
    ...(disks.length < least.disks ? [`${count(disks.length, 'disk')} of ${least.disks}`] : []),
    ...(nics.length < least.nics ? [`${count(nics.length, 'network port')} of ${least.nics}`] : []),
  ]
}

function largeBeside(site: Site, node: Node, leastMib: number): string | undefined {
  const others = site.nodes.filter(({ name, cluster }) => cluster === node.cluster && name !== node.name)
  return others.find(({ hardware }) => (hardware?.memoryMib ?? 0) >= leastMib)?.name
}

/** The machine against its own lines in the site file. */
function fewer({ hardware }: Node, has: Hardware): readonly string[] {
  const { threads, memoryMib } = hardware ?? {}
  const isLess = memoryMib !== undefined && has.memoryMib < memoryMib * KEPT
  return [
    ...(threads !== undefined && has.threads < threads
      ? [`${has.threads} threads, and the site file says ${threads}`]
      : []),
    ...(isLess ? [`${gib(has.memoryMib)} of memory, and the site file says ${gib(memoryMib)}`] : []),
  ]
}

/** Ports that bridges and bonds stand on. */
function ports({ ports: wanted, bonds }: Node, { nics }: Hardware): readonly string[] {
  const made = new Set(bonds.map(({ name }) => name))
  const named = [
    ...Object.values(wanted).map((port) => port.replace(/\.\d+$/, '')),
    ...bonds.flatMap(({ ports }) => ports),
  ]
  const missing = [...new Set(named)].filter((port) => !made.has(port) && !nics.some(({ name }) => name === port))
  const there = nics.map(({ name }) => name).join(', ') || 'none'
  return missing.map((port) => `no port ${port}, which the site file names (there: ${there})`)
}

function devices(site: Site, node: Node, { iommuGroups }: Hardware): readonly string[] {
  const wanted = site.devices.filter((device) => device.node === node.name).map(({ name }) => name)
  if (wanted.length === 0 || iommuGroups > 0) return []
  return [`no IOMMU group, and ${wanted.join(', ')} is to be passed to a guest: turn on VT-d or AMD-Vi in the firmware`]
}

function clock({ clock: theirs }: Hardware, now: number): readonly string[] {
  const off = Math.round(Math.abs(theirs - now))
  if (off <= MOST_CLOCK_OFF) return []
  return [
    `its clock is ${off} s ${theirs > now ? 'ahead of' : 'behind'} ours: set the time, and let it be kept (chrony)`,
  ]
}

function unseen({ hardware }: Node, tier: Cluster['tier']): readonly string[] {
  if (tier !== 'command') return []
  return [
    hardware?.power === 'dual'
      ? 'two power supplies: the word of the site file, as they cannot be seen from here'
      : 'command wants dual power, and the site file does not say power: dual',
  ]
}

function unsynchronized({ isSynchronized }: Hardware): readonly string[] {
  return isSynchronized ? [] : ['its clock is not kept by a time server (timedatectl)']
}

function described({ threads, memoryMib, disks, nics, iommuGroups }: Hardware): readonly string[] {
  const sizes = disks.map(({ name, bytes }) => `${name} ${Math.round(bytes / 1e9)} GB`).join(', ')
  const linked = nics.filter(({ hasLink }) => hasLink).length
  return [
    `${threads} threads, ${gib(memoryMib)} of memory`,
    `${count(disks.length, 'disk')}${disks.length === 0 ? '' : `: ${sizes}`}`,
    `${count(nics.length, 'network port')}, ${linked} with a link; ${count(iommuGroups, 'IOMMU group')}`,
  ]
}

function gib(mib: number): string {
  return `${Math.round((mib / 1024) * 10) / 10} GiB`
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
