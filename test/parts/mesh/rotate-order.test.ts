// Which links change their keys together, and which never do.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { OrionError } from '../../../src/errors.ts'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import { classOf, hasOtherWay, type RotationWish, rotationOrder } from '../../../src/parts/mesh/rotate-order.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Site } from '../../../src/site/site.ts'
import { gateway, mesh, node, site } from '../../site/site-builder.ts'

const FEDERATION = fileURLToPath(new URL('../../../templates/sites/federation.yaml', import.meta.url))
const ALL: RotationWish = { links: [], bypass: false }

describe('parts/mesh/rotate-order', () => {
  let federation: Site
  before(async () => {
    federation = await loadSite(FEDERATION)
  })
  const order = (wish: Partial<RotationWish>) =>
    rotationOrder(federation, { ...ALL, ...wish }).map((links) => links.map(({ id }) => id).join(' '))

  const ROWS: readonly (readonly [string, Partial<RotationWish>, readonly string[]])[] = [
    ['straight links, then the hub’s', {}, ['fra-1~rey-1', 'fra-1~van-1 kel-1~van-1 rey-1~van-1 sin-1~van-1']],
    ['the bypass, in a run of its own', { bypass: true }, ['fra-1~kel-1 kel-1~rey-1 kel-1~sin-1']],
    ['links by name, in either order and once', { links: ['rey-1~fra-1', 'fra-1~rey-1'] }, ['fra-1~rey-1']],
    ['a named link of the bypass', { links: ['kel-1~sin-1'] }, ['kel-1~sin-1']],
    ['all links of a gateway beside the bypass', { links: ['fra-1'] }, ['fra-1~rey-1', 'fra-1~van-1']],
    ['its link of the bypass', { links: ['fra-1'], bypass: true }, ['fra-1~kel-1']],
  ]
  for (const [what, wish, wanted] of ROWS) it(`takes ${what}`, () => assert.deepEqual(order(wish), wanted))

  const REFUSED: readonly (readonly [string, Partial<RotationWish>, RegExp])[] = [
    ['hub and bypass in one run', { links: ['kel-1~sin-1', 'sin-1~van-1'] }, /never change their keys in one run/],
    ['a link of the hub with --bypass', { links: ['sin-1~van-1'], bypass: true }, /no link over the bypass/],
    ['a link that is none', { links: ['sin-1~rey-1'] }, /no link named sin-1~rey-1/],
    ['a word of a shell', { links: ['$(reboot)'] }, /no link named \$\(reboot\)/],
    ['a gateway without links of the bypass', { links: ['van-1'], bypass: true }, /van-1 has no link over the bypass/],
  ]
  for (const [what, wish, why] of REFUSED)
    it(`refuses ${what}`, () =>
      assert.throws(
        () => order(wish),
        (error: unknown) => error instanceof OrionError && error.code === 'E_USAGE' && why.test(error.message),
      ))

  it('refuses a site without links', () => {
    assert.throws(() => rotationOrder({ ...federation, mesh: undefined } as never, ALL), /no mesh with links/)
    assert.throws(() => rotationOrder(twoOf(), { ...ALL, bypass: true }), /no link over a bypass/)
  })

  it('knows which links have another way while they are out', () => {
    const ways = getMesh(federation).links.map((link) => `${link.id} ${classOf(link)} ${hasOtherWay(federation, link)}`)
    assert.deepEqual(ways, [
      'fra-1~kel-1 bypass true',
      'fra-1~rey-1 direct true',
      'fra-1~van-1 hub true',
      'kel-1~rey-1 bypass true',
      'kel-1~sin-1 bypass true',
      'kel-1~van-1 hub false',
      'rey-1~van-1 hub true',
      'sin-1~van-1 hub true',
    ])
    const [only] = getMesh(twoOf()).links
    assert.equal(only && hasOtherWay(twoOf(), only), false)
    const isStatic = { ...federation, mesh: { ...federation.mesh, routing: 'static' } } as Site
    for (const link of getMesh(isStatic).links) assert.equal(hasOtherWay(isStatic, link), false)
  })
})

function twoOf(): Site {
  const names = ['n1', 'n2']
  const gateways = names.map((name, at) => gateway(name, `10.99.0.${at + 1}`))
  return site({ nodes: names.map((name) => node(name)), mesh: mesh(gateways) })
}
