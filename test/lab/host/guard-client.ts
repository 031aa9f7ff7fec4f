// The other end of the guard's protocol, byte for byte by hand: what the tests stage and start.
import { setTimeout as sleep } from 'node:timers/promises'
import { pack } from 'tar-stream'
import { quote } from '../../../src/host/quote.ts'
import type { Ran, Session } from './lab-host.ts'

export const GUARD = '/usr/local/sbin/orion-guard'

export interface Staged {
  readonly name?: string
  readonly files: Readonly<Record<string, string | undefined>>
  readonly check?: readonly (readonly string[])[]
  readonly activate?: readonly (readonly string[])[]
  readonly window?: number
  readonly strict?: boolean
  readonly by?: string
  /** Of files that are not root's. */
  readonly groups?: Readonly<Record<string, string>>
}

export async function stage(session: Session, id: string, change: Staged): Promise<Ran> {
  return session.run(['sh', '-c', 'the script', 'orion-stage', id], await tarOf(change))
}

/** Stages and starts: what `start` says. */
export async function begin(session: Session, id: string, change: Staged): Promise<string> {
  await stage(session, id, change)
  return (await session.run([GUARD, 'start', id])).stdout.toString()
}

/** Until it is active, and then confirmed. */
export async function confirm(session: Session, id: string): Promise<string> {
  await session.run([GUARD, 'follow', id, '5'])
  return (await session.run([GUARD, 'confirm', id])).stdout.toString()
}

/** `ID STATE REASON` of every change, the newest first. */
export async function states(session: Session): Promise<string[]> {
  const lines = (await session.text(GUARD, 'states')).split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [id, state, , , , reason = ''] = line.split(' ')
    return [id, state, decoded(reason)].filter((word) => word !== '').join(' ')
  })
}

/** Waits until the host has put a change back; the test's own limit ends it. */
export async function putBack(session: Session, id: string): Promise<void> {
  while (!(await states(session)).some((state) => state.startsWith(`${id} restored`))) await sleep(50)
}

export function decoded(word: string): string {
  return word === '-' ? '' : Buffer.from(word, 'base64').toString()
}

export async function tarOf({
  name = 'interfaces',
  files,
  check = [],
  activate = [],
  window = 30,
  strict,
  by = 'me@here',
  groups = {},
}: Staged): Promise<Buffer> {
  const tar = pack()
  const add = (name: string, text: string, mode = 0o644) => tar.entry({ name, mode }, text)
  add('guard', '#!/bin/sh\n', 0o755)
  add('guard-boot.service', '[Unit]\n')
  add('change/name', `${name}\n`)
  add('change/by', `${by}\n`)
  add('change/window', `${window}\n`)
  if (strict) add('change/strict', '')
  const rows = Object.entries(files).map(([path, text], index) => {
    const number = String(index + 1).padStart(3, '0')
    if (text !== undefined) add(`change/new/${number}`, text)
    if (groups[path] !== undefined) add(`change/group/${number}`, `${groups[path]}\n`)
    return `${number} ${text === undefined ? 'remove' : 'put'} ${path}\n`
  })
  for (const [index, argv] of check.entries()) add(`change/check/00${index + 1}`, `${quote(argv)}\n`)
  for (const [index, argv] of activate.entries()) add(`change/activate/00${index + 1}`, `${quote(argv)}\n`)
  add('change/files', rows.join(''))
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
