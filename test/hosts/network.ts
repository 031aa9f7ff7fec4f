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

/** A namespace with ports that are plugged into the hub's bridges, in their order. */
export function makeNamespace(namespace: string, index: number, ports: readonly string[]): void {
  ip('netns', 'add', namespace)
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  for (const [at, port] of ports.entries()) {
    const cable = cableName(index, at)
    ip('-n', HUB, 'link', 'add', cable, 'type', 'veth', 'peer', 'name', port, 'netns', namespace)
    ip('-n', HUB, 'link', 'set', cable, 'master', HUB_BRIDGES[at % HUB_BRIDGES.length] ?? 'wan', 'up')
  }
}

const cableName = (index: number, at: number): string => `cable${index}-${at}`

/** Pulls or plugs one cable, at the hub's end. */
export function setCable(index: number, at: number, state: 'up' | 'down'): void {
  ip('-n', HUB, 'link', 'set', cableName(index, at), state)
}

/** Removes a namespace; a missing one is fine. */
export function removeNamespace(namespace: string): void {
  try {
    ip('netns', 'del', namespace)
  } catch {
    // It was never made, or is gone.
  }
}
