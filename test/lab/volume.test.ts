import assert from 'node:assert/strict'
import { GIB } from '../../src/lab/property.ts'
import { addVolume, contentOf, formatOf, getStorage } from '../../src/lab/volume.ts'
import type { StorageState, VolumeState } from '../../src/lab/world.ts'
import { type Bench, openBench } from './requests.ts'

describe('lab/volume', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  const small = (type: string, options: StorageState['options'] = {}) => {
    const storage = { name: 'small', type, options, totalBytes: GIB }
    bench.world.state.storage.small = storage
    return storage
  }
  const volume = (content: string, format = 'raw'): VolumeState => {
    return { volid: `small:${content}-x`, node: 'n1', content, sizeBytes: 2 * GIB, format }
  }

  // Thin volumes may promise more than there is; files, and volumes that reserve their room, may not.
  const rooms: [type: string, options: StorageState['options'], content: string, format: string, fits: boolean][] = [
    ['zfspool', { sparse: 1 }, 'images', 'raw', true],
    ['zfspool', {}, 'images', 'raw', false],
    ['zfspool', {}, 'rootdir', 'subvol', true],
    ['lvmthin', {}, 'images', 'raw', true],
    ['lvm', {}, 'images', 'raw', false],
    ['dir', {}, 'images', 'qcow2', true],
    ['dir', {}, 'iso', 'iso', false],
    ['nfs', {}, 'import', 'qcow2', false],
  ]
  for (const [type, options, content, format, fits] of rooms) {
    it(`${fits ? 'has' : 'has no'} room for ${content} ${format} on ${type} ${JSON.stringify(options)}`, () => {
      const add = () => addVolume(bench.world, small(type, options), volume(content, format))
      if (fits) add()
      else assert.throws(add, /out of space/)
    })
  }

  it('never shows more in use than there is', async () => {
    addVolume(bench.world, small('lvmthin'), volume('images'))
    const { used, avail } = (await bench.send('GET /nodes/n1/storage/small/status')) as Record<string, number>
    assert.deepEqual([used, avail], [GIB, 0])
  })

  it('knows content and format by the name', () => {
    const rows = [
      ['local:iso/a.iso', 'iso', 'iso'],
      ['local:vztmpl/a.tar.zst', 'vztmpl', 'tzst'],
      ['local:import/a.qcow2', 'import', 'qcow2'],
      ['zfs:vm-100-disk-0', 'images', 'raw'],
      ['local:100/vm-100-disk-0.vmdk', 'images', 'vmdk'],
    ]
    for (const [volid = '', content, format] of rows)
      assert.deepEqual([contentOf(volid), formatOf(volid)], [content, format])
  })

  it('does not give a storage that is not there, disabled, or of another node', () => {
    const { options } = small('dir')
    const why = () => {
      try {
        return getStorage(bench.world, 'n1', 'small').name
      } catch (error) {
        return (error as Error).message.trim()
      }
    }
    assert.equal(why(), 'small')
    options.nodes = 'n2'
    assert.equal(why(), "storage 'small' is not available on node 'n1'")
    options.disable = 1
    assert.equal(why(), "storage 'small' is disabled")
    delete bench.world.state.storage.small
    assert.equal(why(), "storage 'small' does not exist")
  })
})
