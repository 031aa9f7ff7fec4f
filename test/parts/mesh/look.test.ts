// The command that looks: what stands in it, and what must never.
import assert from 'node:assert/strict'
import { addressesOf, lookAt, lookCommand } from '../../../src/parts/mesh/look.ts'
import { getMesh } from '../../../src/parts/mesh/model.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { fourGateways, lookText } from './seen.ts'

describe('mesh/look', () => {
  const site = fourGateways()
  const { gateways } = getMesh(site)
  const [hub, , spa] = gateways
  assert.ok(hub && spa)

  it('gives links and addresses as arguments, which no shell reads', () => {
    const argv = lookCommand(spa.links, ['10.99.0.1'], { pings: 3, probe: false })
    assert.deepEqual(
      [argv[0], argv[1], ...argv.slice(3)],
      ['sh', '-c', 'orion-mesh-look', '3', 'no', 'wg-byp=fe80::2', 'wg-hub=fe80::1', '10.99.0.1'],
    )
  })

  it('asks for nothing that holds a secret but behind the program that drops it', () => {
    const [, , program = ''] = lookCommand([], [], { pings: 0, probe: false })
    assert.equal(program.match(/wg show all dump/g)?.length, 1)
    assert.match(program, /wg show all dump 2>\/dev\/null \| awk /)
    assert.doesNotMatch(program, /showconf|private-key|preshared-key|cat /)
  })

  const routes: readonly [route: string, address: readonly string[]][] = [
    ['10.2.0.0/24', ['10.2.0.1']],
    ['10.2.0.0/31', ['10.2.0.0']],
    ['10.2.0.7/32', ['10.2.0.7']],
    ['fd00:2::/64', ['fd00:2::1']],
    ['fd00:2::5/128', ['fd00:2::5']],
    ['nonsense', []],
  ]
  for (const [route, wanted] of routes)
    it(`an address of ${route}`, () =>
      assert.deepEqual(addressesOf({ address: 'fd00:0::1', routes: [route] }), ['fd00::1', ...wanted]))

  it('one look is one program', async () => {
    const { outside, calls } = fakeHost({ name: 'spa', programs: { 'orion-mesh-look': lookText(gateways, spa) } })
    const look = await lookAt({ site, outside }, spa, gateways, { pings: 1, probe: false })
    assert.equal(look.links.size, 2)
    assert.equal(calls.length, 1)
    assert.match(calls[0] ?? '', / orion-mesh-look 1 no wg-byp=fe80::2 wg-hub=fe80::1 10.99.0.1 10.99.0.2 10.99.0.4$/)
  })

  it('a program that ended early is an error that names the gateway', async () => {
    const { outside } = fakeHost({ name: 'spa', programs: { 'orion-mesh-look': 'now 1\n' } })
    await assert.rejects(lookAt({ site, outside }, spa, gateways, { pings: 1, probe: false }), {
      code: 'E_HOST_COMMAND',
      message: 'spa did not tell all of its mesh',
    })
  })
})
