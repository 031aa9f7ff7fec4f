// Proof that the kernel has what BIRD decided: our aggregate, so that nothing unused of it loops, and routes with our own source.
import type { Outside, Probe, ProbeResult } from '../../resource.ts'
import { guestHost } from '../../resources/guest-host.ts'
import { NOTHING, said, wishOf } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import type { Router } from '../router/router.ts'
import { type FamilyModel, getBirdModel } from './bird-model.ts'

/**
 * `sh -c PROGRAM NAME FAMILY SOURCE`: `all COUNT`, `drop PREFIX` of each prefix that leads nowhere, `other COUNT` of routes that
 * send with another source, `odd PREFIX` of the first of them. 12 is BIRD (rtnetlink(7)); a line that is indented goes on.
 */
const PROGRAM = `ip "-$1" route show proto 12 | awk -v source=" src $2 " '
/^[[:space:]]/ { next }
{ all++ }
/^(unreachable|blackhole|prohibit) / { if (++drops <= 200) print "drop " $2; next }
source != " src  " && index($0 " ", source) == 0 { if (++other <= 3) print "odd " $1 }
END { print "all " all + 0; print "other " other + 0 }'`

export function kernelProbes(site: Site, router: Router): readonly Probe[] {
  const { guest } = router
  const families = getBirdModel(site, router, NOTHING)?.families ?? []
  return families.map((family) => {
    const name = `kernel-routes ${family.family}`
    const argv = ['sh', '-c', PROGRAM, 'orion-kernel-routes', String(family.family), family.source ?? '']
    const wish = wishOf([{ commands: { [name]: argv } }])
    const run = async (outside: Outside) =>
      judge(family, said(await (await guestHost(site, guest, outside)).read(wish), name))
    return {
      id: `kernel-routes:${guest.name}/ipv${family.family}`,
      title: `IPv${family.family} routes of ${guest.name}`,
      run,
    }
  })
}

function judge({ family, announce, source }: FamilyModel, text: string | undefined): ProbeResult {
  const expected = [
    ...(announce.length > 0 ? [`${announce.join(', ')} held`] : []),
    source === undefined ? "BIRD's routes" : `routes with the source ${source}`,
  ].join(', ')
  const hint = `on the router: ip -${family} route show proto bird`
  const wordsOf = (key: string) =>
    [...(text ?? '').matchAll(new RegExp(`^${key} (\\S+)$`, 'gm'))].map(([, value]) => value)
  const [all] = wordsOf('all')
  if (all === undefined) return { state: 'failed', expected, seen: 'the routes cannot be read', hint }
  const missing = announce.filter((prefix) => !wordsOf('drop').includes(prefix))
  if (missing.length > 0)
    return { state: 'failed', expected, seen: `without ${missing.join(', ')}`, hint: 'orion bgp plan' }
  const odd = wordsOf('odd')
  if (odd.length > 0) {
    const seen = `${wordsOf('other')[0]} of ${all} routes have another source: ${odd.join(', ')}`
    return { state: 'failed', expected, seen, hint }
  }
  return { state: 'ok', expected, seen: `${all} routes` }
}
