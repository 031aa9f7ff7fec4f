// What a file set knows of hosts that it only looks at: read once, anew when they changed, and no error where they are silent.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import type { Outside } from '../../src/resource.ts'
import { type FileSet, fileSet } from '../../src/resources/file-set.ts'
import { readOthers } from '../../src/resources/host-others.ts'
import { code, PATH, setOf } from './fake-file-set.ts'
import { type FakeHost, fakeHost } from './fake-host.ts'

const KEY = '/key.pub'
const WISH = { files: [KEY] }

/** n1 looks at n2: its file has n2's key in it. Of a silent one it keeps what stands there. */
const looking: Partial<FileSet> = {
  others: { n2: WISH },
  files: (seen) => {
    const other = seen.others?.get('n2')
    const stands = seen.files.get(PATH)?.text
    const key = other?.files.get(KEY)?.text ?? 'not made yet\n'
    if (seen.others && other === undefined) return stands === undefined ? [] : [{ path: PATH, text: stands }]
    return [{ path: PATH, text: `peer ${key}` }]
  },
  drift: (seen) => (seen.others?.get('n2') ? [] : [{ field: 'peer n2', want: 'up', waits: 'other' }]),
}

const silent = (error: OrionError['code']) => ({ read: new OrionError('no', { code: error }) })

function make(n1: FakeHost, n2: FakeHost, set = setOf(looking)) {
  const of = (name: string) => (name === 'n2' ? n2.host : n1.outside.host(name))
  const outside: Outside = { ...n1.outside, host: async (name) => of(name) }
  const resource = fileSet(set)
  const look = async () => {
    const have = await resource.observe(outside)
    return { have, differences: resource.diff(have) }
  }
  return { outside, resource, look, n1, n2 }
}

const host = (name: string, options: Parameters<typeof fakeHost>[0] = {}) =>
  fakeHost({ name, programs: { reload: '' }, ...options })

describe('resources/file-set: others', () => {
  it('are read for the plan, also of a set that is not there yet, and kept through its proof', async () => {
    const { look, resource, outside, n1 } = make(host('n1'), host('n2', { files: { [KEY]: 'K2\n' } }))
    const { have, differences } = await look()
    assert.equal(have, undefined)
    assert.deepEqual(differences[0]?.lines, ['+peer K2'])
    await resource.create(outside, n1.note)
    assert.equal(n1.files.get(PATH)?.text, 'peer K2\n')
    assert.deepEqual((await look()).differences, [])
  })

  it('are read once, whoever asks, and anew when they forget', async () => {
    const { look, n2 } = make(host('n1'), host('n2', { files: { [KEY]: 'K2\n' } }))
    await Promise.all([look(), look(), look()])
    assert.equal(n2.calls.length, 1)
    n2.files.set(KEY, { kind: 'file', text: 'K3\n', mode: 0o644, owner: 'root', group: 'root' })
    assert.deepEqual((await look()).differences[0]?.lines, ['+peer K2'])
    n2.host.forget()
    assert.deepEqual((await look()).differences[0]?.lines, ['+peer K3'])
  })

  for (const error of ['E_HOST_UNREACHABLE', 'E_HOST_KEY', 'E_HOST_FACTS'] as const)
    it(`that are silent (${error}) leave what stands, and the rest waits`, async () => {
      const n1 = host('n1', { files: { [PATH]: 'peer K1\n' } })
      const { look, n2 } = make(n1, host('n2', { fail: silent(error) }))
      assert.deepEqual((await look()).differences, [{ field: 'peer n2', want: 'up', waits: 'other' }])
      await look()
      assert.equal(n2.calls.length, 1, 'silence is known until it forgets')
    })

  it('that are silent make a new set wait, and it is made without them', async () => {
    const own = (seen: Parameters<FileSet['files']>[0]) => [
      { path: '/own.conf', text: 'own\n' },
      ...(looking.files?.(seen) ?? []),
    ]
    const set = setOf({ ...looking, wish: { files: [PATH, '/own.conf'] }, files: own })
    const { look, resource, outside, n1 } = make(host('n1'), host('n2', { fail: silent('E_HOST_LOST') }), set)
    const { have, differences } = await look()
    assert.equal(have, undefined)
    assert.deepEqual(
      differences.map(({ field, waits }) => [field, waits]),
      [
        ['/own.conf', undefined],
        ['peer n2', 'other'],
      ],
    )
    await resource.create(outside, n1.note)
    assert.deepEqual([...n1.files.keys()], ['/own.conf'])
  })

  it('of which nobody was asked are another matter than silent ones', () => {
    const lines = fileSet(setOf(looking)).diff(undefined)
    assert.deepEqual(lines[0]?.lines, ['+peer not made yet'])
  })

  it('may be reached in a way of their own, and an interrupt or an unknown name is an error', async () => {
    const n2 = host('n2', { files: { [KEY]: 'K2\n' } })
    const { outside } = host('n1')
    const seen = await readOthers({ vm: WISH }, outside, async () => n2.host)
    assert.equal(seen.get('vm')?.files.get(KEY)?.text, 'K2\n')
    const down = await readOthers({ vm: WISH }, outside, () => Promise.reject(silent('E_HOST_UNREACHABLE').read))
    assert.deepEqual([...down], [['vm', undefined]])
    await assert.rejects(readOthers({ nobody: WISH }, outside), code('E_SITE'))
    const stopped = host('n2', { fail: silent('E_INTERRUPTED') })
    await assert.rejects(
      readOthers({ n2: WISH }, outside, async () => stopped.host),
      code('E_INTERRUPTED'),
    )
  })
})
