// The limit of the ZFS read cache.
import assert from 'node:assert/strict'
import { arc, arcFacts } from '../../../src/parts/net/arc.ts'
import { onHost, testNode, WISH } from './test-node.ts'

const PATH = '/etc/modprobe.d/zz-orion-zfs.conf'
const MIB = 1024 * 1024

function make(arcMaxMib: number, { live = '0', root = 'ext4', files = {}, zfs = true } = {}) {
  const node = testNode({ zfs: { arcMaxMib } })
  const state = { live }
  const made = onHost(arc(node, WISH), arcFacts(node), {
    files,
    programs: {
      'arc-max': () => (zfs ? `${state.live}\n` : { code: 1 }),
      'root-type': `${root}\n`,
      meminfo: 'MemTotal:       16777216 kB\nMemFree: 1 kB\n',
      'orion-arc': (argv, host) => {
        state.live = (host.files.has(PATH) ? argv[6] : argv[7]) ?? ''
        return ''
      },
      'orion-initramfs': '',
    },
  })
  return { ...made, state }
}

describe('parts/net/arc', () => {
  it('is in force at once and after a restart', async () => {
    const { apply, look, text, state } = make(8192)
    await apply()
    assert.equal(text(PATH), `# Made by orion from the site file.\noptions zfs zfs_arc_max=${8192 * MIB}\n`)
    assert.equal(state.live, String(8192 * MIB))
    assert.deepEqual(await look(), [])
  })

  it('makes the early boot image anew only where ZFS is the root, and the file changes', async () => {
    const calls = async (root: string, files = {}) => {
      const { apply, fake } = make(64, { root, files })
      await apply()
      return fake.calls.filter((call) => call.includes('orion-initramfs')).length
    }
    assert.equal(await calls('ext4'), 0)
    assert.equal(await calls('zfs'), 1)
    const same = { [PATH]: `# Made by orion from the site file.\noptions zfs zfs_arc_max=${64 * MIB}\n` }
    assert.equal(await calls('zfs', same), 0)
  })

  const rows = [
    { title: 'a host without ZFS', mib: 1024, options: { zfs: false }, said: /no ZFS on this host/ },
    { title: 'less than ZFS takes', mib: 63, options: {}, said: /below 64M/ },
    { title: 'all of the memory', mib: 16384, options: {}, said: /not below the 16384M of memory/ },
  ]
  for (const { title, mib, options, said } of rows)
    it(`refuses ${title}`, () => assert.rejects(make(mib, options).look(), said))

  it('is nothing where the site file does not say it', () => {
    assert.equal(arc(testNode({ zfs: {} }), WISH), undefined)
    assert.deepEqual(arcFacts(testNode()), {})
  })
})
