// Every command where nobody sits: no question, no colour, no stack trace, and an end with one of the exit codes.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from '@oclif/core/command'
import { execa } from 'execa'
import { EXIT } from '../../src/errors.ts'
import { BIN, type Ran } from './orion.ts'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

const COMMANDS = fileURLToPath(new URL('../../src/commands', import.meta.url))

/** What stands for an argument that a command must have, by its name. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  node: 'r730',
  peer: 'upstream',
  router: 'router',
  gateway: 'router',
  guest: 'router',
  name: 'redis',
}

/** Where the first words do not come to the question, or would not end. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  lab: ['--idle', '1'],
  'bgp migrate': ['--to', 'gobgp'],
}

interface Row {
  readonly command: string
  readonly args: readonly string[]
  readonly hasSite: boolean
}

async function readRow(file: string): Promise<Row> {
  const command = file
    .replace(/\.ts$/, '')
    .replace(/\/index$/, '')
    .replaceAll('/', ' ')
  const { default: made } = (await import(`${COMMANDS}/${file}`)) as { default: typeof Command }
  const wanted = Object.entries(made.args).filter(([, arg]) => arg.required)
  const args = wanted.map(([name]) => ARGUMENTS[name] ?? 'redis')
  return { command, args: [...args, ...(MORE[command] ?? [])], hasSite: 'site' in made.baseFlags }
}

const files = readdirSync(COMMANDS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const rows = await Promise.all(files.sort().map(readRow))

/** An escape sequence, or any other character that a terminal obeys. */
const OBEYED = /(?![\t\n])\p{Control}/u
const QUESTION = /\(y\/N\)|\(Y\/n\)|^\? /m
const STACK = /^ +at .+:\d+:\d+\)?$/m

describe('without a terminal', function () {
  this.timeout(180_000)
  let here: Rehearsal
  before(async () => {
    here = await rehearse(siteFile('orion'))
  })
  after(() => here.leave())

  /** Standard input is closed, not empty; the environment says nothing about colours. */
  async function run(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const clean = { NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined, DEBUG: undefined }
    const ran = await execa('sh', ['-c', 'exec "$0" "$@" <&-', process.execPath, BIN, ...words], {
      cwd: here.home,
      reject: false,
      timeout: 120_000,
      stdin: 'ignore',
      env: { ...here.env, ...clean, ...env },
    })
    return { exit: ran.exitCode ?? -1, out: ran.stdout, err: ran.stderr }
  }
  const site = ['--site', siteFile('orion')]
  const inLab = () => [...site, '--lab-dir', here.lab]

  it('knows every command', () => assert.ok(rows.length > 40, `${rows.length} commands`))

  for (const { command, args, hasSite } of rows) {
    it(`orion ${[command, ...args].join(' ')}`, async () => {
      const { exit, out, err } = await run([...command.split(' '), ...args, ...(hasSite ? inLab() : [])])
      assert.ok(
        Object.values(EXIT).some((code) => code === exit),
        `exit ${exit}\n${out}${err}`,
      )
      assert.notEqual(exit, EXIT.interrupted)
      assert.doesNotMatch(out + err, OBEYED)
      assert.doesNotMatch(out + err, QUESTION)
      assert.doesNotMatch(out + err, STACK)
    })
  }
})
