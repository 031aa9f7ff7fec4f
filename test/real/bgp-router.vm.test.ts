// The built orion and a real router behind a real node: everything that an operator does with `orion bgp`, and what may go wrong.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { withDaemons } from '../daemons/daemons.ts'
import { within } from '../hosts/inside.ts'
import { withHosts } from '../hosts/nspawn.ts'
import { OWN, openRouterStage, type RouterStage, type Wish } from './bgp-router-stage.ts'
import { filesOf } from './net-stage.ts'

const LIMIT_MS = 60_000
const ASN = '394955'

interface Verified {
  readonly probes: readonly { readonly id: string; readonly state: string }[]
}

describe('orion bgp on a real router', function () {
  this.timeout(400_000)
  let stage: RouterStage

  before(async function () {
    await withHosts(this)
    await withDaemons(this)
    stage = await openRouterStage()
  })
  after(() => stage?.close())

  const apply = (wish: Wish = {}, ...more: string[]) => stage.orion(['bgp', 'apply', '--yes', ...more], wish)

  async function must(words: readonly string[], wish: Wish = {}): Promise<string> {
    const { exit, out, err } = await stage.orion(words, wish)
    assert.equal(exit, 0, err + out)
    return out
  }

  /** The upstream sees our prefix with this path, and with the communities. */
  async function seen(path: string, communities = ''): Promise<void> {
    await within(LIMIT_MS, `the path ${path} at the upstream`, async () => {
      const route = (await stage.received()).get(OWN)
      return route?.path.join(' ') === path && route.communities === communities
    })
  }

  /** Everything that makes it a router, seen from inside. */
  async function assertRouts(): Promise<void> {
    const { router } = stage
    assert.match(await router.must(['nft', 'list', 'table', 'inet', 'orion']), /policy drop/)
    for (const key of ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'])
      assert.equal((await router.must(['sysctl', '-n', key])).trim(), '1', key)
    assert.match(await router.must(['systemctl', 'is-active', 'bird', 'dnsmasq']), /^active\nactive\n$/)
    assert.match(await router.must(['ip', '-6', 'route', 'show', OWN]), /^unreachable/)
  }

  it('from nothing to a session that is established and announces our prefix alone', async () => {
    await must(['bgp', 'apply', '--yes'])
    await stage.established()
    await seen(ASN)
    assert.deepEqual([...(await stage.received()).keys()], [OWN])
    await assertRouts()
  })

  it('a second run changes nothing, and verify agrees', async () => {
    assert.match(await must(['bgp', 'apply', '--yes']), /0 to create, 0 to change, 0 to remove/)
    assert.match(await must(['bgp', 'show']), /upstream .*[Ee]stablished/)
    const only = ['bgp-session', 'kernel-routes', 'rpki-caches'].flatMap((kind) => ['--only', `${kind}:*`])
    const { verify } = JSON.parse(await must(['verify', '--json', ...only])) as { verify: Verified }
    const states = Object.fromEntries(verify.probes.map(({ id, state }) => [id, state]))
    assert.equal(states['bgp-session:router/upstream'], 'ok')
    assert.equal(states['kernel-routes:router/ipv6'], 'ok')
  })

  it('a change of a filter alone reloads: the plan says so, and the session goes on', async () => {
    const { since } = await stage.session()
    assert.match((await stage.orion(['bgp', 'plan'], { prepend: 2 })).out, /session upstream +established → reloads/)
    await must(['bgp', 'apply', '--yes'], { prepend: 2 })
    await seen(`${ASN} ${ASN} ${ASN}`)
    assert.deepEqual(await stage.session(), { state: 'Established', since })
  })

  it('undo puts the last change back', async () => {
    await must(['bgp', 'undo', '--yes'], { prepend: 2 })
    await seen(ASN)
    assert.match(await must(['bgp', 'plan']), /0 to create, 0 to change, 0 to remove/)
  })

  it('drain asks traffic away, undrain asks it back, and the session goes on', async () => {
    const { since } = await stage.session()
    await must(['bgp', 'drain', 'upstream', '--yes'])
    await seen(ASN, '(65535,0)')
    assert.match(await must(['bgp', 'plan']), /0 to create, 0 to change, 0 to remove/)
    await must(['bgp', 'undrain', 'upstream', '--yes'])
    await seen(ASN)
    assert.deepEqual(await stage.session(), { state: 'Established', since })
  })

  it('a password that the upstream does not have: exit 4, every file byte for byte as before, and the session is back', async () => {
    const before = await filesOf(stage.router)
    const { exit, out, err } = await apply({ password: 'WRONG' })
    assert.equal(exit, 4, err + out)
    assert.match(err + out, /upstream/)
    assert.doesNotMatch(err + out, /not the password/)
    assert.equal(await filesOf(stage.router), before)
    await stage.established()
    await seen(ASN)
  })

  it('a secret that cannot be read is an error before anything changes', async () => {
    const before = await filesOf(stage.router)
    const { exit, out, err } = await apply({ password: 'NOWHERE' })
    assert.notEqual(exit, 0)
    assert.match(err + out, /NOWHERE/)
    assert.equal(await filesOf(stage.router), before)
  })

  /** Ends `orion bgp apply` by force as soon as it says that. */
  async function killed(moment: RegExp, wish: Wish): Promise<void> {
    const running = stage.start(['bgp', 'apply', '--yes', '--confirm-within', '10s'], wish)
    await within(LIMIT_MS, String(moment), async () => moment.test(running.text()))
    running.kill('SIGKILL')
    await running.ended
  }

  /** Whatever was left behind: a run that ends well, after which nothing is left to do; then as before. */
  async function converges(wish: Wish): Promise<void> {
    await within(LIMIT_MS, 'a run that ends well', async () => (await apply(wish)).exit === 0)
    assert.match(await must(['bgp', 'plan'], wish), /0 to create, 0 to change, 0 to remove/)
    await must(['bgp', 'apply', '--yes'])
    await stage.established()
    await seen(ASN)
  }

  it('orion killed while the router waits for a word: the router puts it back, and a later run ends well', async () => {
    const wish = { allow: ['{ from: wan, to: router, tcp: [8443] }'] }
    await killed(/firewall of router .*armed/, wish)
    await converges(wish)
  })

  it('orion killed while BIRD changes: put back by hand it is as before, and a later run ends well', async () => {
    const before = await filesOf(stage.router)
    await killed(/BIRD of router .*armed/, { prepend: 1 })
    const [, id] = /^(\S+) armed /m.exec(await stage.router.must(['orion-guard', 'states'])) ?? []
    if (id !== undefined) await stage.router.must(['orion-guard', 'restore', id])
    await seen(ASN)
    assert.equal(await filesOf(stage.router), before)
    await converges({ prepend: 1 })
  })

  it('`systemctl restart bird` loses the route at the upstream for no moment', async () => {
    const restart = async () => {
      await sleep(1000)
      await stage.router.must(['systemctl', 'restart', 'bird'])
      await stage.established()
    }
    const { samples, lost } = await stage.watched(restart, 100)
    assert.ok(samples >= 100)
    assert.equal(lost, 0, `${lost} of ${samples} samples without our route`)
  })

  it('after a restart of the router everything is back, by itself', async () => {
    await stage.router.reboot()
    await within(LIMIT_MS, 'the session', async () => (await stage.session()).state !== 'Established').catch(
      () => undefined,
    )
    await stage.established()
    await seen(ASN)
    await assertRouts()
    assert.match(await must(['bgp', 'plan']), /0 to create, 0 to change, 0 to remove/)
  })

  it('a router that is down is an error that names the command that mends it', async () => {
    await must(['vm', 'stop', 'router', '--yes'])
    const { exit, out, err } = await apply()
    assert.notEqual(exit, 0)
    assert.match(err + out, /router \(VM 200 on pve\) is stopped/)
    assert.match(err + out, /vm start router/)
    await must(['vm', 'start', 'router', '--yes'])
  })
})
