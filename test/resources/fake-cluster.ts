// A cluster for tests: answers from a table, records every call, ends every task at once.
import { proxmoxApi } from 'proxmox-api'
import { OrionError } from '../../src/errors.ts'
import type { Host } from '../../src/host/host.ts'
import type { Cluster, Version } from '../../src/pve/pve.ts'
import type { News, Outside } from '../../src/resource.ts'

/** `GET /nodes/n1/qemu` → what it answers; a function gets the parameters and may throw. */
export type Answers = Readonly<Record<string, unknown>>

export interface FakeCluster {
  readonly outside: Outside
  /** Every call as `PUT /nodes/n1/qemu/100/config cores=4 delete=net1`, in order. */
  readonly calls: string[]
  /** Calls that change something. */
  readonly writes: () => string[]
  readonly news: News[]
  readonly note: (news: News) => void
  /** What `outside.keep` was given. */
  readonly kept: { cluster: string; id: string; secret: string }[]
}

export interface FakeOptions {
  readonly who?: string
  readonly version?: string
  readonly texts?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** What programs on hosts come to; without it they all end well. May throw. */
  readonly run?: (argv: readonly string[]) => void
}

export function notFound(what: string): OrionError {
  return new OrionError(`${what} does not exist`, { code: 'E_PVE_NOT_FOUND' })
}

/** Writes without an answer of their own give a UPID; reads without one are not found. */
export function fakeCluster(answers: Answers, options: FakeOptions = {}): FakeCluster {
  const calls: string[] = []
  const news: News[] = []
  const kept: { cluster: string; id: string; secret: string }[] = []
  const shared = new Map<string, Promise<unknown>>()
  const doRequest = async (
    httpMethod: string,
    path: string,
    _template: string,
    params: Record<string, unknown> = {},
  ) => {
    const method = httpMethod.toUpperCase()
    const key = `${method} ${decodeURIComponent(path.replace('/api2/json', ''))}`
    calls.push([key, ...Object.entries(params).map(([name, value]) => `${name}=${value}`)].join(' '))
    if (method !== 'GET') shared.clear()
    const answer = answers[key]
    if (typeof answer === 'function') return await answer(params)
    if (answer !== undefined) return structuredClone(answer)
    if (method === 'GET') throw notFound(key)
    return `UPID:n1:${key}`
  }
  const cluster: Cluster = {
    name: 'site',
    who: async () => options.who ?? 'root@pam!admin',
    api: proxmoxApi({ doRequest }),
    version: async () => parse(options.version ?? '9.1.4'),
    once<T>(key: string, read: () => Promise<T>): Promise<T> {
      const running = (shared.get(key) as Promise<T> | undefined) ?? read()
      shared.set(key, running)
      return running
    },
    task: async (upid, note) => {
      calls.push(`task ${upid.replace(/^UPID:n1:/, '')}`)
      note({ kind: 'task', upid, state: 'ended' })
    },
  }
  const outside: Outside = {
    pve: { cluster: () => cluster, forget: () => shared.clear(), close: async () => {} },
    host: async (name) => fakeHost(name, { calls, ...(options.run ? { run: options.run } : {}) }),
    forget: () => shared.clear(),
    signal: options.signal ?? new AbortController().signal,
    text: async (url) =>
      options.texts?.[url] ?? Promise.reject(new OrionError(`${url} cannot be read`, { code: 'E_IMAGE' })),
    keep: async (name, token) => void kept.push({ cluster: name, ...token }),
  }
  const writes = () => calls.filter((call) => !call.startsWith('GET '))
  return { outside, calls, writes, news, note: (one) => void news.push(one), kept }
}

/** Records each program as `n1# qm set 100 …`; nothing else of a host is there. */
function fakeHost(name: string, { calls, run }: { calls: string[]; run?: (argv: readonly string[]) => void }): Host {
  const none = async (): Promise<never> => {
    throw new Error(`no host ${name} here`)
  }
  return {
    name,
    run: async (argv) => {
      calls.push(`${name}# ${argv.join(' ')}`)
      run?.(argv)
      return { code: 0, stdout: '', stderr: '' }
    },
    read: none,
    write: none,
    once: (_, read) => read(),
    forget: () => {},
    ends: none,
    fresh: none,
    guard: { change: none, states: none, holder: none, undo: none },
    close: async () => {},
  }
}

function parse(text: string): Version {
  const [major = 0, minor = 0] = text.split('.').map(Number)
  return { major, minor, text }
}

/** A guest as GET …/pending gives it: plain values, or `[active, pending]`; a pending `null` waits for deletion. */
export type Config = Readonly<Record<string, string | number | readonly [string | undefined, string | null]>>

export function pendingOf(config: Config): unknown[] {
  return Object.entries(config).map(([key, value]) => {
    if (typeof value !== 'object') return { key, value }
    const [active, pending] = value
    return {
      key,
      ...(active === undefined ? {} : { value: active }),
      ...(pending === null ? { delete: 1 } : { pending }),
    }
  })
}

/** The answers that a guest on n1 needs for being observed. */
export function guestAnswers(
  kind: 'qemu' | 'lxc',
  options: { vmid: number; config: Config; running?: boolean; node?: string; pool?: string },
): Answers {
  const { vmid, config, running = false, node = 'n1', pool } = options
  const status = running ? 'running' : 'stopped'
  const name = String(config.name ?? config.hostname ?? 'other')
  return {
    'GET /cluster/resources': [
      { id: `${kind}/${vmid}`, type: kind, node, name, vmid, ...(pool === undefined ? {} : { pool }) },
    ],
    [`GET /nodes/${node}/${kind}`]: [{ vmid, name, status, tags: config.tags }],
    [`GET /nodes/${node}/${kind}/${vmid}/pending`]: pendingOf({ digest: 'd1', ...config }),
  }
}
