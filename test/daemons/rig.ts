// A small network of our own for real daemons: namespaces, cables between them, processes in them; all of it ends with the test.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ran, run, within } from '../hosts/inside.ts'
import { sweep } from '../hosts/leftovers.ts'
import { PREFIX, pidsIn, removeLinks, removeNamespace } from '../hosts/network.ts'

const ip = (...argv: string[]): void => {
  execFileSync('ip', argv, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** One end of a cable: in which namespace, the interface's name there, its addresses with prefix lengths. */
export interface End {
  readonly space: Pick<Space, 'namespace'>
  readonly name: string
  readonly addresses?: readonly string[]
  readonly mac?: string
  /** The bridge that it is plugged into. */
  readonly bridge?: string
}

export interface Daemon {
  readonly pid: number
  /** What it wrote so far, both streams. */
  text(): string
  readonly ended: Promise<void>
  /** By default at once. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** A network namespace. */
export interface Space {
  readonly namespace: string
  /** The same folder of the machine for each process in it; short, for sockets. */
  readonly folder: string
  /** A file in its folder. Returns the path. */
  write(name: string, text: string): string
  /** Runs a program to its end and returns what it left, whatever its code. */
  run(argv: readonly string[]): Promise<Ran>
  /** As run, and an error where it ends with another code than 0. */
  must(argv: readonly string[]): Promise<string>
  /** A program that goes on in the foreground. It ends with the rig, and with this process however that ends. */
  start(argv: readonly string[]): Daemon
}

export interface Rig {
  space(name: string): Space
  cable(one: End, other: End): void
  close(): Promise<void>
}

/** Name: one word, unique in this process. Whoever makes it closes it, also when the test fails. */
export function makeRig(name: string): Rig {
  sweep()
  const spaces: Space[] = []
  const cables: [End, End][] = []
  const daemons = new Set<ChildProcess>()
  const kill = (): void => {
    for (const daemon of daemons) daemon.kill('SIGKILL')
  }
  /** The kernel takes a namespace away in its own time: an end elsewhere would stay until then, and its name is taken. */
  const unplug = (): void => {
    const own = new Set(spaces.map(({ namespace }) => namespace))
    for (const { space, name } of cables.splice(0).flat())
      if (!own.has(space.namespace)) removeLinks(space.namespace, [name])
  }
  const remove = (): void => {
    for (const { namespace, folder } of spaces.splice(0)) {
      removeNamespace(namespace)
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const end = (): void => {
    kill()
    unplug()
    remove()
  }
  process.once('exit', end)
  return {
    space: (word) => {
      const made = makeSpace(`${PREFIX}${process.pid}-${name}-${word}`, daemons)
      spaces.push(made)
      return made
    },
    cable: (one, other) => {
      cables.push([one, other])
      cable(one, other)
    },
    close: async () => {
      kill()
      unplug()
      await within(20_000, 'daemons to end', async () => {
        // Also what they started, and what a test ran and did not wait for.
        const pids = spaces.flatMap(({ namespace }) => pidsIn(namespace))
        for (const pid of pids) endProcess(pid)
        return pids.length === 0 && daemons.size === 0
      })
      process.off('exit', end)
      remove()
    },
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function makeSpace(namespace: string, daemons: Set<ChildProcess>): Space {
  const folder = join(tmpdir(), namespace)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  ip('netns', 'add', namespace)
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  const inside = ['ip', 'netns', 'exec', namespace]
  // Addresses count at once: nobody else is on these cables.
  execFileSync('ip', [
    'netns',
    'exec',
    namespace,
    'sysctl',
    '-qw',
    ...['all', 'default'].map((at) => `net.ipv6.conf.${at}.accept_dad=0`),
  ])
  const space: Space = {
    namespace,
    folder,
    write: (name, text) => {
      const file = join(folder, name)
      writeFileSync(file, text)
      return file
    },
    run: (argv) => run([...inside, ...argv]),
    must: async (argv) => {
      const { code, stdout, stderr } = await space.run(argv)
      if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr || stdout}`)
      return stdout
    },
    start: (argv) => startDaemon([...inside, ...argv], daemons),
  }
  return space
}

function cable(one: End, other: End): void {
  const [a, b] = [one.space.namespace, other.space.namespace]
  ip('-n', a, 'link', 'add', one.name, 'type', 'veth', 'peer', 'name', other.name, 'netns', b)
  for (const { space, name, addresses = [], mac, bridge } of [one, other]) {
    if (mac) ip('-n', space.namespace, 'link', 'set', name, 'address', mac)
    if (bridge) ip('-n', space.namespace, 'link', 'set', name, 'master', bridge)
    ip('-n', space.namespace, 'link', 'set', name, 'up')
    for (const address of addresses) ip('-n', space.namespace, 'addr', 'add', address, 'dev', name)
  }
}

function startDaemon(argv: readonly string[], daemons: Set<ChildProcess>): Daemon {
  // --pdeathsig: also where this process is killed, nothing stays.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  daemons.add(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += String(data)))
  child.once('error', (error) => (text += String(error)))
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      daemons.delete(child)
      resolve()
    })
  })
  return {
    pid: child.pid ?? 0,
    text: () => text,
    ended,
    stop: (signal = 'SIGKILL') => {
      child.kill(signal)
      return ended
    },
  }
}
