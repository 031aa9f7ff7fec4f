// orion keeper status: the exit code, the document, who does not answer, and --watch until Ctrl-C.
import assert from 'node:assert/strict'
import { showStatus } from '../../src/base/keeper-status.ts'
import type { Session } from '../../src/base/session.ts'
import type { StatusLines } from '../../src/console/keeper-readings.ts'
import type { KeeperLine, KeeperPage } from '../../src/console/keeper-table.ts'
import { OrionError } from '../../src/errors.ts'

const calm: StatusLines = { running: true, lastRun: 1, state: 'cool', readings: [], shed: [], disks: [], alarms: [] }
const disk = { disk: '/dev/sda', model: '', failing: true, reasons: [], readable: true }

interface Fake {
  readonly lines?: readonly KeeperLine[]
  readonly look?: (name: string) => Promise<void>
  readonly watch?: boolean
  readonly json?: boolean
  readonly abort?: AbortController
  readonly node?: readonly string[]
}

function run(fake: Fake) {
  const { lines = [{ node: 'a', status: calm }], look = async () => {}, watch = false, json = true } = fake
  const abort = fake.abort ?? new AbortController()
  const asked: string[] = []
  const page: KeeperPage = { site: 'Lab', nodes: lines }
  const view = {
    names: lines.map(({ node }) => node),
    look: async (name: string) => {
      asked.push(name)
      await look(name)
    },
    page: () => page,
  }
  const site = { name: 'Lab', nodes: lines.map(({ node: name }) => ({ name })) }
  const session = { site, outside: { signal: abort.signal }, lab: true } as unknown as Session
  const wish = { watch, site: 'x.yaml', node: fake.node, open: () => view }
  return { asked, result: showStatus({ session, json }, wish, 1) }
}

describe('base/keeper-status', () => {
  for (const [what, line, exit] of [
    ['a calm node', { status: calm }, 0],
    ['a node that is hot, without an alarm', { status: { ...calm, state: 'hot' } }, 0],
    ['an alarm', { status: { ...calm, alarms: [{ text: 'x', since: 1 }] } }, 3],
    ['a Keeper that does not run', { status: { ...calm, running: false } }, 3],
    ['no Keeper', {}, 3],
    ['a disk that fails', { status: { ...calm, disks: [disk] } }, 3],
    ['a watchdog that nobody feeds', { status: calm, watchdog: { state: 'failed', text: 'x' } }, 3],
    ['a watchdog of software', { status: calm, watchdog: { state: 'warning', text: 'x' } }, 0],
  ] as const)
    it(`${what}: exit ${exit}`, async () => {
      const { asked, result } = run({ lines: [{ node: 'a', ...line }] })
      assert.equal((await result).exit, exit)
      assert.deepEqual(asked, ['a'])
    })

  it('tells a node that does not answer beside the others, with what to try', async () => {
    const suggestions = ['orion keeper apply --node b']
    const look = async (name: string) => {
      if (name === 'b') throw new OrionError('b is silent', { code: 'E_HOST_UNREACHABLE', suggestions })
    }
    const { result } = run({ lines: [{ node: 'a', status: calm }, { node: 'b' }], look })
    const { exit, document } = await result
    assert.equal(exit, 3)
    const [, b] = (document as KeeperPage).nodes
    assert.deepEqual(b?.problem, { message: 'b is silent', suggestions: ['orion keeper apply --node b --site x.yaml'] })
  })

  it('completes the commands of hints', async () => {
    const watchdog = { state: 'failed', text: 'x', hint: 'orion keeper apply --node a' } as const
    const { document } = await run({ lines: [{ node: 'a', status: calm, watchdog }] }).result
    assert.equal((document as KeeperPage).nodes[0]?.watchdog?.hint, 'orion keeper apply --node a --site x.yaml')
  })

  it('lets errors through that are none of a node', async () => {
    const look = () => Promise.reject(new TypeError('a mistake of ours'))
    await assert.rejects(run({ look }).result, TypeError)
  })

  it('refuses --watch with --json, and an unknown node', async () => {
    await assert.rejects(run({ watch: true }).result, { code: 'E_USAGE', message: /no end/ })
    await assert.rejects(run({ node: ['nobody'] }).result, { code: 'E_USAGE', message: /no node named nobody/ })
  })

  it('looks again and again until Ctrl-C', async () => {
    const abort = new AbortController()
    let looks = 0
    const look = async () => {
      looks += 1
      if (looks === 3) abort.abort()
    }
    const write = process.stdout.write
    process.stdout.write = ((_: unknown, done?: () => void) => {
      done?.()
      return true
    }) as never
    try {
      const { result } = run({ watch: true, json: false, abort, look })
      assert.equal((await result).exit, 0)
    } finally {
      process.stdout.write = write
    }
    assert.equal(looks, 3)
  })
})
