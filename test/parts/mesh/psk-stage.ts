// Two gateways for tests of keys: real OpenSSL and wg, folders of their own, and programs that tell what they were called with.
import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrionError } from '../../../src/errors.ts'
import type { Host, Output, RunOptions } from '../../../src/host/host.ts'
import { pskProgram } from '../../../src/parts/mesh/psk-program.ts'
import { type PskLink, pskFacts } from '../../../src/resources/mesh-psk-look.ts'
import { type BirdVersion, daemons } from '../../daemons/daemons.ts'

export const HERE = { folder: '"$TEST_DIR"/etc', run: '"$TEST_DIR"/run', program: '"$TEST_DIR"/psk' }
const PROGRAM = pskProgram(HERE)

export interface PskHost {
  readonly host: Host
  readonly folder: string
  readonly interface: string
  /** Verbs in order, e.g. `offer`, with the words after them, and their outputs. */
  readonly calls: {
    readonly verb: string
    readonly words: readonly string[]
    readonly input: string
    readonly output: Output
  }[]
  /** Changes what a program says, or what it is asked; by verb. Empty = as it is. */
  readonly between: {
    input?: (verb: string, input: string) => string
    output?: (verb: string, output: Output) => Output
    /** The host is gone, or orion is, at this verb. */
    before?: (verb: string) => void
  }
  verb(...words: readonly string[]): Promise<Output>
  /** Text of a file under etc; undefined = none. */
  file(name: string): string | undefined
  /** Everything there, by path, but locks and what was last seen. */
  tree(): Readonly<Record<string, string>>
  /** A program of the host is this script from now on; REAL is the one behind it. */
  replace(program: string, script: string): void
}

export interface StageOptions {
  readonly version?: BirdVersion
  /** Behind which programs run there: a namespace. */
  readonly inside?: readonly string[]
  readonly interface?: string
}

/** A gateway with a key and an identity. */
export async function pskHost(name: string, { version = '2.17', ...options }: StageOptions = {}): Promise<PskHost> {
  const folder = mkdtempSync(join(tmpdir(), 'orion-test-psk-'))
  const bin = join(folder, 'bin')
  const { folder: programs } = await daemons(version)
  const path = `${bin}:${programs}:/usr/sbin:/usr/bin:/sbin:/bin`
  mkdirSync(bin)
  for (const one of ['etc/keys', 'run']) mkdirSync(join(folder, one), { recursive: true, mode: 0o700 })
  const file = (at: string, text: string) => {
    writeFileSync(at, text)
    chmodSync(at, 0o755)
  }
  file(join(folder, 'psk'), PROGRAM)
  const calls: PskHost['calls'] = []
  const between: PskHost['between'] = {}
  const named = options.interface ?? 'wg-peer'
  const env = { PATH: path, TEST_DIR: folder, OPENSSL_CONF: '/dev/null' }
  const run = async (argv: readonly string[], { input = '' }: RunOptions = {}): Promise<Output> => {
    const verb = argv[3] === 'orion-mesh-psk' ? (argv[4] ?? '') : ''
    between.before?.(verb)
    const given = between.input?.(verb, String(input)) ?? String(input)
    const output = await start([...(options.inside ?? []), ...argv], { env, input: given })
    const said = between.output?.(verb, output) ?? output
    calls.push({ verb, words: argv.slice(5), input: given, output: said })
    return said
  }
  const host = hostOf(name, run)
  const made: PskHost = {
    host,
    folder,
    interface: named,
    calls,
    between,
    verb: (verb, ...words) => run(['sh', '-c', PROGRAM, 'orion-mesh-psk', verb ?? '', ...words]),
    file: (at) => (existsSync(join(folder, 'etc', at)) ? readFileSync(join(folder, 'etc', at), 'latin1') : undefined),
    tree: () => treeOf(folder),
    replace: (program, script) => {
      const real = path
        .split(':')
        .slice(1)
        .map((at) => join(at, program))
        .find((at) => existsSync(at))
      file(join(bin, program), `#!/bin/sh\nREAL=${real}\n${script}\n`)
    },
  }
  const make = `umask 077; cd "$TEST_DIR"/etc; wg genkey >keys/${named}.key; [ -z "$1" ] || openssl genpkey -algorithm ML-DSA-65 -out identity.pem`
  await run(['sh', '-c', make, 'make', version === '2.0.12' ? '' : 'identity'])
  return made
}

/** The two as a link; the initiator first. */
export function linkOf(a: PskHost, b: PskHost, { required = true } = {}): PskLink {
  const end = (of: PskHost) => ({
    host: of.host.name,
    interface: of.interface,
    look: pskFacts(PROGRAM, [of.interface]),
  })
  const id = `${a.host.name}~${b.host.name}`
  return { id, site: 'fed', ends: [end(a), end(b)], program: PROGRAM, required }
}

export function removeHosts(...hosts: readonly (PskHost | undefined)[]): void {
  for (const one of hosts) if (one) rmSync(one.folder, { recursive: true, force: true })
}

function start(
  argv: readonly string[],
  { env, input }: { readonly env: Readonly<Record<string, string>>; readonly input: string },
): Promise<Output> {
  const [program = '', ...words] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env })
    const out: Buffer[][] = [[], []]
    child.stdout.on('data', (data: Buffer) => out[0]?.push(data))
    child.stderr.on('data', (data: Buffer) => out[1]?.push(data))
    child.once('error', reject)
    // `exit`, as a watch that was started may hold the streams.
    child.once('exit', (code) => {
      setTimeout(() => {
        const [stdout = '', stderr = ''] = out.map((list) => Buffer.concat(list).toString('latin1'))
        resolve({ code: code ?? 128, stdout, stderr })
      }, 5)
    })
    child.stdin.on('error', () => {})
    child.stdin.end(Buffer.from(input, 'latin1'))
  })
}

function hostOf(name: string, run: Host['run']): Host {
  const shared = new Map<string, Promise<unknown>>()
  const never = () => Promise.reject(new Error('not here'))
  return {
    name,
    run: async (argv, options = {}) => {
      const output = await run(argv, options)
      if ((options.accept ?? [0]).includes(output.code)) return output
      throw new OrionError(`${argv[0]} ended with ${output.code}: ${output.stderr}`, { code: 'E_HOST_COMMAND' })
    },
    read: async ({ commands = {} }) => {
      const rows = Object.entries(commands).map(async ([word, argv]) => [word, await run(argv)] as const)
      return { files: new Map(), commands: new Map(await Promise.all(rows)) }
    },
    write: never,
    once<T>(key: string, read: () => Promise<T>): Promise<T> {
      const running = (shared.get(key) as Promise<T> | undefined) ?? read()
      shared.set(key, running)
      return running
    },
    forget: () => shared.clear(),
    ends: async () => ({ client: '10.0.0.9', server: '10.0.0.1' }),
    fresh: never,
    guard: { change: never, states: async () => [], holder: never, undo: never },
    close: async () => {},
  }
}

function treeOf(folder: string): Record<string, string> {
  const paths = ['etc', 'run'].flatMap((at) =>
    readdirSync(join(folder, at), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile() || one.isDirectory())
      .map((one) => ({ path: join(one.parentPath, one.name), isFile: one.isFile() })),
  )
  const kept = paths.filter(({ path }) => !/\.(lock|seen)$/.test(path))
  return Object.fromEntries(
    kept.map(({ path, isFile }) => [path.slice(folder.length + 1), isFile ? readFileSync(path, 'latin1') : '/']),
  )
}
