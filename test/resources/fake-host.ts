// A host for tests: files in a map, answers of programs in a table, and a guard that really puts back what is not proved.
import { OrionError } from '../../src/errors.ts'
import type { Change, ChangeOptions, Guard } from '../../src/host/guard.ts'
import type { Host, Output, ReadWish, RunOptions, SeenFile } from '../../src/host/host.ts'
import type { News, Outside } from '../../src/resource.ts'

/** What a program says: its stdout, or all of it; a function is asked each time. */
export type Answer = string | Partial<Output> | ((argv: readonly string[], host: HostState) => string | Partial<Output>)

export interface FakeHostOptions {
  readonly name?: string
  /** Path → text (root:root 0644), or the whole file. */
  readonly files?: Readonly<Record<string, string | SeenFile>>
  /** By the name in a wish, or by the whole command line, or by the program. Without an answer: not there (127). */
  readonly programs?: Readonly<Record<string, Answer>>
  readonly ends?: { readonly client: string; readonly server: string }
  /** Throws instead of what it names: a guard that refuses, a host that is busy or gone. */
  readonly fail?: Partial<Record<'read' | 'change', OrionError>>
  /** Values of secrets, by the name of the environment variable of their reference. */
  readonly secrets?: Readonly<Record<string, string>>
}

export interface HostState {
  readonly files: Map<string, SeenFile>
  /** `read`, `run apt-get update`, `write PATH`, `change sysctl`, `activate sysctl -p …`, `restore`, in order. */
  readonly calls: string[]
  readonly changes: Change[]
  readonly news: News[]
}

export interface FakeHost extends HostState {
  readonly host: Host
  readonly outside: Outside
  readonly note: (news: News) => void
}

export const file = (text: string, mode = 0o644, owner = 'root', group = 'root'): SeenFile => ({
  kind: 'file',
  text,
  mode,
  owner,
  group,
})
export const link = (text: string): SeenFile => ({ kind: 'link', text, mode: 0o777, owner: 'root', group: 'root' })

/** A wish is answered from the table; folders (`sh -c … orion-folders DIR…`) from the files. */
export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const entries = Object.entries(options.files ?? {})
  const files = new Map(entries.map(([path, one]) => [path, typeof one === 'string' ? file(one) : one]))
  const shared = new Map<string, Promise<unknown>>()
  const fake: HostState = { files, calls: [], changes: [], news: [] }
  const ask = (name: string, argv: readonly string[]): Output => answer(fake, options, name, argv)
  const host: Host = {
    name: options.name ?? 'n1',
    run: async (argv, run = {}) => runProgram(fake, ask, argv, run),
    read: async (wish) => {
      fake.calls.push('read')
      if (options.fail?.read) throw options.fail.read
      return { files: pick(files, wish), commands: commandsOf(wish, ask) }
    },
    write: async (list) => {
      for (const { path } of list) fake.calls.push(`write ${path}`)
      put(files, list)
    },
    once<T>(key: string, read: () => Promise<T>): Promise<T> {
      const running = (shared.get(key) as Promise<T> | undefined) ?? read()
      shared.set(key, running)
      running.catch(() => shared.delete(key))
      return running
    },
    forget: () => shared.clear(),
    ends: async () => options.ends ?? { client: '10.0.0.9', server: '10.0.0.1' },
    fresh: async () => host,
    guard: fakeGuard(() => host, fake, options, ask),
    close: async () => {},
  }
  return { ...fake, host, outside: outsideOf(host, options.secrets ?? {}), note: (one) => void fake.news.push(one) }
}

function outsideOf(host: Host, secrets: Readonly<Record<string, string>>): Outside {
  return {
    pve: { cluster: () => Promise.reject(new Error('no cluster here')) as never, forget() {}, close: async () => {} },
    host: async (name) => {
      if (name !== host.name) throw new OrionError(`no host ${name} here`, { code: 'E_SITE' })
      return host
    },
    forget: () => host.forget(),
    signal: new AbortController().signal,
    text: (url) => Promise.reject(new OrionError(`${url} cannot be read`, { code: 'E_IMAGE' })),
    keep: async () => {},
    secret: async (reference) => {
      const value = 'env' in reference ? secrets[reference.env] : undefined
      if (value !== undefined) return value
      throw new OrionError(`${JSON.stringify(reference)} is not set`, { code: 'E_SECRET' })
    },
  }
}

type Ask = (name: string, argv: readonly string[]) => Output

function answer(fake: HostState, { programs = {} }: FakeHostOptions, name: string, argv: readonly string[]): Output {
  if (argv[0] === 'sh' && argv[3] === 'orion-folders') return { code: 0, stdout: list(fake, argv.slice(4)), stderr: '' }
  const found = programs[name] ?? programs[argv.join(' ')] ?? programs[scriptName(argv)]
  if (found === undefined) return { code: 127, stdout: '', stderr: `${argv[0]}: not found` }
  const given = typeof found === 'function' ? found(argv, fake) : found
  return { code: 0, stdout: '', stderr: '', ...(typeof given === 'string' ? { stdout: given } : given) }
}

/** `orion-…` of a script of ours, else the program. */
function scriptName(argv: readonly string[]): string {
  return (argv[0] === 'sh' ? argv[3] : argv[0]) ?? ''
}

function list({ files }: HostState, folders: readonly string[]): string {
  const inside = [...files].filter(([path]) => folders.includes(path.slice(0, path.lastIndexOf('/'))))
  const rows = inside.filter(([, { kind }]) => kind === 'file')
  return rows
    .map(([path, { mode, owner, group, text }]) => {
      return `${mode.toString(8)} ${owner}:${group} ${Buffer.from(text).toString('base64')} ${path}\n`
    })
    .join('')
}

function runProgram(fake: HostState, ask: Ask, argv: readonly string[], { accept = [0] }: RunOptions): Output {
  fake.calls.push(`run ${argv.join(' ')}`)
  const output = ask('', argv)
  if (accept.includes(output.code)) return output
  throw new OrionError(`${argv[0]} ended with ${output.code}: ${output.stderr}`, { code: 'E_HOST_COMMAND' })
}

function pick(files: ReadonlyMap<string, SeenFile>, wish: ReadWish): Map<string, SeenFile> {
  return new Map([...files].filter(([path]) => wish.files?.includes(path)))
}

function commandsOf({ commands = {} }: ReadWish, ask: Ask): Map<string, Output> {
  return new Map(Object.entries(commands).map(([name, argv]) => [name, ask(name, argv)]))
}

function put(files: Map<string, SeenFile>, list: Change['files']): void {
  for (const { path, text, mode, group } of list)
    text === undefined ? files.delete(path) : files.set(path, file(text, mode, 'root', group))
}

function fakeGuard(getHost: () => Host, fake: HostState, options: FakeHostOptions, ask: Ask): Guard {
  const activate = ({ activate: programs }: Change) =>
    programs.every((argv) => {
      fake.calls.push(`activate ${argv.join(' ')}`)
      return ask('', argv).code === 0
    })
  const change = async (wanted: Change, { note, prove }: ChangeOptions) => {
    fake.calls.push(`change ${wanted.name}`)
    fake.changes.push(wanted)
    if (options.fail?.change) throw options.fail.change
    const before = [...fake.files]
    put(fake.files, wanted.files)
    note('armed')
    const reasons = activate(wanted) ? await prove(getHost()) : ['activating failed']
    if (reasons.length === 0) return note('confirmed')
    fake.calls.push('restore')
    fake.files.clear()
    for (const [path, one] of before) fake.files.set(path, one)
    activate(wanted)
    throw new OrionError(`${getHost().name} put ${wanted.name} back: ${reasons.join('; ')}`, { code: 'E_ROLLED_BACK' })
  }
  return {
    change,
    states: async () => [],
    holder: async () => ({ by: 'root@vm (orion bgp apply)', leftSeconds: 0, until: '16:39:37' }),
    undo: async () => {},
  }
}
