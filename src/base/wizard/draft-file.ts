// The answers so far, in the operator's state folder: what Ctrl-C leaves, and the next run goes on with.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '../digest.ts'
import { stateDir } from '../paths.ts'
import type { Answer, Answers } from './question.ts'

const FORMAT = 1

export interface Kept {
  readonly format: typeof FORMAT
  /** ISO 8601 of the last answer. */
  readonly at: string
  /** In the order in which they were given. */
  readonly answers: Answers
}

export interface DraftFile {
  /** undefined = there is none, or none that can be read. */
  read(): Promise<Kept | undefined>
  /** 0600, replaced as a whole. */
  write(answers: Answers): Promise<void>
  remove(): Promise<void>
}

/** One for each site file to be; the lab's are apart, as its nodes are others. */
export function draftFile(file: string, lab: boolean): DraftFile {
  const dir = stateDir('.init')
  const path = join(dir, `draft-${digestOf({ file, lab }).slice(0, 16)}.json`)
  return {
    read: async () => toKept(await readFile(path, 'utf8').catch(() => '')),
    write: async (answers) => {
      await mkdir(dir, { recursive: true, mode: 0o700 })
      const kept: Kept = { format: FORMAT, at: new Date().toISOString(), answers }
      // Another wizard may write the same draft: each its own file, and the later one counts.
      const fresh = `${path}.${process.pid}.new`
      await rm(fresh, { force: true })
      await writeFile(fresh, `${JSON.stringify(kept)}\n`, { mode: 0o600, flag: 'wx' })
      await rename(fresh, path)
    },
    remove: () => rm(path, { force: true }),
  }
}

function toKept(text: string): Kept | undefined {
  try {
    const kept = JSON.parse(text) as Partial<Kept>
    const { format, at, answers } = kept
    if (format !== FORMAT || typeof at !== 'string' || typeof answers !== 'object' || answers === null) return undefined
    const usable = Object.entries(answers).filter(([, answer]) => isAnswer(answer))
    return usable.length === 0 ? undefined : { format, at, answers: Object.fromEntries(usable) }
  } catch {
    return undefined
  }
}

/** A text, or texts. */
export const isAnswer = (value: unknown): value is Answer =>
  typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'))
