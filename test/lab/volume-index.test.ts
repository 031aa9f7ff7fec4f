import assert from 'node:assert/strict'
import fc from 'fast-check'
import { GIB } from '../../src/lab/property.ts'
import {
  deleteVolume,
  forgetVolumes,
  insertVolume,
  lookUpVolume,
  sizeVolume,
  takenBytes,
  volumesOf,
} from '../../src/lab/volume-index.ts'
import { newWorldState } from '../../src/lab/world-file.ts'
import { hardware } from './requests.ts'

const step = fc.record({
  action: fc.constantFrom('insert', 'delete', 'size', 'forget'),
  node: fc.constantFrom('n1', 'n2'),
  storage: fc.constantFrom('local-zfs', 'shared'),
  vmid: fc.integer({ min: 100, max: 102 }),
  size: fc.integer({ min: 1, max: 9 }),
})

describe('lab/volume-index', () => {
  it('counts at every moment what a count of all volumes gives', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const state = newWorldState(hardware({ volumes: [] }))
        state.storage.shared = { name: 'shared', type: 'nfs', options: {}, totalBytes: 100 * GIB }
        steps.forEach(({ action, node, storage, vmid, size }, index) => {
          const [first] = volumesOf(state, vmid)
          const volid = `${storage}:vm-${vmid}-disk-${index}`
          if (action === 'insert')
            insertVolume(state, { volid, node, vmid, sizeBytes: size, content: 'images', format: 'raw' })
          else if (action === 'forget') forgetVolumes(state)
          else if (first && action === 'delete') deleteVolume(state, first)
          else if (first) sizeVolume(state, first, size)
        })
        const sum = (keep: (volume: (typeof state.volumes)[number]) => boolean) =>
          state.volumes.filter(keep).reduce((bytes, volume) => bytes + volume.sizeBytes, 0)
        for (const node of ['n1', 'n2']) {
          for (const storage of Object.values(state.storage)) {
            const shared = storage.name === 'shared'
            const want = sum(({ volid, node: at }) => volid.startsWith(`${storage.name}:`) && (shared || at === node))
            assert.equal(takenBytes(state, node, storage), want)
          }
        }
        for (const volume of state.volumes) {
          assert.equal(lookUpVolume(state, volume.node, volume.volid), volume)
          assert.ok(volumesOf(state, volume.vmid ?? 0).includes(volume))
        }
      }),
    )
  })
})
