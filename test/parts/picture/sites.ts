// Sites for the tests of pictures: those of templates/, large ones, and one whose every text wants to be something else.
import { readFileSync } from 'node:fs'
import type { Site } from '../../../src/site/site.ts'
import { mesh, node, peer, site, bgp as toBgp, vm } from '../../site/site-builder.ts'
import { KEY, parse } from '../../site/site-text.ts'

export const TEMPLATES = ['orion', 'hive', 'federation'] as const

export async function template(name: string): Promise<Site> {
  return await parse(readFileSync(`templates/sites/${name}.yaml`, 'utf8'), { home: '/nowhere', standInKey: KEY })
}

/** Every guest on one node, in one of its networks or in all. */
export function largeNode(guests: number): Site {
  const names = ['lan', 'storage', 'dmz', 'backup']
  const bridges = names.map((name, at) => ({ name: `vmbr${at}`, networks: [name], vlanAware: false, addresses: [] }))
  return site({
    nodes: [node('pve', { bridges })],
    networks: names.map((name, at) => ({
      name,
      bridge: `vmbr${at}`,
      vlanAware: false,
      ipv4: `10.${at}.0.0/16`,
      isolated: false,
      dns: [],
    })),
    guests: Array.from({ length: guests }, (_, at) => {
      const on = at % 7 === 0 ? names : [names[at % names.length] ?? 'lan']
      const nics = on.map((name) => [name, `10.${names.indexOf(name)}.${at >> 8}.${at & 255}/16`] as const)
      return vm(`guest-${at}`, 1000 + at, Object.fromEntries(nics))
    }),
    bgp: toBgp([peer('up')], { router: 'guest-150' }),
    mesh: mesh([{ name: 'guest-199', address: '10.99.0.1', routes: [] }], {
      clients: [{ name: 'laptop', address: '10.99.0.10', gateway: 'guest-199' }],
    }),
  })
}

export const PAYLOADS = [
  '"><script>globalThis.pwned = 1</script>',
  "' onmouseover='globalThis.pwned = 1' x='",
  '</title></svg></style></script><img src=x onerror="globalThis.pwned = 1">',
  ']]><!--&quot;&#60;script&#62;',
  '"] --> x["`**y**`',
  '\n%% end\nend\nclick t0 call pwned()',
  '<%= 1 %>\0\u001b[31m\ud800\u202e\ufffe\u2028\u0085',
  '漢字🙂'.repeat(40),
  'W'.repeat(400),
] as const

/** Every text of the site with this behind it; what refers to something refers to it still. */
export function spoil(whole: Site, payload: string): Site {
  return spoilAny(whole, payload) as Site
}

function spoilAny(value: unknown, payload: string): unknown {
  if (typeof value === 'string') return value + payload
  if (Array.isArray(value)) return value.map((one) => spoilAny(one, payload))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoilAny(one, payload)]))
}
