// `ip -j …` on a simulated host: links, addresses and routes as iproute2 prints them in JSON.
import { isIP } from 'node:net'
import { meshRouteTo, ruleRows, tableRows } from '../mesh/ip-mesh.ts'
import { isInside } from './addresses.ts'
import { liveNetwork } from './guest-ports.ts'
import { type Link, macOf, type Network, resolve } from './links.ts'
import { failed, type Machine, type Output, ok, type Program } from './machine.ts'

type Json = Record<string, unknown>

/** The objects `link`, `addr` and `route`, with `show`, `dev`, `master`, `type`, `default` and `get`. */
export const ip: Program = (machine, args) => {
  const [object = '', ...rest] = args.filter((arg) => !arg.startsWith('-'))
  const network = liveNetwork(machine.world.state, machine.node, machine.host)
  const six = args.includes('-6')
  const four = args.includes('-4')
  const answer = (rows: readonly Json[]): Output => ok(`${JSON.stringify(rows)}\n`)
  if (!args.some((arg) => arg === '-j' || arg === '-json')) return failed(1, 'the lab only speaks JSON: ip -j')
  if (/^l(ink)?$/.test(object)) return ofLinks(network, rest, (link) => linkJson(network, link))
  if (/^a(ddr(ess)?)?$/.test(object)) return ofLinks(network, rest, (link) => addressJson(network, link, four, six))
  if (/^n(eigh(bou?r)?)?$/.test(object)) return answer(neighbours(machine, network))
  if (/^ru(le)?$/.test(object)) return answer(ruleRows(machine))
  if (!/^r(oute)?$/.test(object)) return failed(255, `Object "${object}" is unknown, try "ip help".`)
  const way = rest[0] === 'get' ? meshRouteTo(machine, rest[1] ?? '') : undefined
  if (rest[0] === 'get') return way ? answer([way]) : getRoute(network, rest[1] ?? '')
  const table = tableRows(machine, rest, six)
  if (table !== undefined) return answer(table)
  const wanted = rest.find((word) => word === 'default')
  const dev = rest[rest.indexOf('dev') + 1]
  const rows = network.routes
    .filter(({ via, to, from = '' }) => `${via ?? ''}${to}${from}`.includes(':') === six)
    .filter(({ to }) => wanted === undefined || to === wanted)
    .filter((route) => !rest.includes('dev') || route.dev === dev)
  return answer(
    rows.map(({ to, via, dev: name, from }) => ({
      dst: to,
      ...(via === undefined ? {} : { gateway: via }),
      dev: name,
      ...(from === undefined ? {} : { protocol: 'kernel', scope: 'link', prefsrc: from }),
      flags: [],
    })),
  )
}

function ofLinks(network: Network, words: readonly string[], toJson: (link: Link) => Json): Output {
  const named = words.filter((word) => word !== 'show' && word !== 'list' && word !== 'ls')
  const value = (key: string) => (named.includes(key) ? named[named.indexOf(key) + 1] : undefined)
  const dev = value('dev') ?? (named.length === 1 ? named[0] : undefined)
  const [master, type] = [value('master'), value('type')]
  const all = [...network.links.values()]
  const name = dev === undefined ? undefined : resolve(network.links, dev)
  if (name !== undefined && !network.links.has(name)) return failed(1, `Device "${dev}" does not exist.`)
  const found = all
    .filter((link) => name === undefined || link.name === name)
    .filter((link) => master === undefined || link.master === master)
    .filter((link) => type === undefined || infoKind(link) === type)
  return ok(`${JSON.stringify(found.map(toJson))}\n`)
}

function infoKind({ kind }: Link): string | undefined {
  if (kind === 'tap') return 'tun'
  return kind === 'port' || kind === 'loopback' ? undefined : kind
}

function linkJson({ links }: Network, link: Link): Json {
  const { name, kind, mac, mtu, up, master, parent, altnames } = link
  const index = [...links.keys()].indexOf(name) + 1
  const flags = kind === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST']
  const info = infoOf(links, link)
  return {
    ifindex: index,
    ...(parent === undefined ? {} : { link: parent }),
    ifname: name,
    flags: up ? [...flags, 'UP', 'LOWER_UP'] : flags,
    mtu,
    qdisc: 'noqueue',
    ...(master === undefined ? {} : { master }),
    operstate: kind === 'loopback' ? 'UNKNOWN' : up ? 'UP' : 'DOWN',
    group: 'default',
    txqlen: 1000,
    link_type: kind === 'loopback' ? 'loopback' : 'ether',
    address: mac,
    broadcast: kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff',
    ...(kind === 'port'
      ? { permaddr: mac, parentbus: 'pci', parentdev: `0000:${index.toString(16).padStart(2, '0')}:00.0` }
      : {}),
    ...(Object.keys(info).length === 0 ? {} : { linkinfo: info }),
    ...(altnames.length === 0 ? {} : { altnames }),
  }
}

function infoOf(links: ReadonlyMap<string, Link>, link: Link): Json {
  const kind = infoKind(link)
  const data: Record<string, Json> = {
    bridge: { stp_state: 0, vlan_filtering: link.vlanAware ? 1 : 0 },
    bond: { mode: link.mode ?? 'balance-rr' },
    vlan: { protocol: '802.1Q', id: link.vlan },
    tun: { type: 'tap' },
  }
  const master = link.master === undefined ? undefined : links.get(link.master)
  return {
    ...(kind === undefined ? {} : { info_kind: kind, ...(data[kind] ? { info_data: data[kind] } : {}) }),
    ...(master ? { info_slave_kind: master.kind } : {}),
  }
}

function addressJson(network: Network, link: Link, four: boolean, six: boolean): Json {
  const info = link.addresses.map((cidr) => {
    const [local = '', prefix = ''] = cidr.split('/')
    const family = local.includes(':') ? 'inet6' : 'inet'
    return { family, local, prefixlen: Number(prefix), scope: link.kind === 'loopback' ? 'host' : 'global' }
  })
  const shown = info.filter(({ family }) => (family === 'inet' ? !six : !four))
  return { ...linkJson(network, link), addr_info: shown }
}

function getRoute({ routes }: Network, address: string): Output {
  const version = address.includes(':')
  const route =
    routes.find(({ to }) => to !== 'default' && isInside(address, to)) ??
    routes.find(({ to, via }) => to === 'default' && via?.includes(':') === version)
  if (!route) return failed(2, 'RTNETLINK answers: Network is unreachable')
  const from = routes.find((other) => other.dev === route.dev && other.from?.includes(':') === version)?.from
  const gateway = route.via === undefined ? {} : { gateway: route.via }
  const row = { dst: address, ...gateway, dev: route.dev, ...(from === undefined ? {} : { prefsrc: from }) }
  return ok(`${JSON.stringify([{ ...row, flags: [], uid: 0, cache: [] }])}\n`)
}

/** Who is on the wire: gateways, the other nodes, and the operator. */
function neighbours(machine: Machine, network: Network): Json[] {
  return othersOf(machine).flatMap((dst) => {
    const dev = deviceTo(network, dst)
    return dev === undefined ? [] : [{ dst, dev, lladdr: macOf(dst), state: ['REACHABLE'] }]
  })
}

function othersOf(machine: Machine): string[] {
  const { nodes } = machine.world.state.hardware
  const own = nodes.find(({ name }) => name === machine.node)
  const peers = nodes.filter((node) => node !== own).map(({ address }) => address)
  const all = [own?.gateway, ...(own?.neighbours ?? []), ...peers, clientOf(machine.host.address)]
  return [...new Set(all)].filter((address) => address !== undefined && isIP(address) !== 0) as string[]
}

/** The interface in whose network an address lies; a link-local one is taken to be behind any default route. */
function deviceTo({ routes }: Network, address: string): string | undefined {
  const linkLocal = address.toLowerCase().startsWith('fe80:')
  return routes.find(({ to, via }) => (linkLocal ? via === address : to !== 'default' && isInside(address, to)))?.dev
}

/** Where the operator sits, as a host sees it: beside it, in its own network. */
export function clientOf(address: string): string {
  const version = isIP(address)
  if (version === 4) return address.replace(/\d+$/, (last) => (last === '250' ? '251' : '250'))
  return version === 6 ? address.replace(/[^:]*$/, (last) => (last === 'fa' ? 'fb' : 'fa')) : '127.0.0.1'
}

/** Does somebody answer at this address: the host itself, or a neighbour? */
export function isAnswering(machine: Machine, asked: string): boolean {
  const [address = ''] = asked.split('%')
  const network = liveNetwork(machine.world.state, machine.node, machine.host)
  const addresses = [...network.links.values()].flatMap((link) => link.addresses)
  const own = addresses.some((cidr) => cidr.split('/')[0] === address)
  return own || (othersOf(machine).includes(address) && deviceTo(network, address) !== undefined)
}
