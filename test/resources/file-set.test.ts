// File sets on a fake host: what is shown, what is changed.
import assert from 'node:assert/strict'
import { code, make, OTHER, PATH, setOf } from './fake-file-set.ts'
import { file, link } from './fake-host.ts'

describe('resources/file-set', () => {
  const rows = [
    { title: 'an absent file', files: {}, shown: [`${PATH} absent → 3 lines (5e8b68)`], lines: ['+a', '+b', '+c'] },
    { title: 'the same file', files: { [PATH]: 'a\nb\nc\n' }, shown: [], lines: [] },
    {
      title: 'another line',
      files: { [PATH]: 'a\nB\nc\n' },
      shown: [`${PATH} 3 lines (b52abd) → 3 lines (5e8b68)`],
      lines: [' a', '-B', '+b', ' c'],
    },
    {
      title: 'another mode',
      files: { [PATH]: file('a\nb\nc\n', 0o600) },
      shown: [`${PATH} mode 0600 root → 0644 root`],
    },
    {
      title: 'another owner',
      files: { [PATH]: file('a\nb\nc\n', 0o644, 'www') },
      shown: [`${PATH} mode 0644 www → 0644 root`],
    },
    {
      title: 'a link in its place',
      files: { [PATH]: link('/run/x') },
      shown: [`${PATH} a link to /run/x → 3 lines (5e8b68)`],
      lines: ['+a', '+b', '+c'],
    },
  ]
  for (const { title, files, shown, lines = [] } of rows)
    it(`shows ${title}`, async () => {
      const { differences } = await make(setOf(), { files }).look()
      const digest = /\([0-9a-f]{6}\)/g
      const texts = differences.map(({ field, have, want }) => `${field} ${have} → ${want}`)
      assert.deepEqual(
        texts.map((text) => text.replace(digest, '(…)')),
        shown.map((text) => text.replace(digest, '(…)')),
      )
      assert.deepEqual(
        differences.flatMap((one) => one.lines ?? []),
        lines,
      )
    })

  it('tells two texts of the same length apart', async () => {
    const wants = await Promise.all(
      ['a\n', 'b\n'].map((text) => make(setOf(), { files: { [PATH]: text } }).look()),
    ).then((all) => all.map(({ differences }) => differences[0]?.have))
    assert.notEqual(wants[0], wants[1])
  })

  it('never shows a line of a secret', async () => {
    const set = setOf({ files: () => [{ path: PATH, text: 'key hunter2\n', secret: true }] })
    const { fake, look, apply } = make(set, { files: { [PATH]: 'key hunter1\n' } })
    assert.doesNotMatch(JSON.stringify((await look()).differences), /hunter/)
    await apply()
    assert.deepEqual(fake.changes[0]?.files, [{ path: PATH, text: 'key hunter2\n' }])
  })

  for (const files of [{}, { [PATH]: 'other\n' }])
    it(`shows a digest and no line of what is opaque (${Object.keys(files).length === 0 ? 'new' : 'changed'})`, async () => {
      const set = setOf({ files: () => [{ path: PATH, text: 'a program\n', opaque: true }] })
      const { fake, look, apply } = make(set, { files })
      const [difference] = (await look()).differences
      assert.match(difference?.want ?? '', /^1 line \([0-9a-f]{6}\)$/)
      assert.equal(difference?.lines, undefined)
      await apply()
      assert.deepEqual(fake.changes[0]?.files, [{ path: PATH, text: 'a program\n' }])
    })

  it('tells a new set in one line where it has one', () => {
    assert.equal(make(setOf({ brief: 'three letters' })).resource.brief, 'three letters')
    assert.equal('brief' in make(setOf()).resource, false)
  })

  it('has every line of a long diff, for --json and --verbose', async () => {
    const text = Array.from({ length: 100 }, (_, at) => `${at}\n`).join('')
    const { differences } = await make(setOf({ files: () => [{ path: PATH, text }] })).look()
    assert.equal(differences[0]?.lines?.length, 100)
    assert.equal(differences[0]?.lines?.at(-1), '+99')
  })

  it('is absent while none of its files is there, and says all the same what it would make', async () => {
    const { have, differences } = await make(setOf()).look()
    assert.equal(have, undefined)
    assert.equal(differences[0]?.field, PATH)
  })

  it('is there, though none of its files is, where they depend on the host', async () => {
    const set = setOf({ files: (seen) => [{ path: PATH, text: `${seen.commands.get('ssh-ends')?.stdout}\n` }] })
    const { have, differences } = await make(set).look()
    assert.ok(have)
    assert.deepEqual(differences[0]?.lines, ['+10.0.0.9 10.0.0.1'])
  })

  it('changes only what differs, tells what the guard says, and is as wanted after', async () => {
    const files = () => [
      { path: PATH, text: 'a\n' },
      { path: OTHER, text: 'b\n' },
    ]
    const { fake, look, apply } = make(setOf({ files }), { files: { [OTHER]: 'b\n' } })
    await apply()
    assert.deepEqual(fake.changes[0]?.files, [{ path: PATH, text: 'a\n' }])
    assert.deepEqual(
      fake.news.map((one) => (one.kind === 'info' ? one.text : '')),
      ['armed', 'confirmed'],
    )
    assert.deepEqual((await look()).differences, [])
  })

  it('reads all of a host once for many resources, and again after a change', async () => {
    const { fake, look, apply } = make(setOf())
    await Promise.all([look(), look(), look()])
    assert.deepEqual(fake.calls, ['read'])
    await apply()
    await look()
    assert.deepEqual(fake.calls, ['read', 'change x', 'activate reload x', 'read', 'read'])
  })

  it('activates what is not in force, without changing a file', async () => {
    let live = '1'
    const set = setOf({
      wish: { files: [PATH], commands: { live: ['live'] } },
      drift: (seen) => (seen.commands.get('live')?.stdout === '2' ? [] : [{ field: 'live', have: '1', want: '2' }]),
    })
    const programs = { live: () => live, reload: () => (live = '2') }
    const { fake, look, apply } = make(set, { files: { [PATH]: 'a\nb\nc\n' }, programs })
    assert.deepEqual((await look()).differences, [{ field: 'live', have: '1', want: '2' }])
    await apply()
    assert.deepEqual(fake.changes[0]?.files, [{ path: PATH, text: 'a\nb\nc\n' }])
    assert.deepEqual((await look()).differences, [])
  })

  it('is a problem with every line where the host speaks against it', async () => {
    const set = setOf({ problems: () => ['no port eno9', 'no port eno8'] })
    await assert.rejects(make(set).look(), (error: Error) => {
      assert.match(error.message, /^x of n1 cannot be made so:\n {2}no port eno9\n {2}no port eno8$/)
      return code('E_HOST_FACTS')(error)
    })
  })

  it('refuses to merge into what is no text, unless the file is its own', async () => {
    const files = { [PATH]: { ...file(''), kind: 'other' as const } }
    await assert.rejects(make(setOf(), { files }).look(), /\/etc\/x\.conf is not a file of UTF-8 text/)
    assert.equal((await make(setOf({ owned: true }), { files }).look()).differences.length, 1)
  })

  it('says once what it interrupts, and nothing where nothing changes', async () => {
    const disrupts = () => 'bridge vmbr1'
    const files = () => [PATH, OTHER].map((path) => ({ path, text: 'a\n' }))
    const all = (await make(setOf({ files, disrupts }), { files: { [PATH]: 'b\n' } }).look()).differences
    assert.deepEqual(
      all.map((one) => one.disrupts),
      ['bridge vmbr1', undefined],
    )
    const none = await make(setOf({ files, disrupts }), { files: { [PATH]: 'a\n', [OTHER]: 'a\n' } }).look()
    assert.deepEqual(none.differences, [])
  })

  it('removes files that are its own, and nothing twice', async () => {
    const { fake, resource, look } = make(setOf({ owned: true }), { files: { [PATH]: 'a\nb\nc\n', [OTHER]: 'mine\n' } })
    const { have } = await look()
    assert.ok(have)
    await resource.remove(fake.outside, have, fake.note)
    assert.deepEqual([...fake.files.keys()], [OTHER])
    const gone = await resource.observe(fake.outside)
    assert.equal(gone, undefined)
  })

  it('leaves files that others write in, too', async () => {
    const { fake, resource, look } = make(setOf(), { files: { [PATH]: 'a\n' } })
    const { have } = await look()
    assert.ok(have)
    await assert.rejects(resource.remove(fake.outside, have, fake.note), code('E_IMMUTABLE'))
  })
})
