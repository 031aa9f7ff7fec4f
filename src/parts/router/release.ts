// Which system a router runs: orion makes routers of Debian, and says so before anything changes on another one.
import { type HostFacts, said } from '../../resources/host-facts.ts'

const OLDEST = 12

/** [] where it is Debian 12 or newer, a release without a number, or nothing was read. Pure, with ROUTER_FACTS. */
export function releaseProblems(name: string, seen: HostFacts): readonly string[] {
  const text = said(seen, 'os-release')
  if (text === undefined) return []
  const wordOf = (key: string) => new RegExp(`^${key}=(["']?)(.*)\\1$`, 'm').exec(text)?.[2]
  const version = Number(wordOf('VERSION_ID') ?? OLDEST)
  if (wordOf('ID') === 'debian' && version >= OLDEST) return []
  const what = (wordOf('PRETTY_NAME') ?? wordOf('ID') ?? 'an unknown system').replace(/[^\w .()/+-]/g, '').slice(0, 60)
  return [`${name} runs ${what}, and orion makes routers of Debian ${OLDEST} or newer: give it another image`]
}
