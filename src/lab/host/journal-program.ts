// `orion-journal` on a simulated host: the same lines in the same file as the script makes (host/scripts/journal.sh).
import { createHash } from 'node:crypto'
import { ok, type Program } from './machine.ts'
import { putText, textAt } from './state.ts'

const NOTHING = '0'.repeat(64)
const CHAINED = /^([0-9a-f]{64}) /

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** `orion-journal FILE`, the lines on standard input. */
export const orionJournal: Program = async ({ host, world }, [file = ''], io) => {
  let text = textAt(host, file) ?? ''
  let hash =
    text
      .split('\n')
      .flatMap((line) => CHAINED.exec(line)?.[1] ?? [])
      .at(-1) ?? NOTHING
  const add = (line: string): void => {
    hash = sha256(`${hash} ${line}`)
    text += `${hash} ${line}\n`
  }
  const torn = text.split('\n').at(-1) ?? ''
  if (torn !== '') {
    text += '\n'
    add(`- {"v":1,"kind":"mend","torn":"${sha256(torn)}"}`)
  }
  const lines = (await io.input()).toString('utf8').split('\n').slice(0, -1)
  for (const line of lines) if (!text.includes(` ${line.split(' ')[0]} `)) add(line)
  putText(host, file, text, 0o600)
  world.changed()
  return ok()
}
