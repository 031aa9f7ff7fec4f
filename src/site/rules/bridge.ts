// Rule: the networks of one bridge agree on it, and what a node has on its bridges can be built there.
import type { Bridge, Finding, Network, Node, Site } from '../site.ts'
import { byName } from './lookup.ts'
import { error, warning } from './verdict.ts'

/** Linux: 15 characters for the name of an interface. */
const NAME_LENGTH = 15
/** RFC 8200, section 5: Linux takes IPv6 away from an interface with less. */
const LEAST_MTU6 = 1280

export function bridges(site: Site): Finding[] {
  const networks = byName(site.networks)
  return [
    ...site.networks.flatMap(ofNetwork),
    ...mtus(site.networks),
    ...site.nodes.flatMap((node) => [
      ...withoutBridge(node, networks),
      ...ports(node, networks),
      ...node.bridges.flatMap((bridge) => [...names(node, bridge), ...tags(node, bridge), ...bondMtu(node, bridge)]),
    ]),
    ...splitTags(site, networks),
  ]
}

function ofNetwork({ name, bridge, vlanAware, mtu, ipv6 }: Network): Finding[] {
  const findings: Finding[] = []
  if (vlanAware && bridge === undefined)
    findings.push(error(['networks', name, 'vlanAware'], `network ${name} has no bridge that could be VLAN aware`))
  if (mtu !== undefined && mtu < LEAST_MTU6 && ipv6 !== undefined)
    findings.push(error(['networks', name, 'mtu'], `IPv6 needs ${LEAST_MTU6} at least, not ${mtu}`))
  return findings
}

/** A bridge has one MTU. */
function mtus(networks: readonly Network[]): Finding[] {
  const said = new Map<string, { readonly name: string; readonly mtu: number }>()
  const findings: Finding[] = []
  for (const { name, bridge, mtu } of networks) {
    if (bridge === undefined || mtu === undefined) continue
    const earlier = said.get(bridge)
    if (earlier === undefined) said.set(bridge, { name, mtu })
    else if (earlier.mtu !== mtu)
      findings.push(error(['networks', name, 'mtu'], `${bridge} has ${earlier.mtu} already (network ${earlier.name})`))
  }
  return findings
}

function withoutBridge(node: Node, networks: ReadonlyMap<string, Network>): Finding[] {
  return (['ports', 'addresses'] as const).flatMap((key) =>
    Object.keys(node[key]).flatMap((network) => {
      const known = networks.get(network)
      if (known === undefined || known.bridge !== undefined) return []
      const what = key === 'ports' ? 'a port' : 'an address of a node'
      return [
        error(
          ['nodes', node.name, key, network],
          `network ${network} has no bridge for ${what}: give it one, such as vmbr9`,
        ),
      ]
    }),
  )
}

/** Networks of one bridge stand on one port. Two of one VLAN are told by the rule on identity. */
function ports(node: Node, plan: ReadonlyMap<string, Network>): Finding[] {
  return node.bridges.flatMap(({ name, networks, port }) => {
    const said = networks.filter((network) => Object.hasOwn(node.ports, network))
    const first = plan.get(said[0] ?? '')
    return said
      .filter((network) => node.ports[network] !== port && plan.get(network)?.vlan !== first?.vlan)
      .map((network) =>
        error(['nodes', node.name, 'ports', network], `${name} has the port ${port} already, and takes no second one`),
      )
  })
}

/** Interfaces of one host share their names. */
function names(node: Node, { name, networks }: Bridge): Finding[] {
  const others = [...Object.values(node.ports), ...node.bonds.flatMap((bond) => [bond.name, ...bond.ports])]
  if (!others.includes(name)) return []
  return [
    error(
      ['networks', networks[0] ?? '', 'bridge'],
      `${name} is a port of ${node.name}: a bridge needs a name of its own`,
    ),
  ]
}

function tags(node: Node, { name, addresses, port }: Bridge): Finding[] {
  const findings: Finding[] = []
  const told = new Set<string>()
  for (const { network, vlan } of addresses) {
    if (vlan === undefined || told.has(network)) continue
    told.add(network)
    const path = ['nodes', node.name, 'addresses', network]
    const own = `${name}.${vlan}`
    if (own.length > NAME_LENGTH)
      findings.push(error(path, `${own} is longer than ${NAME_LENGTH} characters: give the bridge a shorter name`))
    if (port?.endsWith(`.${vlan}`))
      findings.push(warning(path, `${port} is in VLAN ${vlan} already, so ${own} has the tag ${vlan} twice`))
  }
  return findings
}

function bondMtu(node: Node, { mtu, port, networks }: Bridge): Finding[] {
  const bond = node.bonds.find(({ name }) => name === port?.split('.')[0])
  if (bond?.mtu === undefined || mtu === undefined || bond.mtu >= mtu) return []
  return [
    error(['nodes', node.name, 'bonds', bond.name, 'mtu'], `is less than the ${mtu} of network ${networks.join(', ')}`),
  ]
}

/**
 * Where a bridge is not VLAN aware, Proxmox VE gives tagged NICs a bridge of their own (vmbr0v20) on eno1.20, and the
 * kernel hands every frame of that VLAN to it: the node's vmbr0.20 receives nothing from then on.
 */
function splitTags(site: Site, networks: ReadonlyMap<string, Network>): Finding[] {
  const used = new Set(
    site.guests.flatMap(({ node, nics }) => nics.map(({ bridge, vlan }) => `${node} ${bridge} ${vlan ?? ''}`)),
  )
  return site.nodes.flatMap((node) =>
    node.bridges.flatMap((bridge) => {
      const split = new Set(
        bridge.addresses.flatMap(({ network, vlan }) =>
          vlan !== undefined && !bridge.vlanAware && used.has(`${node.name} ${bridge.name} ${vlan}`) ? [network] : [],
        ),
      )
      return [...split].map((network) =>
        warning(
          ['nodes', node.name, 'addresses', network],
          `guests share VLAN ${networks.get(network)?.vlan} of ${bridge.name} with the node, which then hears nothing in it: set networks.${network}.vlanAware`,
        ),
      )
    }),
  )
}
