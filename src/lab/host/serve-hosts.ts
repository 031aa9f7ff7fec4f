// The hosts of a serving lab: one SSH server for each node, its programs and its guard, reachable as its network allows.
import type { Certificate } from '../certificate.ts'
import { isDown } from '../device/reboot.ts'
import type { LabSecrets } from '../lab-files.ts'
import type { GuardHost } from './guard-host.ts'
import { type HostFaults, makeHostFaults } from './host-faults.ts'
import type { Machine } from './machine.ts'
import { connectionOf } from './reachable.ts'
import { boot, execute, type HostsOf, isUp } from './served-machine.ts'
import { labKeys } from './ssh-keys.ts'
import { type SshServer, serveSsh } from './ssh-server.ts'

/** What came to a host over SSH. */
export interface HostRecord {
  readonly node: string
  /** The command line of a command; undefined for a connection. */
  readonly line?: string
}

export interface HostAccess {
  readonly host: string
  readonly port: number
}

export interface ServedHosts {
  readonly access: Readonly<Record<string, HostAccess>>
  readonly identityFile: string
  readonly knownHosts: string
  readonly faults: HostFaults
  /** Is a guarded change under way? */
  isBusy(): boolean
  close(): Promise<void>
}

interface ServedHost {
  readonly machine: Machine
  readonly guard: GuardHost
  readonly ssh: SshServer
}

/** Serves every node and router of the clusters; `secrets` learns the ports. What was armed when the lab ended is put back, as after a restart. */
export async function serveHosts(
  dir: string,
  clusters: readonly HostsOf[],
  certificate: Certificate,
  secrets: LabSecrets,
  record: (entry: HostRecord) => void = () => undefined,
): Promise<ServedHosts> {
  const places = clusters.flatMap((cluster) => {
    const { nodes, routers = [] } = cluster.world.state.hardware
    return [
      ...nodes.map(({ name }) => ({ name, cluster })),
      ...routers.map((router) => ({ name: router.name, cluster, router })),
    ]
  })
  const keys = await labKeys(
    dir,
    places.map(({ name }) => name),
  )
  const hosts = new Map<string, ServedHost>()
  const all = () => [...hosts.values()].map(({ machine }) => machine)
  const faults = makeHostFaults(() => {
    for (const { machine } of hosts.values()) machine.networkChanged()
  })
  const ports: Record<string, number> = Object.assign(Object.create(null), secrets.hosts)
  for (const place of places) {
    const { name, cluster } = place
    const { machine, guard } = boot(place, certificate, faults, () => hosts.get(name)?.ssh.cut(), all)
    const ssh = await serveSsh({
      hostKey: keys.host(name),
      operator: keys.operator,
      port: ports[name] ?? 0,
      isReachable: () => isUp(machine),
      active: () => {
        cluster.lastMs = Date.now()
      },
      connected: () => record({ node: name }),
      exec: (line, io, drop) => {
        record({ node: name, line })
        // A virtual machine that was stopped meanwhile says nothing any more.
        if (!isUp(machine)) drop()
        return execute(machine, line, io, drop)
      },
      connectionOf: (clientPort) => connectionOf(machine, clientPort),
    })
    ports[name] = ssh.port
    hosts.set(name, { machine, guard, ssh })
  }
  secrets.hosts = ports
  await keys.writeKnownHosts(Object.fromEntries([...hosts].map(([name, { ssh }]) => [name, ssh.port])))
  return {
    access: Object.fromEntries([...hosts].map(([name, { ssh }]) => [name, { host: '127.0.0.1', port: ssh.port }])),
    identityFile: keys.identityFile,
    knownHosts: keys.knownHosts,
    faults,
    isBusy: () => [...hosts.values()].some(({ guard, machine }) => guard.isBusy() || isDown(machine.host)),
    async close() {
      for (const { guard } of hosts.values()) guard.close()
      await Promise.all([...hosts.values()].map(({ ssh }) => ssh.close()))
    },
  }
}
