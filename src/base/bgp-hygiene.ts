// orion bgp hygiene: which rules of a well-kept border router are kept.
import type { HygieneLines } from '../console/hygiene-table.ts'
import { EXIT } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import type { Result, Talk } from './net.ts'
import { show } from './talk.ts'

/** Exit 3 where a rule that is on in the site file is not kept by the router. Errors: those of `read`. */
export async function showHygiene(
  { session, json }: Talk,
  read: (site: Site, outside: Outside) => Promise<HygieneLines>,
): Promise<Result> {
  const report = await read(session.site, session.outside)
  await show({ json }, async (look) => (await import('../console/hygiene-table.ts')).renderHygiene(report, look))
  const missing = report.rows.some(({ live }) => !live)
  return { exit: missing ? EXIT.differences : EXIT.ok, document: { site: session.site.name, ...report } }
}
