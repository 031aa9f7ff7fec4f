// Compressed swap in memory.
import assert from 'node:assert/strict'
import { getPackages } from '../../../src/parts/net/package-list.ts'
import { zram, zramFacts } from '../../../src/parts/net/zram.ts'
import type { Node } from '../../../src/site/site.ts'
import { onHost, testNode, WISH } from './test-node.ts'

const PATH = '/etc/systemd/zram-generator.conf.d/90-orion.conf'
const HEAD = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
const row = (path: string, kib: number, priority: number) =>
  `${path}                            partition\t${kib}\t\t0\t\t${priority}\n`

function make(wanted: NonNullable<Node['zram']>, swaps: string, after = swaps) {
  const node = testNode({ zram: wanted })
  const state = { swaps }
  const meminfo = 'MemTotal:       16777216 kB\n'
  const activate = () => {
    state.swaps = after
    return ''
  }
  const programs = { swaps: () => state.swaps, meminfo, 'orion-zram': activate }
  const files = { [PATH]: '# another text\n' }
  return onHost(zram(node, WISH), zramFacts(node), { programs, files })
}

describe('parts/net/zram', () => {
  const texts = [
    {
      wanted: { sizePercent: 25 },
      lines: ['zram-size = ram * 25 / 100', 'compression-algorithm = zstd', 'swap-priority = 100'],
    },
    {
      wanted: { sizeMib: 8192, priority: 5 },
      lines: ['zram-size = 8192', 'compression-algorithm = zstd', 'swap-priority = 5'],
    },
    { wanted: {}, lines: ['compression-algorithm = zstd', 'swap-priority = 100'] },
  ]
  for (const { wanted, lines } of texts)
    it(`is written for ${JSON.stringify(wanted)}`, () => {
      const [file] = zram(testNode({ zram: wanted }), WISH)?.files({ files: new Map(), commands: new Map() }) ?? []
      assert.equal(file?.path, PATH)
      assert.equal(file?.text, ['# Made by orion from the site file.', '[zram0]', ...lines, ''].join('\n'))
    })

  const live = [
    { title: 'as wanted', wanted: { sizePercent: 25 }, swaps: row('/dev/zram0', 4194300, 100), fields: [] },
    { title: 'not there', wanted: { sizePercent: 25 }, swaps: row('/dev/dm-0', 8388604, -2), fields: ['/dev/zram0'] },
    {
      title: 'of another priority',
      wanted: { sizePercent: 25 },
      swaps: row('/dev/zram0', 4194300, 5),
      fields: ['/dev/zram0 priority'],
    },
    {
      title: 'of another size',
      wanted: { sizeMib: 1024 },
      swaps: row('/dev/zram0', 4194300, 100),
      fields: ['/dev/zram0 size'],
    },
    { title: 'of whatever size the generator takes', wanted: {}, swaps: row('/dev/zram0', 4194300, 100), fields: [] },
  ]
  for (const { title, wanted, swaps, fields } of live)
    it(`finds it ${title}`, async () => {
      const differences = await make(wanted, HEAD + swaps).look()
      assert.deepEqual(
        differences.map(({ field }) => field).filter((field) => field !== PATH),
        fields,
      )
    })

  it('comes into force, or goes back', async () => {
    const good = make({ sizePercent: 25 }, HEAD, HEAD + row('/dev/zram0', 4194300, 100))
    await good.apply()
    assert.deepEqual(await good.look(), [])
    const bad = make({ sizePercent: 25 }, HEAD)
    await assert.rejects(bad.apply(), /\/dev\/zram0 is no swap, not swap of priority 100/)
    assert.equal(bad.text(PATH), '# another text\n')
  })

  it('brings its package, and waits for it', () => {
    const node = testNode({ zram: {}, packages: ['htop', 'systemd-zram-generator'] })
    assert.deepEqual(getPackages(node), ['htop', 'systemd-zram-generator'])
    assert.deepEqual(zram(node, WISH)?.needs, ['packages:n1/debian'])
    assert.equal(zram(testNode(), WISH), undefined)
  })
})
