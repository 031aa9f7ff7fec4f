// orion verify, through the built bin on the lab: green, red with since when, the document of --json, --node, --watch, bad input.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { siteText } from '../site/site-text.ts'
import { BIN, newOperator } from './orion.ts'
import { openLabFor, type Rehearsal } from './rehearsal.ts'

interface Doc {
  readonly verify: {
    readonly site: string
    readonly ok: boolean
    readonly counts: Record<string, number>
    readonly probes: readonly Record<string, unknown>[]
  }
}

const GUESTS = `guests:
  one: { id: 101, node: n1, kind: ct, image: ct, onboot: true, nics: { lan: 10.0.0.11 } }
  two: { id: 102, node: n1, kind: ct, image: ct, onboot: true, nics: { lan: 10.0.0.12 } }`

/** A small site that stands already. */
async function built(): Promise<Rehearsal> {
  const operator = newOperator()
  const file = join(operator.home, 'orion.yaml')
  const lab = join(operator.home, 'lab')
  writeFileSync(file, siteText({ guests: GUESTS }))
  await openLabFor(file, lab, [process.execPath, BIN, 'lab', '--serve'])
  const orion = (...args: string[]) => operator.run([...args, '--site', file, '--lab-dir', lab])
  const made = await orion('bootstrap', '--yes')
  assert.equal(made.exit, 0, made.out + made.err)
  return { ...operator, lab, orion }
}

describe('orion verify', function () {
  this.timeout(120_000)
  let here: Rehearsal | undefined
  before(async () => {
    here = await built()
  })
  after(() => here?.leave())
  const orion = (...args: string[]) => {
    assert.ok(here)
    return here.orion(...args)
  }
  const read = async (...args: string[]) => {
    const ran = await orion('verify', '--json', ...args)
    return { ...ran, doc: JSON.parse(ran.out) as Doc }
  }

  it('is green right after a build: a line or two for each part', async () => {
    const { exit, out } = await orion('verify')
    assert.equal(exit, 0, out)
    assert.match(out, /✔ vm {5,}.*2 × guest state/)
    assert.match(out, /Verify: \d+ ok, in /)
    assert.doesNotMatch(out, /expected/)
  })

  it('tells with --verbose what each check saw', async () => {
    const { out } = await orion('verify', '--verbose')
    assert.match(out, /✔ guest state: one \(101\): running/)
    assert.match(out, /✔ certificate: pve-ssl\.pem ends/)
  })

  it('has a document of the promised shape', async () => {
    const { exit, err, doc } = await read()
    assert.deepEqual([exit, err, doc.verify.site, doc.verify.ok], [0, '', 'test', true])
    assert.deepEqual(Object.keys(doc.verify).sort(), ['counts', 'ms', 'ok', 'probes', 'site', 'started'])
    for (const probe of doc.verify.probes) {
      const { since = '2026-01-01T00:00:00.000Z', hint = '', place = '', ...rest } = probe
      assert.deepEqual(
        Object.keys(rest).sort(),
        ['expected', 'id', 'looks', 'ms', 'part', 'seen', 'state', 'title'],
        JSON.stringify(probe),
      )
      assert.equal(new Date(String(since)).toISOString(), since)
      assert.deepEqual([typeof hint, typeof place], ['string', 'string'])
    }
    const ids = doc.verify.probes.map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length, 'each once')
  })

  it('is red where a guest is stopped: since when, and what to do', async () => {
    assert.equal((await orion('vm', 'stop', 'one', '--yes')).exit, 0)
    try {
      const { exit, out } = await orion('verify')
      assert.equal(exit, 3)
      assert.match(
        out,
        /^ {2}vm on n1\n {4}✖ guest state: one \(101\)\n +expected +running\n +seen +stopped\n +since +20.* UTC, .* ago\n +Try: .*vm start one/m,
      )
      assert.match(out, /Follow it: .*verify --watch/)
      const only = await read('--only', 'two')
      assert.deepEqual([only.exit, only.doc.verify.probes.length], [0, 2])
      const all = await read('--node', 'n1')
      assert.equal(all.exit, 3)
      const red = all.doc.verify.probes.find(({ id }) => id === 'guest-state:n1/101')
      assert.deepEqual([red?.part, red?.place, red?.state, red?.looks], ['vm', 'n1', 'failed', 1])
    } finally {
      await orion('vm', 'start', 'one', '--yes')
    }
  })

  const BAD: readonly [title: string, args: string[], text: RegExp][] = [
    ['a node that is not there', ['--node', 'n9'], /no node named n9/],
    ['a pattern that fits nothing', ['--only', 'nobody'], /fits nothing/],
    ['a time without a unit that is known', ['--timeout', '5d'], /--timeout wants a duration/],
    ['a watch as one document', ['--watch', '--json'], /--watch has no end/],
  ]
  for (const [title, args, text] of BAD) {
    it(`refuses ${title}`, async () => {
      const { exit, out, err } = await orion('verify', ...args)
      assert.equal(exit, 2)
      assert.match(out + err, text)
    })
  }

  it('--watch tells what changes, and ends by Ctrl-C with 130', async () => {
    assert.ok(here)
    const args = [BIN, 'verify', '--watch', '--site', join(here.home, 'orion.yaml'), '--lab-dir', here.lab]
    const env = { ...process.env, ...here.env }
    const child = spawn(process.execPath, args, { cwd: here.home, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const until = async (text: RegExp) => {
      for (const end = Date.now() + 60_000; !text.test(out); await new Promise((resolve) => setTimeout(resolve, 50)))
        assert.ok(Date.now() < end && child.exitCode === null, `no ${text} in ${out}`)
    }
    try {
      await until(/\d+ ok$/m)
      await orion('vm', 'stop', 'two', '--yes')
      await until(/vm on n1: guest state: two \(102\) ok -> failed: stopped/)
      await orion('vm', 'start', 'two', '--yes')
      await until(/guest state: two \(102\) failed -> ok/)
      child.kill('SIGINT')
      assert.equal(await ended, 130)
    } finally {
      child.kill('SIGKILL')
    }
  })
})
