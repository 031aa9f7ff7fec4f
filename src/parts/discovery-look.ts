// What a node says of itself for a discovery, beside its network: how the lines are read. Pure.
import { template } from '../render.ts'
import { type Facts, said } from '../resources/host-facts.ts'
import type { Discovery, FoundDevice, FoundTopology } from '../site/discovery.ts'
import { toKind } from './gpu/class-names.ts'
import { getMachine } from './gpu/machine-read.ts'

type Seen = Parameters<typeof getMachine>[0]

const LOOK = 'discovery-look'
const renderLook = template<object>('discovery/look')

const LOCALTIME = '/etc/localtime'
const RESOLV = '/etc/resolv.conf'
const HOSTS = '/etc/hosts'

export const lookFacts = (): Facts => ({
  files: [LOCALTIME, RESOLV, HOSTS],
  commands: { [LOOK]: ['sh', '-c', renderLook({}), 'orion-discovery-look'] },
})

/** What the look said of one kind, line by line, without the kind. */
export function lookLines(seen: Seen, kind: string): readonly string[] {
  const lines = (said(seen, LOOK) ?? '').split('\n').map((line) => line.replace(/\p{Cc}/gu, ' '))
  return lines.flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1).trim()] : []))
}

/** False where the node did not tell all of it. */
export const isWhole = (seen: Seen): boolean => /(?:^|\n)end$/.test(said(seen, LOOK) ?? '')

type OfSystem = Pick<Discovery, 'dns' | 'domain' | 'timezone' | 'zpools' | 'memoryBytes' | 'topology'>

/** Names, time zone, processor, memory and ZFS pools. */
export function systemOf(seen: Seen, node: string): OfSystem {
  const zone = /zoneinfo\/(.+)$/.exec(seen.files.get(LOCALTIME)?.text ?? '')?.[1]
  const resolv = (seen.files.get(RESOLV)?.text ?? '').split('\n').map((line) => line.trim().split(/\s+/))
  const domain = domainOf(seen.files.get(HOSTS)?.text ?? '', node) ?? wordAfter(resolv, ['search', 'domain'])
  return {
    dns: resolv.flatMap(([key, address]) => (key === 'nameserver' && address !== undefined ? [address] : [])),
    ...(domain === undefined ? {} : { domain }),
    ...(zone === undefined ? {} : { timezone: zone }),
    zpools: lookLines(seen, 'zpool').map((line) => {
      const [name = '', bytes, free] = line.split(/\s+/)
      return { name, bytes: Number(bytes), freeBytes: Number(free) }
    }),
    memoryBytes: Number(lookLines(seen, 'memory')[0] ?? 0) * 1024,
    topology: topologyOf(seen),
  }
}

function wordAfter(rows: readonly (readonly string[])[], keys: readonly string[]): string | undefined {
  return rows.find(([key = '']) => keys.includes(key))?.[1]
}

/** `192.168.1.10 r730.orion.lan r730`: what stands behind the node's own name. */
function domainOf(hosts: string, node: string): string | undefined {
  const names = hosts.split('\n').flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  const full = names.find((name) => name.startsWith(`${node}.`))
  return full?.slice(node.length + 1)
}

/** Lines `cpu NUMBER ONLINE SIBLINGS SOCKET NODE` of templates/cores/look.eta. */
function topologyOf(seen: Seen): FoundTopology {
  const rows = [...(said(seen, 'cores') ?? '').matchAll(/^cpu \d+ 1 (\S+) (\S+) /gm)]
  const [model] = lookLines(seen, 'model')
  return {
    ...(model === undefined ? {} : { model }),
    sockets: new Set(rows.map(([, , socket]) => socket)).size,
    cores: new Set(rows.map(([, siblings, socket]) => `${socket} ${siblings}`)).size,
    threads: rows.length,
  }
}

/** Functions that could be given to a guest: all but bridges and what belongs to the processor. */
export function devicesOf(seen: Seen): readonly FoundDevice[] {
  const names = new Map(
    lookLines(seen, 'pci').map((line) => {
      const [address = '', ...words] = line.split(' ')
      return [address, words.join(' ').replace(/ \(rev [0-9a-f]+\)/, '')] as const
    }),
  )
  const machine = getMachine(seen)
  const given = machine.devices.filter(({ bridge, class: code }) => !bridge && !/^(0[56b]|08(?!80))/.test(code))
  return given.map((device) => ({
    address: device.address,
    id: device.id,
    name: names.get(device.address) || toKind(device),
    class: device.class,
    ...(device.group === undefined ? {} : { iommuGroup: device.group }),
    ...(device.driver === undefined ? {} : { driver: device.driver }),
    uses: device.uses,
  }))
}
