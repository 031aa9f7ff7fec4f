// What orion mesh rotate asks of the hosts, in which order; the keys themselves are made in the tests of the program.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { DRAIN_FILE, drainedOf, setDrain } from '../../../src/parts/mesh/drain.ts'
import { gatewayOf } from '../../../src/parts/mesh/model.ts'
import { openRotation, type RotationRequest } from '../../../src/parts/mesh/rotate.ts'
import { rotateIdentity } from '../../../src/parts/mesh/rotate-identity.ts'
import type { Outside } from '../../../src/resource.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Site } from '../../../src/site/site.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { mesh } from '../../site/site-builder.ts'

const FEDERATION = fileURLToPath(new URL('../../../templates/sites/federation.yaml', import.meta.url))
const PATIENCE = { freshMs: 0, everyMs: 1, apartMs: 30_000 }
const note = () => undefined

/** Gateways that say what was asked of them, and answer as the program does. */
function gateways(up = true, drained?: string) {
  const asked: string[] = []
  const states = new Map<string, { id: string; staged: string; old: string }>()
  const answer = (name: string) => (argv: readonly string[]) => {
    const [verb = '', one = '', ...words] = argv.slice(4)
    if (verb !== 'look') asked.push(`${name} ${verb} ${one}`.trim())
    const key = `${name} ${one}`
    const state = states.get(key) ?? { id: 'aa', staged: '-', old: '-' }
    states.set(key, state)
    if (verb === 'public') return `wg ${name.slice(0, 3)}\nidentity ABC=\n`
    if (verb === 'identity-stage') return 'identity NEW=\n'
    if (verb === 'identity-pin') asked.push(`  ${words.join(' ')}`)
    if (verb === 'accept' || verb === 'confirm') state.staged = 'bb'
    if (verb === 'apply') Object.assign(state, { id: state.staged, staged: '-', old: state.id })
    if (verb === 'back') Object.assign(state, { id: state.old, old: '-' })
    if (verb === 'finish') state.old = '-'
    const { id, staged, old } = state
    const about = `kind=ml-kem-768 at=5 id=${id} old=${old} new=${staged} key=- peer=- pair=settled live=new`
    const times = `applied=${old === '-' ? '-' : '5'} handshake=6 now=7`
    return verb === 'look'
      ? `openssl=3.5.7 kem=yes\n${one} interface=${up ? 'up' : 'none'} ${about} ${times}\n`
      : `${verb}\n`
  }
  const hosts = new Map(
    ['van-1', 'kel-1', 'fra-1', 'sin-1', 'rey-1'].map((name) => {
      const said = answer(name)
      const programs = { 'mesh-psk': said, 'orion-mesh-psk': said, 'mesh-bird-active': 'active', 'orion-mesh-bird': '' }
      const files = drained !== undefined && name === 'fra-1' ? { [DRAIN_FILE]: drained } : {}
      return [name, fakeHost({ name, programs, files }).host] as const
    }),
  )
  const outside = { host: async (name: string) => hosts.get(name), signal: new AbortController().signal }
  return { asked, states, outside: outside as unknown as Outside }
}

describe('parts/mesh/rotate', () => {
  let federation: Site
  before(async () => {
    federation = await loadSite(FEDERATION)
  })
  const request = (changes: Partial<RotationRequest> = {}): RotationRequest => ({
    ...{ links: [], bypass: false, kind: 'psk', patience: PATIENCE },
    ...changes,
  })

  it('stages on both, changes both, and ends it on both', async () => {
    const { asked, outside } = gateways()
    const { rotate } = openRotation(federation, outside, request())
    assert.equal(await rotate('fra-1~rey-1', note), 'rotated')
    assert.deepEqual(asked.slice(2, 8), [
      'fra-1 offer wg-rey-1',
      'rey-1 answer wg-fra-1',
      'fra-1 accept wg-rey-1',
      'rey-1 confirm wg-fra-1',
      'fra-1 apply wg-rey-1',
      'rey-1 apply wg-fra-1',
    ])
    assert.deepEqual(asked.slice(8).toSorted(), ['fra-1 finish wg-rey-1', 'rey-1 finish wg-fra-1'])
  })

  it('ends what an earlier run had all but done, and begins nothing new', async () => {
    const { asked, states, outside } = gateways()
    for (const key of ['fra-1 wg-rey-1', 'rey-1 wg-fra-1']) states.set(key, { id: 'bb', staged: '-', old: 'aa' })
    const { rotate } = openRotation(federation, outside, request())
    assert.equal(await rotate('fra-1~rey-1', note), 'finished')
    assert.deepEqual(asked.toSorted(), ['fra-1 finish wg-rey-1', 'rey-1 finish wg-fra-1'])
  })

  it('takes back what a run left that died while traffic was asked away, and no key was changed yet', async () => {
    const fra = gatewayOf(federation, 'fra-1')
    assert.ok(fra)
    const { outside } = gateways(true, setDrain(fra, undefined, { interfaces: ['wg-rey-1', 'wg-van-1'], on: true }))
    assert.equal(await openRotation(federation, outside, request()).rotate('fra-1~rey-1', note), 'rotated')
    const { files } = await (await outside.host('fra-1')).read({ files: [DRAIN_FILE] })
    assert.deepEqual(drainedOf(fra, files.get(DRAIN_FILE)?.text), ['wg-van-1'])
  })

  it('refuses a link that is not up, before anything is made', async () => {
    const { asked, outside } = gateways(false)
    const { rotate } = openRotation(federation, outside, request())
    await assert.rejects(rotate('fra-1~rey-1', note), /wg-rey-1 of fra-1 and wg-fra-1 of rey-1 are not up/)
    assert.deepEqual(asked, [])
  })

  it('has the links of the bypass left after a run of all others, and none after one of its own', () => {
    const { outside } = gateways()
    const laterOf = (changes: Partial<RotationRequest>) => openRotation(federation, outside, request(changes)).later
    assert.deepEqual(laterOf({}), ['fra-1~kel-1', 'kel-1~rey-1', 'kel-1~sin-1'])
    assert.deepEqual(laterOf({ bypass: true }), [])
    assert.deepEqual(laterOf({ links: ['fra-1~rey-1'] }), [])
  })

  it('knows no preshared keys where the site file wants none; key pairs there are', () => {
    const { outside } = gateways()
    const { postQuantum: _, ...rest } = federation.mesh ?? mesh([])
    const classical = { ...federation, mesh: rest }
    assert.throws(() => openRotation(classical, outside, request()), /has no preshared keys/)
    assert.equal(openRotation(classical, outside, request({ kind: 'pair' })).classes.length, 2)
  })

  it('lets everybody know a new identity before it is in use', async () => {
    const { asked, outside } = gateways()
    assert.deepEqual(await rotateIdentity(federation, outside, 'rey-1', note), ['fra-1', 'kel-1', 'van-1'])
    assert.deepEqual(asked, [
      'rey-1 identity-stage',
      ...['fra-1', 'kel-1', 'van-1'].flatMap((name) => [`${name} identity-pin rey-1`, '  NEW=']),
      'rey-1 identity-swap',
    ])
    await assert.rejects(rotateIdentity(federation, outside, 'nope', note), /no gateway named nope/)
    const { postQuantum: _, ...rest } = federation.mesh ?? mesh([])
    await assert.rejects(rotateIdentity({ ...federation, mesh: rest }, outside, 'rey-1', note), /so no identities/)
  })
})
