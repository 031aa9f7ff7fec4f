// The test hosts' network: a hub namespace with three bridges, one namespace per host, cables between; nothing of the machine's own network is touched.
import { execFileSync } from 'node:child_process'

export const HUB_BRIDGES = ['mgmt', 'lan', 'wan'] as const

/** iproute2's. */
const IP = 'ip'
const ip = (...argv: string[]): void => {
  execFileSync(IP, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** All names begin so: what a killed run left is known by its process id. */
export const PREFIX = 'orion-test-'
export const HUB = `${PREFIX}${process.pid}-hub`

/** The operator's side of the mgmt network. */
export const OPERATOR = '10.77.0.1'

export function makeHub(): void {
  ip('netns', 'add', HUB)
  ip('-n', HUB, 'link', 'set', 'lo', 'up')
  // Linux answers for an address on every wire it has: the operator shall be found on the mgmt network alone.
  ip('netns', 'exec', HUB, 'sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1')
  for (const bridge of HUB_BRIDGES) {
    ip('-n', HUB, 'link', 'add', bridge, 'type', 'bridge')
    ip('-n', HUB, 'link', 'set', bridge, 'up')
  }
  ip('-n', HUB, 'addr', 'add', `${OPERATOR}/16`, 'dev', 'mgmt')
  ip('-n', HUB, 'addr', 'add', 'fd77::1/64', 'dev', 'mgmt', 'nodad')
}

/** A bridge of the hub's beside the three; one that is there is fine. */
function makeBridge(bridge: string): void {
  try {
    ip('-n', HUB, 'link', 'show', bridge)
  } catch {
    ip('-n', HUB, 'link', 'add', bridge, 'type', 'bridge')
    ip('-n', HUB, 'link', 'set', bridge, 'up')
  }
}

interface Wiring {
  readonly ports: readonly string[]
  /** Of the ports, in their order; default: any. */
  readonly macs?: readonly string[] | undefined
  /** Of the ports, in their order; default: the hub's three. */
  readonly bridges?: readonly string[] | undefined
}

/** A namespace with ports that are plugged into the hub's bridges. */
export function makeNamespace(namespace: string, index: number, wiring: Wiring): void {
  const { ports, macs = [], bridges = HUB_BRIDGES } = wiring
  ip('netns', 'add', namespace)
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  for (const [at, port] of ports.entries()) {
    const cable = cableName(index, at)
    ip('-n', HUB, 'link', 'add', cable, 'type', 'veth', 'peer', 'name', port, 'netns', namespace)
    if (macs[at]) ip('-n', namespace, 'link', 'set', port, 'address', macs[at])
    const bridge = bridges[at % bridges.length] ?? 'wan'
    makeBridge(bridge)
    ip('-n', HUB, 'link', 'set', cable, 'master', bridge, 'up')
  }
}

const cableName = (index: number, at: number): string => `cable${index}-${at}`

/** Pulls or plugs one cable, at the hub's end. */
export function setCable(index: number, at: number, state: 'up' | 'down'): void {
  ip('-n', HUB, 'link', 'set', cableName(index, at), state)
}

/** Pulls a host's cables out for good: what is left of a host that was ended shall not answer for its successor. */
export function removeCables(index: number, ports: readonly string[]): void {
  removeLinks(
    HUB,
    ports.map((_, at) => cableName(index, at)),
  )
}

/** Removes interfaces, and both ends of cables, before it returns; missing ones are fine. */
export function removeLinks(namespace: string, names: readonly string[]): void {
  const input = names.map((name) => `link del ${name}\n`).join('')
  try {
    execFileSync(IP, ['-n', namespace, '-force', '-batch', '-'], { input, stdio: ['pipe', 'ignore', 'ignore'] })
  } catch {
    // One of them was never made, or is gone with the other end.
  }
}

/** Processes whose network is this namespace. */
export function pidsIn(namespace: string): number[] {
  try {
    const text = execFileSync(IP, ['netns', 'pids', namespace], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return text.split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Removes a namespace; a missing one is fine. */
export function removeNamespace(namespace: string): void {
  try {
    ip('netns', 'del', namespace)
  } catch {
    // It was never made, or is gone.
  }
}
