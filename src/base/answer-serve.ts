// orion bootstrap answer --serve: answers the installer of one machine, learns its host keys when it is done, and waits until it is there.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { OrionError } from '../errors.ts'
import type { Node } from '../site/site.ts'
import { type AnswerWork, getInstalled, hashPassword, toHead, toSummary } from './answer.ts'
import { goOn, learnKeys, waitFor } from './answer-arrival.ts'
import { type Identity, readIdentity } from './answer-identity.ts'
import { getPlace, type Place } from './answer-place.ts'
import { type AnswerServer, serveAnswer } from './answer-server.ts'
import { quote } from './next.ts'
import { together } from './out-file.ts'
import { say } from './talk.ts'

export interface ServeWishes {
  /** `ADDRESS:PORT`, `:PORT` or a port. Default: the address on the way to the node, port 8443. */
  readonly listen: string | undefined
  /** How long the node may take to answer after its installation. */
  readonly waitMinutes: number
}

/** Returns when the node answers over SSH. Errors: E_USAGE, E_SITE, E_SECRET, E_HOST_*, E_INTERRUPTED. */
export async function serveInstallation(work: AnswerWork, wishes: ServeWishes): Promise<void> {
  const { session, node: name } = work
  const node = getInstalled(session, name)
  const [place, passwordHash] = await together([getPlace(wishes.listen, node), hashPassword(session, node)])
  const identity = await readIdentity(session.dir, name)
  let installed: (keys: readonly string[]) => void = () => {}
  const arrived = new Promise<readonly string[]>((resolve) => {
    installed = resolve
  })
  const server = await open(work, { node, identity, place, passwordHash, installed })
  try {
    const keys = await orInterrupt(arrived, session.outside.signal)
    const keeping = { file: join(homedir(), '.ssh/known_hosts'), asking: goOn(work)[0] }
    if (!session.lab) await say(work, await learnKeys(node, keys, keeping))
  } finally {
    await server.close()
  }
  await waitFor(work, wishes.waitMinutes)
}

interface Opening {
  readonly node: Node
  readonly identity: Identity
  readonly place: Place
  readonly passwordHash: string
  installed(keys: readonly string[]): void
}

async function open(
  work: AnswerWork,
  { node, identity, place, passwordHash, installed }: Opening,
): Promise<AnswerServer> {
  const { session, parts } = work
  const { writeAnswer } = await import('../site/answer.ts')
  let base = ''
  const toText = () => {
    const { fingerprint, token } = identity
    const server = { firstBootUrl: `${base}/first-boot`, webhookUrl: `${base}/installed`, fingerprint, token }
    return writeAnswer(parts.toAnswer(session.site, node, { passwordHash, server }), toHead(node, session.site))
  }
  const server = await serveAnswer({
    ...identity,
    host: place.listen,
    port: place.port,
    macs: Object.values(node.install?.macs ?? {}),
    firstBoot: parts.toFirstBoot(node),
    answer: toText,
    tell: (text) => void say(work, text),
    installed,
  }).catch((error: Error) => {
    throw new OrionError(`cannot listen at ${place.listen}:${place.port}: ${error.message}`, {
      code: 'E_USAGE',
      suggestions: ['--listen ADDRESS:PORT'],
    })
  })
  base = `https://${place.host.includes(':') ? `[${place.host}]` : place.host}:${server.port}`
  try {
    // What the installer would refuse shall be known before it asks.
    toText()
    await showServing(work, node, identity, base)
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

async function showServing(
  { json, session }: AnswerWork,
  node: Node,
  { fingerprint, tokenFile }: Identity,
  base: string,
) {
  if (session.screen.events)
    return say({ json, session }, `Answers at ${base}/answer, fingerprint ${fingerprint}, token in ${tokenFile}`)
  if (json) return
  const { getLook, printOut } = await import('../console/output.ts')
  const { renderAnswer } = await import('../console/answer-view.ts')
  const rows: [string, string][] = [
    ['answers at', `${base}/answer`],
    ['fingerprint', fingerprint],
  ]
  const iso = [
    'proxmox-auto-install-assistant',
    'prepare-iso',
    'proxmox-ve.iso',
    '--fetch-from',
    'http',
    '--url',
    `${base}/answer`,
  ]
  const command = [
    ...iso,
    '--cert-fingerprint',
    fingerprint,
    '--answer-auth-token',
    `"$(cat ${quote(tokenFile)})"`,
  ].join(' ')
  const next = [{ purpose: `Make the installation image once, and start ${node.name} from it`, command }]
  await printOut(`${renderAnswer({ rows: [...toSummary(node), ...rows], next }, getLook())}\n\n`)
  await say({ json, session }, `Waiting for the installer of ${node.name}; Ctrl-C ends it.`)
}

/** Ctrl-C ends the wait, also one that came before it. Errors: E_INTERRUPTED. */
async function orInterrupt<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(interrupted())
  })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return Promise.race([promise, stopped]).finally(() => signal.removeEventListener('abort', stop))
}

const interrupted = () =>
  new OrionError('interrupted; the installer gets no more answers', {
    code: 'E_INTERRUPTED',
    suggestions: ['run the same command again: the image stays good, as fingerprint and token are kept'],
  })
