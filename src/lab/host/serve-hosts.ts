// The hosts of a serving lab: one SSH server for each node, its programs and its guard, reachable as its network allows.
import type { Certificate } from '../certificate.ts'
import type { LabSecrets } from '../lab-files.ts'
import { hostOf } from '../network.ts'
import type { World } from '../world.ts'
import { type GuardHost, makeGuardHost } from './guard-host.ts'
import { type HostFaults, makeHostFaults } from './host-faults.ts'
import { type AskApi, failed, type Io, type Machine, type Output } from './machine.ts'
import { commandText, programNames, run } from './programs.ts'
import { unquote } from './quote.ts'
import { addressInForce, connectionOf } from './reachable.ts'
import { labKeys } from './ssh-keys.ts'
import { type SshServer, serveSsh } from './ssh-server.ts'

/** A cluster, as far as its hosts need it. */
export interface HostsOf {
  readonly world: World
  readonly api: AskApi
  lastMs: number
}

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

/** Serves every node of the clusters; `secrets` learns the ports. What was armed when the lab ended is put back, as after a restart. */
export async function serveHosts(
  dir: string,
  clusters: readonly HostsOf[],
  certificate: Certificate,
  secrets: LabSecrets,
  record: (entry: HostRecord) => void = () => undefined,
): Promise<ServedHosts> {
  const places = clusters.flatMap((cluster) =>
    cluster.world.state.hardware.nodes.map(({ name }) => ({ name, cluster })),
  )
  const keys = await labKeys(
    dir,
    places.map(({ name }) => name),
  )
  const hosts = new Map<string, ServedHost>()
  const faults = makeHostFaults(() => {
    for (const { machine } of hosts.values()) machine.networkChanged()
  })
  const ports: Record<string, number> = Object.assign(Object.create(null), secrets.hosts)
  for (const { name, cluster } of places) {
    const { machine, guard } = boot(name, cluster, certificate, faults, () => hosts.get(name)?.ssh.cut())
    const ssh = await serveSsh({
      hostKey: keys.host(name),
      operator: keys.operator,
      port: ports[name] ?? 0,
      isReachable: () => addressInForce(machine) !== undefined,
      active: () => {
        cluster.lastMs = Date.now()
      },
      connected: () => record({ node: name }),
      exec: (line, io, drop) => {
        record({ node: name, line })
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
    isBusy: () => [...hosts.values()].some(({ guard }) => guard.isBusy()),
    async close() {
      for (const { guard } of hosts.values()) guard.close()
      await Promise.all([...hosts.values()].map(({ ssh }) => ssh.close()))
    },
  }
}

function boot(
  node: string,
  { world, api }: HostsOf,
  certificate: Certificate,
  faults: HostFaults,
  cut: () => void,
): { machine: Machine; guard: GuardHost } {
  let guard: GuardHost | undefined
  const machine: Machine = {
    node,
    world,
    host: hostOf(world.state, node),
    certificate,
    faults,
    api,
    guard: () => guard,
    networkChanged: () => {
      if (addressInForce(machine) === undefined) cut()
    },
  }
  guard = makeGuardHost(machine, run)
  guard.boot()
  return { machine, guard }
}

async function execute(machine: Machine, line: string, io: Io, drop: () => void): Promise<Output> {
  const argv = unquote(line)
  if (!argv) return failed(127, `sh: 1: orion lab runs one command at a time, without a shell: ${line.slice(0, 60)}`)
  const fault = machine.faults.drop(machine.node, commandText(argv))
  if (fault === 'drop-before') {
    drop()
    return failed(255, '')
  }
  try {
    const output = explained(argv, await run(machine, argv, io))
    if (fault === 'drop-after') drop()
    return output
  } catch (error) {
    return failed(70, `orion lab: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** For a person, who types a bare command; ours all stand behind `timeout`. */
function explained([program = '']: readonly string[], output: Output): Output {
  if (output.code !== 127 || program === 'timeout' || program === 'sudo') return output
  const hint = `This host is simulated by orion lab, and has only: ${programNames.join(', ')}\n`
  return { ...output, stderr: `${output.stderr ?? ''}${hint}` }
}
