// A real sshd on loopback, of the test's own: keys, configuration and folder are thrown away with it.
import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Context } from 'mocha'
import { connectHost, type HostOptions } from '../../src/host/connect.ts'
import type { Host } from '../../src/host/host.ts'
import { needs, skip } from '../setup.ts'

const exec = promisify(execFile)
const SSHD = '/usr/sbin/sshd'
export const isRoot = userInfo().uid === 0

export interface Sshd {
  readonly port: number
  /** Its folder: keys `id` (accepted), `id.pub`, `host_ed25519` …, `known_hosts` with the ed25519 host key. */
  readonly dir: string
  /** Settings that get in; `more` goes over them. */
  options(more?: Partial<HostOptions>): HostOptions
  /** A host over it, closed with it. */
  host(more?: Partial<HostOptions>): Host
  /** Ends its sessions, not the server. */
  cut(): Promise<void>
  /** Its sessions neither answer nor end, as if the machine stood still. */
  hang(): Promise<void>
  /** Reads its configuration and keys anew. */
  reload(): Promise<void>
  stop(): Promise<void>
}

export interface Settings {
  /** Further lines of sshd_config, before ours. */
  readonly config?: string
  /** Host key types; default ed25519. */
  readonly keys?: readonly ('ed25519' | 'rsa' | 'ecdsa')[]
  /** Programs that come before all others, by name: shell scripts. */
  readonly programs?: Readonly<Record<string, string>>
  /** Started by these words, e.g. in a namespace of its own. */
  readonly within?: readonly string[]
}

/** For a `before` hook: skips where there is no OpenSSH server. */
export async function needsSshd(context: Context): Promise<void> {
  await needs(context, ['sshd'])
  if (/nologin|false$/.test(userInfo().shell ?? '')) skip(context, `${userInfo().username} may not log in here`)
}

export const keygen = async (...args: string[]): Promise<string> => (await exec('ssh-keygen', args)).stdout

/** A key pair in a file of this name. */
export async function makeKey(file: string, type: string, passphrase = ''): Promise<void> {
  const bits = type === 'rsa' ? ['-b', '2048'] : []
  await keygen('-q', '-t', type, ...bits, '-N', passphrase, '-C', 'test', '-f', file)
}

export async function startSshd({
  config = '',
  keys = ['ed25519'],
  programs = {},
  within = [],
}: Settings = {}): Promise<Sshd> {
  const dir = await mkdtemp(join(tmpdir(), 'orion-sshd-'))
  await chmod(dir, 0o755)
  const port = await freePort()
  await makeKey(join(dir, 'id'), 'ed25519')
  await writeFile(join(dir, 'authorized_keys'), await readFile(join(dir, 'id.pub')))
  for (const type of keys) await makeKey(join(dir, `host_${type}`), type)
  const hostKey = await readFile(join(dir, `host_${keys[0]}.pub`), 'utf8')
  await writeFile(join(dir, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}`)
  await mkdir(join(dir, 'bin'))
  const all = isRoot ? programs : { sudo: '#!/bin/sh\nshift 2\nexec "$@"\n', ...programs }
  for (const [name, text] of Object.entries(all)) await writeFile(join(dir, 'bin', name), text, { mode: 0o755 })
  await writeFile(join(dir, 'sshd_config'), getConfig(dir, port, config, keys))
  if (isRoot) await mkdir('/run/sshd', { recursive: true })
  const [program = SSHD, ...args] = [...within, SSHD, '-D', '-e', '-f', join(dir, 'sshd_config')]
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await untilOpen(
    port,
    () => child.exitCode,
    () => said,
  )
  const hosts: Host[] = []
  const pid = child.pid ?? 0
  const options = (more: Partial<HostOptions> = {}): HostOptions => ({
    name: 'r730',
    addresses: ['127.0.0.1'],
    port,
    user: userInfo().username,
    identityFile: join(dir, 'id'),
    knownHosts: [join(dir, 'known_hosts')],
    config: '',
    agent: '',
    signal: new AbortController().signal,
    ...more,
  })
  return {
    port,
    dir,
    options,
    host: (more) => {
      const host = connectHost(options(more))
      hosts.push(host)
      return host
    },
    cut: async () => killAll(await descendants(pid)),
    hang: async () => killAll(await descendants(pid), 'SIGSTOP'),
    reload: async () => {
      const before = said.length
      child.kill('SIGHUP')
      for (let tries = 0; tries < 400 && !said.slice(before).includes('Server listening'); tries += 1) await sleep(25)
    },
    stop: async () => {
      await Promise.all(hosts.map((host) => host.close()))
      const sessions = await descendants(pid)
      child.kill('SIGKILL')
      killAll(sessions)
      await ended
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function getConfig(dir: string, port: number, config: string, keys: readonly string[]): string {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return [
    config,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...keys.map((type) => `HostKey ${join(dir, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    `PidFile ${join(dir, 'pid')}`,
    // HOME too: whatever the tester's own ~/.bashrc does, it is not what is tested.
    `SetEnv PATH=${join(dir, 'bin')}:${path} HOME=${dir}`,
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'UseDNS no',
    'MaxStartups 100:100:200',
    '',
  ].join('\n')
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

async function untilOpen(port: number, code: () => number | null, said: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (code() !== null) throw new Error(`sshd ended: ${said()}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (open) return
    await sleep(25)
  }
  throw new Error(`sshd does not listen: ${said()}`)
}

/** Every process below this one. */
async function descendants(root: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const rows = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      return { pid, parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }
    }),
  )
  const below = (parent: number): number[] =>
    rows.filter((row) => row.parent === parent).flatMap(({ pid }) => [pid, ...below(pid)])
  return below(root)
}

function killAll(pids: readonly number[], signal: NodeJS.Signals = 'SIGKILL'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  }
}
