// BIRD of the mesh on a gateway as a declaration: its files, what interrupts sessions, what proves a change, how it is put in force.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { meshBird, meshBirdFacts } from '../../../src/parts/mesh/bird.ts'
import { MESH_BIRD } from '../../../src/parts/mesh/bird-names.ts'
import { DRAIN_FILE } from '../../../src/parts/mesh/drain.ts'
import { gatewayOf } from '../../../src/parts/mesh/model.ts'
import { WEIGHT_FILE } from '../../../src/parts/mesh/weight.ts'
import { type HostFacts, NOTHING, wishOf } from '../../../src/resources/host-facts.ts'
import type { Mesh } from '../../../src/site/services.ts'
import { needs } from '../../setup.ts'
import { meshSite } from './routing-world.ts'

const UNIT_PATH = '/etc/systemd/system/orion-mesh-bird.service'

const asStatic = (mesh: Mesh): Mesh => ({ ...mesh, routing: 'static' })
const withMore = (mesh: Mesh): Mesh => ({
  ...mesh,
  gateways: [
    ...mesh.gateways,
    { name: 'osl-1', endpoint: 'osl.example.net', address: '10.99.6.1', routes: ['10.6.0.0/24'] },
  ],
})
const without = (name: string) => (mesh: Mesh) => ({
  ...mesh,
  gateways: mesh.gateways.filter((one) => one.name !== name),
  direct: mesh.direct.filter((pair) => !pair.includes(name)),
})
const renumbered = (mesh: Mesh): Mesh => ({
  ...mesh,
  gateways: mesh.gateways.map((one) => (one.name === 'sin-1' ? { ...one, number: 77 } : one)),
})

async function setOf(change: (mesh: Mesh) => Mesh = (mesh) => mesh, name = 'van-1') {
  const site = await meshSite(change)
  const gateway = gatewayOf(site, name)
  assert.ok(gateway)
  const set = meshBird(site, gateway, wishOf([meshBirdFacts(site, gateway)]))
  assert.ok(set)
  return set
}

const output = (stdout: string, code = 0) => ({ code, stdout, stderr: '' })

interface Seen {
  readonly files?: Readonly<Record<string, string>>
  readonly up?: readonly string[]
  readonly commands?: Readonly<Record<string, string>>
}

/** What is read of a gateway; `up`: established sessions by protocol. */
function seenOf({ files = {}, up, commands = {} }: Seen): HostFacts {
  const rights = { kind: 'file', mode: 0o644, owner: 'root', group: 'root' } as const
  const rows = ['wg_fra_1', 'wg_kel_1', 'wg_rey_1', 'wg_sin_1'].map((name) => {
    const state = up?.includes(name) ? 'up     2026-11-21 18:00:00  Established' : 'start  2026-11-21 18:00:00  Connect'
    return `1002-${name}   BGP        ---        ${state}`
  })
  return {
    files: new Map(Object.entries(files).map(([path, text]) => [path, { ...rights, text }])),
    commands: new Map([
      ...(up === undefined
        ? []
        : [['mesh-bird-protocols', output(['0001 BIRD 2.17.5 ready.', ...rows, ''].join('\n'))] as const]),
      ...Object.entries(commands).map(([name, text]) => [name, output(text)] as const),
    ]),
  }
}

async function filesOf(change?: (mesh: Mesh) => Mesh, name?: string): Promise<Record<string, string>> {
  const files = (await setOf(change, name)).files(NOTHING)
  return Object.fromEntries(files.map(({ path, text }) => [path, text ?? '']))
}

const ALL = ['wg_fra_1', 'wg_kel_1', 'wg_rey_1', 'wg_sin_1']

describe('parts/mesh/bird', () => {
  it('reads every file that it writes', async () => {
    const set = await setOf()
    assert.deepEqual(
      set.files(NOTHING).map(({ path }) => path),
      [MESH_BIRD.conf, DRAIN_FILE, WEIGHT_FILE, UNIT_PATH],
    )
    for (const { path } of set.files(NOTHING)) assert.ok(set.wish.files?.includes(path), path)
  })

  it('a gateway that only clients dial has none', async () => {
    const site = await meshSite((mesh) => ({ ...mesh, gateways: mesh.gateways.slice(0, 1), direct: [] }))
    const gateway = gatewayOf(site, 'van-1')
    assert.ok(gateway)
    assert.deepEqual([meshBird(site, gateway, { files: [] }), meshBirdFacts(site, gateway)], [undefined, {}])
  })

  it('keeps what weight.conf says, and a drain while its rotation is open', async () => {
    const files = { [DRAIN_FILE]: 'define DRAIN_wg_kel_1 = 1;\n', [WEIGHT_FILE]: 'define WEIGHT = 25;\n' }
    const standing = (await setOf()).files(seenOf({ files }))
    assert.ok(standing.some(({ text }) => text?.includes('define DRAIN_wg_kel_1 = 0;')))
    const commands = { 'mesh-open-pairs': 'wg-fra-1\nwg-kel-1\n' }
    const texts = (await setOf()).files(seenOf({ files, commands })).map(({ text }) => text ?? '')
    assert.ok(texts.some((text) => text.includes('define DRAIN_wg_kel_1 = 1;\ndefine DRAIN_wg_rey_1 = 0;')))
    assert.ok(texts.some((text) => text.endsWith('define WEIGHT = 25;\n')))
  })

  /** From which mesh to which, and what is interrupted. */
  const CHANGES: readonly (readonly [
    string,
    (mesh: Mesh) => Mesh,
    (mesh: Mesh) => Mesh,
    readonly string[],
    string | undefined,
  ])[] = [
    ['nothing', (mesh) => mesh, (mesh) => mesh, ALL, undefined],
    ['a new gateway', (mesh) => mesh, withMore, ALL, undefined],
    ['one that is gone', (mesh) => mesh, without('rey-1'), ALL, 'the BGP session with rey-1 for good'],
    ['one that is gone, and was not up', (mesh) => mesh, without('rey-1'), ['wg_fra_1'], undefined],
    ['another number', (mesh) => mesh, renumbered, ALL, 'the BGP session with sin-1'],
    ['no BGP any more', (mesh) => mesh, asStatic, ['wg_fra_1'], 'the BGP session with fra-1 for good'],
  ]
  for (const [title, old, next, up, want] of CHANGES)
    it(`says what a change interrupts: ${title}`, async () => {
      const seen = seenOf({ files: await filesOf(old), up })
      assert.equal((await setOf(next)).disrupts?.(seen), want)
    })

  it('proves that the sessions are back that were there, but for those whose other end must change, too', async () => {
    const before = seenOf({ files: await filesOf(), up: ALL })
    const prove = async (change: (mesh: Mesh) => Mesh, up: readonly string[] | undefined) =>
      (await setOf(change)).prove?.(before, seenOf({ files: await filesOf(change), ...(up && { up }) }))
    assert.deepEqual(await prove(withMore, ALL), [])
    assert.deepEqual(await prove(withMore, ALL.slice(1)), ['the BGP session with fra-1 is not back'])
    assert.deepEqual(await prove(renumbered, ALL.slice(0, 3)), [])
    assert.deepEqual(await prove(without('sin-1'), ALL.slice(0, 3)), [])
    assert.deepEqual(await prove(withMore, undefined), ['BIRD of the mesh does not answer (orion-mesh-bird.service)'])
    assert.deepEqual((await setOf()).prove?.(before, seenOf({})), [])
    const nobody = seenOf({ files: await filesOf(), up: [] })
    assert.deepEqual((await setOf()).prove?.(nobody, nobody), [])
  })

  it('starts it where it does not run or will not with the host, once its files are there', async () => {
    const set = await setOf()
    const commands = { 'mesh-bird-active': 'inactive\n', 'mesh-bird-enabled': 'disabled\n' }
    const unit = 'orion-mesh-bird.service'
    assert.deepEqual(set.drift?.(seenOf({ commands })), [])
    assert.deepEqual(set.drift?.(seenOf({ commands, files: await filesOf() })), [
      { field: unit, have: 'inactive', want: 'active' },
      { field: unit, have: 'disabled', want: 'enabled' },
    ])
  })

  it('is checked where its files are: undoing what made it leaves none', async () => {
    const { check = [] } = await setOf()
    const [command = '', ...args] = check[0] ?? []
    assert.equal(args.at(-1), MESH_BIRD.conf)
    assert.equal(spawnSync(command, [...args.slice(0, -1), '/nowhere/at/all']).status, 0)
  })

  it('goes where ways are static, with all that was left of it', async () => {
    const set = await setOf(asStatic)
    assert.deepEqual(
      set.files(NOTHING).map(({ text }) => text),
      [undefined, undefined, undefined, undefined],
    )
    assert.deepEqual([set.check, set.drift, set.prove], [undefined, undefined, undefined])
    const [stand] = typeof set.activate === 'function' ? [] : set.activate
    assert.deepEqual(stand?.slice(3), ['orion-mesh-bird-unit', 'orion-mesh-bird.service', UNIT_PATH, 'as before'])
  })

  it('is configured by its own socket, and starts anew only where its unit has other words', async () => {
    const activate = async (files: Readonly<Record<string, string>>) => {
      const set = await setOf()
      const seen = seenOf({ files, commands: { 'mesh-bird-active': 'active\n' } })
      return typeof set.activate === 'function' ? set.activate(seen) : []
    }
    const same = await activate(await filesOf())
    assert.deepEqual(
      same.map((argv) => argv.slice(3)),
      [
        [],
        ['orion-mesh-bird', 'active', '120', '60', MESH_BIRD.conf, MESH_BIRD.socket, MESH_BIRD.unit],
        ['orion-mesh-bird-unit', MESH_BIRD.unit, UNIT_PATH, 'as before'],
      ],
    )
    assert.equal((await activate({ [UNIT_PATH]: '[Service]\n' })).at(-1)?.at(-1), 'again')
  })

  describe('its unit', () => {
    const programs = async () => {
      const { activate } = await setOf()
      return typeof activate === 'function' ? activate(NOTHING).filter(([program]) => program === 'sh') : []
    }

    it('shellcheck has nothing to say about the programs', async function () {
      await needs(this, ['shellcheck'])
      for (const [, , program = ''] of await programs()) {
        const { stdout, status } = spawnSync('shellcheck', ['-s', 'sh', '-'], { input: program, encoding: 'utf8' })
        assert.deepEqual({ status, stdout }, { status: 0, stdout: '' })
      }
    })

    /** Is its file there, `again`; and what systemd is told. */
    const STANDS: readonly (readonly [boolean, string, readonly string[]])[] = [
      [true, 'as before', ['daemon-reload', '--quiet enable UNIT', 'start UNIT']],
      [true, 'again', ['daemon-reload', '--quiet enable UNIT', 'restart UNIT']],
      [false, 'as before', ['stop UNIT', 'daemon-reload']],
      [false, 'again', ['stop UNIT', 'daemon-reload']],
    ]
    for (const [isThere, how, want] of STANDS)
      it(`${isThere ? 'with' : 'without'} its file, ${how}: ${want.join(', ')}`, async () => {
        const folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
        try {
          const [file, told] = [join(folder, 'unit'), join(folder, 'told')]
          if (isThere) writeFileSync(file, '')
          writeFileSync(join(folder, 'systemctl'), `#!/bin/sh\necho "$@" >>${told}\n`, { mode: 0o755 })
          const [, , program = ''] = (await programs()).at(-1) ?? []
          const env = { PATH: `${folder}:/usr/bin:/bin` }
          const { status } = spawnSync('sh', ['-c', program, 'stand', 'orion-test.service', file, how], { env })
          assert.equal(status, 0)
          const lines = readFileSync(told, 'utf8').replaceAll('orion-test.service', 'UNIT').trim().split('\n')
          assert.deepEqual(lines, want)
        } finally {
          rmSync(folder, { recursive: true })
        }
      })
  })

  /** What is read, and what speaks against it. */
  const PROBLEMS: readonly (readonly [string, Readonly<Record<string, string>>, RegExp | undefined])[] = [
    ['nothing', {}, undefined],
    ['an old BIRD', { 'bird-version': 'BIRD version 2.0.7\n' }, /^BIRD 2\.0\.7 is too old/],
    ['a BIRD of Debian 12', { 'bird-version': 'BIRD version 2.0.12\n' }, undefined],
  ]
  for (const [title, commands, want] of PROBLEMS)
    it(`what speaks against it: ${title}`, async () => {
      const problems = (await setOf()).problems?.(seenOf({ commands })) ?? []
      assert.equal(problems.length, want === undefined ? 0 : 1, problems.join())
      if (want) assert.match(problems[0] ?? '', want)
    })
})
