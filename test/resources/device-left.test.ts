// Mappings of ours without a device: told, with who has them and what takes them away; nobody else's.
import assert from 'node:assert/strict'
import { deviceLeft } from '../../src/resources/device-left.ts'
import type { Site } from '../../src/site/site.ts'
import { deviceWorld } from './device-world.ts'

describe('resources/device-left', () => {
  const { site, outside, mappings, writes } = deviceWorld()
  const [node] = site.nodes
  assert.ok(node)
  const look = async (of: Site) => {
    outside.pve.forget()
    const left = deviceLeft(of, node.cluster, node.name)
    return left.diff(await left.observe(outside))
  }
  const without: Site = { ...site, devices: [] }

  it('nothing while a device has its name', async () => assert.deepEqual(await look(site), []))

  it('the last one is gone: who has it, and how it goes', async () => {
    const hint =
      'no device of the site file has this name: put it back, or take it away by hand: qm set 100 --delete hostpci0 (on n1), then pvesh delete /cluster/mapping/pci/rtx'
    assert.deepEqual(await look(without), [
      { field: 'rtx', have: 'mapping for n1, hostpci0 of brain', waits: 'operator', hint },
    ])
    assert.deepEqual(writes, [])
  })

  it('neither one without our mark, nor of a site whose name begins as ours', async () => {
    const entry = mappings.get('rtx')
    assert.ok(entry)
    for (const description of ['by hand', `orion: ${site.name}2`]) {
      mappings.set('rtx', { ...entry, description })
      assert.deepEqual(await look(without), [], description)
    }
    mappings.set('rtx', { map: entry.map })
    assert.deepEqual(await look(without), [])
  })
})
