// The programs of ours that make swap, in a real shell: only systemctl and swapoff are stand-ins.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getLiveSwaps } from '../../../src/parts/net/live-swap.ts'
import { swap, swapFacts } from '../../../src/parts/net/swap.ts'
import { NOTHING } from '../../../src/resources/host-facts.ts'
import { testNode, WISH } from './test-node.ts'

const MIB = 1024 * 1024

describe('parts/net/swap: its programs', () => {
  let folder = ''
  let path = ''
  let unit = ''
  before(function () {
    const there = ['mkswap', 'wipefs', 'fallocate', 'findmnt'].every(
      (one) => spawnSync(one, ['--version']).error === undefined,
    )
    if (!there) this.skip()
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-tests-'))
    path = join(folder, "it's a swap")
    unit = join(folder, 'x.swap')
    mkdirSync(join(folder, 'bin'))
    for (const name of ['systemctl', 'swapoff']) {
      writeFileSync(join(folder, 'bin', name), `#!/bin/sh\necho ${name} "$@" >> '${folder}/calls'\n`)
      chmodSync(join(folder, 'bin', name), 0o755)
    }
    writeFileSync(unit, '')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const node = () => testNode({ swap: [{ file: path, sizeMib: 2 }] })
  const env = () => ({ ...process.env, PATH: `${folder}/bin:${process.env.PATH}:/usr/sbin:/sbin` })
  const calls = () =>
    existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : []

  function activate(mib: number, fresh: string, restart = 'no'): number | null {
    const set = swap(node(), WISH)
    const programs = typeof set?.activate === 'function' ? set.activate(NOTHING) : []
    const [program = '', ...words] = programs[0]?.slice(0, 4) ?? []
    return spawnSync(program, [...words, unit, path, String(mib), fresh, restart], { env: env() }).status
  }

  function look(...paths: string[]): string {
    const [program = '', ...words] =
      swapFacts(testNode({ swap: paths.map((file) => ({ file })) })).commands?.['swap-look'] ?? []
    return spawnSync(program, words, { env: env(), encoding: 'utf8' }).stdout
  }

  it('makes a file once, whole, readable by root alone', () => {
    assert.equal(activate(2, 'file', 'yes'), 0)
    const made = statSync(path)
    assert.deepEqual([made.size, made.mode & 0o777], [2 * MIB, 0o600])
    assert.match(look(path), /^file 2097152 \S+ swap /)
    assert.equal(activate(2, 'file'), 0)
    assert.equal(statSync(path).ino, made.ino)
    assert.deepEqual(
      calls().filter((call) => call.includes('start')),
      ['systemctl start x.swap', 'systemctl start x.swap'],
    )
    assert.equal(existsSync(`${path}.orion-new`), false)
  })

  it('makes it anew for another size, and only then', () => {
    activate(2, 'file')
    const { ino } = statSync(path)
    assert.equal(activate(2, 'size'), 0)
    assert.equal(statSync(path).ino, ino)
    assert.equal(activate(3, 'size', 'yes'), 0)
    assert.equal(statSync(path).size, 3 * MIB)
    assert.ok(calls().includes('systemctl stop -q x.swap'))
  })

  it('takes away what it made, and nothing else, where the old files were put back', () => {
    activate(2, 'file')
    rmSync(unit)
    assert.equal(activate(2, 'size'), 0)
    assert.ok(existsSync(path))
    assert.equal(activate(2, 'file'), 0)
    assert.equal(existsSync(path), false)
  })

  it('never formats a device on which something is by now', () => {
    const data = Buffer.alloc(2 * MIB)
    data.write('LUKS\xba\xbe\x00\x01', 'latin1')
    writeFileSync(path, data)
    assert.match(look(path), /^file \d+ \S+ crypto_LUKS /)
    assert.equal(activate(0, 'device'), 0)
    assert.ok(readFileSync(path).equals(data))
  })

  it('leaves nothing behind where there is no room', () => {
    assert.notEqual(activate(1024 * 1024 * 1024, 'file'), 0)
    assert.equal(existsSync(path), false)
    assert.equal(existsSync(`${path}.orion-new`), false)
  })

  it('looks at what is there, what is not, and where links lead', () => {
    writeFileSync(path, 'text')
    const rows = look(path, join(folder, 'no/such'), folder).split('\n')
    assert.match(rows[0] ?? '', /^file 4 \S+ - \/.*it's a swap$/)
    assert.match(rows[1] ?? '', /^absent - \S+ - \/.*no\/such$/)
    assert.match(rows[2] ?? '', /^other - \S+ - \//)
  })

  it('reads /proc/swaps with blanks in a path', () => {
    const stdout =
      'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/a\\040b                                 file\t\t1044\t\t0\t\t-2\n'
    const seen = { ...NOTHING, commands: new Map([['swaps', { code: 0, stdout, stderr: '' }]]) }
    assert.deepEqual([...getLiveSwaps(seen)], [['/a b', { sizeKib: 1044, priority: -2 }]])
  })
})
