import assert from 'node:assert/strict'
import fc from 'fast-check'
import { devicesOf } from '../../../src/lab/device/pci-hardware.ts'
import { hardwareOf } from '../../../src/lab/lab.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Device } from '../../../src/site/services.ts'
import { siteFile } from '../../commands/rehearsal.ts'
import { site } from '../lab-site.ts'

const [NODE] = site.nodes
const device = (name: string, more: Partial<Device>): Device => ({
  name,
  node: 'pve1',
  ids: ['10de:2204'],
  standby: [],
  primaryGpu: false,
  yields: 'stop',
  fallback: 'without',
  ...more,
})
const built = (devices: readonly Device[], ports: readonly string[] = []) => {
  if (!NODE) throw new Error('no node')
  return devicesOf({ ...site, devices }, NODE, ports)
}

describe('lab/device/pci-hardware', () => {
  it('gives the Hive its cards, each with all of its functions in one group behind a root port', async () => {
    const hive = await loadSite(siteFile('hive'), { standInKey: 'ssh-ed25519 AAAA test' })
    const [node] = hardwareOf(hive)[0]?.nodes ?? []
    const rows = (node?.pci ?? []).map(({ address, id, class: code, native = '-', group }) => {
      return [address, id, code, native, group].join(' ')
    })
    assert.deepEqual(
      rows.filter((row) => / (11|12|15)$/.test(row)),
      [
        '0000:00:15.5 8086:a70d 060400 pcieport 15',
        '0000:05:00.0 8086:15f3 020000 igc 15',
        '0000:00:15.1 8086:a70d 060400 pcieport 11',
        '0000:01:00.0 10de:2204 030000 nouveau 11',
        '0000:01:00.1 10de:1aef 040300 snd_hda_intel 11',
        '0000:00:15.2 8086:a70d 060400 pcieport 12',
        '0000:02:00.0 1ac1:089a 088000 - 12',
      ],
    )
    assert.deepEqual(node?.paths, ['/dev/ttyUSB0'])
  })

  it('puts a device where its address says, and one of USB at its port', () => {
    const { pci, usb } = built([
      device('a', { address: '0000:41:00.0' }),
      device('b', { port: '1-4', ids: ['18d1:9302'] }),
    ])
    assert.ok(pci.some(({ address, id }) => address === '0000:41:00.0' && id === '10de:2204'))
    assert.deepEqual(usb, [{ port: '1-4', id: '18d1:9302' }])
  })

  it('never puts two things at one address, and groups what is behind one port', () => {
    const port = fc.constantFrom(
      'eno1',
      'eno2',
      'enp1s0',
      'enp2s0f0',
      'enp2s0f1',
      'enp3s0',
      'enp65s0',
      'enx001122334455',
    )
    const address = fc.constantFrom(undefined, '0000:01:00', '05:00.0', '0000:41:00.0')
    const cards = fc.uniqueArray(address, { selector: (one) => one ?? Symbol(), maxLength: 5 })
    fc.assert(
      fc.property(fc.uniqueArray(port), cards, (ports, places) => {
        const devices = places.map((place, at) => device(`d${at}`, place === undefined ? {} : { address: place }))
        const { pci } = built(devices, ports)
        const addresses = pci.map((one) => one.address)
        assert.equal(new Set(addresses).size, addresses.length, addresses.join(' '))
      }),
    )
  })
})
