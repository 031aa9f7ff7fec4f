// The page of `orion gpu doctor`: golden text, 80 columns, and nothing wider whatever a node says.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type CheckLine, type DoctorLines, renderDoctor } from '../../src/console/gpu-doctor.ts'
import type { GroupLine, MemberLine } from '../../src/console/gpu-groups.ts'
import { getWidth } from '../../src/console/text.ts'
import { page, plain } from './plain.ts'

const APPLY = 'orion gpu apply --node genesis --reboot now'
const member = (address: string, id: string, what: string, more: Partial<MemberLine> = {}): MemberLine => ({
  address,
  id,
  what,
  uses: [],
  isHazard: false,
  isBridge: false,
  ...more,
})
const groups: readonly GroupLine[] = [
  { group: 0, isShown: false, members: [member('0000:00:00.0', '8086:a740', 'host bridge', { isBridge: true })] },
  {
    group: 2,
    isShown: true,
    members: [
      member('0000:00:01.0', '8086:a70d', 'PCI bridge', { driver: 'pcieport', isBridge: true }),
      member('0000:01:00.0', '10de:2204', 'graphics card', { driver: 'nouveau', device: 'rtx-3090' }),
      member('0000:01:00.1', '10de:1aef', 'audio', { driver: 'vfio-pci', device: 'rtx-3090' }),
      member('0000:05:00.0', '8086:15f3', 'network card', {
        driver: 'igc',
        uses: ['enp5s0 is a port of vmbr0'],
        isHazard: true,
      }),
    ],
  },
  { isShown: false, members: [member('0000:00:1c.0', '8086:7a38', 'PCI bridge', { isBridge: true })] },
]
const checks: readonly CheckLine[] = [
  { step: 2, name: 'firmware', state: 'pass', seen: 'VT-d is on; UEFI' },
  { step: 0, name: 'port names', state: 'task', seen: 'enp5s0: another name after a restart', todo: 'pinPorts: true' },
  { step: 7, name: 'modules', state: 'fail', seen: 'not loaded: vfio, vfio_iommu_type1, vfio_pci', todo: APPLY },
  { step: 16, name: 'next kernel', state: 'unknown', seen: 'not told which kernel starts next' },
  { step: 11, name: 'reset', device: 'rtx-3090', state: 'pass', seen: 'bus' },
  {
    step: 6,
    name: 'group',
    device: 'rtx-3090',
    state: 'fail',
    seen: 'group 2 has what the node needs, and a guest that starts would take it: 0000:05:00.0',
    todo: 'another slot',
  },
  { step: 10, name: 'driver', device: 'rtx-3090', state: 'fail', seen: 'nouveau has 0000:01:00.0', todo: APPLY },
]
const genesis: DoctorLines = {
  node: 'genesis',
  machine: ['Intel', 'UEFI', 'systemd-boot', 'kernel 6.14.8-2-pve'],
  devices: [{ name: 'rtx-3090', slot: '0000:01:00', guests: ['brain', 'district'] }],
  checks,
  groups,
}
const look = { ...plain, all: false }

describe('console/gpu-doctor', () => {
  it('the checklist and the groups', () => {
    const golden = page(`
      genesis  Intel, UEFI, systemd-boot, kernel 6.14.8-2-pve
      !  0  port names   enp5s0: another name after a restart
                         Try: pinPorts: true
      ✔  2  firmware     VT-d is on; UEFI
      ✖  7  modules      not loaded: vfio, vfio_iommu_type1, vfio_pci
      ? 16  next kernel  not told which kernel starts next

      rtx-3090  0000:01:00  brain, or district
      ✖  6  group        group 2 has what the node needs, and a guest that starts
                         would take it: 0000:05:00.0
                         Try: another slot
      ✖ 10  driver       nouveau has 0000:01:00.0
      ✔ 11  reset        bus

      IOMMU group 2
      ├─ 0000:00:01.0  8086:a70d  PCI bridge     pcieport
      ├─ 0000:01:00.0  10de:2204  graphics card  nouveau   rtx-3090
      ├─ 0000:01:00.1  10de:1aef  audio          vfio-pci  rtx-3090
      └─ 0000:05:00.0  8086:15f3  network card   igc       enp5s0 is a port of vmbr0
      and 2 other groups: --all shows them

      2 pass, 3 fail, 1 is yours to do, 1 not to be told
        Try: orion gpu apply --node genesis --reboot now
      `)
    assert.equal(renderDoctor([genesis], look), golden)
  })

  it('all groups, and those in none', () => {
    const text = renderDoctor([{ ...genesis, checks: [], devices: [] }], { ...look, all: true })
    assert.match(text, /IOMMU group 0\n└─ .*host bridge/)
    assert.match(text, /in no IOMMU group\n└─ 0000:00:1c\.0/)
    assert.doesNotMatch(text, /--all/)
  })

  it('a node that does not answer, beside one that does', () => {
    const silent: DoctorLines = {
      node: 'edge',
      machine: [],
      devices: [],
      checks: [],
      groups: [],
      problem: { message: 'edge does not answer', suggestions: ['ssh edge'] },
    }
    const text = renderDoctor([silent, genesis], look)
    assert.match(text, /^edge\n {2}edge does not answer\n {2}Try: ssh edge\n\ngenesis /)
  })

  it('says by colour what the marks say', () => {
    const text = renderDoctor([genesis], { ...look, colour: true }).replaceAll('\u001b', 'ESC')
    assert.ok(text.includes('ESC[31m✖ESC[39m  6'))
    assert.ok(text.includes('ESC[32m✔ESC[39m 11'))
    assert.ok(text.includes('└─ ESC[31m0000:05:00.0'))
  })

  it('is never wider than the terminal, and obeys nothing that a node says', () => {
    const state = fc.constantFrom('pass', 'fail', 'task', 'unknown' as const)
    const check = fc.record({
      step: fc.nat(16),
      name: fc.constantFrom('loader', 'group'),
      state,
      seen: fc.string(),
      todo: fc.string(),
    })
    const anyone = fc.record({
      address: fc.constant('0000:01:00.0'),
      id: fc.constant('10de:2204'),
      what: fc.constant('audio'),
      driver: fc.string({ maxLength: 15 }),
      device: fc.string(),
      uses: fc.array(fc.string()),
      isHazard: fc.boolean(),
      isBridge: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(check), fc.array(anyone), fc.integer({ min: 50, max: 120 }), (own, members, width) => {
        const lines = [{ ...genesis, checks: own, groups: [{ group: 1, members, isShown: true }] }]
        for (const line of renderDoctor(lines, { ...look, width }).split('\n')) {
          assert.ok(getWidth(line) <= width, JSON.stringify(line))
          assert.doesNotMatch(line, /\p{Cc}/u)
        }
      }),
    )
  })
})
