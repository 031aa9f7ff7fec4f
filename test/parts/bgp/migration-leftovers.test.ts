// What a move that was given up leaves on the router: asked of the router by name alone, as there are passwords in it.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LEFTOVER_FACTS, leftoversOf } from '../../../src/parts/bgp/migration-leftovers.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { edge } from './migration-host.ts'

const exec = promisify(execFile)
const [[name, argv] = ['', []]] = Object.entries(LEFTOVER_FACTS.commands ?? {})
const PROGRAM = 4
const [OF_GOBGP, OF_BIRD] = ['/etc/gobgp/orion.toml', '/etc/bird/orion-secrets.conf']

describe('parts/bgp/migration-leftovers', () => {
  const rows: readonly [title: string, edge: 'bird' | 'gobgp', said: string, want: readonly string[]][] = [
    ['GoBGP was prepared, and BIRD is at the edge', 'bird', `${OF_GOBGP}\n${OF_BIRD}\n`, [OF_GOBGP]],
    ['GoBGP is at the edge', 'gobgp', `${OF_GOBGP}\n${OF_BIRD}\n`, [OF_BIRD]],
    ['BIRD alone', 'bird', `${OF_BIRD}\n`, []],
    ['nothing', 'bird', '', []],
  ]
  for (const [title, who, stdout, want] of rows)
    it(title, () => {
      const files: HostFacts['files'] = new Map(who === 'gobgp' ? [['/etc/orion/edge', edge]] : [])
      assert.deepEqual(leftoversOf({ files, commands: new Map([[name, { code: 0, stdout, stderr: '' }]]) }), want)
    })

  it('does not take the file that says who is at the edge for a leftover', () => {
    assert.ok(argv.includes(OF_GOBGP) && argv.includes(OF_BIRD))
    assert.ok(!argv.includes('/etc/orion/edge'))
  })

  it('asks for names, and reads nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orion-test-'))
    try {
      const there = join(folder, 'a b')
      writeFileSync(there, 'secret')
      const [program = '', ...words] = argv.slice(0, PROGRAM)
      assert.equal((await exec(program, [...words, join(folder, 'none'), there])).stdout, `${there}\n`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
