// Names that a person typed: the thing itself, or an error that names the nearest.
import assert from 'node:assert/strict'
import { gatewayNamed, linkNamed } from '../../../src/parts/mesh/names.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Site } from '../../../src/site/site.ts'
import { site as siteOf } from '../../site/site-builder.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'

describe('parts/mesh/names', () => {
  let federation: Site
  before(async () => {
    federation = await loadSite('templates/sites/federation.yaml', { standInKey: KEY })
  })

  it('finds gateways, and links in either order', () => {
    assert.equal(gatewayNamed(federation, 'kel-1').name, 'kel-1')
    for (const id of ['fra-1~kel-1', 'kel-1~fra-1']) assert.equal(linkNamed(federation, id).id, 'fra-1~kel-1')
  })

  const WRONG: readonly (readonly [string, (site: Site) => unknown, RegExp, RegExp])[] = [
    [
      'a gateway',
      (one) => gatewayNamed(one, 'kel-2'),
      /no gateway named kel-2 \(did you mean "kel-1"\?\)$/,
      /van-1, kel/,
    ],
    ['a link', (one) => linkNamed(one, 'fra-1~kel-2'), /\(did you mean "fra-1~kel-1"\?\)$/, /fra-1~kel-1, fra-1~rey-1/],
    [
      'what is like nothing',
      (one) => linkNamed(one, '$(reboot)'),
      /has no link named \$\(reboot\)$/,
      /^links are named/,
    ],
  ]
  for (const [what, find, message, hint] of WRONG)
    it(`says of ${what} that is none what there is`, () =>
      assert.throws(
        () => find(federation),
        (error: { code?: unknown; message?: string; suggestions?: string[] }) => {
          assert.equal(error.code, 'E_USAGE')
          assert.match(error.message ?? '', message)
          assert.match(error.suggestions?.[0] ?? '', hint)
          return true
        },
      ))

  it('says where there is no mesh', () =>
    assert.throws(() => gatewayNamed(siteOf(), 'x'), { code: 'E_USAGE', suggestions: ['the site file has no mesh'] }))
})
