// Undoing a change of the mesh: to which set files belong, what that interrupts, and whose changes it leaves alone.
import assert from 'node:assert/strict'
import { clientWay } from '../../src/parts/mesh/client.ts'
import { meshWayBack } from '../../src/parts/mesh-undo.ts'
import { nodeWayBack } from '../../src/parts/net-undo.ts'
import { NOTHING } from '../../src/resources/host-facts.ts'
import { loadSite } from '../../src/site/load.ts'
import type { Site } from '../../src/site/site.ts'
import { code } from '../resources/fake-file-set.ts'
import { file } from '../resources/fake-host.ts'
import { site as siteOf } from '../site/site-builder.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'
const LINK = '/etc/orion/mesh/links/wg-kel-1.conf'
const GONE = '/etc/orion/mesh/links/wg-old.conf'
const SESSION =
  'protocol bgp wg_kel_1 from mesh_link {\n  description "kel-1";\n  local fe80::1;\n  neighbor fe80::2;\n}\n'
const output = (row: string) => ({ code: 0, stdout: `0001 BIRD 2.17.5 ready.\n${row}\n`, stderr: '' })
const seen = (files: Readonly<Record<string, string>>) => ({
  ...NOTHING,
  files: new Map(Object.entries(files).map(([path, text]) => [path, file(text)])),
})

describe('parts/mesh-undo', () => {
  let site: Site
  before(async () => {
    site = await loadSite('templates/sites/federation.yaml', { standInKey: KEY })
  })

  it('is of gateways, and of nodes beside them', () => {
    assert.equal(meshWayBack(site, 'van-1').kind, 'gateway')
    assert.equal(meshWayBack(site, 'van-2').name, 'van-2')
    assert.throws(() => meshWayBack(site, 'nobody'), { code: 'E_USAGE', message: /no gateway named nobody/ })
    assert.throws(() => meshWayBack(siteOf(), 'nobody'), code('E_USAGE'))
  })

  it('is also of hosts that the mesh has left', () => {
    const way = meshWayBack(siteOf(), 'pve')
    assert.equal(way.isOurs('mesh'), true)
    const undone = [{ path: GONE, text: undefined }]
    assert.equal(way.disruptsBack(undone, seen({ [GONE]: 'ListenPort = 2\n' })), 'the tunnel wg-old for good')
    assert.deepEqual(way.worseBack(undone, NOTHING, NOTHING), [])
    const conf = '/etc/orion/mesh/bird.conf'
    assert.equal(way.disruptsBack([{ path: conf, text: undefined }], seen({ [conf]: '' })), undefined)
  })

  it('has its own changes, and no other topic has them', () => {
    const [mesh, net] = [meshWayBack(site, 'van-1'), nodeWayBack(site, 'van-1')]
    for (const name of ['mesh', 'mesh-bird', 'mesh-routes', 'mesh-firewall'])
      assert.deepEqual([mesh.isOurs(name), net.isOurs(name)], [true, false], name)
    for (const name of ['interfaces', 'sysctl', 'meshing'])
      assert.deepEqual([mesh.isOurs(name), net.isOurs(name)], [false, true], name)
  })

  it('leaves what has commands of its own, and what a rotation drained and undrained', () => {
    const client = clientWay(site, 'laptop', 'add').change(NOTHING, undefined).name
    for (const name of ['mesh-drain', 'mesh-weight', client]) {
      assert.equal(meshWayBack(site, 'van-1').isOurs(name), false, name)
      assert.equal(nodeWayBack(site, 'van-1').isOurs(name), false, name)
    }
  })

  it('a file of BIRD beside its configuration ends no session', () => {
    const row = '1002-wg_kel_1   BGP        ---        up     2026-11-21 18:00:00  Established'
    const now = {
      ...seen({ '/etc/orion/mesh/bird.conf': SESSION }),
      commands: new Map([['mesh-bird-protocols', output(row)]]),
    }
    const disrupts = (path: string) => meshWayBack(site, 'fra-1').disruptsBack([{ path, text: undefined }], now)
    assert.equal(disrupts('/etc/orion/mesh/weight.conf'), undefined)
    assert.match(disrupts('/etc/orion/mesh/bird.conf') ?? '', /the BGP session with kel-1 for good/)
  })

  it('shows no line of programs and of public keys, only that they change', () => {
    const way = meshWayBack(site, 'fra-1')
    const paths = [
      '/etc/orion/mesh/identities/kel-1.pub',
      '/usr/local/sbin/orion-mesh',
      '/usr/local/sbin/orion-mesh-psk',
      LINK,
    ]
    const now = seen(Object.fromEntries(paths.map((path) => [path, 'now\n'])))
    const back = [...paths.map((path) => ({ path, text: 'before\n' })), { path: GONE, text: 'x\n' }]
    const shown = way.lookBack(back, now).map(({ field, lines }) => [field, lines !== undefined])
    assert.deepEqual(shown, [...paths.map((path) => [path, path === LINK]), [GONE, true]])
  })

  it('says which tunnels end, and which wait for their other end', () => {
    const way = meshWayBack(site, 'fra-1')
    const port = (number: number) => `ListenPort = ${number}\nPublicKey = k\n`
    const now = seen({ [LINK]: port(2) })
    const until = 'the tunnel to kel-1 (until its other end is done)'
    assert.equal(way.disruptsBack([{ path: LINK, text: port(1) }], now), until)
    assert.equal(way.disruptsBack([{ path: LINK, text: port(2) }], now), undefined)
    assert.equal(way.disruptsBack([{ path: LINK, text: undefined }], now), 'the tunnel wg-kel-1 for good')
  })

  it('knows also the file of a link that is no more, and takes the time of its set', () => {
    const way = meshWayBack(site, 'fra-1')
    assert.equal(way.leastSeconds([{ path: GONE, text: 'x' }]), way.leastSeconds([{ path: LINK, text: 'x' }]))
    assert.ok(way.leastSeconds([{ path: GONE, text: 'x' }]) > 0)
    assert.equal(way.leastSeconds([{ path: '/etc/hosts', text: 'x' }]), 0)
  })

  it('is content where what it puts away does not answer any more', () => {
    const way = meshWayBack(site, 'fra-1')
    const bird = [{ path: '/etc/orion/mesh/bird.conf', text: undefined }]
    assert.deepEqual(way.worseBack(bird, NOTHING, NOTHING), [])
  })
})
