// orion bootstrap init without a terminal, through the built bin: answers of a file, in the lab, again and again the same.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newOperator, type Operator } from './orion.ts'

describe('orion bootstrap init', function () {
  this.timeout(120_000)
  let operator: Operator
  beforeEach(() => {
    operator = newOperator()
  })
  afterEach(() => operator.leave())

  const path = (name: string) => join(operator.home, name)
  const init = (...args: string[]) => operator.run(['bootstrap', 'init', '--lab', ...args])

  it('writes what the answers say, saves all of them, and says the same of those', async () => {
    writeFileSync(path('answers.yaml'), 'start: hive\nsite: home\ndevices.coral: leave out\n')
    const first = await init('--answers', 'answers.yaml', '--save-answers', 'all.yaml', '--json')
    assert.equal(first.exit, 0, first.err + first.out)
    const made = JSON.parse(first.out)
    assert.deepEqual([made.site, made.state, made.file], ['home', 'written', path('orion.yaml')])
    assert.ok(made.plan.steps.length > 10)
    const text = readFileSync(path('orion.yaml'), 'utf8')
    assert.match(text, /^# yaml-language-server: \$schema=\S+site\.schema\.json\n/)
    assert.match(text, /^site: home$/m)
    assert.doesNotMatch(text, /coral/)
    const again = await init('--answers', 'all.yaml')
    assert.equal(again.exit, 0, again.err)
    assert.match(again.err, /It is there already, word by word/)
    assert.match(again.out, /Make it so: .*bootstrap --lab/)
  })

  it('shows what it would replace, and replaces it with --yes alone', async () => {
    writeFileSync(path('a.yaml'), 'start: empty\n')
    writeFileSync(path('orion.yaml'), 'site: mine\nnodes: {}\nbgp: { password: hunter2 }\n')
    const asked = await init('--answers', 'a.yaml')
    assert.equal(asked.exit, 2)
    assert.match(
      asked.err,
      /orion\.yaml is there already, and would change:[\s\S]*-site: mine[\s\S]*\+site: home[\s\S]*--yes/,
    )
    assert.doesNotMatch(asked.err, /hunter2/)
    assert.match(readFileSync(path('orion.yaml'), 'utf8'), /^site: mine/)
    const other = await init('--answers', 'a.yaml', '--out', 'other.yaml')
    assert.equal(other.exit, 0, other.err)
    assert.match(other.out, /--site other\.yaml/)
    assert.equal((await init('--answers', 'a.yaml', '--yes')).exit, 0)
    assert.match(readFileSync(path('orion.yaml'), 'utf8'), /^site: home$/m)
  })

  it('tells everything that is wrong at once, exit 2, and writes nothing', async () => {
    writeFileSync(path('a.yaml'), 'start: orion\nsite: a b\nsourcs: enterprise\nnodes.r730.ports.lan: [x]\n')
    const wrong = await init('--answers', 'a.yaml', '--json')
    assert.equal(wrong.exit, 2)
    const { code, message } = JSON.parse(wrong.out).error
    assert.equal(code, 'E_USAGE')
    assert.match(message, /site: [\s\S]*sourcs: no such question here \(did you mean "sources"\?\)/)
    assert.ok(!existsSync(path('orion.yaml')))
  })

  it('asks nobody without a terminal, and says how else', async () => {
    for (const more of [[], ['--json'], ['--events']]) {
      const nobody = await init(...more)
      assert.equal(nobody.exit, 2)
      assert.match(nobody.err + nobody.out, /answers must come from a file/)
    }
    const missing = await init('--answers', 'none.yaml')
    assert.equal(missing.exit, 2)
    assert.match(missing.err, /answers file .*none\.yaml does not exist/)
  })

  it('does not go on where a host does not answer', async () => {
    writeFileSync(path('a.yaml'), 'start: empty\nnodes.node.address: root@127.0.0.1:1\n')
    const failed = await operator.run(['bootstrap', 'init', '--answers', 'a.yaml'])
    assert.equal(failed.exit, 1)
    assert.match(failed.err, /E_HOST_UNREACHABLE/)
    assert.ok(!existsSync(path('orion.yaml')))
    writeFileSync(path('a.yaml'), 'start: empty\nnodes.node.address: root@127.0.0.1:1\nnodes.node.look: no\n')
    const blind = await operator.run(['bootstrap', 'init', '--answers', 'a.yaml', '--json'])
    assert.equal(blind.exit, 0, blind.err + blind.out)
    assert.match(JSON.parse(blind.out).error.code, /^E_/)
    assert.match(readFileSync(path('orion.yaml'), 'utf8'), /address: 127\.0\.0\.1/)
  })
})
