// The shadow of GoBGP: every version of BIRD takes what it gets, and each peer tries what is forbidden.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { shadowBird, shadowList, shadowProgram } from '../../../src/parts/bgp/migration-shadow.ts'
import { BIRD_VERSIONS, daemons, withDaemons } from '../../daemons/daemons.ts'
import { bgpSite, FULL, routerIn, withBird } from './bird-site.ts'

const run = promisify(execFile)
const site = bgpSite(FULL)
const model = getBirdModel(site, routerIn(site), withBird('2.17.5'), { edge: 'bird' })
assert.ok(model)
const lines = shadowList(model).split('\n')
const listed = (word: string) => lines.filter((line) => line.startsWith(`${word} `))

describe('parts/bgp/migration-shadow', function () {
  this.timeout(60_000)
  let folder: string
  before(async function () {
    await withDaemons(this)
    folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
  })
  after(() => folder && rmSync(folder, { recursive: true, force: true }))

  for (const version of BIRD_VERSIONS)
    it(`passes bird -p of ${version}`, async () => {
      const { bird } = await daemons(version)
      const file = join(folder, `${version}.conf`)
      const before = 'router id 192.0.2.1;\nprotocol device {}\n'
      writeFileSync(file, before + shadowBird(model))
      await run(bird, ['-p', '-c', file])
    })

  it('names every peer once, at an address of its own', () => {
    const peers = listed('peer').map((line) => line.split(' '))
    assert.deepEqual(
      peers.map(([, name]) => name),
      model.peers.map(({ peer }) => peer.name),
    )
    assert.equal(new Set(peers.map(([, , , , , address]) => address)).size, model.peers.length)
  })

  it('tries what is forbidden at every peer, each with a next hop that is looked at', () => {
    const reasons = new Set(listed('canary').map((line) => line.split(' ')[2]))
    for (const reason of ['own-prefix', 'prefix-length', 'bogon-prefix', 'bogon-as', 'bogon-as-wide', 'path-length'])
      assert.ok(reasons.has(reason), reason)
    for (const { peer } of model.peers) {
      const tried = listed('feed').filter((line) => line.endsWith(` ${peer.name}`))
      assert.equal(tried.length > 1, peer.relation !== 'internal', peer.name)
    }
    const text = shadowBird(model)
    const count = (part: RegExp) => text.match(part)?.length
    // Their own where another would be the reason; `far-away` and `s` may have any.
    const hops = '2620:fe::1|198.18.7.1|198.18.7.9|2620:fe::9|100::1|192.0.2.1'.replaceAll('.', '\\.')
    assert.equal(count(new RegExp(` {4}bgp_next_hop = (${hops});\n {4}accept;`, 'g')), listed('feed').length)
    assert.equal(count(/bgp_next_hop = 100::1;/g), listed('feed').filter((line) => line.endsWith(' far-away')).length)
  })

  it('is a program for any POSIX shell', async () => {
    await run('sh', ['-n', '-c', shadowProgram()])
  })
})

describe('the end of a shadow', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    const asked = `printf '%s\\n' "$*" >>${folder}/asked`
    const shown = `case $* in 'show protocols') cat ${folder}/protocols ;; 'configure undo') : >${folder}/protocols ;; esac`
    writeFileSync(join(folder, 'birdc'), `#!/bin/sh\n${asked}\n${shown}\n`, { mode: 0o755 })
    writeFileSync(join(folder, 'systemctl'), '#!/bin/sh\n', { mode: 0o755 })
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function asked(protocols: string): Promise<readonly string[]> {
    mkdirSync(join(folder, 'shadow'), { recursive: true })
    writeFileSync(join(folder, 'protocols'), protocols)
    writeFileSync(join(folder, 'asked'), '')
    const program = shadowProgram().replaceAll(
      /\/run\/orion-shadow|\/etc\/bird\/orion-shadow.conf/g,
      join(folder, 'shadow'),
    )
    await run('sh', ['-c', program, 'orion-shadow', 'end'], { env: { PATH: `${folder}:${process.env.PATH}` } })
    const all = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')
    return all.filter((line) => line.startsWith('configure'))
  }

  it('takes the sessions of the shadow back', async () => {
    assert.deepEqual(await asked('peer_upstream BGP --- up\nshadow_upstream BGP --- up\n'), ['configure undo'])
  })

  it('leaves BIRD alone where the shadow never began: its last change was somebody else’s', async () => {
    assert.deepEqual(await asked('peer_upstream BGP --- up\n'), [])
  })
})
