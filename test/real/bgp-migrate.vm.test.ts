// orion bgp migrate, built, as an operator types it, on a real router: killed at every step, and nothing of it is ever lost.
import assert from 'node:assert/strict'
import { withDaemons } from '../daemons/daemons.ts'
import { within } from '../hosts/inside.ts'
import { withHosts } from '../hosts/nspawn.ts'
import { openRouterStage, type RouterStage, type Wish } from './bgp-router-stage.ts'

/** For a moment to kill at: before it the router may take back what the run before left armed, 180 s at most. */
const LIMIT_MS = 180_000 + 60_000
const SAMPLES = 300
/** Killed while it is open: the next run waits until the router has taken it back. */
const SHORT = ['--confirm-within', '20s']

interface Document {
  readonly edge: string
  readonly progress?: { readonly to: string; readonly step: string }
  readonly watch?: { readonly leftSeconds: number; readonly reports: number; readonly bad: readonly string[] }
}

describe('orion bgp migrate on a real router', function () {
  this.timeout(600_000)
  let stage: RouterStage

  before(async function () {
    await withHosts(this)
    await withDaemons(this)
    stage = await openRouterStage()
    await must(['bgp', 'apply', '--yes'])
    await stage.established()
  })
  after(() => stage?.close())

  async function must(words: readonly string[], wish: Wish = {}): Promise<string> {
    const { exit, out, err } = await stage.orion(words, wish)
    assert.equal(exit, 0, err + out)
    return err + out
  }
  const move = (to: string, ...more: string[]) => ['bgp', 'migrate', '--to', to, '--yes', ...more]
  const status = async () => JSON.parse((await stage.orion(['bgp', 'migrate', 'status', '--json'])).out) as Document

  const isShadowed = async () => (await stage.router.exec(['birdc', 'show', 'protocols'])).stdout.includes('shadow_')

  /** Ends orion by force as soon as it says that, or that is so. */
  async function killed(
    moment: RegExp | (() => Promise<boolean>),
    words: readonly string[],
    wish: Wish = {},
  ): Promise<void> {
    const running = stage.start(words, wish)
    const isNow = moment instanceof RegExp ? async () => moment.test(running.text()) : moment
    let over = false
    void running.ended.then(() => {
      over = true
    })
    await within(LIMIT_MS, String(moment), async () => over || (await isNow()))
    running.kill('SIGKILL')
    assert.equal((await running.ended).signal, 'SIGKILL', running.text())
  }

  const nothingToDo = /0 to create, 0 to change, 0 to remove/

  for (const [words, says] of [
    [['bgp', 'migrate'], /--to says which daemon/],
    [['bgp', 'migrate', 'status', '--to', 'bird'], /leave out --to/],
    [['bgp', 'migrate', '--to', 'gobgp', '--lab'], /lab.s routers have no GoBGP/],
    [move('gobgp', '--watch', 'long'), /--watch wants 0, or a duration/],
    [move('gobgp', '--confirm-within', '2m'), /--confirm-within wants a duration from 10s to 80s/],
  ] as const)
    it(`${words.join(' ')}: is refused at once`, async () => {
      const { exit, err } = await stage.orion(words)
      assert.equal(exit, 2, err)
      assert.match(err, says)
    })

  it('has nothing to do where it is already', async () => {
    assert.match(await must(move('bird')), /^BIRD is at the edge of router\.$/m)
    assert.match(await must(['bgp', 'migrate', 'status']), /router: BIRD is at the edge\n {2}move {3}none was begun/)
  })

  it('to GoBGP, killed at every step: another run ends well, and the upstream never misses our route', async () => {
    const { samples, lost } = await stage.watched(async () => {
      for (const moment of [/^prepare …/m, isShadowed]) await killed(moment, move('gobgp'))
      assert.ok(await isShadowed())
      await killed(/^ {2}armed/m, move('gobgp', ...SHORT))
      await killed(/^watch …/m, move('gobgp'))
      assert.match(
        await must(move('gobgp', '--watch', '1h')),
        /GoBGP is at the edge of router, watched for 60 min more/,
      )
      await killed(/^clean-up …/m, move('gobgp', '--watch', '0'))
    }, SAMPLES)
    assert.ok(samples >= SAMPLES)
    assert.equal(lost, 0, `${lost} of ${samples} samples without our route`)
    assert.equal((await status()).edge, 'gobgp')
    assert.equal(await isShadowed(), false)
  })

  it('cleans up, and then the site file that names GoBGP has nothing to change; the other one is told what to do', async () => {
    assert.match(await must(move('gobgp', '--watch', '0')), /Set daemon: gobgp under bgp in the site file/)
    const { exit, out, err } = await stage.orion(['bgp', 'plan'])
    assert.equal(exit, 4, err)
    assert.match(out, /GoBGP speaks BGP on router, and the site\s+file wants BIRD/)
    assert.match(out, /migrate --to bird/)
    assert.match(await must(['bgp', 'plan'], { daemon: 'gobgp' }), nothingToDo)
    assert.match(await must(['bgp', 'apply', '--yes'], { daemon: 'gobgp' }), nothingToDo)
  })

  it('back to BIRD, killed at every step: another run ends well, and the upstream never misses our route', async () => {
    const wish = { daemon: 'gobgp' } as const
    const short = ['--watch', '1h', '--confirm-within', '20s']
    const { samples, lost } = await stage.watched(async () => {
      for (const moment of [/^shadow …/m, /^ {2}armed/m, /^watch …/m])
        await killed(moment, move('bird', ...short), wish)
      await must(move('bird', ...short), wish)
      await killed(/^clean-up …/m, move('bird', '--watch', '0'), wish)
      await must(move('bird', '--watch', '0'), wish)
    }, SAMPLES)
    assert.ok(samples >= SAMPLES)
    assert.equal(lost, 0, `${lost} of ${samples} samples without our route`)
    assert.equal((await status()).edge, 'bird')
    assert.match(await must(['bgp', 'plan']), nothingToDo)
  })

  it('a router that is down is an error that names the command that mends it', async () => {
    await must(['vm', 'stop', 'router', '--yes'])
    for (const words of [move('gobgp'), ['bgp', 'migrate', 'status']]) {
      const { exit, err } = await stage.orion(words)
      assert.equal(exit, 1, err)
      assert.match(err, /router \(VM 200 on pve\) is stopped/)
      assert.match(err, /vm start router/)
    }
  })
})
