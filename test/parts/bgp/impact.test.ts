// What a change of bird.conf does to a session: as we say it, and as BIRD itself does it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Impact, impactOf } from '../../../src/parts/bgp/impact.ts'
import { BIRD_VERSIONS, withDaemons } from '../../daemons/daemons.ts'
import { makeRig, type Rig, type Space } from '../../daemons/rig.ts'
import { within } from '../../hosts/inside.ts'
import { type BirdHost, birdHost } from './bird-host.ts'

const BASE = `log "/etc/bird.log" all; timeformat protocol iso long;
router id 192.0.2.1;
define SHORTEST = 16; define OWN = [ 2001:678:4955::/48+ ]; define OTHER = [ 10.0.0.0/8{16,24} ];
define KEY = "secret";
protocol device {}
protocol static own6 { ipv6; route 2001:678:4955::/48 unreachable; }
function is_short() { if net.len < SHORTEST then return true; return false; }
filter in_x { if net ~ OWN then reject; if is_short() then reject; accept; } # the only one
filter out_x { if proto = "own6" then accept; reject; }
protocol bgp peer_x {
  description "x";
  local fd00:b9::a as 394955;
  neighbor fd00:b9::b as 64500;
  local role customer; password KEY; bfd off;
  graceful restart on; hold time 90; connect delay time 1; error wait time 1, 2;
  ipv6 { import table on; import keep filtered on; import filter in_x; export filter out_x;
    import limit 100 action block; receive limit 200 action disable; export limit 5 action disable; };
}
`
const THERE = `log "/etc/bird.log" all; router id 192.0.2.2; protocol device {}
protocol bgp p { local fd00:b9::b as 64500; neighbor fd00:b9::a as 394955; passive on; local role provider; password "secret";
  error wait time 1, 2; ipv6 { import all; export none; }; }
`

type Row = readonly [title: string, from: string, to: string, impact: Impact]
const ROWS: readonly Row[] = [
  ['a comment', '# the only one', '/* another */', 'nothing'],
  ['white space', 'then reject; accept;', 'then reject;\n\n  accept;', 'nothing'],
  ['the description', 'description "x"', 'description "y; {"', 'nothing'],
  ['BFD', 'bfd off', 'bfd on', 'nothing'],
  ['a limit', 'import limit 100', 'import limit 90', 'nothing'],
  ['a limit that goes', 'export limit 5 action disable;', '', 'nothing'],
  ['another protocol', 'route 2001', 'route 2001:678:1::/48 unreachable; route 2001', 'nothing'],
  ['a define in a filter', '955::/48+ ]', '955::/48 ]', 'reloads'],
  ['a define in a function', 'SHORTEST = 16', 'SHORTEST = 20', 'reloads'],
  ['a function', 'net.len < SHORTEST', 'net.len <= SHORTEST', 'reloads'],
  ['the import filter', 'if is_short() then reject; accept', 'bgp_med = 5; accept', 'reloads'],
  ['the export filter', 'proto = "own6" then', 'proto = "own6" && net.len > 1 then', 'reloads'],
  ['another import', 'import filter in_x', 'import all', 'reloads'],
  ['next hop', 'export filter out_x;', 'export filter out_x; next hop self;', 'reloads'],
  ['preference', 'export filter out_x;', 'export filter out_x; preference 120;', 'reloads'],
  ['hold time', 'hold time 90', 'hold time 80', 'resets'],
  ['timers', 'error wait time 1, 2', 'error wait time 1, 3', 'resets'],
  ['the role', 'role customer', 'role peer', 'resets'],
  ['a required role', 'bfd off;', 'bfd off; require roles on;', 'resets'],
  ['a password in a define', '"secret"', '"other"', 'resets'],
  ['GTSM', 'bfd off;', 'bfd off; ttl security on;', 'resets'],
  ['the peer', 'b9::b as', 'b9::c as', 'resets'],
  ['its AS number', '64500', '64501', 'resets'],
  ['our address', 'b9::a as', 'b9::aa as', 'resets'],
  ['the router ID', '192.0.2.1;', '192.0.2.9;', 'resets'],
  ['graceful restart', 'restart on', 'restart off', 'resets'],
  ['the import table', 'import table on', 'import table off', 'resets'],
  ['add path', 'export filter out_x;', 'export filter out_x; add paths on;', 'resets'],
  ['a second channel', '  ipv6 {', '  ipv4 { import all; export none; };\n  ipv6 {', 'resets'],
]

const change = (from: string, to: string): string => {
  assert.ok(BASE.includes(from), from)
  return BASE.replace(from, to)
}

describe('parts/bgp/impact', () => {
  for (const [title, from, to, impact] of ROWS)
    it(`${title}: ${impact}`, () => assert.equal(impactOf([BASE], [change(from, to)]).get('peer_x'), impact))

  it('a peer that comes, and one that goes; includes count as one text', () => {
    const [all, none] = [BASE, BASE.slice(0, BASE.indexOf('protocol bgp'))]
    assert.deepEqual([...impactOf([], [all])], [['peer_x', 'new']])
    assert.deepEqual([...impactOf([all], [none])], [['peer_x', 'ends']])
    assert.deepEqual(
      [...impactOf([all], ['define KEY = "secret";', all.replace('define KEY = "secret";', '')])],
      [['peer_x', 'nothing']],
    )
  })

  it('options of a template, and text that is none of BIRD', () => {
    const text = (hold: number) =>
      `template bgp t { hold time ${hold}; } protocol bgp 'x' from t { ipv6 { import all; }; }`
    assert.deepEqual([...impactOf([text(1)], [text(2)])], [['x', 'resets']])
    assert.deepEqual([...impactOf(['}}};;{ "'], ['protocol bgp'])], [['', 'new']])
  })

  for (const version of BIRD_VERSIONS)
    describe(`BIRD ${version}`, function () {
      this.timeout(60_000)
      let rig: Rig
      let [here, there]: [BirdHost?, BirdHost?] = []
      let space: Space
      const log = (): string => readFileSync(join(space.folder, 'etc/bird.log'), 'utf8')
      const since = async () =>
        /Established/.exec((await here?.run(['birdc', '-v', 'show', 'protocols', 'peer_x']))?.stdout ?? '') !== null
      const configure = async (text: string): Promise<string> => {
        const from = log().length
        here?.put('/etc/bird/bird.conf', text)
        const { stdout } = (await here?.run(['birdc', '-v', 'configure'])) ?? { stdout: '' }
        assert.doesNotMatch(stdout, /^[89]\d{3}/m)
        await within(5000, 'BIRD to be reconfigured', async () => log().slice(from).includes('Reconfigured'))
        return log().slice(from)
      }

      before(async function () {
        await withDaemons(this)
        rig = makeRig('impact')
        space = rig.space('here')
        const other = rig.space('there')
        rig.cable(
          { space, name: 'e0', addresses: ['fd00:b9::a/64', 'fd00:b9::aa/64'] },
          { space: other, name: 'e0', addresses: ['fd00:b9::b/64'] },
        )
        ;[here, there] = [await birdHost(space, version), await birdHost(other, version)]
        here.put('/etc/bird/bird.conf', BASE)
        there.put('/etc/bird/bird.conf', THERE)
        await there.start()
        await here.start()
      })
      after(() => rig?.close())

      for (const [title, from, to, impact] of ROWS)
        it(`${title}: ${impact}`, async () => {
          // What resets is seen without a peer, too; all else must leave the session as it is.
          if (impact !== 'resets') await within(15_000, 'the session', since)
          const said = await configure(change(from, to))
          const done = /Restarting protocol peer_x/.test(said)
            ? 'resets'
            : /Reloading channel peer_x/i.test(said)
              ? 'reloads'
              : 'nothing'
          assert.equal(done, impact, said)
          await configure(BASE)
        })
    })
})
