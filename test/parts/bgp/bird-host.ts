// A router for tests: real BIRD in a namespace, /etc of its own, and programs of the names that a router has.
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ReadWish, Seen, SeenFile } from '../../../src/host/host.ts'
import { type BirdVersion, daemons } from '../../daemons/daemons.ts'
import type { Space } from '../../daemons/rig.ts'
import { type Ran, within } from '../../hosts/inside.ts'

export interface BirdHost {
  /** Writes under the router's own /etc; its group is kept in mind, and no group of this machine. */
  put(
    path: string,
    text: string,
    rights?: { readonly mode?: number | undefined; readonly group?: string | undefined },
  ): void
  /** A file that is not there is fine. */
  remove(path: string): void
  /** Reads there. */
  get(path: string): string
  /** Runs a program as on the router: its /etc, its birdc, its systemctl. */
  run(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>
  /** As Host.read. */
  read(wish: ReadWish): Promise<Seen>
  /** Starts BIRD as systemd does, and waits for its socket. */
  start(): Promise<void>
  /** Replaces a program, e.g. `birdc`, by a script; `$REAL` is the one that it stands before. */
  replace(program: string, script: string): void
  /** Everything that BIRD logged. */
  log(): string
  isRunning(): boolean
}

const ENTER = 'mount --bind "$1" /etc && shift && exec "$@"'

/** A router in this space, with nothing in its /etc. BIRD, once started, ends with the rig. */
export async function birdHost(space: Space, version: BirdVersion): Promise<BirdHost> {
  const { bird, birdc } = await daemons(version)
  const [etc, bin, socket, log] = ['etc', 'bin', 'bird.ctl', 'bird.log'].map((name) => join(space.folder, name))
  for (const folder of [join(etc ?? '', 'bird'), bin ?? '']) mkdirSync(folder, { recursive: true })
  const program = (name: string, text: string): void => {
    const file = join(bin ?? '', name)
    writeFileSync(file, `#!/bin/sh\n${text}\n`)
    chmodSync(file, 0o755)
  }
  const path = `PATH=${bin}:/usr/sbin:/usr/bin:/sbin:/bin`
  const inside = ['sh', '-c', ENTER, 'enter', etc ?? '', 'env', path]
  const go = join(space.folder, 'go')
  program('birdc', `exec ${birdc} -s ${socket} "$@"`)
  program('bird', `exec ${bird} "$@"`)
  let daemon: ReturnType<Space['start']> | undefined
  const isRunning = (): boolean => daemon !== undefined && isAlive(daemon.pid)
  // As systemd: whoever asks does not become BIRD's parent. This process starts and stops what `systemctl` asks for.
  program(
    'systemctl',
    `echo "$@" >>${go}; case $1 in is-active) [ -S ${socket} ] && ${birdc} -s ${socket} show status >/dev/null 2>&1 && echo active || { echo inactive; exit 3; } ;; esac`,
  )
  writeFileSync(go, '')
  const place = (at: string): string => join(etc ?? '', at.replace(/^\/etc\//, ''))
  const groups = new Map<string, string>()
  let done = 0
  const obey = (): void => {
    const asked = readFileSync(go, 'utf8').trim().split('\n').filter(Boolean)
    for (const words of asked.slice(done)) {
      if (words.startsWith('start') && !isRunning())
        daemon = space.start([...inside, bird, '-f', '-c', '/etc/bird/bird.conf', '-s', socket ?? '', '-D', log ?? ''])
      if (words.startsWith('stop')) void daemon?.stop('SIGTERM')
    }
    done = asked.length
  }
  const host: BirdHost = {
    put: (at, text, { mode = 0o644, group = 'root' } = {}) => {
      mkdirSync(dirname(place(at)), { recursive: true })
      writeFileSync(place(at), text)
      chmodSync(place(at), mode)
      groups.set(at, group)
    },
    remove: (at) => rmSync(place(at), { force: true }),
    get: (at) => readFileSync(place(at), 'utf8'),
    run: async (argv, env = {}) => {
      const timer = setInterval(obey, 20)
      try {
        return await space.run([...inside, ...Object.entries(env).map((pair) => pair.join('=')), ...argv])
      } finally {
        clearInterval(timer)
        obey()
      }
    },
    read: async ({ files = [], commands = {} }) => ({
      files: new Map(files.flatMap((at) => seenFile(at, place(at), groups.get(at)))),
      commands: new Map(
        await Promise.all(Object.entries(commands).map(async ([name, argv]) => [name, await host.run(argv)] as const)),
      ),
    }),
    start: async () => {
      await host.run(['systemctl', 'start', 'bird.service'])
      await within(10_000, 'BIRD to answer', async () => {
        if (daemon !== undefined && !isRunning()) throw new Error(`BIRD ended: ${daemon.text()}`)
        return (await host.run(['birdc', 'show', 'status'])).code === 0
      })
    },
    replace: (name, script) => program(name, `REAL='${name === 'birdc' ? `${birdc} -s ${socket}` : bird}'\n${script}`),
    log: () => daemon?.text() ?? '',
    isRunning,
  }
  return host
}

function seenFile(at: string, file: string, group = 'root'): [string, SeenFile][] {
  try {
    const text = readFileSync(file, 'utf8')
    return [[at, { kind: 'file', text, mode: statSync(file).mode & 0o7777, owner: 'root', group }]]
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
