import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { labFiles } from '../../src/lab/lab-files.ts'
import { hardware, newFolder, removeFolder } from './lab-site.ts'

describe('lab/lab-files', () => {
  let dir: string
  beforeEach(async () => {
    dir = await newFolder()
  })
  afterEach(() => removeFolder(dir))

  it('knows nothing of an empty folder', async () => {
    const files = labFiles(dir)
    assert.deepEqual([await files.readHardware(), await files.readAccess()], [[], undefined])
  })

  it('takes a file that a crash cut off for none', async () => {
    await writeFile(join(dir, 'lab.json'), '{"pid": 1')
    assert.equal(await labFiles(dir).readAccess(), undefined)
  })

  it('keeps the secrets of a cluster, makes up those of a new one, and lets nobody else read them', async () => {
    const files = labFiles(dir)
    const first = await files.readSecrets(['a'])
    await files.writeSecrets(first)
    const second = await files.readSecrets(['a', 'b'])
    assert.deepEqual({ ...second, clusters: { a: second.clusters.a } }, first)
    assert.notEqual(second.clusters.b?.tokenSecret, first.clusters.a?.tokenSecret)
    await files.writeHardware([hardware])
    for (const name of ['secrets.json', 'hardware.json']) assert.equal((await stat(join(dir, name))).mode & 0o077, 0)
  })

  it('names worlds so that no cluster gets out of the folder', () => {
    assert.equal(labFiles('/lab').world('../../etc'), '/lab/world-..%2F..%2Fetc.json')
  })
})
