// Swap on devices and in files: what is formatted, and what never is.
import assert from 'node:assert/strict'
import { swap, swapFacts } from '../../../src/parts/net/swap.ts'
import { unitName } from '../../../src/parts/net/swap-unit.ts'
import type { Swap } from '../../../src/site/site.ts'
import { onHost, testNode, WISH } from './test-node.ts'

const UNITS = '/etc/systemd/system'
const HEAD = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'

interface Seen {
  readonly look: string
  readonly swaps?: string
  readonly after?: string
  readonly files?: Readonly<Record<string, string>>
}

function make(wanted: readonly Swap[], { look, swaps = '', after = swaps, files = {} }: Seen) {
  const node = testNode({ swap: wanted })
  const state = { swaps }
  const activate = () => {
    state.swaps = after
    return ''
  }
  const programs = { 'swap-look': look, swaps: () => HEAD + state.swaps, 'orion-swap': activate }
  return onHost(swap(node, WISH), swapFacts(node), { programs, files })
}

const DEVICE: Swap = { device: '/dev/pve/swap', priority: 5 }
const FILE: Swap = { file: '/swap.img', sizeMib: 1024 }
const dm = (priority: number) => `/dev/dm-0                               partition\t8388604\t\t0\t\t${priority}\n`

describe('parts/net/swap', () => {
  const names = [
    { path: '/swap.img', name: 'swap.img.swap' },
    { path: '/dev/pve/swap', name: 'dev-pve-swap.swap' },
    { path: '/dev/disk/by-uuid/0a-1', name: 'dev-disk-by\\x2duuid-0a\\x2d1.swap' },
    { path: '//var//lib/my swap/', name: 'var-lib-my\\x20swap.swap' },
    { path: '/.hidden/ä.b', name: '\\x2ehidden-\\xc3\\xa4.b.swap' },
  ]
  for (const { path, name } of names) it(`calls the unit of ${path} ${name}`, () => assert.equal(unitName(path), name))

  it('writes a unit with its priority, and starts it with swap.target', async () => {
    const made = make([DEVICE, FILE], {
      look: 'device - ext4 swap /dev/dm-0\nabsent - ext4 - /swap.img\n',
      after: `${dm(5)}/swap.img                               file\t\t1048572\t\t0\t\t-2\n`,
    })
    await made.apply()
    assert.match(made.text(`${UNITS}/dev-pve-swap.swap`) ?? '', /^\[Swap\]\nWhat=\/dev\/pve\/swap\nPriority=5\n$/m)
    assert.match(made.text(`${UNITS}/swap.img.swap`) ?? '', /^\[Swap\]\nWhat=\/swap\.img\n$/m)
    assert.match(
      made.text(`${UNITS}/swap.target.d/90-orion.conf`) ?? '',
      /\[Unit\]\nWants=dev-pve-swap\.swap\nWants=swap\.img\.swap\n$/,
    )
    const calls = made.fake.calls
      .filter((call) => call.includes('orion-swap '))
      .map((call) => call.split('orion-swap ')[1])
    assert.deepEqual(calls, [
      `${UNITS}/dev-pve-swap.swap /dev/pve/swap 0  yes`,
      `${UNITS}/swap.img.swap /swap.img 1024 file yes`,
    ])
    assert.deepEqual(await made.look(), [])
  })

  const formats = [
    {
      title: 'formats a device with nothing on it',
      wanted: DEVICE,
      look: 'device - ext4 - /dev/dm-0\n',
      last: '0 device yes',
    },
    {
      title: 'does not format what is swap already',
      wanted: DEVICE,
      look: 'device - ext4 swap /dev/dm-0\n',
      last: '0  yes',
    },
    {
      title: 'makes a file that is not there',
      wanted: FILE,
      look: 'absent - ext4 - /swap.img\n',
      last: '1024 file yes',
    },
    {
      title: 'makes a swap file of another size anew',
      wanted: FILE,
      look: `file 4096 ext4 swap /swap.img\n`,
      last: '1024 size yes',
    },
  ]
  for (const { title, wanted, look, last } of formats)
    it(title, async () => {
      const { fake, apply } = make([wanted], { look })
      await assert.rejects(apply(), /is no swap/)
      const call = fake.calls.find((one) => one.includes('orion-swap ')) ?? ''
      assert.ok(call.endsWith(` ${last}`), call)
    })

  const refused = [
    {
      title: 'a device that is not there',
      wanted: DEVICE,
      look: 'absent - ext4 - /dev/pve/swap\n',
      said: /there is no device \/dev\/pve\/swap/,
    },
    { title: 'a file as device', wanted: DEVICE, look: 'file 1 ext4 - /dev/pve/swap\n', said: /is no block device/ },
    {
      title: 'a device with data',
      wanted: DEVICE,
      look: 'device - ext4 ext4 /dev/sdb\n',
      said: /holds something else than swap \(ext4\)/,
    },
    {
      title: 'a device with a partition table beside swap',
      wanted: DEVICE,
      look: 'device - ext4 swap,gpt,PMBR /dev/sdb\n',
      said: /\(gpt, PMBR\)/,
    },
    {
      title: 'a device that cannot be read',
      wanted: DEVICE,
      look: 'device - ext4 unreadable /dev/sdb\n',
      said: /\(unreadable\)/,
    },
    {
      title: 'a file that is no swap',
      wanted: FILE,
      look: 'file 12 ext4 - /swap.img\n',
      said: /is there, and is no swap/,
    },
    { title: 'a folder', wanted: FILE, look: 'other - ext4 - /swap.img\n', said: /is no file/ },
    { title: 'a file on ZFS', wanted: FILE, look: 'absent - zfs - /swap.img\n', said: /would lie on zfs/ },
    { title: 'a look that brought nothing', wanted: FILE, look: '', said: /cannot be looked at/ },
  ]
  for (const { title, wanted, look, said } of refused)
    it(`refuses ${title}`, () => assert.rejects(make([wanted], { look }).look(), said))

  const live = [
    { swaps: '', fields: ['/dev/pve/swap'] },
    { swaps: dm(5), fields: [] },
    { swaps: dm(-2), fields: ['/dev/pve/swap priority'] },
  ]
  for (const { swaps, fields } of live)
    it(`sees ${fields.join() || 'nothing'} differ with ${swaps.trim() || 'no swap'}`, async () => {
      const files = { [`${UNITS}/dev-pve-swap.swap`]: 'x' }
      const differences = await make([DEVICE], { look: 'device - ext4 swap /dev/dm-0\n', swaps, files }).look()
      assert.deepEqual(
        differences.map(({ field }) => field).filter((field) => !field.startsWith(UNITS)),
        fields,
      )
    })

  it('is nothing without any', () => assert.equal(swap(testNode(), WISH), undefined))
})
