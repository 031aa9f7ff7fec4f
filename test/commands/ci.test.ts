// What CI builds on, through the built bin: saved plans, events, Markdown, JUnit, and the workflow files to copy.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from '@oclif/core/command'
import { execa } from 'execa'
import { missing, needs } from '../setup.ts'
import { BIN, type Ran } from './orion.ts'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'
import { readCommands, readScripts, type Script } from './workflow.ts'

/** Anything that a terminal obeys, but for tabs and line feeds. */
const OBEYED = /(?![\t\n])\p{Control}/u
const SOME = ['--only', 'debian-13-ct']

describe('orion in CI', function () {
  this.timeout(120_000)
  let here: Rehearsal
  let site: string
  before(async () => {
    here = await rehearse(siteFile('orion'))
    site = join(here.home, 'orion.yaml')
  })
  after(() => here?.leave())
  beforeEach(() => copyFileSync(siteFile('orion'), site))

  /** In a folder with the site file, as a checkout has it. */
  const orion = (...args: string[]): Promise<Ran> => here.run([...args, '--lab-dir', here.lab])
  const at = (name: string): string => join(here.home, name)
  const eventsOf = (err: string) =>
    err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  describe('saved plans', () => {
    it('are carried out as they were shown, once', async () => {
      const plan = await orion('vm', 'plan', ...SOME, '--out', 'a.plan')
      assert.equal(plan.exit, 3, plan.err)
      assert.match(plan.out, /Do exactly this: .* vm apply a\.plan/)
      const again = await orion('vm', 'plan', ...SOME, '--out', 'b.plan', '--json')
      const { plan: shown, saved } = JSON.parse(again.out)
      assert.equal(saved, 'b.plan')
      const [a, b] = ['a.plan', 'b.plan'].map((name) => JSON.parse(readFileSync(at(name), 'utf8')))
      assert.deepEqual(a.plan, b.plan, 'two plans of the same are the same')
      assert.deepEqual(a.plan, shown)
      const asked = await orion('vm', 'apply', 'a.plan')
      assert.equal(asked.exit, 2)
      assert.match(asked.err, /no terminal/)
      const dry = await orion('vm', 'apply', 'a.plan', '--dry-run')
      assert.equal(dry.exit, 3, dry.err)
      assert.doesNotMatch(dry.out, /Make it so/)
      const done = await orion('vm', 'apply', 'a.plan', '--yes')
      assert.equal(done.exit, 0, done.err)
      const twice = await orion('vm', 'apply', 'a.plan', '--yes')
      assert.equal(twice.exit, 1)
      assert.match(twice.err, /changed since.*debian-13-ct.*saved create, now as wanted/s)
    })

    it('are refused where the site file is another text, and touch nothing', async () => {
      assert.equal((await orion('vm', 'plan', '--only', 'debian-13', '--out', 'c.plan')).exit, 3)
      writeFileSync(site, `${readFileSync(site, 'utf8')}\n# a word more\n`)
      const { exit, out } = await orion('vm', 'apply', 'c.plan', '--yes', '--json')
      assert.equal(exit, 1)
      assert.equal(JSON.parse(out).error.code, 'E_PLAN_STALE')
      assert.match(JSON.parse(out).error.message, /not the text that it was made from/)
      copyFileSync(siteFile('orion'), site)
      assert.equal((await orion('vm', 'plan', '--only', 'debian-13')).exit, 3)
      const nameless = await orion('bootstrap', 'apply', '', '--yes')
      assert.equal(nameless.exit, 2, 'a variable that is empty is not the whole site')
      assert.match(nameless.err, /name of the saved plan is empty/)
    })

    it('are never written over something else, and not at all where there are problems', async () => {
      const over = await orion('vm', 'plan', ...SOME, '--out', 'orion.yaml')
      assert.equal(over.exit, 2)
      assert.match(over.err, /is no saved plan of orion, so it is not overwritten/)
      const broken = await here.run(['net', 'plan', '--out', 'd.plan', '--site', site], { env: { SSH_AUTH_SOCK: '' } })
      assert.notEqual(broken.exit, 0)
      assert.notEqual(broken.exit, 3)
      assert.equal(existsSync(at('d.plan')), false)
    })
  })

  describe('--events', () => {
    it('is one JSON line per event on stderr, also beside --json', async () => {
      const { exit, out, err } = await orion('vm', 'plan', ...SOME, '--events', '--json')
      assert.ok(exit === 0 || exit === 3, out)
      assert.ok(JSON.parse(out).plan)
      const events = eventsOf(err)
      assert.equal(events[0]?.event, 'run-started')
      assert.deepEqual(
        events.slice(-1).map(({ event, exit: told }) => [event, told]),
        [['run-ended', exit]],
      )
      assert.ok(events.some(({ event, total }) => event === 'plan-progress' && Number(total) > 0))
      assert.ok(events.every(({ at: time }) => new Date(String(time)).toISOString() === time))
    })

    it('tells errors, and asks nothing', async () => {
      const asked = await orion('vm', 'apply', '--only', 'debian-13', '--events')
      assert.equal(asked.exit, 2)
      const [error, ended] = eventsOf(asked.err).slice(-2)
      assert.equal(error?.code, 'E_CONFIRM')
      assert.match(String(error?.message), /--events asks no question/)
      assert.deepEqual([ended?.event, ended?.exit], ['run-ended', 2])
      const usage = await orion('vm', 'apply', '--events', '--nonsense')
      assert.equal(usage.exit, 2)
      assert.deepEqual(
        eventsOf(usage.err).map(({ event }) => event),
        ['error', 'run-ended'],
      )
      const absent = await orion('vrify', '--events', '--json')
      assert.equal(absent.exit, 2)
      assert.equal(JSON.parse(absent.out).error.code, 'E_USAGE')
      const [told, last] = eventsOf(absent.err)
      assert.match(String(told?.message), /no command "vrify" \(did you mean "verify"\?\)/)
      assert.deepEqual([last?.event, last?.exit], ['run-ended', 2])
    })
  })

  it('--markdown is all that is on stdout', async () => {
    const { exit, out } = await orion('bootstrap', 'plan', '--markdown')
    assert.equal(exit, 3)
    assert.match(out, /^<!-- orion plan orion bootstrap -->\n### Plan for `orion`/)
    assert.doesNotMatch(out, /Site orion|Make it so/)
    const both = await orion('bootstrap', 'plan', '--markdown', '--json')
    assert.equal(both.exit, 2)
  })

  it('--junit is written also where no check ran', async () => {
    const failed = await orion('verify', '--junit', 'v.xml', '--only', 'storage-active:*', '--timeout', '1s')
    assert.ok(failed.exit === 0 || failed.exit === 3, failed.err)
    assert.match(readFileSync(at('v.xml'), 'utf8'), /<testsuites name="orion verify orion" tests="[1-9]/)
    const none = await orion('verify', '--junit', 'v.xml', '--only', 'nothing-of-that-name')
    assert.equal(none.exit, 2)
    assert.match(readFileSync(at('v.xml'), 'utf8'), /errors="1".*type="E_USAGE"/s)
    const over = await orion('verify', '--junit', 'orion.yaml')
    assert.equal(over.exit, 2)
    assert.match(over.err, /no JUnit report/)
    const bad = at('bad.yaml')
    writeFileSync(bad, 'site: a b\n')
    const both = await orion('verify', '--junit', bad, '--site', bad)
    assert.equal(both.exit, 2)
    assert.match(both.err, /bad\.yaml:1:7[\s\S]*no JUnit\s+report/)
  })

  const COLOURS: [env: NodeJS.ProcessEnv, isColoured: boolean][] = [
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    [{ TERM: 'xterm-256color' }, false],
  ]
  for (const [env, isColoured] of COLOURS)
    it(`${isColoured ? 'colours' : 'no colours'} without a terminal and with ${JSON.stringify(env)}`, async () => {
      const clean = { NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined }
      const { out, err } = await here.run(['vm', 'plan', '--lab-dir', here.lab, ...SOME], { env: { ...clean, ...env } })
      assert.equal(OBEYED.test(out + err), isColoured, out + err)
    })

  describe('workflow files', () => {
    const all = (['github', 'gitlab'] as const).map((name) => ({ name, scripts: readScripts(name) }))
    let tools: string
    before(() => {
      tools = at('bin')
      mkdirSync(tools)
      program('orion', `exec '${process.execPath}' '${BIN}' "$@" --lab-dir '${here.lab}'`)
      // The first time there is no comment of ours yet.
      program('gh', `echo "$*" >> '${at('gh.log')}'; case $* in *--edit-last*) exit 1 ;; esac`)
    })
    const program = (name: string, text: string): void => {
      writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(tools, name), 0o755)
    }

    for (const { name, scripts } of all) {
      it(`${name}: every command is one, with flags that it has`, async () => {
        const commands = scripts.flatMap(({ text }) => readCommands(text))
        assert.deepEqual(
          commands.map((words) => words.slice(0, 2).join(' ')),
          ['bootstrap plan', 'bootstrap apply', 'verify --junit'],
        )
        for (const words of commands) {
          const file = words[0] === 'verify' ? 'verify' : words.slice(0, 2).join('/')
          const url = new URL(`../../src/commands/${file}.ts`, import.meta.url)
          const { default: made } = (await import(fileURLToPath(url))) as { default: typeof Command }
          const flags = Object.keys({ ...made.baseFlags, ...made.flags, json: true })
          const typed = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2))
          assert.deepEqual(
            typed.filter((flag) => !flags.includes(flag)),
            [],
            words.join(' '),
          )
        }
      })

      it(`${name}: the shell parts are sound`, async function () {
        await needs(this, ['shellcheck'])
        for (const { text } of scripts) execFileSync('shellcheck', ['-s', 'bash', '-'], { input: text, stdio: 'pipe' })
      })
    }

    const find = (name: 'github' | 'gitlab', job: string, step: string): Script => {
      const found = readScripts(name).find((script) => script.job === job && script.name === step)
      assert.ok(found, `${name} has ${job}: ${step}`)
      return found
    }
    const run = async ({ text }: Script, env: NodeJS.ProcessEnv): Promise<Ran> => {
      const options = { cwd: here.home, reject: false, timeout: 110_000, stdin: 'ignore' } as const
      const path = `${tools}:${process.env.PATH}`
      const all = { ...here.env, PATH: path, ORION_SITE: site, ORION_BGP_UPSTREAM: 'made up', ...env }
      const ran = await execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', text], {
        ...options,
        env: all,
      })
      return { exit: ran.exitCode ?? -1, out: ran.stdout, err: ran.stderr }
    }

    it('github: plans, tells the pull request, applies exactly that, and verifies', async () => {
      const env = { GITHUB_OUTPUT: at('output'), GITHUB_STEP_SUMMARY: at('summary'), PULL_REQUEST: '7', GH_TOKEN: 'x' }
      const planned = await run(find('github', 'plan', 'Plan'), env)
      assert.equal(planned.exit, 0, planned.err)
      assert.equal(readFileSync(at('output'), 'utf8'), 'changes=true\n')
      assert.equal(readFileSync(at('summary'), 'utf8'), readFileSync(at('plan.md'), 'utf8'))
      const told = await run(find('github', 'plan', 'Tell the pull request'), env)
      assert.equal(told.exit, 0, told.err)
      assert.equal(
        readFileSync(at('gh.log'), 'utf8'),
        'pr comment 7 --edit-last --body-file plan.md\npr comment 7 --body-file plan.md\n',
      )
      const applied = await run(find('github', 'apply', 'Apply'), env)
      assert.equal(applied.exit, 0, applied.out + applied.err)
      assert.doesNotMatch(applied.out + applied.err, OBEYED)
      const verified = await run(find('github', 'verify', 'Verify'), env)
      assert.equal(verified.exit, 0, verified.out + verified.err)
      assert.match(readFileSync(at('verify.xml'), 'utf8'), /failures="0" errors="0"/)
      const nothing = await run(find('github', 'plan', 'Plan'), { ...env, GITHUB_OUTPUT: at('output-2') })
      assert.equal(nothing.exit, 0, nothing.err)
      assert.equal(readFileSync(at('output-2'), 'utf8'), 'changes=false\n')
    })

    it('gitlab: plans, leaves a note by its API with the token nowhere else, and fails where there is no plan', async function () {
      const reason = await missing(['curl'])
      if (reason) this.skip()
      rmSync(at('site.plan'), { force: true })
      const requests: { url: string; token: unknown; body: string }[] = []
      const server = await listen(requests)
      const { port } = server.address() as AddressInfo
      const env = {
        CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
        CI_PROJECT_ID: '3',
        CI_MERGE_REQUEST_IID: '9',
        ORION_NOTE_TOKEN: 'glpat-made-up',
      }
      try {
        const planned = await run(find('gitlab', 'plan', '0'), env)
        assert.equal(planned.exit, 0, planned.err)
        assert.deepEqual(requests, [
          {
            url: '/api/v4/projects/3/merge_requests/9/notes',
            token: 'glpat-made-up',
            body: readFileSync(at('plan.md'), 'utf8'),
          },
        ])
        assert.ok(existsSync(at('site.plan')))
        const bad = await run(find('gitlab', 'plan', '0'), {
          ...env,
          ORION_SITE: at('absent.yaml'),
          CI_MERGE_REQUEST_IID: '',
        })
        assert.equal(bad.exit, 2, bad.err)
        assert.equal(existsSync(at('site.plan')), false)
      } finally {
        server.close()
      }
    })
  })
})

/** Keeps what is posted to it. */
async function listen(requests: { url: string; token: unknown; body: string }[]): Promise<Server> {
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const body = new URLSearchParams(text).get('body') ?? ''
      requests.push({ url: request.url ?? '', token: request.headers['private-token'], body })
      response.writeHead(201, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
