// What a file set knows beside its host's own facts: secrets, what others answered, and what other hosts are.
import type { ReadWish } from '../host/host.ts'
import type { Outside } from '../resource.ts'
import { type Questions, readAnswers } from './host-answers.ts'
import type { HostFacts } from './host-facts.ts'
import { type Reach, readOthers } from './host-others.ts'
import { readSecrets, type SecretRefs } from './host-secrets.ts'

type Lasting = Pick<HostFacts, 'secrets' | 'answers' | 'others'>

interface Asking {
  readonly host: string
  readonly secrets?: SecretRefs
  readonly questions?: Questions
  readonly others?: Readonly<Record<string, ReadWish>>
  readonly reach?: Reach
}

/** Errors: E_SECRET, before the host is asked for anything; those of the host. */
export async function readLasting(
  title: string,
  { host, secrets, questions, others, reach }: Asking,
  outside: Outside,
): Promise<Lasting> {
  const values = secrets && (await readSecrets(title, secrets, outside))
  const answers = questions && (await readAnswers(await outside.host(host), questions))
  const seen = others && (await readOthers(others, outside, reach))
  return { ...(values && { secrets: values }), ...(answers && { answers }), ...(seen && { others: seen }) }
}

/** The same, of facts that have it already. */
export function lastingOf({ secrets, answers, others }: HostFacts): Lasting {
  return { ...(secrets && { secrets }), ...(answers && { answers }), ...(others && { others }) }
}
