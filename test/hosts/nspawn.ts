// Real test hosts: systemd-nspawn containers with systemd, sshd and ifupdown2, each in a network namespace of its own. Linux, root.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Context } from 'mocha'
import { missing, skip } from '../setup.ts'
import { answers, enter, firstProcess, type Ran, within } from './inside.ts'
import { endHost, folderOf, sweep } from './leftovers.ts'
import { HUB, makeHub, makeNamespace, PREFIX, removeCables, removeNamespace, setCable } from './network.ts'
import { rootfs } from './rootfs.ts'

const RUNNER = fileURLToPath(new URL('host-run.sh', import.meta.url))
const RELAY = fileURLToPath(new URL('relay.js', import.meta.url))
/** util-linux's. */
const UNSHARE = 'unshare'
const START_LIMIT_MS = 60_000

export interface HostOptions {
  /** One word, the host's name. */
  readonly name: string
  /** Network ports, plugged into the hub's mgmt, lan and wan in this order. Default eno1, eno2, eno3. */
  readonly ports?: readonly string[]
  /** Of the ports, in their order; default: any. */
  readonly macs?: readonly string[]
  /** What the ports are plugged into instead of mgmt, lan and wan; further bridges of the hub are made. */
  readonly bridges?: readonly string[]
  /** The whole /etc/network/interfaces, given the host's address. Default: vmbr0 on the first port with that address. */
  readonly interfaces?: (address: string) => string
}

export interface TestHost {
  readonly name: string
  /** IPv4 on the mgmt network, /16; the operator's side is OPERATOR of network.ts. */
  readonly address: string
  /** ssh's ProxyCommand (with %h and %p) that reaches the mgmt network; the machine's own namespace has no way there. */
  readonly proxyCommand: string
  readonly identityFile: string
  readonly knownHosts: string
  /** Runs a program inside, past the network: also while the host cannot be reached. */
  exec(argv: readonly string[], options?: { readonly input?: string | Buffer }): Promise<Ran>
  /** As exec, and an error where the program ends with another code than 0. */
  must(argv: readonly string[], options?: { readonly input?: string | Buffer }): Promise<string>
  /** `systemctl reboot`, and waits for ssh and networking. */
  reboot(): Promise<void>
  /** As if the power failed and came back: every process killed, then a start; does not wait for ssh. */
  powerFail(): Promise<void>
  /** Waits until sshd answers on the address. */
  reachable(): Promise<void>
  /** Pulls or plugs the cable of a port; default the first, which is the operator's. */
  cable(state: 'up' | 'down', port?: string): void
  stop(): void
}

/** Why no test host can be had here; undefined where one can. */
export async function missingForHosts(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'test hosts need Linux'
  if (process.getuid?.() !== 0) return 'test hosts need root'
  return missing(['hosts'])
}

/** For a `before` hook: skips the suite, with the reason, where no test host can be had; makes their file tree where needed. */
export async function withHosts(context: Context): Promise<void> {
  context.timeout(10 * 60_000)
  const reason = (await missingForHosts()) ?? (await rootfs().then(() => undefined, String))
  if (reason) skip(context, reason)
}

interface Running {
  readonly hosts: Map<string, ChildProcess>
  /** The last host's number on the mgmt network; the operator and the hub come before. */
  last: number
}

// mocha may load this module twice in one process (required by one test, imported by another): there is one hub all the same.
const shared: { [key: symbol]: Running | undefined } = globalThis as never
const KEY = Symbol.for('orion test hosts')
const running: Running = shared[KEY] ?? { hosts: new Map(), last: 10 }
shared[KEY] = running
const { hosts } = running

function prepareHub(): void {
  if (running.last > 10) return
  sweep()
  makeHub()
  process.once('exit', stopAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
}

/** Ends every host of this process, and the hub. */
export function stopAll(): void {
  for (const namespace of hosts.keys()) endHost(namespace)
  hosts.clear()
  removeNamespace(HUB)
  running.last = 10
}

const standard = (address: string): string => `auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
\taddress ${address}/16
\tbridge-ports eno1
\tbridge-stp off
\tbridge-fd 0
`

/** sshd answers before ifupdown2 is through, and two of those do not run at once. */
async function ready(host: TestHost): Promise<void> {
  await host.reachable()
  const state = ['systemctl', 'show', '--property=ActiveState', '--value', 'networking']
  await within(START_LIMIT_MS, `networking on ${host.name}`, async () => {
    const { stdout } = await host.exec(state)
    return !stdout.startsWith('activating')
  })
}

/** Starts a host and waits until sshd answers (1 to 2 s). Ended by stop, and with this process. */
export async function startHost(options: HostOptions): Promise<TestHost> {
  const { root, identityFile, hostKeys } = await rootfs()
  prepareHub()
  running.last += 1
  const index = running.last
  const namespace = `${PREFIX}${process.pid}-${options.name}`
  const address = `10.77.0.${index}`
  const ports = options.ports ?? ['eno1', 'eno2', 'eno3']
  const folder = folderOf(namespace)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'interfaces'), (options.interfaces ?? standard)(address))
  const knownHosts = join(folder, 'known_hosts')
  writeFileSync(knownHosts, hostKeys.map((key) => `${address} ${key}\n`).join(''))
  makeNamespace(namespace, index, { ports, macs: options.macs, bridges: options.bridges })
  const said: string[] = []
  const runner = spawn(
    UNSHARE,
    ['-m', '--propagation', 'private', '--', 'sh', RUNNER, options.name, namespace, folder, root],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  )
  for (const stream of [runner.stdout, runner.stderr]) stream.on('data', (data) => said.push(String(data)))
  hosts.set(namespace, runner)
  const host = hostOf({ name: options.name, namespace, address, index, ports, folder, identityFile, knownHosts })
  await ready(host).catch((error: unknown) => {
    host.stop()
    throw new Error(`test host ${options.name} did not come up: ${said.join('').slice(-2000)}`, { cause: error })
  })
  return host
}

interface Place {
  readonly name: string
  readonly namespace: string
  readonly address: string
  readonly index: number
  readonly ports: readonly string[]
  readonly folder: string
  readonly identityFile: string
  readonly knownHosts: string
}

function hostOf(place: Place): TestHost {
  const { name, namespace, address, identityFile, knownHosts } = place
  const exec: TestHost['exec'] = (argv, options = {}) => enter(namespace, argv, options.input)
  const must: TestHost['must'] = async (argv, options) => {
    const { code, stdout, stderr } = await exec(argv, options)
    if (code !== 0) throw new Error(`${name}: ${argv.join(' ')} ended with ${code}: ${stderr || stdout}`)
    return stdout
  }
  const reachable = () => within(START_LIMIT_MS, `ssh on ${name}`, () => answers(address))
  const host: TestHost = {
    name,
    address,
    proxyCommand: `ip netns exec ${HUB} ${process.execPath} ${RELAY} %h %p`,
    identityFile,
    knownHosts,
    exec,
    must,
    reachable,
    reboot: async () => {
      const before = firstProcess(namespace)
      await exec(['systemctl', 'reboot'])
      await within(START_LIMIT_MS, `${name} to go down`, async () => firstProcess(namespace) !== before)
      await ready(host)
    },
    powerFail: async () => {
      const before = firstProcess(namespace)
      writeFileSync(join(place.folder, 'again'), '')
      if (before) process.kill(before, 'SIGKILL')
      await within(START_LIMIT_MS, `${name} to go down`, async () => firstProcess(namespace) !== before)
    },
    cable: (state, port = place.ports[0]) => setCable(place.index, Math.max(0, place.ports.indexOf(port ?? '')), state),
    stop: () => {
      removeCables(place.index, place.ports)
      endHost(namespace)
      hosts.delete(namespace)
    },
  }
  return host
}
