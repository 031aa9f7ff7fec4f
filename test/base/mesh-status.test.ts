// orion mesh status: the exit code, the document, who does not answer, and --watch until Ctrl-C.
import assert from 'node:assert/strict'
import { type StatusView, showStatus } from '../../src/base/mesh-status.ts'
import type { Session } from '../../src/base/session.ts'
import type { LinkLine, MeshPage } from '../../src/console/mesh-table.ts'
import { OrionError } from '../../src/errors.ts'

const line = (state: LinkLine['state']): LinkLine => ({
  link: 'a~b',
  state,
  psk: { kind: 'ml-kem-768' },
  isRotating: false,
  ends: [],
})

interface Fake {
  readonly links?: readonly LinkLine[]
  readonly kind?: 'wrong' | 'warning'
  readonly look?: (name: string) => Promise<void>
}

function view({ links = [line('fresh')], kind = 'warning', look = async () => {} }: Fake): {
  view: StatusView
  asked: string[]
} {
  const asked: string[] = []
  const gateways = ['a', 'b'].map((name) => ({ name, address: '10.99.0.1', routes: [] }))
  const page: MeshPage = {
    site: 'Lab',
    gateways,
    links,
    ways: [],
    clients: [],
    remarks: [{ kind, text: 'x', hint: 'orion mesh rotate a~b' }],
  }
  return {
    asked,
    view: {
      names: ['a', 'b'],
      look: async (name, { pings, probe }) => {
        asked.push(`${name} ${pings} ${probe}`)
        await look(name)
      },
      page: () => page,
    },
  }
}

function run(
  fake: Fake,
  options: { readonly watch?: boolean; readonly json?: boolean; readonly abort?: AbortController } = {},
) {
  const { watch = false, json = true, abort = new AbortController() } = options
  const made = view(fake)
  const session = { site: { name: 'Lab' }, outside: { signal: abort.signal }, lab: true } as unknown as Session
  const wish = { watch, site: 'x.yaml', open: () => made.view }
  return { asked: made.asked, result: showStatus({ session, json }, wish) }
}

describe('base/mesh-status', () => {
  for (const [state, exit] of [
    ['fresh', 0],
    ['stale', 3],
    ['silent', 3],
    ['unknown', 3],
  ] as const)
    it(`${state}: exit ${exit}`, async () => {
      const { asked, result } = run({ links: [line('fresh'), line(state)] })
      assert.equal((await result).exit, exit)
      assert.deepEqual(asked, ['a 5 true', 'b 5 true'])
    })

  it('every link is fresh, and something is wrong: exit 3', async () =>
    assert.equal((await run({ kind: 'wrong' }).result).exit, 3))

  it('a gateway that does not answer is a line with what to do; the others are told', async () => {
    const look = async (name: string) => {
      if (name === 'b')
        throw new OrionError('b is stopped', { code: 'E_HOST_UNREACHABLE', suggestions: ['orion vm start b'] })
    }
    const { exit, document } = await run({ look }).result
    const { gateways, remarks } = document as MeshPage
    assert.equal(exit, 3)
    assert.deepEqual(
      gateways.map(({ problem }) => problem),
      [undefined, { message: 'b is stopped', suggestions: ['orion vm start b --site x.yaml'] }],
    )
    assert.equal(remarks[0]?.hint, 'orion mesh rotate a~b --site x.yaml')
  })

  it('a mistake of ours is no silent gateway, and Ctrl-C ends it', async () => {
    await assert.rejects(run({ look: async () => Promise.reject(new TypeError('boom')) }).result, TypeError)
    const interrupted = new OrionError('interrupted', { code: 'E_INTERRUPTED' })
    await assert.rejects(run({ look: async () => Promise.reject(interrupted) }).result, { code: 'E_INTERRUPTED' })
  })

  it('--watch with --json is refused', async () => assert.rejects(run({}, { watch: true }).result, { code: 'E_USAGE' }))
})
