// The built orion and a real router with GoBGP at the edge from the first day on: plan, apply, show, verify, drain and undo.
import assert from 'node:assert/strict'
import { withDaemons } from '../daemons/daemons.ts'
import { within } from '../hosts/inside.ts'
import { withHosts } from '../hosts/nspawn.ts'
import { OWN, openRouterStage, type RouterStage, type Wish } from './bgp-router-stage.ts'
import { HOSTILE6 } from './bgp-routes.ts'
import { filesOf } from './net-stage.ts'

const LIMIT_MS = 60_000
const ASN = '394955'
const NOTHING = /0 to create, 0 to change, 0 to remove/

interface Page {
  readonly peers: readonly { readonly routes?: { readonly received: number; readonly exported: number } }[]
}

describe('orion bgp on a real router with GoBGP at the edge', function () {
  this.timeout(400_000)
  let stage: RouterStage

  before(async function () {
    await withHosts(this)
    await withDaemons(this)
    stage = await openRouterStage()
  })
  after(() => stage?.close())

  const orion = (words: readonly string[], wish: Wish = {}) => stage.orion(words, { daemon: 'gobgp', ...wish })

  async function must(words: readonly string[], wish: Wish = {}): Promise<string> {
    const { exit, out, err } = await orion(words, wish)
    assert.equal(exit, 0, err + out)
    return out
  }

  /** The upstream has our prefix alone, with this path and with the communities. */
  async function seen(path: string, communities = ''): Promise<void> {
    await within(LIMIT_MS, `the path ${path} at the upstream`, async () => {
      const table = await stage.received()
      const route = table.get(OWN)
      return table.size === 1 && route?.path.join(' ') === path && route.communities === communities
    })
  }

  it('from nothing to a session that is established, announces our prefix alone, and fills the kernel', async () => {
    await must(['bgp', 'apply', '--yes'])
    await stage.established()
    await seen(ASN)
    const { router } = stage
    assert.match(await router.must(['systemctl', 'is-active', 'bird', 'orion-gobgp']), /^active\nactive\n$/)
    await within(LIMIT_MS, 'routes', async () => /via 2620:fe::1/.test(await router.must(['ip', '-6', 'route'])))
    assert.match(await must(['bgp', 'plan']), NOTHING)
  })

  it('shows the session, proves it, and keeps the rules', async () => {
    assert.match(await must(['bgp', 'show']), /GoBGP 3[\s\S]*upstream .*Established/)
    const { peers } = JSON.parse(await must(['bgp', 'show', '--json'])) as Page
    assert.deepEqual(peers, [{ ...peers[0], state: 'Established', notAnnounced: [] }])
    assert.deepEqual([peers[0]?.routes?.received, peers[0]?.routes?.exported], [HOSTILE6.length, 1])
    assert.match(await must(['verify', '--verbose', '--only', 'bgp-session:*']), /✔ .*upstream/)
    const { out } = await orion(['bgp', 'hygiene'])
    assert.match(out, /GoBGP has no such thing/)
  })

  it('a change of a filter alone reloads: the plan says so, and the session goes on; undo puts it back', async () => {
    const { since } = await stage.session()
    assert.match((await orion(['bgp', 'plan'], { prepend: 2 })).out, /session upstream +established → reloads/)
    await must(['bgp', 'apply', '--yes'], { prepend: 2 })
    await seen(`${ASN} ${ASN} ${ASN}`)
    await must(['bgp', 'undo', '--yes'], { prepend: 2 })
    await seen(ASN)
    assert.deepEqual(await stage.session(), { state: 'Established', since })
    assert.match(await must(['bgp', 'plan']), NOTHING)
  })

  it('drain asks traffic away, undrain asks it back, and the session goes on', async () => {
    const { since } = await stage.session()
    await must(['bgp', 'drain', 'upstream', '--yes'])
    await seen(ASN, '(65535,0)')
    assert.match(await must(['bgp', 'plan']), NOTHING)
    await must(['bgp', 'undrain', 'upstream', '--yes'])
    await seen(ASN)
    assert.deepEqual(await stage.session(), { state: 'Established', since })
  })

  it('a password that the upstream does not have: exit 4, every file as before, and the session is back', async () => {
    const before = await filesOf(stage.router)
    const { exit, out, err } = await orion(['bgp', 'apply', '--yes'], { password: 'WRONG' })
    assert.equal(exit, 4, err + out)
    assert.match(err + out, /session upstream/)
    assert.doesNotMatch(err + out, /not the password/)
    assert.equal(await filesOf(stage.router), before)
    await stage.established()
    await seen(ASN)
  })

  it('after a restart of the router everything is back, by itself', async () => {
    await stage.router.reboot()
    await within(LIMIT_MS, 'its end', async () => (await stage.session()).state !== 'Established').catch(
      () => undefined,
    )
    await stage.established()
    await seen(ASN)
    assert.match(await must(['bgp', 'plan']), NOTHING)
  })
})
