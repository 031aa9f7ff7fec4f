// The look and a drill for real: four gateways in namespaces, WireGuard in user space, BIRD with BFD, nft.
import assert from 'node:assert/strict'
import type { Host } from '../../../src/host/host.ts'
import { MESH_BIRD } from '../../../src/parts/mesh/bird-names.ts'
import { cutProgram, openDrill } from '../../../src/parts/mesh/drill-run.ts'
import { lookCommand } from '../../../src/parts/mesh/look.ts'
import { type GatewayLook, parseLook } from '../../../src/parts/mesh/look-text.ts'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import { linkRows } from '../../../src/parts/mesh/status.ts'
import { wayRows } from '../../../src/parts/mesh/status-ways.ts'
import type { Outside } from '../../../src/resource.ts'
import { daemons, withDaemons } from '../../daemons/daemons.ts'
import { makeRig, type Rig } from '../../daemons/rig.ts'
import { within } from '../../hosts/inside.ts'
import { MTU, makeStage, type StageGateway, untilStands } from './look-stage.ts'
import { fourGateways } from './seen.ts'

describe('mesh/look and drill, for real', () => {
  let rig: Rig
  let stage: ReadonlyMap<string, StageGateway>
  const site = fourGateways()
  const { gateways, links } = getMesh(site)

  before(async function () {
    this.timeout(120_000)
    await withDaemons(this)
    rig = makeRig('meshlook')
    stage = await makeStage(rig, await daemons('2.17'), site)
    await untilWhole()
  })
  after(() => rig?.close())

  const look = async (name: string, wish = { pings: 3, probe: false }): Promise<GatewayLook> => {
    const own = gateways.find((gateway) => gateway.name === name)
    assert.ok(own)
    const addresses = gateways.filter((one) => one !== own).map(({ address }) => address)
    const text = await at(name).must(lookCommand(own.links, addresses, wish))
    const seen = parseLook(text)
    assert.ok(seen, text)
    return seen
  }
  const looksOf = async (wish = { pings: 3, probe: false }) =>
    new Map(await Promise.all(gateways.map(async ({ name }) => [name, await look(name, wish)] as const)))
  const astray = (looks: ReadonlyMap<string, GatewayLook>): string[] =>
    wayRows(gateways, looks)
      .filter(({ now, wanted }) => now[0] !== wanted)
      .map(({ from, to, now }) => `${from} to ${to} goes over ${now.join(' > ')}`)
  /** Sessions come first, and the ways after them. */
  const untilWhole = async (): Promise<void> => {
    await untilStands(stage)
    let left: readonly string[] = []
    await within(30_000, 'every way to be the wanted one', async () => {
      left = astray(await looksOf({ pings: 0, probe: false }))
      return left.length === 0
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${left.join(', ')}`)
    })
  }
  const at = (name: string): StageGateway => {
    const found = stage.get(name)
    assert.ok(found)
    return found
  }

  it('every link is fresh, and every way as BIRD chose it is the wanted one', async function () {
    this.timeout(150_000)
    const looks = await looksOf()
    const rows = linkRows(links, looks, {})
    assert.deepEqual(
      rows.map(({ link, state, psk }) => [link, state, psk.kind]),
      links.map(({ id }) => [id, 'fresh', 'classical']),
    )
    for (const { ends } of rows)
      for (const end of ends) {
        assert.equal(end.lossPercent, 0)
        assert.deepEqual([end.bgp, end.bfd], ['Established', 'Up'])
        assert.match(end.endpoint ?? '', /^192\.0\.2\.\d:\d+$/)
      }
    assert.deepEqual(astray(looks), [])
  })

  it('no key but public ones leaves the host', async () => {
    const own = gateways.find(({ name }) => name === 'spa')
    assert.ok(own)
    await at('spa').must(['sh', '-c', SET_PSK])
    const clients = '/etc/orion/mesh/clients'
    const line = 'wg show wg-hub public-key >laptop; echo "not a public key" >phone'
    await at('spa').must(['sh', '-c', `mkdir ${clients}; cd ${clients}; ${line}`])
    const secrets = await at('spa').must(['sh', '-c', 'cat /etc/orion/mesh/keys/*.key /etc/orion/mesh/keys/*.psk'])
    const text = await at('spa').must(lookCommand(own.links, [], { pings: 0, probe: false }))
    const lines = secrets.trim().split('\n')
    assert.equal(lines.length, 3)
    for (const secret of lines) assert.ok(!text.includes(secret), 'a secret was printed')
    assert.match(text, /^peer wg-hub \S{44} set /m)
    assert.match(text, /^peer wg-byp \S{44} none /m)
    assert.match(text, /^client laptop \S{44}\nclient phone $/m)
  })

  it('measures the MTU that passes inside, and the one that the outside carries uncut', async function () {
    this.timeout(150_000)
    const whole = (await look('spa', { pings: 0, probe: true })).links.get('wg-hub')
    assert.deepEqual([whole?.inner, whole?.outer], [MTU, MTU])
    // The wire takes 1400 bytes now: WireGuard's packets of 1480 are cut in two, and all is well inside.
    for (const name of ['spa', 'hub']) await at(name).must(['ip', 'link', 'set', 'eth0', 'mtu', '1400'])
    const cut = (await look('spa', { pings: 0, probe: true })).links.get('wg-hub')
    assert.deepEqual([cut?.inner, cut?.outer], [MTU, 1340])
    for (const name of ['spa', 'hub']) await at(name).must(['ip', 'link', 'set', 'eth0', 'mtu', '1500'])
    // The other end takes no more than 1380 inside.
    await at('hub').must(['sh', '-c', DROP_LARGE])
    const lost = (await look('spa', { pings: 0, probe: true })).links.get('wg-hub')
    assert.equal(lost?.inner, 1380)
    // Not even the least.
    await at('hub').must([
      'nft',
      'add',
      'rule',
      'inet',
      'large',
      'input',
      'iifname',
      'wg-*',
      'meta',
      'length',
      '>',
      '1200',
      'drop',
    ])
    await at('spa').must(['ip', 'link', 'set', 'wg-hub', 'mtu', '1280'])
    const none = (await look('spa', { pings: 0, probe: true })).links.get('wg-hub')
    assert.deepEqual([none?.inner, none?.outer], [0, 1280])
    await at('spa').must(['ip', 'link', 'set', 'wg-hub', 'mtu', String(MTU)])
    await at('hub').must(['nft', 'delete', 'table', 'inet', 'large'])
  })

  it('tells an interface that is not there, or down, and a gateway without BIRD', async () => {
    await at('spb').must(['ip', 'link', 'add', 'wg-down', 'type', 'veth', 'peer', 'name', 'other'])
    const own = gateways.find(({ name }) => name === 'spb')
    const [end] = own?.links ?? []
    assert.ok(end)
    const ends = ['wg-none', 'wg-down'].map((name) => ({ ...end, interface: name }))
    const argv = lookCommand(ends, ['10.99.0.1', '203.0.113.9'], { pings: 1, probe: true })
    const seen = parseLook(await at('spb').must(argv.map((word) => word.replaceAll(MESH_BIRD.socket, '/run/none'))))
    assert.deepEqual([seen?.links.get('wg-none')?.state, seen?.links.get('wg-down')?.state], ['absent', 'down'])
    assert.deepEqual([...(seen?.ways ?? [])], [['10.99.0.1', 'wg-hub']])
    assert.equal(seen?.links.get('wg-down')?.bgp, undefined)
  })

  it('a cut that nothing would end is not made, and the kernel itself forgets its ports', async function () {
    this.timeout(30_000)
    const cut = (seconds: number) =>
      at('spa').run(['sh', '-c', cutProgram(), 'orion-mesh-drill', 'cut', String(seconds), '51822'])
    const answers = async () => (await at('spa').run(['ping', '-c', '1', '-W', '1', 'fe80::2%wg-byp'])).code === 0
    const timer = (line: string) =>
      at('spa').must(['sh', '-c', `${TIMER}\nprintf '#!/bin/sh\n${line}\n' >/run/bin/systemd-run`])
    await timer('exit 1')
    assert.equal((await cut(2)).code, 1)
    assert.equal((await cut(61)).code, 1)
    assert.equal(await at('spa').must(['nft', 'list', 'ruleset']), '')
    await timer('exit 0')
    assert.match((await cut(3)).stdout, /^cut \d{13}\n$/)
    assert.equal(await answers(), false)
    assert.deepEqual(await cut(3), { code: 75, stdout: '', stderr: 'another drill is under way here\n' })
    await within(15_000, 'the link to carry again', answers)
    await at('spa').must(['nft', 'delete', 'table', 'inet', 'orion_drill'])
  })

  it('a drill of the hub: everything moves to the bypass, and the host lets it through again by itself', async function () {
    this.timeout(150_000)
    // The cut before this one ended sessions, too.
    await untilWhole()
    await at('hub').must(['sh', '-c', TIMER])
    const drill = openDrill(site, outsideOf(stage), 'hub')
    assert.deepEqual(await drill.problems(), [])
    const notes: string[] = []
    const results = await drill.run(4, (text) => notes.push(text))
    assert.deepEqual(notes, [
      'the hub hub is cut on hub for 4 s; hub ends it by itself',
      'the cut has ended; measured for 8 s more',
    ])
    assert.deepEqual(
      results
        .map(({ from, to, before, wanted, after, state, isBack }) => [from, to, before, wanted, after, state, isBack])
        .sort(),
      [
        ['byp', 'spa', 'hub', 'spa', 'spa', 'moved', true],
        ['byp', 'spb', 'hub', 'spb', 'spb', 'moved', true],
        ['spa', 'byp', 'hub', 'byp', 'byp', 'moved', true],
        ['spa', 'spb', 'hub', 'byp', 'byp', 'moved', true],
        ['spb', 'byp', 'hub', 'byp', 'byp', 'moved', true],
        ['spb', 'spa', 'hub', 'byp', 'byp', 'moved', true],
      ],
    )
    for (const { silentMs } of results) assert.ok((silentMs ?? 0) > 200 && (silentMs ?? 9e9) < 3700, String(silentMs))
    assert.equal(await at('hub').must(['nft', 'list', 'ruleset']), '')
  })
})

const SET_PSK = `umask 077; cd /etc/orion/mesh/keys; wg genpsk >wg-hub.psk
wg set wg-hub peer "$(wg show wg-hub peers)" preshared-key wg-hub.psk`

/** Packets of more than 1380 bytes that come out of a tunnel are lost. */
const DROP_LARGE = `nft -f - <<'END'
table inet large {
  chain input { type filter hook input priority 0; iifname "wg-*" meta length > 1380 drop; }
}
END`

/** No systemd in a namespace: one that does what --on-active says. */
const TIMER = `mkdir -p /run/bin
cat >/run/bin/systemd-run <<'END'
#!/bin/sh
for word do
  shift
  case $word in
    --on-active=*) seconds=\${word#*=} ;;
    -*) ;;
    *) set -- "$@" "$word" ;;
  esac
done
setsid sh -c 'sleep "$0"; exec "$@"' "$seconds" "$@" >/dev/null 2>&1 </dev/null &
END
printf '#!/bin/sh\\n' >/run/bin/systemctl
chmod 755 /run/bin/*`

/** The namespaces as hosts. */
function outsideOf(stage: ReadonlyMap<string, StageGateway>): Outside {
  const host = (name: string): Partial<Host> => ({
    name,
    ends: async () => ({ client: '198.51.100.9', server: '198.51.100.1' }),
    run: async (argv) => {
      const ran = await stage.get(name)?.run(['sh', '-c', 'PATH=/run/bin:$PATH; exec "$@"', 'sh', ...argv])
      assert.equal(ran?.code, 0, ran?.stderr)
      return ran
    },
  })
  return {
    host: async (name: string) => host(name) as Host,
    signal: new AbortController().signal,
  } as unknown as Outside
}
