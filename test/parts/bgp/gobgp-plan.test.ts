// Plans of a router with GoBGP at the edge: what a change of the site file does to each session, and what going back does.
import assert from 'node:assert/strict'
import { makePlan } from '../../../src/engine/plan.ts'
import { gobgp } from '../../../src/parts/bgp/gobgp.ts'
import { bgpOf } from '../../../src/parts/bgp.ts'
import { routerWayBack } from '../../../src/parts/bgp-undo.ts'
import type { Bgp, BgpPeer } from '../../../src/site/services.ts'
import { file } from '../../resources/fake-host.ts'
import { routerOutside } from '../../resources/router-outside.ts'
import { bgpSite, routerIn } from './bird-site.ts'
import { gobgpSaid, RECORDED_BGP } from './gobgp-fixtures.ts'

const PEERS = RECORDED_BGP.peers ?? []
const CONF = '/etc/gobgp/orion.toml'
const having = (name: string, changes: Partial<BgpPeer>): Partial<Bgp> => ({
  ...RECORDED_BGP,
  peers: PEERS.map((peer) => (peer.name === name ? { ...peer, ...changes } : peer)),
})
const PROGRAMS: Readonly<Record<string, string>> = {
  ...gobgpSaid('3.36.0'),
  'node-name': 'router',
  'bird-version': 'BIRD version 2.17.5\n',
  'bird-active': 'active',
  'gobgp-active': 'active\n',
  links: JSON.stringify([
    { ifname: 'ens18', address: 'aa:00:00:00:00:01' },
    { ifname: 'ens19', address: 'aa:00:00:00:00:02' },
  ]),
  addresses: JSON.stringify([{ addr_info: [{ local: '2620:fe::2' }, { local: '2602:f674:0:1000::1' }] }]),
}

/** The files of GoBGP as an apply of this site leaves them. */
function placed(bgp: Partial<Bgp>): Readonly<Record<string, string>> {
  const site = bgpSite(bgp)
  const commands = new Map(Object.entries(PROGRAMS).map(([name, stdout]) => [name, { code: 0, stdout, stderr: '' }]))
  const edge = new Map([['/etc/orion/edge', file('gobgp\n')]])
  const files = gobgp(site, routerIn(site), {})?.files({
    files: edge,
    commands,
    secrets: new Map([['upstream', 'hunter2']]),
  })
  return {
    '/etc/orion/edge': 'gobgp\n',
    ...Object.fromEntries((files ?? []).map(({ path, text = '' }) => [path, text])),
  }
}

async function planOf(bgp: Partial<Bgp>, programs: Readonly<Record<string, string>> = {}, password = 'hunter2') {
  const options = {
    files: placed(RECORDED_BGP),
    programs: { ...PROGRAMS, ...programs },
    secrets: { UPSTREAM: password },
  }
  const resources = bgpOf({ alone: true }).resources(bgpSite(bgp), { restart: false })
  const plan = await makePlan(resources, routerOutside(options).outside, { site: 'Lab', concurrency: 8, partial: true })
  const step = plan.steps.find(({ id }) => id === 'file-set:router/gobgp')
  assert.ok(step)
  const { differences, problem } = step
  const rows = differences.filter(({ field }) => field.startsWith('session '))
  const sessions = rows.map(({ field, have, want }) => [field.slice('session '.length), `${have} → ${want}`])
  return { step, problem, sessions: Object.fromEntries(sessions), text: JSON.stringify(plan) }
}

describe('the plan with GoBGP at the edge', () => {
  const all = {
    upstream: 'established → reloads',
    'upstream-4': 'established → reloads',
    shop: 'idle → reloads',
    silent: 'active → reloads',
  }
  it('says what a change of filters and of one session does to each', async () => {
    const { sessions, problem, text } = await planOf(having('upstream', { localPreference: 120, ttlSecurity: false }))
    assert.equal(problem, undefined)
    const { ix, ...others } = sessions
    assert.deepEqual(others, { ...all, upstream: 'established → resets' })
    assert.match(ix, /→ reloads$/)
    assert.match(text, /BGP session upstream/)
    assert.doesNotMatch(text, /hunter/)
  })

  it('refuses a password that TCP does not take, without a word of it', async () => {
    const { problem, text } = await planOf(RECORDED_BGP, {}, 'hunter2'.repeat(12))
    assert.match(
      String(problem?.message),
      /the password of session upstream is longer than the 80 bytes that TCP takes/,
    )
    assert.doesNotMatch(text, /hunter/)
  })

  it('refuses a limit below what a peer sends now: its session would end with the next apply', async () => {
    const { problem } = await planOf(having('upstream', { maxPrefixes: 10 }))
    assert.match(
      String(problem?.message ?? problem),
      /upstream sends 58 routes now, and with more than 22 its session would end/,
    )
    assert.equal((await planOf(having('upstream', { maxPrefixes: 100 }))).problem, undefined)
  })

  it('interrupts nothing where filters alone change, and every session where GoBGP starts anew', async () => {
    const filters = await planOf(having('ix', { localPreference: 151 }))
    assert.doesNotMatch(filters.text, /BGP session/)
    assert.equal(filters.sessions.upstream, 'established → reloads')
    const anew = await planOf({ ...RECORDED_BGP, routerId: '192.168.100.9' })
    assert.match(anew.text, /BGP session upstream, BGP session upstream-4/)
  })

  it('has nothing to do where all is as wanted, and starts a GoBGP that does not run', async () => {
    // A fake host has one mode for all files.
    const rest = ({ step }: Awaited<ReturnType<typeof planOf>>) =>
      step.differences.filter(({ field }) => !field.endsWith(' mode'))
    const same = await planOf(RECORDED_BGP)
    assert.deepEqual([same.problem, rest(same)], [undefined, []])
    assert.deepEqual(rest(await planOf(RECORDED_BGP, { 'gobgp-active': 'failed\n' })), [
      { field: 'orion-gobgp.service', have: 'failed', want: 'active' },
    ])
    assert.deepEqual(rest(await planOf(RECORDED_BGP, { 'gobgp-enabled': 'disabled\n' })), [
      { field: 'orion-gobgp.service', have: 'disabled', want: 'enabled' },
    ])
  })
})

describe('undo with GoBGP at the edge', () => {
  const { disruptsBack, worseBack } = routerWayBack(bgpSite(RECORDED_BGP), undefined)
  const commands = new Map(Object.entries(PROGRAMS).map(([name, stdout]) => [name, { code: 0, stdout, stderr: '' }]))
  const files = new Map(Object.entries(placed(RECORDED_BGP)).map(([path, text]) => [path, file(text)]))
  const now = { files, commands }

  it('says which session goes down when the file goes back', () => {
    const back = (bgp: Partial<Bgp>) => [{ path: CONF, text: placed(bgp)[CONF] }]
    assert.equal(disruptsBack(back(having('upstream', { ttlSecurity: false })), now), 'BGP session upstream')
    assert.equal(disruptsBack(back(having('upstream', { localPreference: 77 })), now), undefined)
  })

  it('is not content while a session that stood does not stand again, also after a drain', () => {
    const down = PROGRAMS['gobgp-neighbors']?.replaceAll('"session_state":6', '"session_state":3') ?? ''
    const then = { files, commands: new Map([...commands, ['gobgp-neighbors', { code: 0, stdout: down, stderr: '' }]]) }
    const drain = [
      { path: '/etc/bird/orion-drain.conf', text: '' },
      { path: CONF, text: '' },
    ]
    assert.match(worseBack(drain, now, then).join(), /session upstream is Active/)
    assert.deepEqual(worseBack(drain, now, now), [])
  })
})
