// What a plan knows of a host: every file and fact that its resources need, read in one round trip and shared by all of them.
import { isUtf8 } from 'node:buffer'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Host, ReadWish, Seen, SeenFile } from '../host/host.ts'

/** What one topic reads of a host. */
export interface Facts {
  readonly files?: readonly string[]
  /** Every regular file directly in these folders, as if it stood in `files`. */
  readonly folders?: readonly string[]
  readonly commands?: ReadWish['commands']
}

/** What was read of a host. */
export type HostFacts = Seen

/** A host of which nothing is known. */
export const NOTHING: HostFacts = { files: new Map(), commands: new Map() }

/** Command of a wish whose output becomes files: one line each, `MODE OWNER BASE64 PATH`. */
export const FOLDERS = 'folders'
/** How the host calls itself: part of what is read of a node, whose name in Proxmox VE is its hostname. */
export const NODE_NAME: Facts = { commands: { 'node-name': ['uname', '-n'] } }
/** Not asked of the host: the two ends of our session, as `CLIENT SERVER`. */
export const SSH_ENDS = 'ssh-ends'

// Links are left out: writing would replace them by files.
const LIST_FOLDERS = `for d do for f in "$d"/*; do
[ -f "$f" ] && [ ! -L "$f" ] && printf '%s %s %s\\n' "$(stat -c '%a %U' -- "$f")" "$(base64 -w0 < "$f")" "$f"
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
  readonly limitMs: number
  readonly everyMs: number
}

const PATIENCE: Patience = { limitMs: 300_000, everyMs: 250 }
const STATES = 'guard-states'

/** What is there now; read once until the host forgets. */
export function readFacts(host: Host, wish: ReadWish): Promise<Seen> {
  const commands = { ...wish.commands, [STATES]: ['/usr/local/sbin/orion-guard', 'states'] }
  return host.once(`facts ${JSON.stringify(wish)}`, () => readAnew(host, { ...wish, commands }))
}

/**
 * The same; but what is as wanted by a guarded change that is still to be confirmed (of somebody else, or of a run that was
 * killed) is no answer yet, as the host may take it back: that is waited for. Errors: E_HOST_BUSY.
 */
export async function readSettled(
  host: Host,
  wish: ReadWish,
  isWanted: (seen: Seen) => boolean,
  { limitMs, everyMs } = PATIENCE,
): Promise<Seen> {
  for (const start = performance.now(); ; await sleep(everyMs)) {
    const seen = await readFacts(host, wish)
    // Lines of `ID STATE NAME …` (host/guard-answer.ts); no guard, no change.
    const [, id] = /^(\S+) armed /m.exec(said(seen, STATES) ?? '') ?? []
    if (id === undefined || !isWanted(seen)) return seen
    if (performance.now() - start > limitMs) throw stillOpen(host.name, id)
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
      `if its address leads to the wrong machine: correct nodes.${node}.address (or ssh.alsoAt) in the site file`,
      `if it is the right one: call the node ${name} in the site file, as a Proxmox VE node's name is its hostname`,
    ],
  })
}

/** What is there now, past what is shared. Errors: those of reading, and refuseOther. */
export async function readAnew(host: Host, wish: ReadWish): Promise<Seen> {
  const [seen, ends] = await Promise.all([host.read(wish), host.ends()])
  refuseOther(host.name, seen)
  const listed = parseFolders(seen.commands.get(FOLDERS)?.stdout ?? '')
  const stdout = `${ends.client} ${ends.server}`
  return {
    files: new Map([...listed, ...seen.files]),
    commands: new Map([...seen.commands, [SSH_ENDS, { code: 0, stdout, stderr: '' }]]),
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
  const rows = text.matchAll(/^([0-7]+) (\S+) ([A-Za-z0-9+/]*=*) (\/.+)$/gm)
  return new Map(
    [...rows].map(([, mode = '', owner = '', base64 = '', path = '']) => [
      path,
      { ...decode(Buffer.from(base64, 'base64')), mode: Number.parseInt(mode, 8), owner },
    ]),
  )
}

// As `Host.read` has it: what is not UTF-8 has no text.
function decode(bytes: Buffer): Pick<SeenFile, 'kind' | 'text'> {
  return isUtf8(bytes) ? { kind: 'file', text: bytes.toString('utf8') } : { kind: 'other', text: '' }
}
