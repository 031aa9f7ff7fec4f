// File sets on a fake host: what is proved and put back, and that the changes of a host go one after another.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import { type FileSet, fileSet } from '../../src/resources/file-set.ts'
import { make, PATH, setOf } from './fake-file-set.ts'
import { fakeHost } from './fake-host.ts'

describe('resources/file-set: proof and order', () => {
  const worse = [
    { title: 'activating fails', changes: {}, programs: {}, said: /activating failed/ },
    {
      title: 'it does not come into force',
      changes: { drift: () => [{ field: 'live', have: '1', want: '2' }] },
      said: /live is 1, not 2/,
    },
    {
      title: 'something is worse than before',
      changes: { prove: () => ['the gateway is silent'] },
      said: /the gateway is silent/,
    },
  ]
  for (const { title, changes, programs = { reload: '' }, said } of worse)
    it(`is put back where ${title}`, async () => {
      const { fake, apply } = make(setOf(changes), { files: { [PATH]: 'old\n' }, programs })
      await assert.rejects(apply(), said)
      assert.equal(fake.files.get(PATH)?.text, 'old\n')
    })

  it('proves with what was before and what is after', async () => {
    const seen: (string | undefined)[] = []
    const prove: FileSet['prove'] = (before, after) => {
      seen.push(before.files.get(PATH)?.text, after.files.get(PATH)?.text)
      return []
    }
    await make(setOf({ prove }), { files: { [PATH]: 'old\n' } }).apply()
    assert.deepEqual(seen, ['old\n', 'a\nb\nc\n'])
  })

  it('gives a function of the old facts the chance to put live values back', async () => {
    const activate: FileSet['activate'] = (before) => [['reload', before.files.get(PATH)?.text.trim() ?? '-']]
    const { fake, apply } = make(setOf({ activate }), { files: { [PATH]: 'old\n' } })
    await apply()
    assert.ok(fake.calls.includes('activate reload old'))
  })

  it('makes the changes of one host one after another, also after one that failed', async () => {
    const fake = fakeHost({ files: {}, programs: { reload: '' } })
    let running = 0
    let most = 0
    const { change } = fake.host.guard
    const guard = {
      ...fake.host.guard,
      change: async (...given: Parameters<typeof change>) => {
        running += 1
        most = Math.max(most, running)
        await new Promise((done) => setImmediate(done))
        running -= 1
        if (given[0].name === 'b') throw new OrionError('busy', { code: 'E_HOST_BUSY' })
      },
    }
    const outside = { ...fake.outside, host: async () => host }
    const host = { ...fake.host, guard }
    const sets = ['a', 'b', 'c', 'd'].map((name) => fileSet(setOf({ name })))
    const ends = await Promise.allSettled(sets.map((one) => one.create(outside, fake.note)))
    assert.equal(most, 1)
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    )
  })
})
