// The text of GoBGP's configuration: as the golden file has it, taken by the real daemon, and closed to what a site file may hold.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { getBirdModel } from '../../../src/parts/bgp/bird-model.ts'
import { getGobgpConf } from '../../../src/parts/bgp/gobgp-conf.ts'
import { getEdgeModel, getShadowModel, type PeerFacts } from '../../../src/parts/bgp/gobgp-edge.ts'
import { daemons, withDaemons } from '../../daemons/daemons.ts'
import { run } from '../../hosts/inside.ts'
import { bgpSite, FULL, routerIn, withBird } from './bird-site.ts'

const GOLDEN = new URL('golden/gobgp-full.toml', import.meta.url)
const facts: PeerFacts = {
  registered: () => [
    { prefix: '1.0.0.0/8', min: 8, max: 24 },
    { prefix: '1.1.0.0/16', min: 16, max: 16 },
  ],
  password: (name) => (name === 'upstream' ? 'a "secret" \\ of # ü 𝔘' : undefined),
  isDrained: (name) => name === 'upstream',
}
function modelOf(changes = FULL) {
  const site = bgpSite(changes)
  const model = getBirdModel(site, routerIn(site), withBird('2.17.5'), { edge: 'gobgp' })
  assert.ok(model)
  return model
}

describe('getGobgpConf', () => {
  it('is what the golden file has', () => {
    const text = getGobgpConf(getEdgeModel(modelOf(), facts))
    if (process.env.UPDATE_GOLDEN) writeFileSync(GOLDEN, text)
    assert.equal(text, readFileSync(GOLDEN, 'utf8'))
  })

  it('keeps any password in its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (password) => {
        const text = getGobgpConf(getEdgeModel(modelOf(), { ...facts, password: () => password }))
        const line = text.split('\n').find((one) => one.includes('auth-password')) ?? ''
        assert.match(line, /^ +auth-password = "(?:[ !#-[\]-~]|\\["\\]|\\U[0-9a-f]{8})*"$/)
      }),
      { numRuns: 30 },
    )
  })

  describe('with the real daemon', () => {
    let folder = ''
    before(async function () {
      await withDaemons(this)
      folder = await mkdtemp(join(tmpdir(), 'orion-test-gobgp-'))
    })
    after(() => rm(folder, { recursive: true, force: true }))

    for (const version of ['2.0.12', '2.17'] as const)
      for (const [what, model] of [
        ['edge', getEdgeModel(modelOf(), facts)],
        ['shadow', getShadowModel(modelOf(), facts)],
        ['smallest', getEdgeModel(modelOf({ announce: [], rpki: undefined as never, peers: [] }), facts)],
      ] as const)
        it(`is taken by the gobgpd beside BIRD ${version}: ${what}`, async () => {
          const { gobgpd } = await daemons(version)
          const file = join(folder, `${what}.toml`)
          await writeFile(file, getGobgpConf(model))
          const { code, stdout, stderr } = await run([gobgpd, '-d', '-f', file])
          assert.equal(code, 0, stdout + stderr)
        })
  })
})
