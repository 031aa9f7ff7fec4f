// Calls the lab's handlers without a server: a request in, an answer out, tasks waited for.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privilegesOf } from '../../src/lab/permissions.ts'
import { ApiError, Envelope, type Who } from '../../src/lab/route.ts'
import { routes } from '../../src/lab/routes/routes.ts'
import type { Hardware, World } from '../../src/lab/world.ts'
import { openWorld } from '../../src/lab/world-file.ts'

export type Row = Record<string, unknown>

export const root: Who = { user: 'root@pam' }
export const rootToken: Who = { user: 'root@pam', token: 'root@pam!lab' }

export function hardware(change: Partial<Hardware> = {}): Hardware {
  return {
    cluster: 'site',
    version: '9.1.4',
    nodes: [
      { name: 'n1', threads: 16, memoryMib: 65536, bridges: ['vmbr0', 'vmbr1'] },
      { name: 'n2', threads: 8, memoryMib: 32768, bridges: ['vmbr0'] },
    ],
    storage: [{ name: 'data', type: 'dir', content: 'images,rootdir,import,iso,vztmpl', options: { path: '/data' } }],
    volumes: [
      'local:iso/tool.iso',
      'data:import/debian.qcow2',
      'local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst',
      'local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz',
    ],
    ...change,
  }
}

export interface Bench {
  readonly world: World & { close(): Promise<void> }
  /** Sends `GET /nodes/n1/qemu`; the answer's data, or the ApiError thrown. */
  send(request: string, params?: Row, who?: Who): Promise<unknown>
  /** Sends a request that starts a task, and waits for its end: its exit status. */
  finish(request: string, params?: Row, who?: Who): Promise<string>
  /** The error of a request that must be refused: `500 text`, or `400 {…}`. */
  refusal(request: string, params?: Row, who?: Who): Promise<string>
  log(): string[]
}

/** Opens a world in a folder of its own; `close` in afterEach. */
export async function openBench(change: Partial<Hardware> = {}, pace = 0): Promise<Bench & { close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'orion-lab-'))
  const world = await openWorld(join(dir, 'world.json'), hardware(change), { pace })
  world.state.access.tokens['root@pam!lab'] = { secretHash: '', privsep: false, expire: 0 }
  const bench = benchOf(world)
  const close = async () => {
    await world.close()
    await rm(dir, { recursive: true, force: true })
  }
  return { ...bench, close }
}

export function benchOf(world: World & { close(): Promise<void> }): Bench {
  let last = ''
  const send = async (request: string, params: Row = {}, who: Who = root) => {
    const [method = '', path = ''] = request.split(' ')
    const { template, ids } = match(method, path)
    const handler = routes[`${method} ${template}`]
    if (!handler) throw new Error(`no handler for ${request}`)
    const allowed = (place: string, privileges: readonly string[]) => {
      const held = privilegesOf(world, who, place)
      return privileges.every((privilege) => held.has(privilege))
    }
    const answer = await handler({ method: method as 'GET', template, ids, params, who, world, allowed })
    return answer instanceof Envelope ? answer.members.data : answer
  }
  const finish = async (request: string, params: Row = {}, who: Who = root) => {
    last = String(await send(request, params, who))
    return ended(world, last)
  }
  const refusal = async (request: string, params: Row = {}, who: Who = root) => {
    try {
      await send(request, params, who)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return `${error.status} ${error.errors ? JSON.stringify(error.errors) : error.message}`
    }
    return 'no refusal'
  }
  return { world, send, finish, refusal, log: () => world.state.tasks[last]?.log ?? [] }
}

async function ended(world: World, upid: string): Promise<string> {
  for (;;) {
    const task = world.state.tasks[upid]
    if (!task) return 'no such task'
    if (task.endMs !== undefined) return task.exit ?? ''
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

function match(method: string, path: string): { template: string; ids: Record<string, string> } {
  const parts = path.split('/')
  for (const route of Object.keys(routes).sort()) {
    const [verb, template = ''] = route.split(' ')
    const names = template.split('/')
    if (verb !== method || names.length !== parts.length) continue
    const ids: Record<string, string> = {}
    const fits = names.every((name, index) => {
      const part = decodeURIComponent(parts[index] ?? '')
      if (name.startsWith('{')) ids[name.slice(1, -1)] = part
      return name.startsWith('{') || name === part
    })
    if (fits) return { template, ids }
  }
  return { template: path, ids: {} }
}
