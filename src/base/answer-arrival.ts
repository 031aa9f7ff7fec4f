// A node that was just installed: its host keys, as its installer told them, and the wait until it answers.
import { setTimeout as sleep } from 'node:timers/promises'
import { OrionError } from '../errors.ts'
import type { Node } from '../site/site.ts'
import type { AnswerWork } from './answer.ts'
import { quote, toCommand } from './next.ts'
import { say } from './talk.ts'

const EVERY_MS = 5000
const CONNECT_MS = 5000

const KEY = /^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) ([A-Za-z0-9+/]+=*)(?: |$)/

/** Where keys are kept, and the command that asks for one. */
export interface Keeping {
  readonly file: string
  readonly asking: string
}

/**
 * Keeps the host keys that the installer told over TLS, with our token: nobody else could. Known keys of the host stand.
 * Returns the sentence that says what became of them.
 */
export async function learnKeys(node: Node, lines: readonly string[], { file, asking }: Keeping): Promise<string> {
  const { addKnown, getHostName, readKnown } = await import('../host/known-hosts.ts')
  const name = getHostName(node.address, node.ssh.port ?? 22)
  const { keys: known } = await readKnown([file], name)
  const told = lines.flatMap((line) => {
    const [, type, key] = KEY.exec(line) ?? []
    return type && key ? [{ type, key }] : []
  })
  const which = `Host keys of ${node.name}`
  if (told.length === 0) return `${which}: the installer told none, so it is asked for at the first connection.`
  if (told.some(({ key }) => known.some((one) => one.key === key))) return `${which}: ${file} has them already.`
  if (known.length > 0)
    return (
      `! ${which}: ${file} has others, of an earlier installation or another machine, and they stand. ` +
      `If ${node.name} was installed anew: ssh-keygen -R ${quote(name)}, then ${asking} asks for the new one.`
    )
  for (const { type, key } of told) await addKnown(file, name, type, Buffer.from(key, 'base64'))
  return `${which}, as its installer told them: they are in ${file}.`
}

/** What this command does after the installation, to be typed. */
export const goOn = ({ flags: { site, lab, 'lab-dir': dir } }: AnswerWork): [access: string, bootstrap: string] => {
  const flags = { site, lab, 'lab-dir': dir, concurrency: 0 }
  return [toCommand(flags, 'bootstrap access'), toCommand(flags, 'bootstrap')]
}

/** These may pass while it starts; others are answers. */
const PASSING = new Set(['E_HOST_UNREACHABLE', 'E_HOST_LOST', 'E_HOST_TIMEOUT', 'E_HOST_AUTH'])

/** Errors: E_HOST_* where it does not answer in time, E_INTERRUPTED. */
export async function waitFor(work: AnswerWork, minutes: number): Promise<void> {
  const { session, node } = work
  const { signal } = session.outside
  const end = performance.now() + minutes * 60_000
  const suggestions = [`when it answers, go on: ${goOn(work).join(' && ')}`]
  await say(work, `Waiting for ${node} to start and answer over SSH, ${minutes} minutes at most.`)
  const host = await session.outside.host(node)
  let last = 'E_HOST_UNREACHABLE'
  for (;;) {
    try {
      const fresh = await host.fresh({ timeoutMs: CONNECT_MS })
      await fresh.run(['true'], { timeoutMs: CONNECT_MS }).finally(() => void fresh.close().catch(() => undefined))
      return await say(work, `${node} is there.`)
    } catch (error) {
      if (signal.aborted)
        throw new OrionError(`interrupted; ${node} is installed`, { code: 'E_INTERRUPTED', suggestions })
      if (!(error instanceof OrionError)) throw error
      const { code, message, suggestions: own } = error
      if (!PASSING.has(code) || performance.now() > end)
        throw new OrionError(message, { code, suggestions: [...own, ...suggestions], cause: error })
      if (code !== last) await say(work, `Not yet: ${message}`)
      last = code
    }
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}
