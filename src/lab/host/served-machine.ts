// One host of a serving lab: switched on, and given the commands that come over SSH.
import type { Certificate } from '../certificate.ts'
import { comeUp, isDown, rebootHost } from '../device/reboot.ts'
import { resumeReboot } from '../device/reboot-program.ts'
import { hostOf } from '../network.ts'
import { restartInterrupted, restartRouter, runningRouter, storedRouter } from '../router/router-state.ts'
import type { RouterHardware, World } from '../world.ts'
import { type GuardHost, makeGuardHost } from './guard-host.ts'
import type { HostFaults } from './host-faults.ts'
import { type AskApi, failed, type Io, type Machine, type Output } from './machine.ts'
import { commandText, programNames, run } from './programs.ts'
import { unquote } from './quote.ts'
import { addressInForce } from './reachable.ts'

/** A cluster, as far as its hosts need it. */
export interface HostsOf {
  readonly world: World
  readonly api: AskApi
  lastMs: number
}

/** A node or a router, and the cluster that it is in. */
interface Place {
  readonly name: string
  readonly cluster: HostsOf
  readonly router?: RouterHardware
}

/** Can it be reached at all? */
export const isUp = (machine: Machine): boolean => {
  return machine.isRunning() && addressInForce(machine) !== undefined
}

/** A host that was just switched on: what was armed before is put back. `cut` ends its connections. */
export function boot(
  { name: node, cluster: { world, api }, router }: Place,
  certificate: Certificate,
  faults: HostFaults,
  cut: () => void,
  all: () => readonly Machine[],
): { machine: Machine; guard: GuardHost } {
  let guard: GuardHost | undefined
  const look = (one: RouterHardware) => runningRouter(world, one, () => guard?.boot())
  const machine: Machine = {
    node,
    kind: router ? 'router' : 'node',
    world,
    get host() {
      return router ? (look(router) ?? storedRouter(world, router)) : hostOf(world.state, node)
    },
    isRunning: () => (router ? look(router) !== undefined : !isDown(machine.host)),
    certificate,
    faults,
    api,
    guard: () => guard,
    all,
    reboot: () => (router ? restartRouter(world, router) : rebootHost(machine, () => guard?.boot())),
    networkChanged: () => {
      if (!isUp(machine)) cut()
    },
  }
  guard = makeGuardHost(machine, run)
  if (router) restartInterrupted(world, router)
  else if (isDown(machine.host)) comeUp(machine, () => guard?.boot())
  else {
    guard.boot()
    resumeReboot(machine)
  }
  return { machine, guard }
}

/** One command line that came over SSH; `drop` breaks the connection, as a fault or a stop does. */
export async function execute(machine: Machine, line: string, io: Io, drop: () => void): Promise<Output> {
  const argv = unquote(line)
  if (!argv) return failed(127, `sh: 1: orion lab runs one command at a time, without a shell: ${line.slice(0, 60)}`)
  const fault = machine.faults.drop(machine.node, commandText(argv))
  if (fault === 'drop-before') {
    drop()
    return failed(255, '')
  }
  try {
    const output = explained(machine, argv, await run(machine, argv, io))
    if (fault === 'drop-after') drop()
    return output
  } catch (error) {
    return failed(70, `orion lab: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** For a person, who types a bare command; ours all stand behind `timeout`. */
function explained({ kind }: Machine, [program = '']: readonly string[], output: Output): Output {
  if (output.code !== 127 || program === 'timeout' || program === 'sudo') return output
  const hint = `This host is simulated by orion lab, and has only: ${programNames(kind).join(', ')}\n`
  return { ...output, stderr: `${output.stderr ?? ''}${hint}` }
}
