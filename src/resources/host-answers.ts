// Questions that a host puts to others (a routing registry): asked once per run, as the answer may differ from minute to minute.
import { OrionError } from '../errors.ts'
import type { Argv } from '../host/guard.ts'
import type { Host, Output } from '../host/host.ts'

/** Programs by a name of the caller's. The same object is asked once, whatever file sets share it. */
export type Questions = Readonly<Record<string, Argv>>

type Answers = ReadonlyMap<string, Output>

/** A large AS-SET takes minutes. */
const LIMIT_MS = 180_000
const NOT_THERE = 127
const TOO_LATE = 124

const known = new WeakMap<Questions, Promise<Answers>>()

/** What each program said, whatever its exit code. While one is not installed, all are asked again. */
export async function readAnswers(host: Host, questions: Questions): Promise<Answers> {
  const asking = known.get(questions) ?? askAll(host, questions)
  known.set(questions, asking)
  const drop = () => known.get(questions) === asking && known.delete(questions)
  asking.catch(drop)
  const answers = await asking
  if ([...answers.values()].some(({ code }) => code === NOT_THERE)) drop()
  return answers
}

async function askAll(host: Host, questions: Questions): Promise<Answers> {
  const rows = Object.entries(questions).map(async ([name, argv]) => [name, await ask(host, argv)] as const)
  return new Map(await Promise.all(rows))
}

const ANY = Array.from({ length: 256 }, (_, code) => code)

async function ask(host: Host, argv: Argv): Promise<Output> {
  try {
    return await host.run(argv, { accept: ANY, timeoutMs: LIMIT_MS })
  } catch (error) {
    if (!(error instanceof OrionError && error.code === 'E_HOST_TIMEOUT')) throw error
    return { code: TOO_LATE, stdout: '', stderr: `no answer within ${LIMIT_MS / 1000} s` }
  }
}
