// What a change becomes on its way to the host, and what never gets that far.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { unpackFiles } from '../../src/host/archive.ts'
import type { Change } from '../../src/host/guard.ts'
import { packChange } from '../../src/host/guard-pack.ts'

const change = (part: Partial<Change> = {}): Change => ({
  name: 'interfaces',
  files: [
    { path: '/etc/one', text: 'one\n', mode: 0o600 },
    { path: '/etc/two', text: undefined },
  ],
  check: [['ifreload', '-a', '-s']],
  activate: [
    ['ifreload', '-a'],
    ['echo', "it's"],
  ],
  confirmWithinSeconds: 60,
  ...part,
})

const unpack = async (part?: Partial<Change>, by = 'me@here (orion net apply)') =>
  await unpackFiles(await packChange(change(part), by))

describe('a change as a tar', () => {
  it('has everything in its place, the list of files last', async () => {
    const members = await unpack({ strict: true })
    assert.deepEqual(
      [...members].slice(2).map(([name, { text, mode }]) => [name, text, mode.toString(8)]),
      [
        ['change/name', 'interfaces\n', '600'],
        ['change/by', 'me@here (orion net apply)\n', '600'],
        ['change/window', '60\n', '600'],
        ['change/strict', '', '600'],
        ['change/new/001', 'one\n', '600'],
        ['change/check/001', "'ifreload' '-a' '-s'\n", '600'],
        ['change/activate/001', "'ifreload' '-a'\n", '600'],
        ['change/activate/002', "'echo' 'it'\\''s'\n", '600'],
        ['change/files', '001 put /etc/one\n002 remove /etc/two\n', '600'],
      ],
    )
    assert.equal(members.get('guard')?.mode, 0o755)
    assert.match(
      members.get('orion-guard-boot.service')?.text ?? '',
      /^ExecStart=\/usr\/local\/sbin\/orion-guard boot$/m,
    )
  })

  it('keeps who made it on one line', async () => {
    assert.equal((await unpack({}, 'me\nroot\0x')).get('change/by')?.text, 'me root x\n')
  })

  it('carries any text byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const members = await unpack({ files: [{ path: '/etc/one', text }] })
        assert.equal(members.get('change/new/001')?.text, Buffer.from(text).toString('utf8'))
      }),
      { numRuns: 50 },
    )
  })

  it('says a group only where it is not that of root', async () => {
    const files = [
      { path: '/etc/one', text: 'one', group: 'root' },
      { path: '/etc/two', text: 'two', group: 'bird' },
      { path: '/etc/three', text: undefined, group: 'bird' },
    ]
    const members = await unpack({ files })
    const groups = [...members].filter(([name]) => name.startsWith('change/group/'))
    assert.deepEqual(
      groups.map(([name, { text }]) => [name, text]),
      [['change/group/002', 'bird\n']],
    )
  })

  const wrong: readonly (readonly [string, Partial<Change>])[] = [
    ['a name of two words', { name: 'a b' }],
    ['a name with a line break', { name: 'a\n' }],
    ['no files', { files: [] }],
    ['half a second', { confirmWithinSeconds: 0.5 }],
    ['no time', { confirmWithinSeconds: 0 }],
    ...['', 'a b', 'x\n', '-r', '0', 'a/b'].map(
      (group) => [`the group ${JSON.stringify(group)}`, { files: [{ path: '/a', text: '', group }] }] as const,
    ),
    ['a file twice', { files: ['/a', '/a'].map((path) => ({ path, text: '' })) }],
    ...['etc/x', '/', '/etc/', '/etc//x', '/etc/../x', '/etc/.', '/etc/x\n001 put /etc/shadow', '/etc/x\0'].map(
      (path) => [`the path ${JSON.stringify(path)}`, { files: [{ path, text: '' }] }] as const,
    ),
  ]
  for (const [name, part] of wrong)
    it(`is not made of ${name}`, () => assert.rejects(packChange(change(part), 'me'), { code: 'E_GUARD_REFUSED' }))
})
