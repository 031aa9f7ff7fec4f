// The whole page of the doctor for recorded nodes: golden text (GOLDEN=1 writes one that is not there).
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderDoctor } from '../../../src/console/gpu-doctor.ts'
import { examine } from '../../../src/parts/gpu/doctor.ts'
import type { Device } from '../../../src/site/services.ts'
import { plain } from '../../console/plain.ts'
import { fakeCluster } from '../../resources/fake-cluster.ts'
import { fakeHost } from '../../resources/fake-host.ts'
import { device, node, site, vm } from '../../site/site-builder.ts'
import { card, coral } from './seen.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Each with the devices that its site file names, and the kernel that starts next. */
const NODES: readonly (readonly [name: string, what: string, devices: readonly Device[], next: string])[] = [
  ['hive', 'UEFI, systemd-boot, Intel: nothing done yet', [card, coral], '6.14.8-2-pve'],
  [
    'amd-shared',
    'UEFI, GRUB, AMD: one card behind the chipset, in the group of everything else; one that does not come back',
    [
      device('gtx', { ids: ['10de:1c82', '10de:0fb9'], guest: 'brain' }),
      device('rx580', { ids: ['1002:67df', '1002:aaf0'], guest: 'eye' }),
    ],
    '6.14.8-2-pve',
  ],
  [
    'bios-grub',
    'BIOS, GRUB on ESPs, a server: VT-d is off',
    [device('v100', { ids: ['10de:1db6'], guest: 'brain' })],
    '6.8.12-9-pve',
  ],
]

async function pageOf(name: string, devices: readonly Device[], next: string): Promise<string> {
  const guests = [vm('brain', 100), vm('district', 110), vm('eye', 401)]
  const world = site({ nodes: [node('pve', { ports: { lan: 'enp4s0' } })], guests, devices })
  const host = fakeHost({
    name: 'pve',
    programs: {
      'orion-pci-look': readFileSync(here(`fixtures/${name}.txt`), 'utf8'),
      'orion-gpu-doctor': `next-kernel ${next}\nimage ${next} no\nend\n`,
      'ip-links': JSON.stringify([{ ifname: 'enp4s0', address: '02:00:00:00:00:01' }]),
    },
  })
  const cluster = fakeCluster({ 'GET /cluster/resources': [], 'GET /cluster/mapping/pci': [] })
  const page = await examine(world, { ...cluster.outside, host: host.outside.host }, 'pve')
  return `${renderDoctor([page], { ...plain, all: true })}\n`
}

describe('parts/gpu/doctor, the page', () => {
  for (const [name, what, devices, next] of NODES)
    it(`${name}: ${what}`, async () => {
      const text = await pageOf(name, devices, next)
      const golden = here(`golden/${name}.txt`)
      if (process.env.GOLDEN && !existsSync(golden)) {
        mkdirSync(dirname(golden), { recursive: true })
        writeFileSync(golden, text)
      }
      assert.equal(text, readFileSync(golden, 'utf8'))
    })
})
