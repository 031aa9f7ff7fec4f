// /etc/orion/firewall-closed.nft: what is in force where the firewall cannot be loaded. It holds nothing that could fail, too.
import { template } from '../../render.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { bothFamilies, interfacesOf, toAddresses } from './firewall-interfaces.ts'
import { namesOf, nodesOf } from './firewall-sets.ts'
import type { Router } from './router.ts'

interface View {
  /** Interfaces inside that are not isolated; '' = there are none. */
  readonly open: string
  readonly sshPort: number
  readonly nodes: readonly string[]
}

const closedText = template<View>('router/firewall-closed')

/** Pure. SSH comes in as it does through the firewall itself, but for the site file's own rules. */
export function closedFile(site: Site, router: Router, seen: HostFacts): string {
  const sshPort = router.guest.ssh.port ?? 22
  const open = interfacesOf(site, router, seen).filter(({ side, isolated }) => side === 'inside' && !isolated)
  const before = `tcp dport ${sshPort}`
  const nodes = bothFamilies(toAddresses(nodesOf(site)), { before, field: 'saddr', verdict: 'accept' })
  return closedText({ open: namesOf(open), sshPort, nodes })
}
