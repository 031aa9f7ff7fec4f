// Mappings of ours without a device: told, with who has them and what takes them away; nobody else's.
import assert from 'node:assert/strict'
import { deviceLeft } from '../../src/resources/device-left.ts'
import type { Site } from '../../src/site/site.ts'
import { deviceWorld, MAPPING } from './device-world.ts'

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
      'no device of the site file has this name: put it back, or take it away: orion gpu undo --node n1 --only mappings'
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

  it('by hand where it is for a node that the site file has lost: no command would take that name', async () => {
    const entry = mappings.get('rtx')
    assert.ok(entry)
    const description = `orion: ${site.name}`
    mappings.set('rtx', { map: [MAPPING, MAPPING.replace('n1', 'gone')], description })
    const [one] = await look(without)
    mappings.set('rtx', { ...entry, description })
    assert.match(
      one?.hint ?? '',
      /by hand, as it is for gone, which is no node of the site file: qm set 100 .*, then pvesh delete \/cluster\/mapping\/pci\/rtx$/,
    )
  })

  describe('to an undo', () => {
    const CARD = 'mapping=rtx,pcie=1'
    const undoing = (world: ReturnType<typeof deviceWorld>, nodes = ['n1']) => {
      const left = deviceLeft({ ...world.site, devices: [] }, node.cluster, node.name, { nodes })
      return {
        diff: async () => {
          world.outside.forget()
          return left.diff(await left.observe(world.outside))
        },
        run: async () => left.update(world.outside, (await left.observe(world.outside)) ?? [], world.note),
      }
    }

    it('it goes, out of its guests first, also of a standby, with their balloons back; and twice is once', async () => {
      const brain = { vmid: 100, running: false, config: {} }
      const world = deviceWorld({
        there: [brain, { vmid: 110, running: false, config: { hostpci1: CARD, balloon: '0' } }],
      })
      const { diff, run } = undoing(world)
      assert.deepEqual(await diff(), [{ field: 'rtx', have: 'mapping for n1, hostpci1 of district' }])
      await run()
      assert.deepEqual(world.writes, ['set district -hostpci1,balloon', 'unmap rtx'])
      assert.deepEqual([await diff(), world.holders()], [[], []])
    })

    it('says of a guest that runs that it runs on with it', async () => {
      const world = deviceWorld()
      await undoing(world).run()
      assert.deepEqual(world.notes, ['warning: brain runs on with rtx until it stops'])
      assert.equal(world.writes.at(-1), 'unmap rtx')
    })

    it('is nothing to touch where a guest has it that is not of this site', async () => {
      const world = deviceWorld({ there: [{ vmid: 900, running: true, config: { name: 'other', hostpci0: CARD } }] })
      const { diff, run } = undoing(world)
      const [one] = await diff()
      assert.equal(one?.waits, 'operator')
      assert.match(one?.hint ?? '', /by hand, as a guest that is not of this site has it: qm set 100 .*qm set 900 /)
      await run()
      assert.deepEqual(world.writes, [])
    })

    it('leaves a mapping that another node has, too', async () => {
      const world = deviceWorld()
      world.mappings.set('rtx', {
        map: [MAPPING, MAPPING.replace('n1', 'n2')],
        description: `orion: ${world.site.name}`,
      })
      assert.deepEqual(await undoing(world).diff(), [])
      assert.equal((await undoing(world, ['n1', 'n2']).diff()).length, 1)
    })
  })
})
