// Rule: a bond has ports of its own, and options that its mode knows.
import { didYouMean } from '../nearest.ts'
import type { Bond, Finding, Node, Site } from '../site.ts'
import { error } from './verdict.ts'

export function bonds(site: Site): Finding[] {
  return site.nodes.flatMap((node) => [
    ...node.bonds.flatMap((bond) => options(node, bond)),
    ...bondedTwice(node),
    ...bondedAndUsed(node),
  ])
}

/** Proxmox VE writes the hash policy and the primary port of these modes alone. */
const HASHING: ReadonlySet<string> = new Set(['balance-xor', '802.3ad'])

function options(node: Node, { name, ports, mode, hashPolicy, primary }: Bond): Finding[] {
  const path = ['nodes', node.name, 'bonds', name]
  const findings: Finding[] = []
  if (hashPolicy !== undefined && !HASHING.has(mode))
    findings.push(error([...path, 'hashPolicy'], `only balance-xor and 802.3ad have a hash policy, not ${mode}`))
  if (primary !== undefined && mode !== 'active-backup')
    findings.push(error([...path, 'primary'], `only active-backup has a primary port, not ${mode}`))
  if (primary !== undefined && !ports.includes(primary))
    findings.push(error([...path, 'primary'], `${primary} is no port of ${name}${didYouMean(primary, ports)}`))
  return findings
}

function bondedTwice(node: Node): Finding[] {
  const taken = new Map<string, string>()
  const findings: Finding[] = []
  for (const { name, ports } of node.bonds)
    for (const port of ports) {
      const earlier = taken.get(port)
      if (earlier === undefined) taken.set(port, name)
      else findings.push(error(['nodes', node.name, 'bonds', name, 'ports'], `port ${port} is taken by ${earlier}`))
    }
  return findings
}

/** A bonded port carries nothing but its bond; VLANs stand on the bond then. */
function bondedAndUsed(node: Node): Finding[] {
  const owner = new Map(node.bonds.flatMap(({ name, ports }) => ports.map((port) => [port, name] as const)))
  const names = node.bonds.map(({ name }) => name)
  const findings: Finding[] = []
  for (const [network, port] of Object.entries(node.ports)) {
    const path = ['nodes', node.name, 'ports', network]
    const base = port.split('.')[0] ?? port
    const bond = owner.get(base)
    if (bond !== undefined) findings.push(error(path, `port ${base} belongs to ${bond}: name ${bond} here`))
    // Where the site file makes no bond at all, it may mean one that is there already.
    if (names.length > 0 && /^bond\d+$/.test(base) && !names.includes(base))
      findings.push(error(path, `no bond of ${node.name} is called ${base}${didYouMean(base, names)}`))
  }
  return findings
}
