// Programs for a gateway's shell: sound as texts. What they do: orion-mesh.test.ts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { meshProgram } from '../../../src/parts/mesh/interfaces.ts'
import { liveFacts } from '../../../src/parts/mesh/links-live.ts'
import { activateMesh, MESH_UNITS } from '../../../src/parts/mesh/unit.ts'
import { needs } from '../../setup.ts'

const [, , activation = ''] = activateMesh(MESH_UNITS)[0] ?? []
const [, , live = ''] = liveFacts([]).commands?.['mesh-live'] ?? []
const PROGRAMS = { 'orion-mesh': meshProgram().text ?? '', 'orion-mesh-activate': activation, 'orion-mesh-live': live }

describe('parts/mesh/interfaces', function () {
  this.timeout(30_000)

  for (const [name, text] of Object.entries(PROGRAMS))
    it(`${name} is POSIX shell`, () => {
      assert.ok(text.length > 500)
      const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
    })

  it('shellcheck has nothing to say', async function () {
    await needs(this, ['shellcheck'])
    for (const [name, text] of Object.entries(PROGRAMS)) {
      const { stdout } = spawnSync('shellcheck', ['-s', 'dash', '-'], { input: text, encoding: 'utf8' })
      assert.deepEqual({ name, stdout }, { name, stdout: '' })
    }
  })

  it('orion-mesh says how it is called', () => {
    const { status, stderr } = spawnSync('sh', ['-s'], { input: meshProgram().text ?? '', encoding: 'utf8' })
    assert.equal(status, 64)
    assert.match(stderr, /usage: orion-mesh up\|sync\|endpoints\|down\|check/)
  })
})
