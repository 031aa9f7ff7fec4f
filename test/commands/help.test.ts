// Help: every command with examples, every error code with a page, the nearest flag, and completion in a real bash.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { CODES } from '../../src/errors.ts'
import { newOperator, type Operator } from './orion.ts'

interface Manifest {
  readonly commands: Readonly<
    Record<
      string,
      {
        readonly hidden: boolean
        readonly summary?: string
        readonly description?: string
        readonly examples?: readonly unknown[]
      }
    >
  >
}
const MANIFEST = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../oclif.manifest.json', import.meta.url)), 'utf8'),
) as Manifest

describe('help', function () {
  this.timeout(60_000)
  let operator: Operator
  before(() => {
    operator = newOperator()
  })
  after(() => operator.leave())

  it('has a summary, a description and examples of every command', () => {
    const commands = Object.entries(MANIFEST.commands).filter(([, { hidden }]) => !hidden)
    assert.ok(commands.length > 40, String(commands.length))
    const poor = commands.filter(
      ([, { summary, description, examples = [] }]) => !summary || !description || examples.length === 0,
    )
    assert.deepEqual(
      poor.map(([id]) => id),
      [],
    )
  })

  it('is that of the command that is named, and of everything where none is', async () => {
    const all = await operator.run(['help'])
    assert.equal(all.exit, 0, all.err)
    assert.match(all.out, /^TOPICS$/m)
    const one = await operator.run(['help', 'net', 'apply'])
    assert.equal(one.out, (await operator.run(['net', 'apply', '--help'])).out)
    const none = await operator.run(['help', 'net', 'aply'])
    assert.equal(none.exit, 2)
    assert.match(none.err, /no command "net aply" \(did you mean "net apply"\?\)/)
    assert.match((await operator.run(['help', 'error'])).err, /did you mean "errors"\?/)
  })

  it('lists every error code once, with its exit code, and explains each', async () => {
    const { out, exit } = await operator.run(['help', 'errors'])
    assert.equal(exit, 0)
    for (const code of Object.keys(CODES)) assert.equal(out.match(new RegExp(`^  ${code} `, 'gm'))?.length, 1, code)
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
    const { errors } = JSON.parse((await operator.run(['help', 'errors', '--json'])).out)
    assert.deepEqual(
      errors.map(({ code, exit }: { code: string; exit: number }) => [code, exit]),
      Object.entries(CODES),
    )
    for (const { code, meaning, causes, remedies } of errors)
      assert.ok(meaning && causes.length > 0 && remedies.length > 0, code)
  })

  for (const word of ['E_HOST_KEY', 'host-key', 'e_host_key'])
    it(`finds the page of ${word}`, async () => {
      const { out, exit } = await operator.run(['help', 'errors', word])
      assert.equal(exit, 0)
      assert.match(out, /^E_HOST_KEY {2}exit code 1\n/)
      assert.match(out, /ssh-keygen -lf/)
    })

  it('names the nearest code, and the nearest flag', async () => {
    const code = await operator.run(['help', 'errors', 'E_HOSTKEY'])
    assert.equal(code.exit, 2)
    assert.match(code.err, /did you mean "E_HOST_KEY"\?/)
    const flag = await operator.run(['vm', 'plan', '--onyl', 'x'])
    assert.equal(flag.exit, 2)
    assert.match(flag.err, /--onyl \(did you mean "--only"\?\)/)
    const json = await operator.run(['vm', 'plan', '--onyl=x', '--json'])
    assert.match(JSON.parse(json.out).error.message, /--onyl.* \(did you mean "--only"\?\)/)
  })

  it('says where an error is explained', async () => {
    const { err } = await operator.run(['vm', 'plan'])
    assert.match(err, /\n {2}\(orion help errors E_SITE\)\n?$/)
  })

  it('completes commands and flags in bash', async () => {
    const env = { XDG_CACHE_HOME: join(operator.home, 'cache') }
    const made = await operator.run(['autocomplete', 'bash', '--refresh-cache'], { env })
    assert.equal(made.exit, 0, made.err)
    const complete = async (words: readonly string[]) => {
      const script = join(operator.home, 'complete.sh')
      writeFileSync(
        script,
        `source '${env.XDG_CACHE_HOME}/orion/autocomplete/functions/bash/orion.bash'
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
"$(complete -p orion | sed -E 's/.*-F ([^ ]+).*/\\1/')"
printf '%s\\n' "\${COMPREPLY[@]}"`,
      )
      return (await execa('bash', [script, ...words])).stdout.split(/\s+/)
    }
    for (const word of ['apply', 'plan', 'show', 'undo'])
      assert.ok((await complete(['orion', 'net', ''])).includes(word), word)
    assert.deepEqual(await complete(['orion', 'veri']), ['verify'])
    assert.ok((await complete(['orion', 'vm', 'plan', '--on'])).includes('--only'))
  })
})
