// What a plan knows of a host: every file and fact that its resources need, read in one round trip and shared by all of them.
import { isUtf8 } from 'node:buffer'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Host, Output, ReadWish, Seen, SeenFile } from '../host/host.ts'
import { tellOpen } from './open-change.ts'

/** What one topic reads of a host. */
export interface Facts {
  readonly files?: readonly string[]
  /** Every regular file directly in these folders, as if it stood in `files`. */
  readonly folders?: readonly string[]
  readonly commands?: ReadWish['commands']
}

/** What was read of a host, and what does not change while a run goes on, by the names that a file set gives them. */
export interface HostFacts extends Seen {
  /** The values of the secrets that its files hold. */
  readonly secrets?: ReadonlyMap<string, string>
  /** What its `questions` came to; code 127 = the program is not there (yet), 124 = no answer in time. */
  readonly answers?: ReadonlyMap<string, Output>
  /** What its `others` are now, by name; undefined = did not answer. Not there at all: nobody was asked. */
  readonly others?: ReadonlyMap<string, Seen | undefined>
}

/** A host of which nothing is known. */
export const NOTHING: HostFacts = { files: new Map(), commands: new Map() }

/** Command of a wish whose output becomes files: one line each, `MODE OWNER:GROUP BASE64 PATH`. */
export const FOLDERS = 'folders'
/** How the host calls itself: a node's name in Proxmox VE is its hostname, and a guest is told its name by cloud-init. */
export const NODE_NAME: Facts = { commands: { 'node-name': ['uname', '-n'] } }
/** Not asked of the host: the two ends of our session, as `CLIENT SERVER`. */
export const SSH_ENDS = 'ssh-ends'
/** Nor this: our own clock when the answer came, seconds since the epoch. */
export const READ_AT = 'read-at'

// Links are left out: writing would replace them by files.
const LIST_FOLDERS = `for d do for f in "$d"/*; do
[ -f "$f" ] && [ ! -L "$f" ] && printf '%s %s %s\\n' "$(stat -c '%a %U:%G' -- "$f")" "$(base64 -w0 < "$f")" "$f"
done; done; :`

/** One wish for all topics of a host. A command of the same name is the same command. */
export function wishOf(topics: readonly Facts[]): ReadWish {
  const unique = (lists: readonly (readonly string[] | undefined)[]) => [
    ...new Set(lists.flatMap((list) => list ?? [])),
  ]
  const folders = unique(topics.map((topic) => topic.folders))
  const listing = folders.length === 0 ? {} : { [FOLDERS]: ['sh', '-c', LIST_FOLDERS, 'orion-folders', ...folders] }
  const commands = Object.assign({}, ...topics.map((topic) => topic.commands ?? {}), listing)
  return { files: unique(topics.map((topic) => topic.files)), commands }
}

/** How long a guarded change may be open, and how often to look. Milliseconds. */
export interface Patience {
  /** So long twice after the host's own time, as putting back takes some, too. */
  readonly limitMs?: number
  readonly everyMs?: number
  /** Hears once what is waited for. */
  readonly tell?: ((text: string) => Promise<void>) | undefined
}

const LIMIT_MS = 150_000
const EVERY_MS = 250
const STATES = 'guard-states'

/** A wish of a large mesh is long, and many ask. */
const keys = new WeakMap<ReadWish, string>()

/** What is there now; read once until the host forgets. */
export function readFacts(host: Host, wish: ReadWish): Promise<Seen> {
  const key = keys.get(wish) ?? `facts ${JSON.stringify(wish)}`
  keys.set(wish, key)
  const commands = { ...wish.commands, [STATES]: ['/usr/local/sbin/orion-guard', 'states'] }
  return host.once(key, () => readAnew(host, { ...wish, commands }))
}

/**
 * The same; but what is as wanted by a guarded change that is still to be confirmed (of somebody else, or of a run that was
 * killed) is no answer yet, as the host may take it back: that is waited for, also past the moment in which it is taken back file by
 * file. Errors: E_HOST_BUSY.
 */
export async function readSettled(
  host: Host,
  wish: ReadWish,
  isWanted: (seen: Seen) => boolean,
  { limitMs = LIMIT_MS, everyMs = EVERY_MS, tell }: Patience = {},
): Promise<Seen> {
  let isLast = false
  let awaited: string | undefined
  for (let end = performance.now() + limitMs; ; await sleep(everyMs)) {
    const seen = await readFacts(host, wish)
    // Lines of `ID STATE NAME …` (host/guard-answer.ts); no guard, no change.
    const [, id] = /^(\S+) armed /m.exec(said(seen, STATES) ?? '') ?? []
    if (id === undefined || (id !== awaited && !isWanted(seen))) return seen
    awaited = id
    if (performance.now() > end) {
      // Some have a quarter of an hour by their nature, and --confirm-within an hour: only the host knows.
      const { leftSeconds = 0 } = await host.guard.holder(id)
      if (leftSeconds === 0 && isLast) throw stillOpen(host.name, id)
      isLast = leftSeconds === 0
      end = performance.now() + 1000 * leftSeconds + limitMs
    }
    if (tell) await tellOpen(host, id, tell)
    host.forget()
  }
}

function stillOpen(host: string, id: string): OrionError {
  return new OrionError(`A guarded change of ${host} (${id}) is neither confirmed nor put back, and does not end`, {
    code: 'E_HOST_BUSY',
    suggestions: [`on ${host}, as root: orion-guard list, and orion-guard restore ${id} to put it back`],
  })
}

/** Errors: E_HOST_FACTS where what was read of a node (with NODE_NAME) is of another machine. */
export function refuseOther(node: string, seen: Seen): void {
  const name = said(seen, 'node-name')?.split('.')[0]
  if (!name || name.toLowerCase() === node.toLowerCase()) return
  throw new OrionError(`${node} is another machine: it calls itself ${name}`, {
    code: 'E_HOST_FACTS',
    suggestions: [
      'if its address leads to the wrong machine: correct the address (or ssh.alsoAt) in the site file',
      `if it is the right one: its name in the site file must be its hostname, which is ${name}`,
    ],
  })
}

/** What is there now, past what is shared. Errors: those of reading, and refuseOther. */
export async function readAnew(host: Host, wish: ReadWish): Promise<Seen> {
  const [seen, ends] = await Promise.all([host.read(wish), host.ends()])
  refuseOther(host.name, seen)
  const listed = parseFolders(seen.commands.get(FOLDERS)?.stdout ?? '')
  const ours = { [SSH_ENDS]: `${ends.client} ${ends.server}`, [READ_AT]: String(Math.round(Date.now() / 1000)) }
  const rows = Object.entries(ours).map(([name, stdout]) => [name, { code: 0, stdout, stderr: '' }] as const)
  return {
    files: new Map([...listed, ...seen.files]),
    commands: new Map([...seen.commands, ...rows]),
  }
}

/** Errors: E_HOST_FACTS with all of these lines, if there are any. */
export function refuseFacts(host: string, title: string, problems: readonly string[]): void {
  if (problems.length === 0) return
  const text = problems.length === 1 ? ` ${problems[0]}` : problems.map((line) => `\n  ${line}`).join('')
  throw new OrionError(`${title} cannot be made so:${text}`, {
    code: 'E_HOST_FACTS',
    suggestions: [`change the site file, or ${host} by hand, and plan again`],
  })
}

/** What a command of the wish said, without the last line end; undefined where it failed or was not asked. */
export function said(seen: Seen, name: string): string | undefined {
  const output = seen.commands.get(name)
  return output?.code === 0 ? output.stdout.trimEnd() : undefined
}

function parseFolders(text: string): Map<string, SeenFile> {
  const rows = text.matchAll(/^([0-7]+) ([^\s:]+)(?::(\S+))? ([A-Za-z0-9+/]*=*) (\/.+)$/gm)
  return new Map(
    [...rows].map(([, mode = '', owner = '', group = 'root', base64 = '', path = '']) => [
      path,
      { ...decode(Buffer.from(base64, 'base64')), mode: Number.parseInt(mode, 8), owner, group },
    ]),
  )
}

// As `Host.read` has it: what is not UTF-8 has no text.
function decode(bytes: Buffer): Pick<SeenFile, 'kind' | 'text'> {
  return isUtf8(bytes) ? { kind: 'file', text: bytes.toString('utf8') } : { kind: 'other', text: '' }
}
