// What the Keeper of a node is told: whose guests, in which order, and whom it never touches.
import assert from 'node:assert/strict'
import { configText, getKeeperConfig } from '../../../src/parts/keeper/config.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Keeper } from '../../../src/site/services.ts'
import { ct, node, site, vm } from '../../site/site-builder.ts'

const pin = { cores: 2, exclusive: true, realtime: false }
const guests = [
  vm('a', 100, {}, { memoryMib: 4096, balloonMib: 1024, startup: { downSeconds: 90 } }),
  vm('whole', 101, {}, { memoryMib: 4096, balloonMib: 4096 }),
  vm('none', 102, {}, { balloonMib: 0 }),
  ct('c', 103),
  vm('own', 104, {}, { memoryMib: 4096, balloonMib: 1024, pin }),
  vm('far', 105, {}, { node: 'other', memoryMib: 4096, balloonMib: 1024 }),
  vm('shy', 106),
]
const names = ['c', 'own', 'a', 'far', 'c', 'whole', 'none']
const of = (parts: Partial<Keeper> = {}, on = 'pve') => {
  const keeper = { shed: names, balloonIdle: names, ...parts }
  return getKeeperConfig(site({ nodes: [node('pve'), node('other')], guests, keeper }), keeper, { name: on })
}

describe('parts/keeper/config', () => {
  it('has the guests of its node alone, each once, in the order of the site file', () => {
    assert.deepEqual(of().shed, [
      { name: 'c', vmid: 103, kind: 'ct', downSeconds: 60 },
      { name: 'a', vmid: 100, kind: 'vm', downSeconds: 90 },
      { name: 'whole', vmid: 101, kind: 'vm', downSeconds: 60 },
      { name: 'none', vmid: 102, kind: 'vm', downSeconds: 60 },
    ])
    assert.deepEqual(
      of({}, 'other').shed.map(({ name }) => name),
      ['far'],
    )
  })

  it('takes memory only of virtual machines that can give some', () => {
    assert.deepEqual(of().balloonIdle, [{ name: 'a', vmid: 100, kind: 'vm', balloonMib: 1024, memoryMib: 4096 }])
  })

  it('never touches what is not listed, and what has cores for itself even where it is', () => {
    const { keep, pinned } = of()
    assert.deepEqual([keep, pinned], [[104, 106], [104]])
    assert.deepEqual(of({ shed: [], balloonIdle: [] }).keep, [100, 101, 102, 103, 104, 106])
  })

  it('has limits only where the site file has, and a port only where there is an outer watchdog', () => {
    const bare = of()
    assert.deepEqual(
      ['limit', 'resume', 'serial'].filter((key) => key in bare),
      [],
    )
    const temperature = { limitCelsius: 80, resumeCelsius: 70, sensors: ['nvidia'] }
    const { limit, resume, sensors } = of({ temperature })
    assert.deepEqual([limit, resume, sensors], [80, 70, ['nvidia']])
    assert.equal(of({ serial: '/dev/ttyUSB0' }).serial, '/dev/ttyUSB0')
    assert.equal(of({ metrics: '/srv/"x"\\.prom' }).metrics, '/srv/"x"\\.prom')
  })

  it('is JSON with a line for each guest', () => {
    const config = of({ metrics: '/srv/"x"\\.prom' })
    const text = configText(config)
    assert.deepEqual(JSON.parse(text), config)
    assert.match(text, /^ {4}\{"name":"c","vmid":103,"kind":"ct","downSeconds":60\},$/m)
    assert.match(text, /\n\}\n$/)
  })

  it('is that of the Hive', async () => {
    const hive = await loadSite('templates/sites/hive.yaml', {
      standInKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion',
    })
    assert.ok(hive.keeper)
    const config = getKeeperConfig(hive, hive.keeper, { name: 'genesis' })
    assert.deepEqual(
      config.shed.map(({ name }) => name),
      ['district', 'worker-1', 'worker-2', 'worker-3', 'worker-4', 'council'],
    )
    assert.deepEqual(
      config.balloonIdle.map(({ name }) => name),
      ['council', 'district'],
    )
    assert.deepEqual([config.keep, config.pinned], [[100, 200, 400, 401], [200]])
  })
})
