// The guarded changes of a simulated host: staged from a tar, swapped in, put back, listed as orion-guard does.

import { failed, type Machine, type Output, ok, type Program } from './machine.ts'
import { unquote } from './quote.ts'
import { unpacked } from './scripts.ts'
import { bytesOf, type GuardedChange, type HostState, hasGroup, type StoredFile } from './state.ts'

export const GUARD = '/usr/local/sbin/orion-guard'
const BOOT_UNIT = 'orion-guard-boot.service'
const KEPT = 10

/** `orion-stage ID` with the tar of the guard's protocol on standard input. */
export const stage: Program = async ({ host, world }, [id = ''], io) => {
  if (!isId(id)) return failed(64, `orion-stage: bad id`)
  const members = await unpacked(await io.input())
  const text = (name: string) => members.get(name)?.text.trimEnd()
  const list = text('change/files')
  if (list === undefined) return failed(1, 'orion-stage: the stream is not complete')
  put(host, GUARD, members.get('guard'))
  put(host, `/etc/systemd/system/${BOOT_UNIT}`, members.get('guard-boot.service'))
  host.units[BOOT_UNIT] = { active: false, enabled: true }
  const files: Record<string, StoredFile | null> = {}
  const unknown = [...members].find(([name]) => name.startsWith('change/group/') && !hasGroup(host, text(name) ?? ''))
  if (unknown !== undefined) return failed(1, `there is no group ${unknown[1].text.trim()}`)
  for (const line of list.split('\n')) {
    const [, number = '', verb, path = ''] = /^(\S+) (put|remove) (.*)$/.exec(line) ?? []
    const file = verb === 'put' ? members.get(`change/new/${number}`) : undefined
    const group = text(`change/group/${number}`)
    files[path] = file === undefined ? null : { ...file, ...(group === undefined ? {} : { group }) }
  }
  add(host, {
    id,
    name: text('change/name') ?? '',
    state: 'staged',
    at: seconds(world.now()),
    by: text('change/by') ?? '',
    reason: '',
    window: Number(text('change/window') ?? 60),
    files,
    old: {},
    check: programsOf(members, 'check'),
    activate: programsOf(members, 'activate'),
    strict: members.has('change/strict'),
  })
  world.changed()
  return ok('staged\n')
}

function isId(id: string): boolean {
  return /^[0-9a-z][0-9a-z-]{0,39}$/.test(id)
}

function put(host: HostState, path: string, file: StoredFile | undefined): void {
  if (file) host.files[path] = file
}

function programsOf(members: ReadonlyMap<string, StoredFile>, kind: 'check' | 'activate'): string[][] {
  return [...members.keys()]
    .filter((name) => name.startsWith(`change/${kind}/`))
    .sort()
    .map((name) => unquote(members.get(name)?.text.trimEnd() ?? '') ?? ['sh'])
}

/** What commands do and take back themselves, as the guard of a real host knows it. */
const PASSING: ReadonlySet<string> = new Set(['mesh-drain', 'mesh-weight'])

/** The newest ten that were confirmed are kept, as many that pass, as many others, and whatever is not over. */
export function add(host: HostState, change: GuardedChange): void {
  const others = host.guard.filter(({ id }) => id !== change.id)
  const open = ({ state }: GuardedChange) => state === 'staged' || state === 'armed'
  const count = { confirmed: 0, passing: 0, other: 0 }
  host.guard = [change, ...others].filter((entry) => {
    const kind = entry.state !== 'confirmed' ? 'other' : PASSING.has(entry.name) ? 'passing' : 'confirmed'
    count[kind] += 1
    return count[kind] <= KEPT || open(entry)
  })
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}

/** Base64, or `-` for nothing. */
export function encoded(text: string): string {
  return text === '' ? '-' : Buffer.from(text).toString('base64')
}

/** Keeps what stands at the places of a change. */
export function snapshot(host: HostState, change: GuardedChange): void {
  change.old = Object.fromEntries(Object.keys(change.files).map((path) => [path, host.files[path] ?? null]))
}

/** Puts files at their places; null takes one away. */
export function place(host: Pick<HostState, 'files'>, files: Readonly<Record<string, StoredFile | null>>): void {
  for (const [path, file] of Object.entries(files)) {
    if (file) host.files[path] = file
    else delete host.files[path]
  }
}

/** The host as the checks see it: the new files stand in their places, for them only. */
export function preview(host: HostState, change: GuardedChange): HostState {
  const other = { ...host, files: { ...host.files } }
  place(other, change.files)
  return other
}

/** `states`: a line for each change, the newest first. */
export function statesText({ host }: Machine): Output {
  const lines = host.guard.map(({ id, state, name, at, by, reason, files }) => {
    const paths = Object.keys(files)
      .map((path) => `${path}\n`)
      .join('')
    return `${[id, state, name, at, encoded(by), encoded(reason), encoded(paths)].join(' ')}\n`
  })
  return ok(lines.join(''))
}

/** `stage-undo ID NEWID WINDOW`: what stood before a confirmed change, as a change of its own. */
export async function stageUndo({ host, world }: Machine, args: readonly string[], by: Buffer): Promise<Output> {
  const [id = '', newId = '', window = ''] = args
  const old = host.guard.find((change) => change.id === id && change.state === 'confirmed')
  if (!isId(newId)) return failed(64, 'orion-guard: bad id')
  if (!old) return failed(66, `orion-guard: ${id} is no confirmed change`)
  const fresh: GuardedChange = {
    ...old,
    id: newId,
    state: 'staged',
    at: seconds(world.now()),
    by: by.toString('utf8').trim(),
    reason: '',
    window: Number(window),
    files: old.old,
    old: {},
  }
  delete fresh.deadlineMs
  add(host, fresh)
  world.changed()
  return ok('staged\n')
}

/** `list` and `show ID`, for people. */
export function shown({ host }: Machine, id: string | undefined): Output {
  const found = host.guard.filter((change) => id === undefined || change.id === id)
  if (id !== undefined && found.length === 0) return failed(66, `orion-guard: no change ${id}`)
  const lines = found.map(({ id: own, state, name, by, reason, files }) => {
    const paths =
      id === undefined
        ? ''
        : Object.entries(files)
            .map(([path, file]) => `  ${path} ${sizeOf(file)}\n`)
            .join('')
    return `${own}  ${state}  ${name}  ${by}${reason === '' ? '' : `  (${reason})`}\n${paths}`
  })
  return ok(lines.join(''))
}

function sizeOf(file: StoredFile | null): string {
  return file ? `${bytesOf(file).length} bytes` : 'removed'
}
