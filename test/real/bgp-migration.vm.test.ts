// From BIRD to GoBGP and back on a router with systemd, seen by the upstream ten times a second: no route of ours is ever lost.
import assert from 'node:assert/strict'
import type { OrionError } from '../../src/errors.ts'
import type { StepName } from '../../src/parts/bgp/migration-watch.ts'
import { withDaemons } from '../daemons/daemons.ts'
import { within } from '../hosts/inside.ts'
import { withHosts } from '../hosts/nspawn.ts'
import { openStage, type Stage } from './bgp-migration-stage.ts'

const SAMPLES = 300
const LIMIT_MS = 60_000
/** It ends by itself, so it must last longer than everything between its begin and what is asked of it. */
const WATCH_SECONDS = 3600
const BEFORE: readonly StepName[] = ['check', 'prepare', 'shadow', 'hand-over']
const PEERS = 'ix-4\nupstream\n'
const CONF = '/etc/bird/bird.conf'

const isCode = (code: OrionError['code'], message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Error && 'code' in error, String(error))
  assert.equal(error.code, code, error.message)
  assert.match(error.message, message)
  return true
}

describe('the move of the edge', function () {
  this.timeout(240_000)
  let stage: Stage
  before(async function () {
    await withHosts(this)
    await withDaemons(this)
    stage = await openStage()
  })
  after(() => stage?.close())

  const edge = async () => (await stage.migration('bird').status()).edge
  const sh = (command: string) => stage.machine.must(['sh', '-c', command])
  /** Of which BIRD writes the kernel's routes: two of IPv6, one of IPv4. */
  const kernelRoutes = () => sh('{ ip -6 route show proto bird; ip -4 route show proto bird; } | grep -c via || :')

  async function run(to: 'bird' | 'gobgp', steps: readonly StepName[]): Promise<readonly string[]> {
    const move = stage.migration(to, { watchSeconds: steps.includes('clean-up') ? 0 : WATCH_SECONDS })
    const lines: string[] = []
    for (const step of steps) lines.push(...(await move.run(step)))
    return lines
  }

  /** Both sessions, and BIRD has the routes of whoever has them. */
  async function standing(): Promise<void> {
    await within(
      LIMIT_MS,
      'the sessions',
      async () => (await sh('orion-edge established')) === ((await edge()) === 'bird' ? PEERS : `bird\n${PEERS}`),
    )
    await within(LIMIT_MS, 'the kernel’s routes', async () => (await kernelRoutes()) === '3\n')
  }

  it('is refused while something is not applied, and nothing was touched', async () => {
    const text = await sh(`cat ${CONF}; echo '# by hand' >>${CONF}`)
    await assert.rejects(run('gobgp', ['check']), isCode('E_HOST_FACTS', /bird.conf is not as the site file says/))
    assert.equal(await sh('ls /etc/gobgp/orion.toml 2>/dev/null || :'), '')
    await stage.machine.must(['tee', CONF], { input: text })
  })

  it('tries GoBGP in the shadow: same routes, same announcements, and none of what is forbidden', async () => {
    const lines = await run('gobgp', ['check', 'prepare', 'shadow'])
    for (const line of ['IPv6 2 routes alike, 6 forbidden ones tried', 'IPv4 1 routes alike, 2 forbidden ones tried'])
      assert.ok(lines.includes(line), lines.join('\n'))
    assert.ok(lines.includes('upstream: 1 announced alike'), lines.join('\n'))
    assert.equal(await sh('birdc show protocols | grep -c shadow_ || :'), '0\n')
    assert.equal(await sh('systemctl is-active orion-shadow || :'), 'inactive\n')
  })

  it('says what differs in the shadow, route by route', async () => {
    // A GoBGP that has another idea of what nobody may announce.
    const program = '/usr/local/bin/gobgpd'
    const other = `#!/bin/sh\nsed -i 's/"2001:db8::/"2606:4700::/' /run/orion-shadow/gobgp.toml\nexec /usr/bin/gobgpd "$@"\n`
    await stage.machine.must(['tee', program], { input: other })
    await sh(`chmod +x ${program}`)
    await assert.rejects(
      run('gobgp', ['shadow']),
      isCode('E_HOST_FACTS', /BIRD takes it, GoBGP does not: 2606:4700::\/32/),
    )
    await sh(`rm ${program}`)
    assert.equal(await edge(), 'bird')
  })

  it('notices a daemon that ends with a word to its peers: the samples can tell', async () => {
    const { lost } = await stage.watched(async () => {
      await sh('systemctl stop bird; sleep 2; systemctl start bird')
      await stage.isThere()
    }, 1)
    assert.ok(lost > 5, `${lost} samples without our route`)
    await standing()
  })

  it('goes back by itself where GoBGP does not start, and the upstream notices nothing', async () => {
    const folder = '/etc/systemd/system/orion-gobgp.service.d'
    await sh(
      `mkdir ${folder}; printf '[Service]\nExecStartPre=/bin/false\n' >${folder}/x.conf; systemctl daemon-reload`,
    )
    const { lost } = await stage.watched(async () => {
      await assert.rejects(run('gobgp', ['hand-over']), isCode('E_ROLLED_BACK', /GoBGP does not start/))
      await standing()
    }, 1)
    await sh(`rm -r ${folder}; systemctl daemon-reload`)
    assert.equal(lost, 0)
    assert.equal(await edge(), 'bird')
  })

  it('goes back by itself where nobody can confirm it, and the upstream notices nothing', async () => {
    const { lost } = await stage.watched(async () => {
      const move = stage.migration('gobgp', { confirmWithinSeconds: 20 }).run('hand-over')
      const ends = assert.rejects(move, isCode('E_ROLLED_BACK', /not confirmed/))
      const spoken = (who: string) => async () =>
        (await sh('cat /etc/orion/edge 2>/dev/null || echo bird')) === `${who}\n`
      await within(LIMIT_MS, 'GoBGP at the edge', spoken('gobgp'))
      stage.machine.cable('down')
      await within(LIMIT_MS, 'the way back', spoken('bird'))
      stage.machine.cable('up')
      await ends
      await standing()
    }, 1)
    assert.equal(lost, 0)
    assert.equal(await edge(), 'bird')
  })

  it('moves without a route lost, and keeps the kernel’s routes', async () => {
    const { lost, samples } = await stage.watched(() => run('gobgp', BEFORE), SAMPLES)
    assert.ok(samples >= SAMPLES)
    assert.equal(lost, 0)
    assert.equal(await edge(), 'gobgp')
    assert.equal(await kernelRoutes(), '3\n')
  })

  it('may be repeated at every step; the router reports', async () => {
    await run('gobgp', [...BEFORE, 'watch', 'watch'])
    const { watch, progress } = await stage.migration('gobgp').status()
    assert.equal(progress?.step, 'watch')
    assert.deepEqual(watch?.bad, [])
    assert.match(watch?.last ?? '', / gobgp up 3 routes \d+ ok$/)
    assert.match(await sh('systemctl list-timers'), /orion-edge-watch/)
  })

  it('reports a session that is lost, and cleans nothing up then', async () => {
    await sh('gobgp --target unix:///run/gobgp/api.sock neighbor 198.18.7.1 disable; orion-edge watch')
    const { watch } = await stage.migration('gobgp').status()
    assert.match(watch?.last ?? '', /lost ix-4$/)
    await assert.rejects(run('gobgp', ['clean-up']), isCode('E_HOST_FACTS', /lost ix-4/))
    await sh('orion-edge ready')
    await standing()
  })

  it('is still there after a restart of the router', async () => {
    await stage.machine.reboot()
    await stage.isThere()
    await standing()
    assert.equal(await edge(), 'gobgp')
    await sh('systemctl is-active orion-edge-watch.timer')
  })

  it('goes back without a route lost, and cleans up', async () => {
    const { lost, samples } = await stage.watched(() => run('bird', BEFORE), SAMPLES)
    assert.ok(samples >= SAMPLES)
    assert.equal(lost, 0)
    assert.equal(await edge(), 'bird')
    assert.equal(await kernelRoutes(), '3\n')
    // The watch of the way there goes on until another begins: it would miss BIRD as a peer of GoBGP.
    await run('bird', ['watch'])
    assert.match((await stage.migration('bird').status()).watch?.last ?? '', / bird up 2 routes \d+ ok$/)
    const early = stage.migration('bird').run('clean-up')
    await assert.rejects(early, isCode('E_HOST_FACTS', /the watch goes on: wait for its end/))
    // Its time is over: the report after that is the last one.
    await sh('date +%s >/var/lib/orion/migration/until; orion-edge watch')
    const timer = 'orion-edge-watch.timer'
    assert.equal(await sh(`systemctl is-active ${timer}; systemctl is-enabled ${timer} || :`), 'inactive\ndisabled\n')
    await run('bird', ['clean-up'])
    assert.equal(await sh('ls /etc/gobgp/orion.toml /etc/orion/edge 2>/dev/null || :'), '')
  })
})
