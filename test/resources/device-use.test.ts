// Which options of a guest are a device, in every spelling.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { holds, isSamePlace, usesOf } from '../../src/resources/device-use.ts'
import { settingsOf } from '../../src/resources/guest-state.ts'
import type { Device } from '../../src/site/services.ts'
import { device } from '../site/site-builder.ts'

const card = { device: device('rtx'), slot: '0000:01:00', mappings: new Set(['rtx', 'gpu0']) }
const stick = { device: device('coral', { port: '1-4', ids: ['1a6e:089a'] }), mappings: new Set(['coral']) }
const node = { device: device('tpu', { path: '/dev/apex_0' }), mappings: new Set(['tpu']) }

const ROWS: readonly [string, string, { device: Device; slot?: string; mappings: ReadonlySet<string> }, boolean][] = [
  ['hostpci0', 'mapping=rtx,pcie=1', card, true],
  ['hostpci11', 'pcie=1,mapping=rtx', card, true],
  ['hostpci0', 'mapping=gpu0', card, true],
  ['hostpci0', 'mapping=rtx2', card, false],
  ['hostpci0', '0000:01:00', card, true],
  ['hostpci0', '01:00,pcie=1', card, true],
  ['hostpci0', 'host=01:00.1', card, true],
  ['hostpci0', '0000:02:00.0;0000:01:00.1,pcie=1', card, true],
  ['hostpci0', '0001:01:00', card, false],
  ['hostpci0', '0000:11:00', card, false],
  ['hostpci0', 'mapping=rtx', { ...card, mappings: new Set<string>() }, false],
  ['usb0', 'mapping=rtx', card, false],
  ['description', 'mapping=rtx', card, false],
  ['usb0', 'mapping=coral,usb3=1', stick, true],
  ['usb1', 'host=1-4', stick, true],
  ['usb1', '1-4,usb3=1', stick, true],
  ['usb1', 'host=1A6E:089A', stick, true],
  ['usb1', 'host=1-4.2', stick, false],
  ['usb1', 'spice', stick, false],
  ['hostpci0', 'mapping=coral', stick, false],
  ['dev0', '/dev/apex_0', node, true],
  ['dev0', 'path=/dev/apex_0,mode=0660', node, true],
  ['dev0', '/dev/apex_01', node, false],
  ['dev0', '/dev/apex_0', card, false],
]

describe('usesOf', () => {
  for (const [key, value, names, want] of ROWS)
    it(`${key}: ${value} ${want ? 'is' : 'is not'} ${names.device.name}`, () => {
      const uses = usesOf(settingsOf([{ key, value }]), names)
      assert.deepEqual(uses, want ? [{ key, active: true, next: true }] : [])
    })

  it('what waits to go is active, what waits to come is stored', () => {
    const value = 'mapping=rtx'
    const goes = usesOf(settingsOf([{ key: 'hostpci0', value, delete: 1 }]), card)
    const comes = usesOf(settingsOf([{ key: 'hostpci0', pending: value }]), card)
    assert.deepEqual(
      [goes, comes],
      [[{ key: 'hostpci0', active: true, next: false }], [{ key: 'hostpci0', active: false, next: true }]],
    )
    assert.deepEqual(
      [holds(goes, true), holds(goes, false), holds(comes, true), holds(comes, false)],
      [true, false, true, true],
    )
  })

  it('reads whatever stands there', () =>
    fc.assert(
      fc.property(fc.constantFrom('hostpci0', 'usb0', 'dev0'), fc.string(), (key, value) => {
        for (const names of [card, stick, node]) assert.ok(usesOf(settingsOf([{ key, value }]), names).length <= 1)
      }),
    ))

  it('a slot and its functions are one place', () => {
    assert.ok(isSamePlace('0000:01:00', '0000:01:00.1') && isSamePlace('0000:01:00.1', '0000:01:00'))
    assert.ok(!isSamePlace('0000:01:00.0', '0000:01:00.1') && !isSamePlace('0000:01:00', '0000:01:001'))
  })
})
